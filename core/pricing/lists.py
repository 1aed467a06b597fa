"""Price lists themselves: names, currencies, periods, and who uses them. Their prices are core.pricing.setting's."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core import clock
from core.company import company
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.pricing.conditions import LARGEST_PRICE, Condition, differences
from core.pricing.models import PriceList
from core.search import folded_sql, without_nul, word_clauses

LEI = "RON"
LONGEST_NAME = 100


class ListNameMissing(Refusal):
    message = N_("A price list needs a name of at most {longest} characters.")


class ListNameTaken(Refusal):
    message = N_("There is a price list called “{name}” already. Choose another name.")


class BadCurrency(Refusal):
    message = N_("“{currency}” is no currency. Write its three letters, as RON or EUR.")


class BadRate(Refusal):
    message = N_(
        "The rate says how many lei one unit of the currency is worth: more than 0, with 4 decimals at most, and "
        "1 for lei."
    )


class ListInUse(Refusal):
    message = N_(
        "The price list “{name}” is used by partners: {partners}, and by groups: {groups}. Give them another one first."
    )


@dataclass(frozen=True, slots=True)
class ListData:
    """What a price list is. `lei_rate`: lei for one unit of `currency`. An empty day: no first, or no last one."""

    name: str
    currency: str = LEI
    lei_rate: Decimal = Decimal(1)
    valid_from: date | None = None
    valid_until: date | None = None

    def checked(self) -> "ListData":
        """The same with name and currency as they are kept.

        Raises ListNameMissing, BadCurrency, BadRate, NoDays.
        """
        name, currency = without_nul(self.name).strip(), self.currency.strip().upper()
        if not 0 < len(name) <= LONGEST_NAME:
            raise ListNameMissing(longest=LONGEST_NAME)
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise BadCurrency(currency=currency)
        if not 0 < self.lei_rate <= LARGEST_PRICE or self.lei_rate != round(self.lei_rate, 4):
            raise BadRate
        if currency == LEI and self.lei_rate != 1:
            raise BadRate
        Condition(valid_from=self.valid_from, valid_until=self.valid_until).check()
        return ListData(name, currency, self.lei_rate, self.valid_from, self.valid_until)


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """A price list, how many products have prices in it, how many partners and groups it is assigned to, and how many
    discounts it has."""

    id: int
    name: str
    currency: str
    lei_rate: Decimal
    valid_from: date | None
    valid_until: date | None
    products: int
    partners: int
    groups: int
    discounts: int

    @property
    def data(self) -> ListData:
        return ListData(self.name, self.currency, self.lei_rate, self.valid_from, self.valid_until)


def today(session: Session, as_of: datetime) -> date:
    """The day of an aware instant where the distributor is: what validity is about."""
    return clock.local_date(as_of, company(session).time_zone)


def price_lists(session: Session, search: str = "") -> list[PriceListRow]:
    """All price lists whose names have every word of `search`, by name. Raises NotAllowed."""
    authorize(session, "prices.see")
    clauses, params = word_clauses(folded_sql("name"), search)
    where = " and ".join(["true", *clauses])
    rows = session.execute(text(f"{_ROWS} where {where} order by {folded_sql('name')}, id"), params)
    return [_row(found) for found in rows.mappings()]


def price_list(session: Session, list_id: int) -> PriceListRow:
    """One price list. Raises NotAllowed, NotFound."""
    authorize(session, "prices.see")
    found = session.execute(text(f"{_ROWS} where id = :id"), {"id": list_id}).mappings().one_or_none()
    if found is None:
        raise NotFound
    return _row(found)


def locked_list(session: Session, list_id: int, *, to_end: bool = False) -> PriceList:
    """The price list, locked, for who may edit prices. Whoever writes prices of a list holds its row first, so two
    changes of one list follow each other, and changes of several lists take them in the order of their ids.

    `to_end`: nobody can be given the list meanwhile. Raises NotAllowed, NotFound.
    """
    authorize(session, "prices.edit")
    mode = True if to_end else {"key_share": True}
    found = session.get(PriceList, list_id, with_for_update=mode, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def create_list(session: Session, data: ListData, as_of: datetime) -> int:
    """A new price list without prices; its id. Records 'price_list_created'.

    Raises NotAllowed, ListNameTaken and what ListData.checked raises.
    """
    data = data.checked()
    row = added_list(session, data)
    record(session, "price_list_created", as_of, price_list=row.name, currency=row.currency)
    return row.id


def added_list(session: Session, data: ListData) -> PriceList:
    """The row of a new list with checked data; whoever adds it records why. Raises NotAllowed, ListNameTaken."""
    authorize(session, "prices.edit")
    _free_name(session, data.name, 0)
    row = PriceList(
        name=data.name, currency=data.currency, lei_rate=data.lei_rate, valid_from=data.valid_from,
        valid_until=data.valid_until,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def change_list(session: Session, list_id: int, data: ListData, as_of: datetime) -> None:
    """Give a price list another name, currency, rate or period: what is ordered from now on is charged by it.

    Records 'price_list_changed' with the old and the new values of what differs, and nothing when nothing does.
    Raises NotAllowed, NotFound, ListNameTaken and what ListData.checked raises.
    """
    authorize(session, "prices.edit")
    data = data.checked()
    _free_name(session, data.name, list_id)
    row = locked_list(session, list_id)
    new = asdict(data)
    named, changes = row.name, differences({field: getattr(row, field) for field in new}, new)
    for field in changes:
        setattr(row, field, new[field])
    if changes:
        record(session, "price_list_changed", as_of, price_list=named, changes=changes)


def delete_list(session: Session, list_id: int, as_of: datetime) -> None:
    """Remove a price list with its prices and discounts. Records 'price_list_deleted'.

    Raises NotAllowed, NotFound, and ListInUse while a partner or a group has it.
    """
    authorize(session, "prices.edit")
    session.execute(_LOCK_LISTS)
    row = locked_list(session, list_id, to_end=True)
    used = price_list(session, list_id)
    if used.partners or used.groups:
        raise ListInUse(name=row.name, partners=used.partners, groups=used.groups)
    session.delete(row)
    session.flush()
    record(session, "price_list_deleted", as_of, price_list=row.name, products=used.products)


def _free_name(session: Session, name: str, own: int) -> None:
    session.execute(_LOCK_LISTS)
    if session.scalar(_NAMED, {"name": name, "own": own}):
        raise ListNameTaken(name=name)


def _row(found: RowMapping) -> PriceListRow:
    return PriceListRow(**found)


# The table before its rows, also where a list goes: two cannot be given one name at the same moment, and who waits for
# a row does not hold what who has it needs.
_LOCK_LISTS = text("lock table price_list in share row exclusive mode")
_NAMED = text("select 1 from price_list where name = :name and id <> :own")
_ROWS = """
    select id, name, currency, lei_rate, valid_from, valid_until,
           (select count(distinct product_id) from price_list_item where price_list_id = price_list.id) as products,
           (select count(*) from partner where price_list_id = price_list.id) as partners,
           (select count(*) from partner_group where price_list_id = price_list.id) as groups,
           (select count(*) from discount where price_list_id = price_list.id) as discounts
    from price_list
"""
