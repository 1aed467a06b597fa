"""Where files come from: a supplier's columns are told apart once, and its next file is known by their names."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_
from core.imports.columns import fold
from core.imports.models import ImportSource
from core.search import without_nul

LONGEST_NAME = 80


class NameTooLong(Refusal):
    message = N_("The name of a supplier has at most {most} characters.")


def sources(session: Session, kind: str) -> list[ImportSource]:
    """Those that files of a kind came from, by name."""
    return list(session.scalars(select(ImportSource).filter_by(kind=kind).order_by(ImportSource.name)))


def recognised(session: Session, kind: str, names: Sequence[str]) -> ImportSource | None:
    """The one whose file had these names of columns; of several the last."""
    same = select(ImportSource).filter_by(kind=kind, headers=_headers(names)).order_by(ImportSource.id.desc())
    return session.scalars(same.limit(1)).first() if any(names) else None


def remember(session: Session, kind: str, name: str, mapping: Mapping[str, str], names: Sequence[str]) -> int:
    """Keep what the columns are called in the files of a source, whose file had these names; its id. Raises
    NameTooLong."""
    name = without_nul(name).strip()
    if len(name) > LONGEST_NAME:
        raise NameTooLong(most=LONGEST_NAME)
    values = {"mapping": dict(mapping), "headers": _headers(names)}
    keep = insert(ImportSource).values(kind=kind, name=name, **values)
    kept = keep.on_conflict_do_update(index_elements=["kind", "name"], set_=values).returning(ImportSource.id)
    return session.execute(kept).scalar_one()


def _headers(names: Sequence[str]) -> list[str]:
    return sorted(fold(name) for name in names if name)
