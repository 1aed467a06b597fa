"""What can be taken out: tables of typed columns over SQL, for one principal's eyes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

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
class Table:
    """One export. `source` is SQL from `from` on, `joins` is what columns may need beside it, `order` how rows come.

    Any of `actions` opens it. `partner` is SQL of the partner (id) that a row is of; empty where it is of none. A
    partner's people get a table only with `own`, and of it their own rows: that is asked for, and row-level security
    refuses the rest. `day` is SQL of the local day (a date) that a period narrows. `narrowed`: name of a filter → SQL
    over a parameter of that name, a list of texts. `required`: a filter without which there would be too many rows.
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
    narrowed: Mapping[str, str] = field(default_factory=dict)
    required: str = ""


def local_day(instant: str) -> str:
    """SQL: the day of an instant where the distributor is."""
    return f"cast({instant} at time zone %(zone)s as date)"


def local_moment(instant: str) -> str:
    """SQL: an instant on the distributor's clock, to the second."""
    return f"date_trunc('second', {instant} at time zone %(zone)s)"
