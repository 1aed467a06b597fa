"""A ZIP with a table and the pictures of its products: the table is imported as any file, then they are taken."""

import io
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.normalising import normalised
from core.catalog.picture_zips import (
    BOUNDED,
    Damaged,
    Entry,
    NoZip,
    OtherPacking,
    TooManyInZip,
    entries_of,
    open_zip,
    unpacked,
)
from core.catalog.pictures import add_picture
from core.db import transaction
from core.errors import Refusal
from core.i18n import N_
from core.imports.problems import Fault
from core.principal import Principal

NO_TABLE = N_("There is no table in the ZIP. Put one file with the products into it: {types}.")
TABLES = N_("There are several tables in the ZIP: {names}. Leave one of them in it.")
UNREADABLE = N_("The table in the ZIP cannot be read. Pack it anew, without a password.")
TOO_BIG = N_("The table in the ZIP is larger than {limit} MB. Split it.")

_ZIP = b"PK\x03\x04"
_WORKBOOK = ("[Content_Types].xml", "mimetype")
"""What the ZIPs that are workbooks themselves have in them."""
Left = list[list[str]]
"""Pictures that were not taken: the name of each, and why."""


def is_bundle(data: bytes) -> bool:
    """Whether it is a ZIP and no workbook. One with more files than a ZIP may have is none that we open."""
    if not data.startswith(_ZIP):
        return False
    try:
        with open_zip(io.BytesIO(data)) as archive:
            return not any(name in archive.NameToInfo for name in _WORKBOOK)
    except NoZip:
        return False
    except TooManyInZip:
        return True


def table_of(data: bytes, types: list[str], limit_mb: int) -> bytes:
    """The one file of these types in a ZIP, with at most `limit_mb`. Raises Fault."""
    try:
        with open_zip(io.BytesIO(data)) as archive:
            found = [info for info in archive.infolist() if _is_table(info, types)]
            if len(found) != 1:
                names = ", ".join(info.filename for info in found[:5])
                raise Fault(TABLES, names=names) if found else Fault(NO_TABLE, types=", ".join(types))
            if found[0].compress_type not in BOUNDED:
                raise Fault(OtherPacking.message)
            with archive.open(found[0]) as packed:
                table = packed.read(limit_mb * 1024 * 1024 + 1)  # whatever size it says it has
    except (NoZip, TooManyInZip) as refusal:
        raise Fault(refusal.message, **refusal.params) from refusal
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise Fault(UNREADABLE) from error
    if len(table) > limit_mb * 1024 * 1024:
        raise Fault(TOO_BIG, limit=str(limit_mb))
    return table


def take_pictures(
    who: Principal, data: bytes, types: list[str], run_id: int, as_of: datetime, tell: Callable[[int, int], object]
) -> tuple[int, Left]:
    """Take the pictures of a ZIP as `who`, each in a transaction of its own; how many, and which not. One that is
    there already is not taken twice."""
    taken, left = 0, Left()
    with open_zip(io.BytesIO(data)) as archive:
        with transaction(who) as session:
            entries = [entry for entry in entries_of(session, archive) if not _is_table(entry.info, types)]
        for number, entry in enumerate(entries, 1):
            try:
                _take(who, archive, entry, run_id, as_of)
                taken += 1
            except Refusal as refusal:
                left.append([entry.name, refusal.text(who.language)])
            tell(number, len(entries))
    return taken, left


def has_pictures(data: bytes, types: list[str]) -> bool:
    """Whether there is anything beside the table."""
    if not is_bundle(data):
        return False
    with open_zip(io.BytesIO(data)) as archive:
        return any(not info.is_dir() and not _is_table(info, types) for info in archive.infolist())


def undo(session: Session, run_id: int) -> None:
    """Remove the pictures that a run has taken."""
    session.execute(_UNDO, {"run": run_id})


def _is_table(info: zipfile.ZipInfo, types: list[str]) -> bool:
    steps = info.filename.replace("\\", "/").split("/")
    hidden = steps[0] == "__MACOSX" or steps[-1].startswith(".")
    return not info.is_dir() and not hidden and steps[-1].rpartition(".")[2].lower() in types


def _take(who: Principal, archive: zipfile.ZipFile, entry: Entry, run_id: int, as_of: datetime) -> None:
    if entry.product_id is None:
        raise entry.refusal or Damaged()
    made = normalised(unpacked(archive, entry))
    with transaction(who) as session:
        image_id = add_picture(session, entry.product_id, made, entry.name, as_of)
        session.execute(_NOTE, {"run": run_id, "image": image_id})


_NOTE = text("""
    insert into import_change (run_id, place, row_id, after) values (:run, 'product_image', :image, '{}')
""")
_UNDO = text("""
    delete from product_image where id in (
        select row_id from import_change where run_id = :run and place = 'product_image')
""")
