"""What an import changed, row by row, and taking it back: each row becomes what it was, or nothing is taken back.

A row that was changed since, or that something was built on, stands in the way; other columns of a row that only the
import changed keep what was entered since.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db import Base
from core.errors import Refusal
from core.i18n import N_

MOST_NAMED = 8
DERIVED = frozenset({"profile_price", "partner_exception"})
"""Tables whose rows are made anew from others: that they refer to a row says nothing."""


class CannotUndo(Refusal):
    """Nothing was taken back. `count` rows stand in the way, `names` are some of them."""

    message = N_(
        "Nothing was taken back: {count:row was|rows were} changed or used since the import ({names}). Load a file "
        "with the right values instead."
    )

    @classmethod
    def of(cls, found: Sequence[str | None]) -> "CannotUndo":
        """With one name (or None) for each row."""
        names = sorted({name for name in found if name})
        more = ", …" if len(names) > MOST_NAMED else ""
        return cls(count=len(found), names=", ".join(names[:MOST_NAMED]) + more)


@dataclass(frozen=True, slots=True)
class Written:
    """A table that a kind of file writes: SQL for which of its rows (`t`) the staged ones concern, and for what people
    call such a row. `alone`: other writers wait while it is taken back."""

    table: str
    where: str
    label: str
    alone: bool = False


@contextmanager
def noted(session: Session, run_id: int | None, written: Sequence[Written]) -> Iterator[None]:
    """Note what the block changes in these tables, as changes of the run (None: no notes)."""
    if run_id is None:
        yield
        return
    for each in written:
        session.execute(text(f"drop table if exists pg_temp.before_{each.table}"))
        session.execute(text(f"create temp table before_{each.table} on commit drop as {_rows(each)}"))
    yield
    for each in written:
        own = {
            "table": each.table,
            "rows": _rows(each),
            "old": _differing(each, "old"),
            "new": _differing(each, "fresh"),
        }
        session.execute(text(_NOTE.format(**own)), {"run": run_id, "place": each.table})


def take_back(session: Session, run_id: int, written: Sequence[Written]) -> None:
    """Make everything as it was before the run; `written` is in the order of the references between the tables. Raises
    CannotUndo."""
    for each in written:
        if each.alone:
            session.execute(text(f"lock table {each.table} in share row exclusive mode"))
    try:
        for each in reversed(written):
            _take_back(session, run_id, each)
    except IntegrityError as error:  # a rule that the old rows do not keep beside what was entered since
        raise CannotUndo(count=1, names=str(error.orig).splitlines()[0]) from error


def _rows(each: Written) -> str:
    return f"select t.* from {each.table} t where {each.where}"


def _differing(each: Written, side: str) -> str:
    """SQL: the columns that differ between `old` and `fresh`, as they are on this side."""
    parts = (
        f"case when old.{name} is distinct from fresh.{name} then jsonb_build_object('{name}', {side}.{name})"
        " else '{}' end"
        for name in _settable(each)
    )
    return " || ".join(parts)


def _settable(each: Written) -> list[str]:
    return [column.name for column in Base.metadata.tables[each.table].columns if column.computed is None]


def _take_back(session: Session, run_id: int, each: Written) -> None:
    params = {"run": run_id, "place": each.table}
    own = {"table": each.table, "label": each.label}
    _require_none(session, text(_CHANGED_SINCE.format(**own)), params)
    referring = _referring(each.table)
    for other, column in referring:
        its_own = _NOT_ITS_OWN if other == each.table else ""
        _require_none(session, text(_USED.format(**own, other=other, column=column, its_own=its_own)), params)
    settable = _settable(each)
    names = ", ".join(settable)
    old = ", ".join(f"old.{name}" for name in settable)
    # What rows refer to goes last; where they do not refer to each other, what took their place goes first.
    steps = [_UNMAKE, _RESTORE] if each.table not in dict(referring) else [_RESTORE, _UNMAKE]
    for step in (*steps, _PUT_BACK):
        session.execute(text(step.format(**own, names=names, old=old)), params)


def _referring(table: str) -> list[tuple[str, str]]:
    """Tables and their columns that refer to the rows of a table, but for those that are made anew."""
    return [
        (other.name, key.parent.name)
        for other in Base.metadata.tables.values()
        for key in other.foreign_keys
        if key.column.table.name == table and other.name not in DERIVED and len(key.constraint.elements) == 1  # type: ignore[union-attr]
    ]


def _require_none(session: Session, query: Any, params: dict[str, Any]) -> None:
    if found := session.scalars(query, params).all():
        raise CannotUndo.of(found)


# A row that was made is known by a digest of all of it: it goes only if nobody touched it.
_NOTE = """
    with fresh as ({rows})
    insert into import_change (run_id, place, row_id, before, after)
    select :run, :place, coalesce(fresh.id, old.id),
           case when old.id is null then null when fresh.id is null then to_jsonb(old) else {old} end,
           case when old.id is null then jsonb_build_object('md5', md5(to_jsonb(fresh)::text))
                when fresh.id is not null then {new} end
    from fresh full join pg_temp.before_{table} old using (id) where fresh is distinct from old
    order by coalesce(fresh.id, old.id)
"""
_CHANGED_SINCE = """
    select (select {label}) from import_change c left join {table} t on t.id = c.row_id
    where c.run_id = :run and c.place = :place and case
        when c.after is null then t.id is not null
        when t.id is null then true
        when c.before is null then c.after ->> 'md5' <> md5(to_jsonb(t)::text)
        else differing(c.after, to_jsonb(t)) is not null end
"""
_USED = """
    select (select {label}) from import_change c join {table} t on t.id = c.row_id
    where c.run_id = :run and c.place = :place and c.before is null
      and exists (select from {other} o where o.{column} = t.id {its_own})
"""
_NOT_ITS_OWN = """
    and not exists (select from import_change mine where mine.run_id = :run and mine.place = :place
                    and mine.row_id = o.id)
"""
_UNMAKE = """
    delete from {table} t using import_change c
    where c.run_id = :run and c.place = :place and c.before is null and t.id = c.row_id
"""
_RESTORE = """
    update {table} t set ({names}) = (select {old} from jsonb_populate_record(t, c.before) old)
    from import_change c
    where c.run_id = :run and c.place = :place and c.before is not null and c.after is not null and t.id = c.row_id
"""
_PUT_BACK = """
    insert into {table} ({names}) select {old}
    from import_change c cross join lateral jsonb_populate_record(null::{table}, c.before) old
    where c.run_id = :run and c.place = :place and c.after is null order by c.row_id
"""
