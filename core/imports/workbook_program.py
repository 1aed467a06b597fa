"""A program of its own: the sheets of a workbook on standard input become lines of JSON on standard output.

What a hostile workbook can do (claim a cell in the last row of the last column, inflate to gigabytes) it does to this
process, which may use so much memory and time and no more. Imports nothing of Rampa, and so starts fast.

Standard input: a line with the number of bytes, then the bytes, then a line for each sheet that is shown: `take` or
anything else. Standard output: for each visible sheet its name and its first rows; of the sheet that is taken each
further row; at last `{"end": true}`, or what kept it from that, as `{"fault": ...}`.
"""

import io
import json
import math
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

MEMORY = 1536 * 1024 * 1024
SECONDS = 60
MOST_INFLATED = 400 * 1024 * 1024
MOST_CELLS = 5_000_000
LOOKED_AT = 30
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream in which Excel keeps an XLSX that has a password."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = io.BytesIO(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())))
    if ENCRYPTED in data.getvalue() and not zipfile.is_zipfile(data):
        return say({"fault": "password"})
    if too_large(data):
        return say({"fault": "too large"})
    data.seek(0)
    try:
        with load_workbook(data) as book:
            return show(book)
    except PasswordError:
        return say({"fault": "password"})
    except MemoryError:
        return say({"fault": "too large"})
    except Exception:  # noqa: BLE001 (whatever the library meets in a damaged file)
        return say({"fault": "damaged"})


def too_large(data: io.BytesIO) -> bool:
    """Whether an archive says of itself that it is; one that does not tell the truth meets the limit of memory."""
    if not zipfile.is_zipfile(data):
        return False
    with zipfile.ZipFile(data) as archive:
        return sum(entry.file_size for entry in archive.infolist()) > MOST_INFLATED


def show(book: CalamineWorkbook) -> None:
    """One sheet after the other, until one is taken; never two of them in memory."""
    for at, about in enumerate(book.sheets_metadata):
        if about.visible != SheetVisibleEnum.Visible or about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(at)
        if sheet.total_height * sheet.total_width > MOST_CELLS:
            return say({"fault": "too large"})
        rows = written(sheet.iter_rows())
        say({"sheet": about.name, "first": list(islice(rows, LOOKED_AT))})
        if sys.stdin.buffer.readline().strip() == b"take":
            for row in rows:
                say(row)
            break
    return say({"end": True})


def written(rows: Iterator[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    """Rows with something in them, and where they stand (1 is the first)."""
    for line, row in enumerate(rows, 1):
        cells = [cell(value) for value in row]
        while cells and cells[-1] == "":
            cells.pop()
        yield line, cells


def cell(value: object) -> str | float | int:
    """A cell as the fields understand it; numbers stay numbers, whose reading is not in doubt."""
    if isinstance(value, bool):
        return "da" if value else "nu"
    if isinstance(value, float | int):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, str | timedelta) else ""


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    if isinstance(what, dict):
        sys.stdout.flush()


if __name__ == "__main__":
    main()
