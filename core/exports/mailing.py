"""What the mail about a file says of it, and carries: of what comes by itself, the file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.auth.sessions import principal_of_user
from core.db import transaction
from core.errors import Refusal
from core.exports.making import in_words, read, title
from core.exports.models import ExportPiece, ExportRun
from core.exports.running import MEDIA, Run, finished

MOST_ATTACHED = 5 << 20
"""Bytes. Many servers take no mail of more than 10 MB, and in a mail a file becomes a third larger; what comes every
morning must not fill a mailbox either."""

Carried = Literal["attached", "too_large", ""]


@dataclass(frozen=True, slots=True)
class Ready:
    """A file as its mail tells of it: its name, of what it is (in words), how many rows it has, and whether the mail
    carries it."""

    name: str
    chosen: str
    rows: int
    carried: Carried

    @property
    def most(self) -> int:
        """How many megabytes a mail carries."""
        return MOST_ATTACHED >> 20


def told_of(session: Session, run_id: int, as_of: datetime, language: str) -> Ready:
    """What there is to tell of a run that has ended; nothing of one that is gone."""
    row = session.get(ExportRun, run_id)
    if row is None:
        return Ready("", "", 0, "")
    wanted = read(row.what, row.asked)
    words = " · ".join(part for part in (title(wanted, language), in_words(wanted, language)) if part)
    return Ready(row.name, words, row.rows, _carried(session, row, as_of)[0])


def file_of(session: Session, run_id: int, as_of: datetime) -> tuple[str, str, bytes] | None:
    """Name, media type and content of what a mail carries; None where it carries nothing, or nothing any more."""
    row = session.get(ExportRun, run_id)
    carried, run = _carried(session, row, as_of) if row else ("", None)
    if carried != "attached" or run is None:
        return None
    pieces = session.scalars(select(ExportPiece.content).filter_by(run_id=run_id).order_by(ExportPiece.position))
    return run.filename, MEDIA[run.form], b"".join(pieces)


def _carried(session: Session, row: ExportRun, as_of: datetime) -> tuple[Carried, Run | None]:
    """As its owner, in a transaction of their own: whether they may still have it is asked here."""
    who = principal_of_user(session, row.user_id)
    if not row.name or who is None:
        return "", None
    try:
        with transaction(who) as own:
            run = finished(own, row.id, as_of)
    except Refusal:
        return "", None
    size = session.execute(_SIZE, {"run": row.id}).scalar_one()
    return ("attached" if size <= MOST_ATTACHED else "too_large"), run


_SIZE = text("select coalesce(sum(octet_length(content)), 0) from export_piece where run_id = :run")
