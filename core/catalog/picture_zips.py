"""Many pictures at once: a ZIP whose files are named after the products, as in SKU.jpg, SKU_2.png or EAN.jpg.

Nothing is ever written to a disk, and one file at a time is unpacked into memory, never more of it than a picture may
have: however much a ZIP says or turns out to hold, it takes no more room than that.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.normalising import MOST_MB, NotAPicture, PictureTooLarge
from core.errors import Refusal
from core.i18n import N_
from core.permissions import authorize
from core.search import fold

MOST_FILES = 2000
MOST_ZIP_MB = 200
_MOST_ABOUT_A_FILE = 1000
"""Bytes of the ZIP's directory: a long name twice and what systems note of it."""
BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What zipfile unpacks a piece at a time: packed otherwise, a few bytes can become gigabytes at once."""
_LONGEST_END = 76 + 22 + 65_535
"""Bytes of the records that a ZIP ends with, the longest comment included."""
_UNNAMEABLE = '\\/:*?"<>|'
"""Signs that file systems do not take: in a file's name `_` stands for them."""
_NUMBER = re.compile(r"(?:[ _-]+|\s*\()(\d{1,2})\)?$")
_SYSTEM_FILES = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


class NoZip(Refusal):
    message = N_("This is not a ZIP file, or it is damaged. Pack the pictures anew.")


class TooManyInZip(Refusal):
    message = N_("The ZIP has more than {most} files. Split it.")


class Encrypted(Refusal):
    message = N_("The file is encrypted. Pack the pictures without a password.")


class PathTrick(Refusal):
    message = N_("The name leads out of the ZIP; such files are not taken.")


class Damaged(Refusal):
    message = N_("The file is damaged or packed in a way that cannot be read. Pack the pictures anew.")


class OtherPacking(Refusal):
    message = N_("The file is packed in an unusual way. Pack it as an ordinary ZIP (Deflate).")


class UnknownProduct(Refusal):
    message = N_("No product has this SKU or EAN.")


class SeveralProducts(Refusal):
    message = N_("Several products fit this name. Name the file after the SKU, letter case included.")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a ZIP: the product that it is a picture of, its number among the product's, or why it is none."""

    info: zipfile.ZipInfo
    product_id: int | None = None
    sku: str = ""
    number: int = 1
    refusal: Refusal | None = None

    @property
    def name(self) -> str:
        return self.info.filename


@dataclass(frozen=True, slots=True)
class _Known:
    """The products that the files may be named after, as they can stand in a file's name."""

    exact: dict[str, int]
    folded: dict[str, list[int]]
    skus: dict[int, str]

    def find(self, name: str) -> list[int]:
        return [self.exact[name]] if name in self.exact else self.folded.get(_plain(name), [])


def open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """The ZIP in a file. Raises NoZip, TooManyInZip."""
    try:
        files, size = _announced(file)
        if files > MOST_FILES or size > MOST_FILES * _MOST_ABOUT_A_FILE:  # before all of it is taken apart
            raise TooManyInZip(most=MOST_FILES)
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, struct.error) as error:
        raise NoZip from error
    if len(archive.infolist()) > MOST_FILES:
        raise TooManyInZip(most=MOST_FILES)
    return archive


def entries_of(session: Session, archive: zipfile.ZipFile) -> list[Entry]:
    """The files of a ZIP, without folders and what systems add: product by product, each one's pictures in order.

    For staff who change products. Raises NotAllowed.
    """
    authorize(session, "products.edit")
    infos = [info for info in archive.infolist() if not info.is_dir() and not _SYSTEM_FILES.search(info.filename)]
    known = _known(session, {name for info in infos for name, _ in _readings(info.filename)})
    entries = [_entry(info, known) for info in infos]
    return sorted(entries, key=lambda entry: (entry.refusal is None, entry.sku, entry.number, entry.name))


def unpacked(archive: zipfile.ZipFile, entry: Entry) -> bytes:
    """The bytes of a file in a ZIP, in memory. Raises PictureTooLarge, Damaged, and what `entry` was refused for."""
    if entry.refusal:
        raise entry.refusal
    largest = MOST_MB * 1024 * 1024
    try:
        with archive.open(entry.info) as packed:
            data = packed.read(largest + 1)  # whatever size it says it has
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise Damaged from error
    if len(data) > largest:
        raise PictureTooLarge(largest=MOST_MB)
    return data


def _announced(file: IO[bytes]) -> tuple[int, int]:
    """How many files the end of a ZIP names, and the bytes of its directory; it is found as zipfile finds it."""
    end = file.seek(0, 2)
    file.seek(max(end - _LONGEST_END, 0))
    tail = file.read()
    at = len(tail) - 22 if tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0" else tail.rfind(b"PK\5\6")
    if at < 0:
        raise zipfile.BadZipFile
    if at >= 76 and tail[at - 76 : at - 72] == b"PK\6\6" and tail[at - 20 : at - 16] == b"PK\6\7":
        files, size = struct.unpack_from("<QQ", tail, at - 44)  # ZIP64, where the other numbers may not fit
    else:
        files, size = struct.unpack_from("<HL", tail, at + 10)
    if size > end:
        raise zipfile.BadZipFile
    return files, size


def _entry(info: zipfile.ZipInfo, known: _Known) -> Entry:
    if refusal := _refusal(info):
        return Entry(info, refusal=refusal)
    for name, number in _readings(info.filename):
        found = known.find(name)
        if len(found) == 1:
            return Entry(info, found[0], known.skus[found[0]], number)
        if found:
            return Entry(info, refusal=SeveralProducts())
    return Entry(info, refusal=UnknownProduct())


def _refusal(info: zipfile.ZipInfo) -> Refusal | None:
    steps = info.filename.replace("\\", "/").split("/")
    if ".." in steps or steps[0] == "" or re.match("[A-Za-z]:", steps[0]):
        return PathTrick()
    if info.flag_bits & 1:
        return Encrypted()
    if info.compress_type not in BOUNDED:
        return OtherPacking()
    if steps[-1].rpartition(".")[2].lower() not in ("jpg", "jpeg", "png", "webp"):
        return NotAPicture()
    return PictureTooLarge(largest=MOST_MB) if info.file_size > MOST_MB * 1024 * 1024 else None


def _readings(path: str) -> list[tuple[str, int]]:
    """What a file may be named after, the whole name first, each with the picture's number."""
    stem = path.replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")[0].strip()
    match = _NUMBER.search(stem)
    return [(stem, 1)] + ([(stem[: match.start()], int(match[1]))] if match else [])


def _plain(name: str) -> str:
    return "".join("_" if sign in _UNNAMEABLE else sign for sign in fold(name))


def _known(session: Session, names: Iterable[str]) -> _Known:
    names = list(names)
    rows = session.execute(_PRODUCTS, {"names": names, "plain": [_plain(name) for name in names]}).all()
    folded: dict[str, list[int]] = {}
    for row in rows:
        for name in {_plain(row.sku), row.ean} - {""}:
            folded.setdefault(name, []).append(row.id)
    return _Known({row.sku: row.id for row in rows}, folded, {row.id: row.sku for row in rows})


# A name stands for the SKU as it is, in other letter case, or with `_` for what no file's name can have.
_PRODUCTS = text(rf"""
    select id, sku, ean from product where sku_folded = any(:plain)
    union select id, sku, ean from product where ean <> '' and ean = any(:names)
    union select id, sku, ean from product
          where sku ~ '[\\/:*?"<>|]'
          and translate(sku_folded, '{_UNNAMEABLE}', '{"_" * len(_UNNAMEABLE)}') = any(:plain)
""")
