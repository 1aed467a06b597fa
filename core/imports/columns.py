"""The columns that each kind of file may have, and what they may be called."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from core.i18n import N_
from core.imports import fields
from core.imports.fields import Reading

UNITS = frozenset(("lei", "ron", "buc", "bucati", "kg", "m", "um", "zile"))
"""What may stand behind a name without changing what it means. No other currency is among them, and no gram."""
MOST_NAMES = 500
"""So many cells of a row are looked at to find the header."""


@dataclass(frozen=True)
class Column:
    """One column: its own name, what else it may be called, how a cell is read, what it is for.

    `called`: what alone it is called in a file whose columns a person has told apart (core.imports.columns.mapped).
    """

    name: str
    aliases: str
    read: Callable[[str, Reading], Any]
    help: str
    example: str
    required: bool = False
    called: frozenset[str] | None = None

    @cached_property
    def is_number(self) -> bool:
        return self.read in fields.NUMBERS


_SKU = (
    "cod, cod produs, cod prod, cod articol, cod art, cod intern, cod marfa, cod material, articol, nr art, art nr, "
    "referinta, ref, reference, product code, item code, item no, part number, part no, stock code"
)
_EAN = "cod de bare, cod bare, cod bara, barcode, bar code, cod ean, ean13, ean code, gtin, upc"
_NAME = (
    "denumire, denumire produs, den, den produs, den prod, denumire articol, den articol, den art, denumire marfa, "
    "nume, nume produs, produs, title, product name, product, item name"
)
_STOCK = (
    "stoc, stoc disp, stoc disponibil, stoc actual, stoc curent, stoc faptic, stoc final, disponibil, cantitate, cant, "
    "cantitate disponibila, qty, quantity, on hand, available, stock qty"
)
_LIST_PRICE = (
    "pret, pret lista, pret de lista, pret catalog, pret vanzare, pret de vanzare, pret unitar, pret net, pret fara "
    "tva, pret f tva, pret excl tva, pu, pu fara tva, price, unit price, net price"
)
_RRP = "prp, pvr, pret recomandat, pret raft, pret vanzare recomandat, msrp, recommended price, retail price"
_NET = "pret, pret net, pret fara tva, pret special, pret negociat, pret unitar, pu, price, net price, unit price"
_PARTNER = "partner_code, cod partener, cod part, cod client, client code, customer code, nr client"
_DOCUMENT = (
    "document, numar, nr, numar document, nr document, nr doc, factura, numar factura, nr factura, serie si numar, "
    "serie numar, serie nr, invoice, invoice number, invoice no, document number, document no"
)
_PARTNER_NAME = (
    "denumire, nume, denumire partener, den partener, denumire client, den client, nume client, firma, denumire firma, "
    "societate, company, company name, customer name"
)
_CUI = "cif, cui cif, cod fiscal, cod unic, cod de identificare fiscala, cod identificare fiscala, tax id, vat number"

SKU = Column("sku", _SKU, fields.sku, N_("your code of the product, exact, letter case included"), "CB-15", True)
PRODUCTS = (
    SKU,
    Column("ean", _EAN, fields.ean, N_("bar code, checked"), "5941234567899"),
    Column("name", _NAME, fields.long_text, N_("name"), "Cablu", True),
    Column("brand", "marca, producator, fabricant, manufacturer", fields.long_text, N_("brand"), "Electro"),
    Column(
        "category",
        "categorie, categorie produs, grupa, grupa produse, grupa de produse, familie",
        fields.category,
        N_("category, with > between the levels"),
        "Electrice > Cabluri",
    ),
    Column("unit", "um, unitate, unitate de masura, unit mas, uom", fields.short_text, N_("unit of measure"), "buc"),
    Column("pack", "ambalaj, bax, buc/bax, buc/cutie, pack size", fields.pack, N_("usual quantity in a pack"), "10"),
    Column(
        "vat", "tva, cota tva, cota de tva, vat rate", fields.vat_class,
        N_("VAT rate in percent, one that is valid today"), "21",
    ),
    Column(
        "list_price", _LIST_PRICE, fields.price, N_("net list price in lei"), "12.50", True
    ),
    Column("stock", _STOCK, fields.stock, N_("quantity counted on hand, held goods included"), "140"),
    Column("description", "descriere, descriere produs, detalii, details", fields.paragraphs,
        N_("description, of several lines if need be"), ""),
    Column(
        "least_quantity", "cantitate minima, cant minima, minim, comanda minima, moq, least", fields.positive,
        N_("least quantity of an order line"), "5",
    ),
    Column(
        "multiple", "multiplu, multiplu de vanzare, multiplu comanda, order multiple", fields.positive,
        N_("order lines are multiples of this"), "5",
    ),
    Column(
        "rrp", _RRP, fields.price,
        N_("recommended retail price, net, in lei"), "15.90",
    ),
    Column("weight", "greutate, greutate neta, kg, masa", fields.stock, N_("weight of one unit in kg"), "0.35"),
    Column(
        "nc_code", "cod nc, nc, nc8, cod vamal, cod tarifar, cn code, hs code", fields.nc_code,
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
    Column("name", _PARTNER_NAME, fields.long_text, N_("company name"), "Exemplu SRL"),
    Column("cui", _CUI, fields.cui, N_("fiscal code, checked"), "18547290"),
    Column(
        "vat_payer", "platitor tva, platitor de tva, platitor", fields.yes_no, N_("registered for VAT: yes or no"), "da"
    ),
    Column(
        "reg_com",
        "nr reg com, reg com, registrul comertului, nr registrul comertului",
        fields.short_text,
        N_("trade register number"),
        "J40/372/2002",
    ),
    Column(
        "address",
        "adresa, strada, sediu, sediu social, street",
        fields.long_text,
        N_("street and number"),
        "Str. Lungă 1",
    ),
    Column("city", "oras, localitate, localitatea, loc, town", fields.short_text, N_("city"), "Brașov"),
    Column("county", "judet, jud, judetul", fields.short_text, N_("county"), "Brașov"),
    Column("country", "tara", fields.country, N_("country: its name or its two letters"), "RO"),
    Column(
        "email",
        "e-mail, mail, adresa email, adresa de email",
        fields.email,
        N_("e-mail address"),
        "office@exemplu.example",
    ),
    Column(
        "phone",
        "telefon, tel, nr telefon, nr tel, mobil, telefon mobil, mobile",
        fields.short_text,
        N_("telephone"),
        "0268 123 456",
    ),
    Column(
        "discount", "reducere, rabat, disc, discount procent", fields.discount, N_("percent off the list price"), "5"
    ),
    Column(
        "payment_days",
        "termen plata, termen de plata, zile plata, scadenta, zile scadenta, payment terms",
        fields.days,
        N_("days to pay"),
        "30",
    ),
)
STOCK = (SKU, Column("stock", _STOCK, fields.stock, N_("quantity counted on hand, held goods included"), "140", True))
PRICES = (
    Column("partner", f"{_PARTNER}, partener, client, code", fields.sku, N_("code of the partner"), "C-001", True),
    SKU,
    Column("net", _NET, fields.price, N_("the partner's own net price in lei"), "10.90", True),
)
PRICE_LISTS = (
    Column(
        "list", "price_list, lista, lista de preturi, lista preturi, price list", fields.long_text,
        N_("name of the price list, which is there already"), "En-gros", True,
    ),
    SKU,
    Column(
        "net", _NET, fields.price_in_any_currency, N_("net price in the list's currency"), "10.90", True
    ),
    Column(
        "from_quantity", "de la cantitatea, de la, cantitate minima, cant minima, from", fields.stock,
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
OPENING = (
    Column(
        "partner", f"{_PARTNER}, partener, client, cod, code", fields.sku, N_("code of the partner"), "C-001", True
    ),
    Column(
        "number", _DOCUMENT, fields.document_number,
        N_("series and number of the document, as the previous program wrote it"), "FCT 000123", True,
    ),
    Column(
        "issued_on", "data, data facturii, data factura, data document, data documentului, data emiterii, issued, "
        "invoice date, document date, date", fields.calendar_day, N_("day of issue"), "15.10.2026", True,
    ),
    Column(
        "due_on", "scadenta, data scadentei, data scadenta, termen, termen de plata, due, due date",
        fields.calendar_day, N_("day by which it is to be paid; empty: by the partner's days to pay"), "14.11.2026",
    ),
    Column(
        "open", "sold, sold ramas, sold document, sold factura, rest, rest de plata, rest de incasat, de incasat, "
        "de plata, neincasat, amount due, balance, open amount, outstanding, unpaid", fields.open_amount,
        N_("what is still open, in lei; below 0: what the partner has to its credit"), "1250.40", True,
    ),
    Column(
        "note", "explicatii, explicatie, observatii, obs, mentiuni, notes, remarks", fields.long_text,
        N_("a note, which the partner sees, too"), "",
    ),
)  # fmt: skip


def recognised(columns: tuple[Column, ...], header: str) -> bool:
    """Whether a header means one of the columns, with or without the unit behind it."""
    return any(folded_names(column) & _forms(header) for column in columns)


def known_names(columns: tuple[Column, ...], names: Sequence[str]) -> int:
    """How many of the columns are named."""
    index = _index(columns)
    return len({index[form] for name in names[:MOST_NAMES] for form in _forms(name) if form in index})


@lru_cache(maxsize=4096)
def fold(header: str) -> str:
    """A header without letter case, diacritics, blanks and signs: `Preț listă` and `PRET_LISTA` become one."""
    plain = header if header.isascii() else unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]", "", plain.lower())


@lru_cache(maxsize=256)
def folded_names(column: Column) -> frozenset[str]:
    """All that the column may be called."""
    if column.called is not None:
        return column.called
    return frozenset(fold(name) for name in (column.name, *column.aliases.split(",")))


def mapped(columns: tuple[Column, ...], mapping: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns as `mapping` has them (name of a column → what it is called in the file, empty for nothing); the
    others keep their names, but for those that are taken now. Unknown columns in it do not matter."""
    taken = {fold(header) for header in mapping.values() if header}
    return tuple(replace(column, called=_called(column, mapping.get(column.name), taken)) for column in columns)


def _called(column: Column, header: str | None, taken: set[str]) -> frozenset[str]:
    if header is None:
        return folded_names(column) - taken
    return frozenset({fold(header)} if header else ())


def are_units(header: str) -> bool:
    """Whether nothing but units stands there: `(lei)`, `buc`."""
    return not _without_units(header)


@lru_cache(maxsize=16)
def _index(columns: tuple[Column, ...]) -> dict[str, str]:
    return {name: column.name for column in columns for name in folded_names(column)}


@lru_cache(maxsize=4096)
def _forms(header: str) -> frozenset[str]:
    return frozenset(form for form in (fold(header), "".join(_without_units(header))) if form)


def _without_units(header: str) -> list[str]:
    words = [word for part in re.split(r"[^\w.]+", header[:200]) if (word := fold(part))]
    while words and (words[-1] in UNITS or words[-2:] == ["fara", "tva"]):
        words = words[: -1 if words[-1] in UNITS else -2]
    return words
