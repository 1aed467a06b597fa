"""What can be taken out: tables of typed columns over SQL, for one principal's eyes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, TextClause
from sqlalchemy.orm import Session

Kind = Literal["text", "number", "quantity", "money", "price", "percent", "day", "moment"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `sql` gives its value, moments as on the distributor's clock. `words`: what values are called,
    translated in the file. `total`: the sum of it means something. `needs`: the joins of its table (by name) that `sql`
    refers to."""

    name: str
    label: str
    kind: Kind
    sql: str
    words: Mapping[str, str] = field(default_factory=dict)
    total: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows a table to rows that have one of several values.

    `sql` is a condition over a parameter of the filter's name, the list of values; or `make` makes one of the values
    and the local day, the same as the list on a page has. `needs`: the joins that it refers to. `words`: the values
    that there are, and what they are called; `choices`: SQL of two columns that gives them instead. Where there is
    neither, they are typed; `one`: a single text. `staff`: not for partners.
    """

    label: str
    sql: str = ""
    make: Callable[[Session, Sequence[str], date], ColumnElement[bool] | TextClause] | None = None
    needs: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    choices: str = ""
    one: bool = False
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One export. `source` is SQL from `from` on, `joins` is what columns may need beside it, `order` how rows come.

    Any of `actions` opens it. `partner` is SQL of the partner (id) that a row is of; empty where it is of none. A
    partner's people get a table only with `own`, and of it their own rows: that is asked for, and row-level security
    refuses the rest. `day` is SQL of the local day (a date) that a period narrows. `narrowed`: its filters by name.
    `required`: a filter without which there would be too many rows.
    """

    name: str
    label: str
    actions: tuple[str, ...]
    columns: Sequence[Column]
    source: str
    order: str
    joins: Mapping[str, str] = field(default_factory=dict)
    day: str = ""
    partner: str = ""
    own: bool = False
    narrowed: Mapping[str, Filter] = field(default_factory=dict)
    required: str = ""


def local_day(instant: str) -> str:
    """SQL: the day of an instant where the distributor is."""
    return f"cast({instant} at time zone %(zone)s as date)"


def local_moment(instant: str) -> str:
    """SQL: an instant on the distributor's clock, to the second."""
    return f"date_trunc('second', {instant} at time zone %(zone)s)"
