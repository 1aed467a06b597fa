"""What somebody asks to take out: a table, columns, filters; and the one SQL statement that gives it to them alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from psycopg import sql
from sqlalchemy import ColumnElement, and_, text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.errors import NotAllowed, Refusal
from core.exports.accounting_tables import PAID, SALES_LINES, SALES_VAT
from core.exports.audit_table import AUDIT
from core.exports.money_tables import BALANCES, DOCUMENTS, PAYMENTS
from core.exports.order_tables import LAPSED, LINES, ORDERS
from core.exports.price_table import PRICES
from core.exports.stock_tables import MOVEMENTS, STOCK
from core.exports.tables import Column, Filter, Table
from core.i18n import N_, translate
from core.permissions import authorize, may
from core.pricing.quoting import prices_shown
from core.principal import Principal
from core.search import without_nul

_OF_ORDERS = (ORDERS, LINES, LAPSED)
_OF_MONEY = (DOCUMENTS, PAYMENTS, BALANCES, SALES_LINES, SALES_VAT, PAID)
_OF_STOCK = (STOCK, MOVEMENTS, PRICES)
TABLES = {table.name: table for table in (*_OF_ORDERS, *_OF_MONEY, *_OF_STOCK, AUDIT)}


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
    row = company(session)
    hidden = set(_STAFFS)
    if not (shown and row.show_list_price):
        hidden.add("list_price")
    if not row.show_rrp:
        hidden.add("rrp")
    return [column for column in table.columns if column.name not in hidden]


def filters_for(session: Session, table: Table) -> dict[str, Filter]:
    """The filters of a table by name, as far as they are for the session's principal."""
    partner = actor(session).kind == "partner"
    return {name: found for name, found in table.narrowed.items() if not (partner and found.staff)}


def values_of(session: Session, narrowing: Filter, language: str) -> dict[str, str]:
    """Value → what it is called, of a filter whose values are known; nothing where they are typed."""
    if narrowing.choices:
        return {value: name for value, name in session.execute(text(narrowing.choices))}
    return {value: translate(name, language) for value, name in narrowing.words.items()}


_STAFFS = frozenset({"claimed_by", "claimed", "ordered_by", "group"})


def query(session: Session, asked: Asked, as_of: datetime) -> Query:
    """The statement for the session's principal. Raises NotAllowed, UnknownTable, UnknownColumn, NoColumns,
    PeriodBackwards, FilterMissing."""
    table = _table(session, asked.table)
    columns = _columns(session, table, asked.columns)
    row = company(session)
    params: dict[str, Any] = {"zone": row.time_zone, "today": local_date(as_of, row.time_zone)}
    conditions = _conditions(session, table, asked, params)
    narrowing = [table.narrowed[name].needs for name, values in asked.narrowed.items() if values]
    needed = dict.fromkeys(name for needs in [*(column.needs for column in columns), *narrowing] for name in needs)
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


def _conditions(session: Session, table: Table, asked: Asked, params: dict[str, Any]) -> list[str]:
    """The row's partner, the period and the filters, as SQL; what they compare with is put in `params`."""
    found, me = [], actor(session)
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
        raise FilterMissing(filter=table.narrowed[table.required].label)
    return found + _narrowed(session, table, asked, params)


def _narrowed(session: Session, table: Table, asked: Asked, params: dict[str, Any]) -> list[str]:
    """The filters that have values. What pages' lists find is made as these make it, and compiled for psycopg."""
    found, made, known = [], [], filters_for(session, table)
    for name, values in asked.narrowed.items():
        clean = [without_nul(value) for value in values]
        if name not in known or (known[name].words and not known[name].words.keys() >= set(clean)):
            raise UnknownColumn(name=name[:50])
        if clean and (make := known[name].make):
            made.append(cast(ColumnElement[bool], make(session, clean, params["today"])))
        elif clean:
            params[name] = clean
            found.append(known[name].sql)
    if made:
        compiled = and_(*made).compile(dialect=session.get_bind().dialect)
        params |= compiled.params
        found.append(str(compiled))
    return found
