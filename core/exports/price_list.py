"""A partner's own price list: all that it is offered, or what a search finds, at the prices of now."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import Company, company
from core.db import actor
from core.errors import Refusal
from core.events import record
from core.exports.taken import Change, Taken, last_taken
from core.i18n import N_, translate
from core.money import format_amount, format_quantity
from core.orders.browsing import CatalogRow, rows_of
from core.orders.search_conditions import Filters, allowed, conditions
from core.partners.models import Partner
from core.permissions import authorize
from core.pricing.quoting import FIRST_QUANTITY, UNIT_PRICE, PricesHidden, PriceStep, price_joins, prices_shown
from core.stock.showing import stock_told

BATCH = 1000
"""Products in one transaction of an export: rows_of takes no more."""
MOST_ON_PAPER = 1000
"""Products in a PDF: about 30 pages, and some ten seconds of work."""

Format = Literal["xlsx", "csv", "pdf"]
Cell = str | Decimal | date | None
Kind = Literal["text", "price", "percent", "quantity", "day", "stock"]


class TooLongForPaper(Refusal):
    message = N_(
        "A PDF holds {most} products at most, and this list has {count}. Choose a category or a brand first, or take "
        "the list as XLSX or CSV."
    )

    def text(self, language: str) -> str:
        numbers = {name: format_quantity(value, language) for name, value in self.params.items()}
        return translate(self.message, language).format_map(numbers)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list that is taken out: which products, in their order, and what its head says. `on` is the local day of its
    prices, `query` the filters as the query of an address ("" for the whole list), `with_stock`: the partner is told
    something of the stock."""

    as_of: datetime
    on: date
    partner: Partner
    company: Company
    filters: Filters
    query: str
    product_ids: "array[int]"
    with_stock: bool

    def batches(self) -> Iterator["array[int]"]:
        """The products, as many at a time as one transaction reads."""
        return (self.product_ids[at : at + BATCH] for at in range(0, len(self.product_ids), BATCH))

    @property
    def columns(self) -> tuple["Column", ...]:
        hidden = set() if self.with_stock else {*_OF_STOCK}
        if not self.company.show_list_price:
            hidden |= {*_OF_LIST_PRICE}
        if not self.company.show_rrp:
            hidden.add(_RRP)
        return tuple(column for column in COLUMNS if column.name not in hidden)


class Column(NamedTuple):
    name: str
    kind: Kind
    width: int
    cell: Callable[[CatalogRow, str], Cell]


def begin(session: Session, filters: Filters, form: Format, as_of: datetime) -> Listing:
    """As `lay_out`, and records 'price_list_taken', but for staff who only look. Raises also TooLongForPaper."""
    listing, me = lay_out(session, filters, as_of), actor(session)
    count = len(listing.product_ids)
    if form == "pdf" and count > MOST_ON_PAPER:
        raise TooLongForPaper(most=MOST_ON_PAPER, count=count)
    if not me.viewing:
        record(session, "price_list_taken", as_of, partner_id=me.partner_id, format=form, lines=str(count),
               filters=listing.query)  # fmt: skip
    return listing


def lay_out(session: Session, filters: Filters, as_of: datetime) -> Listing:
    """What the signed-in partner's list holds. Raises NotAllowed, PricesHidden."""
    me = authorize(session, "catalog.see")
    if not prices_shown(session):
        raise PricesHidden
    filters = allowed(session, filters)
    found = _matching(session, filters, as_of)
    head, partner = company(session), session.get_one(Partner, me.partner_id)
    on = local_date(as_of, head.time_zone)
    return Listing(as_of, on, partner, head, filters, query_of(filters), found, stock_told(session))


def _matching(session: Session, filters: Filters, as_of: datetime) -> "array[int]":
    """The products (ids) that the filters find, by category and name."""
    asked = conditions(session, filters, as_of)
    return array("i", session.scalars(text(_MATCHING.format(where=asked.where())), asked.params))


def query_of(filters: Filters) -> str:
    """The filters as the query of an address, whatever the order of the list."""
    chosen = {name: value for name, value in asdict(filters).items() if value and name != "sort"}
    return urlencode({name: 1 if value is True else value for name, value in chosen.items()})


FLAGS = tuple(field.name for field in fields(Filters) if field.type in (bool, "bool"))
"""The filters that are on or off."""


def filters_in_words(filters: Filters, language: str) -> str:
    """`Brand: Hilti · In stock`: all that are chosen; '' for the whole list."""
    named = [
        f"{translate(name, language)}: {value}" for key, name in _NAMED.items() if (value := getattr(filters, key))
    ]
    return " · ".join([*named, *(translate(_FLAGGED[key], language) for key in FLAGS if getattr(filters, key))])


def lines(session: Session, listing: Listing, batch: "array[int]") -> list[CatalogRow]:
    """The rows of a batch, at the prices of when the list was begun."""
    return rows_of(session, batch, listing.as_of)


def changes_since(session: Session, filters: Filters, as_of: datetime) -> tuple[datetime, list[Change]] | None:
    """When the acting user took out a list with these filters last, and what has changed since: prices by SKU, then
    what is gone. None the first time. Raises NotAllowed, PricesHidden."""
    authorize(session, "catalog.see")
    if not prices_shown(session):
        raise PricesHidden
    filters = allowed(session, filters)
    taken = last_taken(session, query_of(filters), as_of)
    if taken is None:
        return None
    found = _matching(session, filters, as_of)
    changes = [change for change in _compared(session, taken, found, as_of) if change]
    return taken.taken_at, sorted([*changes, *taken.gone()], key=lambda change: (change.kind == "gone", change.sku))


def _compared(session: Session, taken: Taken, found: "array[int]", as_of: datetime) -> Iterator[Change | None]:
    about = {"partner": authorize(session, "catalog.see").partner_id, "as_of": as_of}
    for at in range(0, len(found), BATCH):
        for row in session.execute(_PRICES, about | {"ids": list(found[at : at + BATCH])}):
            yield taken.compare(row.id, row.sku, row.name, row.unit_price)


def breaks_in_words(breaks: list[PriceStep], language: str) -> str:
    """`24: 3,10; 100: 2,95`: from which quantity on which net price, in lei."""
    return "; ".join(f"{format_quantity(b.from_quantity, language)}: {_figure(b.unit_price, language)}" for b in breaks)


def _figure(value: Decimal, language: str) -> str:
    shown = format_amount(value, language, "RON", decimals=4 if value * 100 % 1 else 2)
    return shown.split("\N{NO-BREAK SPACE}")[0]


def _percent(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 1)


def _stock(row: CatalogRow, language: str) -> Cell:
    return row.stock.quantity if row.stock.kind == "quantity" else row.stock.words(language)


COLUMNS = (
    Column(N_("SKU"), "text", 16, lambda row, _: row.sku),
    Column(N_("EAN"), "text", 15, lambda row, _: row.ean),
    Column(N_("Name"), "text", 50, lambda row, _: row.name),
    Column(N_("Brand"), "text", 16, lambda row, _: row.brand),
    Column(N_("Category"), "text", 30, lambda row, _: row.category),
    Column(N_("Unit"), "text", 7, lambda row, _: row.unit),
    Column(N_("Pack"), "quantity", 8, lambda row, _: row.pack),
    Column(N_("Least quantity"), "quantity", 10, lambda row, _: row.least),
    Column(N_("In multiples of"), "quantity", 10, lambda row, _: row.multiple),
    Column(N_("List price, net lei"), "price", 12, lambda row, _: row.list_price),
    Column(N_("Discount, %"), "percent", 10, lambda row, _: _percent(row.discount)),
    Column(N_("Your price, net lei"), "price", 12, lambda row, _: row.unit_price),
    Column(N_("From a quantity on"), "text", 24, lambda row, language: breaks_in_words(row.more, language)),
    Column(N_("Recommended price, net lei"), "price", 14, lambda row, _: row.rrp),
    Column(N_("VAT, %"), "percent", 8, lambda row, _: row.vat_rate),
    Column(N_("In stock"), "stock", 12, _stock),
    Column(N_("Expected on"), "day", 12, lambda row, _: row.expected_on if row.out else None),
)
_NAMED = {"search": N_("Words"), "category": N_("Category"), "brand": N_("Brand")}
_FLAGGED = {"in_stock": N_("In stock"), "mine": N_("My products"), "promotions": N_("Promotions"), "new": N_("New"),
            "favourites": N_("Favourites")}  # fmt: skip
_OF_STOCK, _OF_LIST_PRICE = ("In stock", "Expected on"), ("List price, net lei", "Discount, %")
_RRP = "Recommended price, net lei"
_MATCHING = """
    select product.id from product join partner on partner.id = :partner
    left join category on category.id = product.category_id
    where {where} order by category.path, product.name_folded, product.id
"""
_PRICES = text(f"""
    select product.id, product.sku, product.name, {UNIT_PRICE} as unit_price
    from unnest(cast(:ids as int[])) asked(id)
    join product on product.id = asked.id
    join partner on partner.id = :partner
    {price_joins(FIRST_QUANTITY)}
""")
