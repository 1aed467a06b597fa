"""Files that belong to a product, as data sheets: kept as they are, given out to be saved and never shown in a page."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.editing import locked
from core.catalog.pictures import SEEN_BY_WHO_ASKS
from core.db import actor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize

MOST = 20
MOST_MB = 15
LONGEST_NAME = 120
_ZIP = (b"PK\x03\x04",)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_STEP = (b"ISO-10303-21",)

Kind = tuple[str, tuple[bytes, ...]]
KINDS: dict[str, Kind] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "webp": ("image/webp", (b"RIFF",)),
    "docx": (f"{_OFFICE}wordprocessingml.document", _ZIP),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", _ZIP),
    "pptx": (f"{_OFFICE}presentationml.presentation", _ZIP),
    "odt": (f"{_OPEN}text", _ZIP),
    "ods": (f"{_OPEN}spreadsheet", _ZIP),
    "zip": ("application/zip", _ZIP),
    "dwg": ("image/vnd.dwg", (b"AC10",)),
    "step": ("model/step", _STEP),
    "stp": ("model/step", _STEP),
    "csv": ("text/csv; charset=utf-8", ()),
    "txt": ("text/plain; charset=utf-8", ()),
}
"""Ending → media type, and how such a file begins; one without a beginning is a text."""


class KindNotTaken(Refusal):
    message = N_("“{name}” is of a kind that is not taken. Files may be: {kinds}.")


class NotWhatItSays(Refusal):
    message = N_("“{name}” is no {kind} file, whatever its name says. Open it and save it anew.")


class FileEmpty(Refusal):
    message = N_("“{name}” is empty.")


class FileTooLarge(Refusal):
    message = N_("“{name}” has more than {largest} MB.")


class TooManyFiles(Refusal):
    message = N_("{sku} has {most} files already: delete one first.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """`size` in bytes."""

    id: int
    name: str
    media_type: str
    size: int


def attachments_of(session: Session, product_id: int) -> list[Attachment]:
    """By name, for staff. Raises NotAllowed."""
    authorize(session, "products.see")
    rows = session.execute(_OF, {"product": product_id})
    return [Attachment(**row) for row in rows.mappings()]


def add_file(session: Session, product_id: int, name: str, content: bytes, as_of: datetime) -> bool:
    """Keep a file for a product; did it take the place of one with the same name? Records 'file_added'.

    Raises NotAllowed, NotFound, KindNotTaken, NotWhatItSays, FileEmpty, FileTooLarge, TooManyFiles.
    """
    authorize(session, "products.edit")
    name = file_name(name)
    media_type = media_type_of(name, content, KINDS, MOST_MB)
    product = locked(session, product_id)
    asked = {"product": product_id, "name": name}
    replaced = session.execute(_DELETE_NAMED, asked).first() is not None  # a new id: browsers keep what has the old one
    if len(attachments_of(session, product_id)) >= MOST:
        raise TooManyFiles(sku=product.sku, most=MOST)
    session.execute(_ADD, asked | {"media_type": media_type, "size": len(content), "content": content})
    record(session, "file_added", as_of, product=product_id, sku=product.sku, file=name)
    return replaced


def delete_file(session: Session, file_id: int, as_of: datetime) -> None:
    """Delete a file for good. Records 'file_removed'. Raises NotAllowed, NotFound."""
    authorize(session, "products.edit")
    gone = session.execute(_DELETE, {"id": file_id}).one_or_none()
    if gone is None:
        raise NotFound
    record(session, "file_removed", as_of, product=gone.product_id, sku=gone.sku, file=gone.name)


def attachment(session: Session, file_id: int) -> tuple[Attachment, bytes] | None:
    """A file for who may see its product: staff every one, a partner what it is offered. None for all others, and for
    one that is not there. Raises NotAllowed."""
    authorize(session, "catalog.see", "products.see")
    row = session.execute(_FILE, {"id": file_id, "partner": actor(session).partner_id}).one_or_none()
    return (Attachment(row.id, row.name, row.media_type, row.size), row.content) if row else None


def file_name(given: str) -> str:
    """The last part of a path, without what file systems or headers could take for something else."""
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign if sign.isprintable() and sign not in '<>:"|?*' else "_" for sign in last).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    return (stem[: LONGEST_NAME - len(ending) - 1] + dot + ending) if dot else plain[:LONGEST_NAME]


def media_type_of(name: str, content: bytes, kinds: Mapping[str, Kind], most_mb: int) -> str:
    """The media type of a file that may be of one of `kinds` (some of KINDS) and has `most_mb` at most.

    Raises KindNotTaken, NotWhatItSays, FileEmpty, FileTooLarge.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in kinds:
        raise KindNotTaken(name=name, kinds=", ".join(kinds))
    if not content:
        raise FileEmpty(name=name)
    if len(content) > most_mb * 1024 * 1024:
        raise FileTooLarge(name=name, largest=most_mb)
    media_type, beginnings = kinds[ending]
    if not (content.startswith(beginnings) if beginnings else _is_text(content)):
        raise NotWhatItSays(name=name, kind=ending.upper())
    return media_type


def _is_text(content: bytes) -> bool:
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", content)


_OF = text("""
    select id, name, media_type, size from product_file where product_id = :product order by lower(name), id
""")
_DELETE_NAMED = text("delete from product_file where product_id = :product and name = :name returning id")
_ADD = text("""
    insert into product_file (product_id, name, media_type, size, content)
    values (:product, :name, :media_type, :size, :content)
""")
_DELETE = text("""
    delete from product_file using product where product.id = product_id and product_file.id = :id
    returning product_id, sku, product_file.name
""")
_FILE = text(f"select it.id, it.name, it.media_type, it.size, it.content from product_file it {SEEN_BY_WHO_ASKS}")
