"""The columns that each kind of file may have, and what they may be called."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.i18n import N_
from core.imports import fields
from core.imports.fields import Reading

UNITS = frozenset(("lei", "ron", "buc", "bucati", "kg", "m", "um", "zile"))
"""What may stand behind a name without changing what it means. No other currency is among them, and no gram."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its own name, what else it may be called, how a cell is read, what it is for."""

    name: str
    aliases: str
    read: Callable[[str, Reading], Any]
    help: str
    example: str
    required: bool = False

    @property
    def is_number(self) -> bool:
        return self.read in fields.NUMBERS


_SKU = "cod, cod produs, cod articol, articol, product code, stock code"
_STOCK = "stoc, cantitate, stoc faptic, quantity, on hand"
_PARTNER = "partner_code, cod partener, cod client, client code"

SKU = Column("sku", _SKU, fields.sku, N_("your code of the product, exact, letter case included"), "CB-15", True)
PRODUCTS = (
    SKU,
    Column("ean", "cod de bare, cod bare, barcode, gtin", fields.ean, N_("bar code, checked"), "5941234567899"),
    Column("name", "denumire, denumire produs, nume, produs, title", fields.long_text, N_("name"), "Cablu", True),
    Column("brand", "marca, producator, manufacturer", fields.long_text, N_("brand"), "Electro"),
    Column(
        "category",
        "categorie, grupa",
        fields.category,
        N_("category, with > between the levels"),
        "Electrice > Cabluri",
    ),
    Column("unit", "um, u.m., unitate, unitate de masura", fields.short_text, N_("unit of measure"), "buc"),
    Column("pack", "ambalaj, bax", fields.pack, N_("usual quantity in a pack"), "10"),
    Column(
        "vat", "tva, cota tva, vat rate", fields.vat_class, N_("VAT rate in percent, one that is valid today"), "21"
    ),
    Column(
        "list_price", "pret, pret lista, pret de lista, price", fields.price, N_("net list price in lei"), "12.50", True
    ),
    Column("stock", _STOCK, fields.stock, N_("quantity counted on hand, held goods included"), "140"),
    Column("description", "descriere, detalii", fields.paragraphs, N_("description, of several lines if need be"), ""),
    Column(
        "least_quantity", "cantitate minima, minim, comanda minima, moq, least", fields.positive,
        N_("least quantity of an order line"), "5",
    ),
    Column(
        "multiple", "multiplu, multiplu de vanzare, order multiple", fields.positive,
        N_("order lines are multiples of this"), "5",
    ),
    Column(
        "rrp", "prp, pret recomandat, pret raft, msrp, recommended price", fields.price,
        N_("recommended retail price, net, in lei"), "15.90",
    ),
    Column("weight", "greutate, greutate kg, kg, masa", fields.stock, N_("weight of one unit in kg"), "0.35"),
    Column(
        "nc_code", "cod nc, nc, cod vamal, cn code, hs code", fields.nc_code,
        N_("8 digits of the Combined Nomenclature"), "85444995",
    ),
    Column(
        "expected_on", "data estimata, asteptat, disponibil din, eta, expected", fields.calendar_day,
        N_("day when there is stock again"), "31.12.2026",
    ),
    Column(
        "replaced_by", "inlocuit de, inlocuitor, cod inlocuitor, replacement", fields.sku,
        N_("SKU of the product that is sold instead"), "",
    ),
    Column("active", "activ", fields.yes_no, N_("sold: yes or no"), "da"),
    Column(
        "visible_to", "vizibil pentru, vizibil, vizibilitate, visible, audience", fields.audience,
        N_("who sees it: all, or names of groups and codes of partners with | between them"), "all",
    ),
)  # fmt: skip
PARTNERS = (
    Column("code", f"{_PARTNER}, cod, client", fields.sku, N_("your code of the partner, exact"), "C-001", True),
    Column("name", "denumire, nume, denumire partener", fields.long_text, N_("company name"), "Exemplu SRL"),
    Column("cui", "cif, cod fiscal, cod unic", fields.cui, N_("fiscal code, checked"), "18547290"),
    Column("vat_payer", "platitor tva, platitor de tva", fields.yes_no, N_("registered for VAT: yes or no"), "da"),
    Column(
        "reg_com", "nr reg com, registrul comertului", fields.short_text, N_("trade register number"), "J40/372/2002"
    ),
    Column("address", "adresa, strada", fields.long_text, N_("street and number"), "Str. Lungă 1"),
    Column("city", "oras, localitate", fields.short_text, N_("city"), "Brașov"),
    Column("county", "judet", fields.short_text, N_("county"), "Brașov"),
    Column("country", "tara", fields.country, N_("country: its name or its two letters"), "RO"),
    Column("email", "e-mail, mail, adresa email", fields.email, N_("e-mail address"), "office@exemplu.example"),
    Column("phone", "telefon, tel", fields.short_text, N_("telephone"), "0268 123 456"),
    Column("discount", "reducere, discount %", fields.discount, N_("percent off the list price"), "5"),
    Column("payment_days", "termen plata, termen de plata, zile plata", fields.days, N_("days to pay"), "30"),
)
STOCK = (SKU, Column("stock", _STOCK, fields.stock, N_("quantity counted on hand, held goods included"), "140", True))
PRICES = (
    Column("partner", f"{_PARTNER}, partener, client, code", fields.sku, N_("code of the partner"), "C-001", True),
    SKU,
    Column(
        "net", "pret, pret net, price, net price", fields.price, N_("the partner's own net price in lei"), "10.90", True
    ),
)
PRICE_LISTS = (
    Column(
        "list", "price_list, lista, lista de preturi, lista preturi, price list", fields.long_text,
        N_("name of the price list, which is there already"), "En-gros", True,
    ),
    SKU,
    Column(
        "net", "pret, pret net, price, net price", fields.price, N_("net price in the list's currency"), "10.90", True
    ),
    Column(
        "from_quantity", "de la cantitatea, de la, cantitate minima, from", fields.stock,
        N_("quantity from which the price holds; empty: always"), "24",
    ),
    Column(
        "valid_from", "valabil din, valabil de la, de la data, first day", fields.calendar_day,
        N_("first day of the price; empty: it takes the place of today's"), "01.01.2027",
    ),
    Column(
        "valid_until", "valabil pana la, pana la data, last day", fields.calendar_day,
        N_("last day of the price; empty: until the next one"), "31.12.2027",
    ),
)  # fmt: skip


def recognised(columns: tuple[Column, ...], header: str) -> bool:
    """Whether a header means one of the columns, with or without the unit behind it."""
    return any(folded_names(column) & _forms(header) for column in columns)


@lru_cache(maxsize=4096)
def fold(header: str) -> str:
    """A header without letter case, diacritics, blanks and signs: `Preț listă` and `PRET_LISTA` become one."""
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]", "", plain.lower())


@lru_cache(maxsize=256)
def folded_names(column: Column) -> frozenset[str]:
    """All that the column may be called."""
    return frozenset(fold(name) for name in (column.name, *column.aliases.split(",")))


def are_units(header: str) -> bool:
    """Whether nothing but units stands there: `(lei)`, `buc`."""
    return not _without_units(header)


@lru_cache(maxsize=4096)
def _forms(header: str) -> frozenset[str]:
    return frozenset(form for form in (fold(header), "".join(_without_units(header))) if form)


def _without_units(header: str) -> list[str]:
    words = [word for part in re.split(r"[^\w.]+", header[:200]) if (word := fold(part))]
    while words and (words[-1] in UNITS or words[-2:] == ["fara", "tva"]):
        words = words[: -1 if words[-1] in UNITS else -2]
    return words
