"""The columns that each kind of file may have, and how headers are recognised."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from core.i18n import N_
from core.imports import fields
from core.imports.fields import Reading
from core.imports.problems import Problem

MISSING_LIKE = N_("The column {column} is missing. Is it the one called “{closest}”? Then rename that to {column}.")
MISSING = N_("The column {column} is missing. The first line must hold the names of the columns.")
TWICE = N_("The columns “{first}” and “{second}” both mean {column}. Keep one of them.")
IGNORED = N_("The column “{header}” is not known and was ignored.")


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


def match(columns: tuple[Column, ...], header: list[str]) -> tuple[dict[str, int], list[Problem], list[Problem]]:
    """Where each known column stands in `header`; the faults; the notices (columns that were ignored)."""
    found = {column: _places(column, header) for column in columns}
    places = {column.name: indexes[0] for column, indexes in found.items() if indexes}
    used = {index for indexes in found.values() for index in indexes}
    unknown = [name for index, name in enumerate(header) if name.strip() and index not in used]
    problems = [_twice(column, header, indexes) for column, indexes in found.items() if len(indexes) > 1]
    problems += [_missing(column, unknown) for column in columns if column.required and column.name not in places]
    return places, problems, [Problem(1, name, IGNORED, {"header": name}) for name in unknown]


def recognised(columns: tuple[Column, ...], header: str) -> bool:
    """Whether a header means one of the columns."""
    return any(fold(header) in _names(column) for column in columns)


def fold(header: str) -> str:
    """A header without letter case, diacritics, blanks and signs: `Preț listă` and `PRET_LISTA` become one."""
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]", "", plain.lower())


def _names(column: Column) -> set[str]:
    return {fold(name) for name in (column.name, *column.aliases.split(","))}


def _places(column: Column, header: list[str]) -> list[int]:
    """Where the column stands. Its own name goes before the aliases: beside `sku`, `cod` means nothing."""
    own = [index for index, name in enumerate(header) if fold(name) == fold(column.name)]
    return own or [index for index, name in enumerate(header) if fold(name) in _names(column)]


def _twice(column: Column, header: list[str], found: list[int]) -> Problem:
    params = {"first": header[found[0]], "second": header[found[1]], "column": column.name}
    return Problem(1, column.name, TWICE, params)


def _missing(column: Column, unknown: list[str]) -> Problem:
    folded = {fold(name): name for name in unknown}
    for name in sorted(_names(column), key=lambda name: name != fold(column.name)):
        if close := get_close_matches(name, folded, n=1, cutoff=0.6):
            return Problem(1, column.name, MISSING_LIKE, {"column": column.name, "closest": folded[close[0]]})
    return Problem(1, column.name, MISSING, {"column": column.name})
