"""A small disk for the database, and how to fill it."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

PIECE = 1 << 16


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[str]:
    """A file system in memory at `folder`, as long as the block lasts. Yields why there is none, or an empty text."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)]
    done = subprocess.run(["mount", *options], capture_output=True, text=True)
    try:
        yield done.stderr.strip()
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is free where `folder` is, as long as the block lasts. Only for a disk that is mounted for this."""
    ballast = folder / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            _fill(file)
        yield
    finally:
        ballast.unlink(missing_ok=True)


def _fill(file: FileIO) -> None:
    try:
        while file.write(bytes(PIECE)):
            pass
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
