"""The rows of a file with what is wrong with each beside it: to be corrected there, and given as a file again."""

import io
from collections import defaultdict
from datetime import datetime

import xlsxwriter
from sqlalchemy.orm import Session

from core.i18n import N_, translate
from core.imports.columns import mapped
from core.imports.files import KINDS, preview
from core.imports.keeping import content
from core.imports.numbers import Exact
from core.imports.runs import run
from core.imports.spooling import spooled
from core.imports.tables import opened_table

REASON = N_("What is wrong")
WIDTH = 60


def errors_file(session: Session, run_id: int, as_of: datetime, language: str) -> bytes:
    """An XLSX file of all rows of a run's file, in the columns that are known there, with the faults of `as_of` in
    the first one. Texts stay texts, whatever they begin with. Raises NotFound, NotAllowed."""
    found = run(session, run_id)
    data = content(session, run_id)
    reasons: dict[int | None, list[str]] = defaultdict(list)
    for problem in preview(session, found.kind, data, as_of, found.mapping).problems:
        column = f"{problem.column}: " if problem.column else ""
        reasons[problem.line].append(column + problem.text(language))
    columns = mapped(KINDS[found.kind].columns, found.mapping)
    target = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with (
        opened_table(data, columns) as table,
        spooled(table, columns) as spool,
        xlsxwriter.Workbook(target, options) as book,
    ):
        sheet, bold, red = (
            book.add_worksheet(),
            book.add_format({"bold": True}),
            book.add_format({"font_color": "#b00020"}),
        )
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, WIDTH)
        sheet.set_column(1, len(table.columns), 18)
        sheet.write_row(0, 0, [translate(REASON, language), *(table.names[at] for at in table.columns.values())], bold)
        count = 0
        for count, row in enumerate(spool.rows(), 1):
            sheet.write_string(count, 0, "\n".join(reasons.get(row.line, [])), red)
            for at, cell in enumerate(row.cells.values(), 1):
                if isinstance(cell, Exact) and len(cell) < 16:
                    sheet.write_number(count, at, float(cell))
                else:
                    sheet.write_string(count, at, cell)
        sheet.autofilter(0, 0, max(count, 1), len(table.columns))
    return target.getvalue()
