"""Files that are sent in a conversation: kept as they are, of a few kinds, and given out to its two sides only."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.attachments import KINDS as ALL_KINDS
from core.catalog.attachments import file_name, media_type_of
from core.db import actor
from core.permissions import authorize

KINDS = {ending: ALL_KINDS[ending] for ending in ("pdf", "jpg", "jpeg", "png", "webp", "xlsx", "csv", "docx", "txt")}
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What a browser may show by itself; everything else is saved."""
MOST_MB = 10


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it was chosen: not looked at yet."""

    name: str
    content: bytes

    def checked(self) -> "CheckedFile":
        """Raises KindNotTaken, NotWhatItSays, FileEmpty, FileTooLarge (core.catalog.attachments)."""
        name = file_name(self.name)
        return CheckedFile(name, media_type_of(name, self.content, KINDS, MOST_MB), self.content)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    name: str
    media_type: str
    content: bytes


def thread_file(session: Session, file_id: int) -> CheckedFile | None:
    """A file for the staff and for the partner of its conversation; None for all others, and for one that is not there.

    Raises NotAllowed.
    """
    authorize(session, "messages.see")
    row = session.execute(_FILE, {"file": file_id, "partner": actor(session).partner_id}).one_or_none()
    return CheckedFile(row.name, row.media_type, row.content) if row else None


_FILE = text("""
    select name, media_type, content from thread_file
    where id = :file and partner_id = coalesce(cast(:partner as int), partner_id)
""")
