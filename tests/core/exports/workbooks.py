"""XLSX files as a spreadsheet reads them: cells with their types."""

import io
import zipfile
from datetime import date, timedelta
from xml.etree import ElementTree

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
FORMULA = object()
"""Stands for any cell that would be computed."""
EPOCH = date(1899, 12, 30)


def read_book(file: io.BytesIO) -> dict[str, list[list[object]]]:
    """Sheet → rows of cells: texts, numbers, days; None for an empty one."""
    with zipfile.ZipFile(file) as book:
        names = [sheet.get("name") for sheet in _tree(book, "xl/workbook.xml").iterfind(".//m:sheet", NS)]
        styles = _tree(book, "xl/styles.xml")
        codes = {int(fmt.get("numFmtId")): fmt.get("formatCode") for fmt in styles.iterfind(".//m:numFmt", NS)}
        days = [codes.get(int(xf.get("numFmtId"))) == "dd.mm.yyyy" for xf in styles.iterfind(".//m:cellXfs/m:xf", NS)]
        return {
            name: _rows(_tree(book, f"xl/worksheets/sheet{number}.xml"), days) for number, name in enumerate(names, 1)
        }


def _tree(book: zipfile.ZipFile, path: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(path))


def _rows(sheet: ElementTree.Element, days: list[bool]) -> list[list[object]]:
    found = [{_column(cell): _value(cell, days) for cell in row.iterfind("m:c", NS)} for row in
             sheet.iterfind(".//m:row", NS)]  # fmt: skip
    width = max((max(row, default=0) for row in found), default=0)
    return [[row.get(at) for at in range(1, width + 1)] for row in found]


def _column(cell: ElementTree.Element) -> int:
    number = 0
    for letter in cell.get("r").rstrip("0123456789"):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _value(cell: ElementTree.Element, days: list[bool]) -> object:
    if cell.find("m:f", NS) is not None:
        return FORMULA
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iterfind(".//m:t", NS))
    value = cell.findtext("m:v", None, NS)
    if value is None:
        return None
    return EPOCH + timedelta(days=int(value)) if days[int(cell.get("s", 0))] else float(value)
