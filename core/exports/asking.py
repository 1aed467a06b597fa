"""What somebody asks to take out: a table, columns, filters; and the one SQL statement that gives it to them alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import sql
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.errors import NotAllowed, Refusal
from core.exports.audit_table import AUDIT
from core.exports.money_tables import BALANCES, DOCUMENTS, PAYMENTS
from core.exports.order_tables import LAPSED, LINES, ORDERS
from core.exports.price_table import PRICES
from core.exports.stock_tables import MOVEMENTS, STOCK
from core.exports.tables import Column, Table
from core.i18n import N_, translate
from core.permissions import authorize, may
from core.pricing.quoting import prices_shown
from core.principal import Principal
from core.search import without_nul

TABLES = {
    table.name: table
    for table in (ORDERS, LINES, LAPSED, DOCUMENTS, PAYMENTS, BALANCES, STOCK, MOVEMENTS, PRICES, AUDIT)
}
FILTER_NAMES = {
    "status": N_("Status"), "partner": N_("Partner codes"), "kind": N_("Kinds"), "brand": N_("Brands"),
    "sku": N_("SKUs"),
}  # fmt: skip
"""Filter → what it is called."""


class UnknownTable(Refusal):
    message = N_("There is no such export. Choose one of the list.")


class UnknownColumn(Refusal):
    message = N_("This export has no column or filter “{name}”. Choose among those it has.")


class NoColumns(Refusal):
    message = N_("Choose at least one column.")


class FilterMissing(Refusal):
    message = N_("Enter at least one value under “{filter}”: without it there would be too many rows.")

    def text(self, language: str) -> str:
        return translate(self.message, language).format(filter=translate(self.params["filter"], language))


class PeriodBackwards(Refusal):
    message = N_("The period ends before it begins. Change one of the days.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A table by name, its columns in the order of the file, and what narrows it.

    `since` and `until`: local days, both included. `narrowed`: filter of the table → the values one of which it has.
    """

    table: str
    columns: tuple[str, ...]
    since: date | None = None
    until: date | None = None
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """A statement for psycopg with its parameters, and the columns that it gives. `progress` is told, now and then, how
    many rows were written (about: a line end in a text counts as well)."""

    table: Table
    columns: Sequence[Column]
    text: str
    params: dict[str, Any]
    progress: Callable[[int], object] = lambda _: None

    def wrapped(self, outer: str) -> str:
        """The statement as a subquery of another: `{}` in `outer` stands for it."""
        return outer.replace("{}", f"({self.text}) asked")


def offered(principal: Principal) -> list[Table]:
    """The tables that the principal can take out."""
    theirs = [table for table in TABLES.values() if may(principal, *table.actions)]
    return [table for table in theirs if principal.kind != "partner" or table.own]


def columns_for(session: Session, table: Table) -> list[Column]:
    """The columns of a table that the session's principal may see: partners learn nothing of the distributor's people,
    and those that are shown no prices only what was agreed."""
    me = actor(session)
    if me.kind != "partner":
        return list(table.columns)
    shown = may(me, "catalog.see") and prices_shown(session)
    hidden = _STAFFS if shown else _STAFFS | {"list_price"}
    return [column for column in table.columns if column.name not in hidden]


_STAFFS = frozenset({"claimed_by", "claimed", "ordered_by", "group"})


def query(session: Session, asked: Asked, as_of: datetime) -> Query:
    """The statement for the session's principal. Raises NotAllowed, UnknownTable, UnknownColumn, NoColumns,
    PeriodBackwards, FilterMissing."""
    table, me = _table(session, asked.table), actor(session)
    columns = _columns(session, table, asked.columns)
    row = company(session)
    params: dict[str, Any] = {"zone": row.time_zone, "today": local_date(as_of, row.time_zone)}
    conditions = _conditions(table, asked, me, params)
    needed = list(dict.fromkeys(name for column in columns for name in column.needs))
    shown = ", ".join(f'{column.sql} as "{column.name}"' for column in columns)
    joins = " ".join(table.joins[name] for name in needed)
    where = " and ".join(["true", *conditions])
    text = f"select {shown} {table.source} {joins} where {where} order by {table.order}"
    return Query(table, columns, text, params)


def count(session: Session, asked: Query) -> int:
    """How many rows the statement gives."""
    found = run(session, asked.wrapped("select count(*) from {}"), asked.params)
    return int(found[0][0])


def run(session: Session, text: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement in psycopg's own style."""
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute(sql.SQL(text), params)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def _table(session: Session, name: str) -> Table:
    if name not in TABLES:
        raise UnknownTable
    table = TABLES[name]
    me = authorize(session, *table.actions)
    if me.kind == "partner" and not table.own:
        raise NotAllowed
    return table


def _columns(session: Session, table: Table, names: Sequence[str]) -> list[Column]:
    known = {column.name: column for column in columns_for(session, table)}
    if not names:
        raise NoColumns
    for name in names:
        if name not in known:
            raise UnknownColumn(name=name[:50])
    return [known[name] for name in dict.fromkeys(names)]


def _conditions(table: Table, asked: Asked, me: Principal, params: dict[str, Any]) -> list[str]:
    """The row's partner, the period and the filters, as SQL; what they compare with is put in `params`."""
    found = []
    if me.kind == "partner":
        params["mine"] = me.partner_id
        found.append(f"{table.partner} = %(mine)s")
    if asked.since and asked.until and asked.until < asked.since:
        raise PeriodBackwards
    for name, sign in (("since", ">="), ("until", "<=")):
        if (day := getattr(asked, name)) and table.day:
            params[name] = day
            found.append(f"{table.day} {sign} %({name})s")
    if table.required and not asked.narrowed.get(table.required):
        raise FilterMissing(filter=FILTER_NAMES[table.required])
    for name, values in asked.narrowed.items():
        if name not in table.narrowed:
            raise UnknownColumn(name=name[:50])
        if values:
            params[name] = [without_nul(value) for value in values]
            found.append(table.narrowed[name])
    return found
