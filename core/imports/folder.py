"""The watched folder: plain files lie directly in it, and go to `done` or `refused` within it.

Whoever can put files there must not be able to have others read or moved: links are never followed, and every file is
named within a folder that is open, never by a path.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from hashlib import sha256

from core.config import settings
from core.errors import Refusal
from core.i18n import N_
from core.imports.fetching import LIMIT

DONE, REFUSED = "done", "refused"
QUIET = 10
"""A file that was touched within so many seconds may still be being written."""
LONGEST_PATTERN = 100
LONGEST_NAME = 200
"""Bytes in the name of a file that is taken."""


class NoFolder(Refusal):
    message = N_(
        "This installation watches no folder. Ask whoever looks after it to set IMPORT_FOLDER, or enter an address."
    )


class FolderGone(Refusal):
    message = N_("The watched folder cannot be opened. Ask whoever looks after the installation.")


class BadPattern(Refusal):
    message = N_(
        "Enter the name of a file in the watched folder, such as stoc*.csv: no folders, no dot in front. * stands for "
        "anything and ? for one sign."
    )


class CannotRead(Refusal):
    message = N_("The file {file} cannot be read. Give it a plain name and let the portal read it.")


class CannotMove(Refusal):
    message = N_("The file {file} cannot be moved out of the way. Let the portal write in the watched folder.")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is complete. `data` is None where it is too large to be read."""

    name: str
    data: bytes | None = field(repr=False)


def checked(pattern: str) -> str:
    """A pattern of file names. Raises BadPattern."""
    pattern = pattern.strip()
    if not pattern or len(pattern) > LONGEST_PATTERN or pattern.startswith(".") or not pattern.isprintable():
        raise BadPattern
    if not {"/", "\\"}.isdisjoint(pattern):
        raise BadPattern
    return pattern


def next_file(pattern: str, now: datetime) -> Found | None:
    """The oldest file whose name fits (capitals do not matter), once nothing has touched it for QUIET seconds; `now` is
    the machine's own clock. Raises NoFolder, FolderGone, CannotRead if there are only files that cannot be read."""
    unreadable = ""
    with _watched() as folder:
        for name in _fitting(folder, pattern, now):
            try:
                found = _read(folder, name) if _is_usable(name) else None
            except OSError:
                found, unreadable = None, name
            if found is not None:
                return found
            if not _is_usable(name):
                unreadable = ascii(name)[1:-1][:LONGEST_NAME]
    if unreadable:
        raise CannotRead(file=unreadable)
    return None


def put_away(name: str, digest: bytes | None, where: str, stamp: str, why: Sequence[str] = ()) -> None:
    """Move a file to DONE or REFUSED, with a text beside it that says `why`, a line each; not if there is another one
    by now, of which `digest` is not the SHA-256 (None: too large for one). Raises NoFolder, FolderGone, CannotMove."""
    with _watched() as folder:
        try:
            found = _read(folder, name)
            if found is None or (sha256(found.data).digest() if found.data is not None else None) != digest:
                return
            with _within(folder, where) as aside:
                moved = f"{stamp}-{name}"
                if why:
                    _write(aside, f"{moved}.txt", why)
                os.rename(name, moved, src_dir_fd=folder, dst_dir_fd=aside)
        except FileNotFoundError:
            return
        except OSError as error:
            raise CannotMove(file=name) from error


@contextmanager
def _watched() -> Iterator[int]:
    place = settings().import_folder
    if place is None:
        raise NoFolder
    try:
        folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FolderGone from error
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def _within(folder: int, name: str) -> Iterator[int]:
    """A folder in the watched one, made if need be; a link in its place is refused."""
    with suppress(FileExistsError):
        os.mkdir(name, 0o770, dir_fd=folder)
    aside = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    try:
        yield aside
    finally:
        os.close(aside)


def _fitting(folder: int, pattern: str, now: datetime) -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not fnmatchcase(entry.name.lower(), pattern.lower()):
                continue
            try:
                seen = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            # Not by its own time, which whoever copies a file can set: by when this machine saw it change.
            if _is_plain(seen) and now.timestamp() - seen.st_ctime >= QUIET:
                found.append((seen.st_mtime_ns, entry.name))
    return [name for _, name in sorted(found)]


def _is_usable(name: str) -> bool:
    """Can people read it, and is there room for what is put before and behind it?"""
    return name.isprintable() and len(os.fsencode(name)) <= LONGEST_NAME


def _is_plain(seen: os.stat_result) -> bool:
    """A file that stands at no other place: a second name would be a way to have foreign files read."""
    return stat.S_ISREG(seen.st_mode) and seen.st_nlink == 1


def _read(folder: int, name: str) -> Found | None:
    """None if it is no plain file, or changed while it was read."""
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(file, "rb") as opened:
        before = os.fstat(file)
        if not _is_plain(before):
            return None
        if before.st_size > LIMIT:
            return Found(name, None)
        data = opened.read(LIMIT + 1)
        after = os.fstat(file)
    same = (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_size, after.st_mtime_ns, after.st_ctime_ns,
    )  # fmt: skip
    return Found(name, data) if same and len(data) == after.st_size else None


def _write(aside: int, name: str, lines: Sequence[str]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(name, flags, 0o660, dir_fd=aside), "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
