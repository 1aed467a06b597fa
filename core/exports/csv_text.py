"""CSV that spreadsheets open as it is meant: UTF-8 with a mark, semicolons, no cell taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four as East Asian keyboards write them: spreadsheets there read them alike."""


def harmless(cell: str) -> str:
    """A text that a spreadsheet would take for a formula, made a text."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows of a file that starts with BOM. Cells are written as they are: make texts `harmless` first."""
    target = io.StringIO()
    csv.writer(target, delimiter=";").writerows(rows)
    return target.getvalue()
