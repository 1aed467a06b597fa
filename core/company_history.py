"""Which settings were changed, when and by whom, and taking a change back."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.company import Company, change_company, company
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.permissions import authorize

SHOWN = 50


class ChangedSince(Refusal):
    message = N_("Some of this was changed again since, so it was not taken back. Change it by hand.")


@dataclass(frozen=True, slots=True)
class Change:
    """Settings that were saved together: name of each → old and new value as text. `at` in UTC.

    `undoable`: all of it can be taken back, because nothing of it was changed since.
    """

    id: int
    at: datetime
    who: str
    changes: dict[str, tuple[str, str]]
    undoable: bool


def changes(session: Session) -> list[Change]:
    """The newest SHOWN changes, the newest first. Raises NotAllowed."""
    authorize(session, "settings.edit")
    row = company(session)
    return [
        Change(found.id, found.at, found.who, _pairs(found.changes), _stands(row, found.changes))
        for found in session.execute(_CHANGES, {"shown": SHOWN})
    ]


def undo(session: Session, event_id: int) -> None:
    """Give the settings of this change the values that they had before; that is a change again.

    Raises NotAllowed, NotFound, ChangedSince, and what `change_company` raises: old values may be wrong by now.
    """
    authorize(session, "settings.edit")
    found = session.execute(_CHANGE, {"id": event_id}).one_or_none()
    if found is None or not found.changes.keys() <= _columns().keys():
        raise NotFound
    row = session.get_one(Company, 1, with_for_update=True, populate_existing=True)
    if not _stands(row, found.changes):
        raise ChangedSince
    kinds = _columns()
    change_company(session, **{name: _value(kinds[name], old) for name, (old, _new) in found.changes.items()})


def _columns() -> dict[str, type]:
    """The settings that can be taken back, with the kind of their values."""
    table = Company.__table__.columns
    return {column.name: column.type.python_type for column in table if column.name not in ("id", "logo")}


def _stands(row: Company, changed: Mapping[str, list[str]]) -> bool:
    """Is everything still as this change has left it?"""
    kinds = _columns()
    known = changed.keys() <= kinds.keys()
    return known and all(getattr(row, name) == _value(kinds[name], new) for name, (_old, new) in changed.items())


def _value(kind: type, written: str) -> Any:
    """What `str` made this of."""
    if kind is bool:
        return written == "True"
    if kind is time:
        return time.fromisoformat(written)
    if kind is list:
        return ast.literal_eval(written)
    return kind(written)


def _pairs(changed: Mapping[str, list[str]]) -> dict[str, tuple[str, str]]:
    return {name: (old, new) for name, (old, new) in changed.items()}


_MADE = (
    "event.kind = 'settings_changed' and jsonb_typeof(event.data -> 'changes') = 'object' and not event.data ? 'step'"
)
"""Changes of a reminder's texts are of a step, and shown where those are."""
_CHANGES = text(f"""
    select event.id, event.at, coalesce(app_user.name, '') as who, event.data -> 'changes' as changes
    from event left join app_user on app_user.id = event.user_id
    where {_MADE} order by event.id desc limit :shown
""")
_CHANGE = text(f"select event.data -> 'changes' as changes from event where event.id = :id and {_MADE}")
