"""A program of its own: the first sheet of a workbook on standard input becomes JSON on standard output.

What a hostile workbook can do (claim a cell in the last row of the last column, inflate to gigabytes) it does to this
process, which may use so much memory and time and no more. Imports nothing of Rampa, and so starts fast.
"""

import io
import json
import resource
import sys
import zipfile
from datetime import date, datetime

from python_calamine import load_workbook

MEMORY = 768 * 1024 * 1024
SECONDS = 5
MOST_INFLATED = 100 * 1024 * 1024
MOST_CELLS = 400_000


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = io.BytesIO(sys.stdin.buffer.read())
    if zipfile.is_zipfile(data):
        with zipfile.ZipFile(data) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_INFLATED:
                raise SystemExit("too large")
    data.seek(0)
    with load_workbook(data) as book:
        rows: list[list[str]] = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.width * sheet.height > MOST_CELLS:
                raise SystemExit("too large")
            rows = [[text(value) for value in row] for row in sheet.to_python()]
            if any(any(row) for row in rows):
                break
    json.dump(rows, sys.stdout)


def text(value: object) -> str:
    """A cell as it is read: whole numbers without a point, others so that the point is no thousands separator."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        whole, _, part = f"{value:.6f}".rstrip("0").partition(".")
        return whole if not part else f"{whole}.{part.ljust(4, '0') if len(part) == 3 else part}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    main()
