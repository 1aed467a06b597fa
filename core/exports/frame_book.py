"""A small table as XLSX: heads, rows, totals, and what it is."""

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import xlsxwriter

WIDTH = {"text": 28, "number": 14}


def frame_book(
    title: str, said: str, heads: Sequence[str], frame: pd.DataFrame, totals: Sequence[Any], numbers: str
) -> bytes:
    """A workbook with the rows of `frame` under `heads` (translated, one for each column) and `totals` below them.

    Texts stay texts, whatever they begin with; `numbers` is Excel's format of the others. `said` stands above: of which
    days, say.
    """
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet(title[:31])
        head = book.add_format({"bold": True, "bg_color": "#0f766e", "font_color": "#ffffff", "text_wrap": True})
        number = book.add_format({"num_format": numbers})
        strong = book.add_format({"num_format": numbers, "bold": True, "top": 1})
        sheet.write_string(0, 0, said, book.add_format({"italic": True}))
        for place, name in enumerate(heads):
            sheet.write_string(1, place, name, head)
            texts = len(frame) and isinstance(frame.iloc[0, place], str)
            sheet.set_column(place, place, WIDTH["text" if texts else "number"])
        for at, row in enumerate([*frame.itertuples(index=False), tuple(totals)], start=2):
            for place, value in enumerate(row):
                _write(sheet, at, place, value, strong if at == len(frame) + 2 else number)
        sheet.freeze_panes(2, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.autofilter(1, 0, max(len(frame), 1) + 1, len(heads) - 1)
    return made.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, number: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None, number)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, number)
    else:
        sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, number)
