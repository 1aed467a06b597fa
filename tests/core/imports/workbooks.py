"""Workbooks of every kind, written by hand where no library of ours writes them."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)
_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def xlsx(rows: Sequence[Sequence[Any]] = (), fill: Callable[[xlsxwriter.Workbook], object] | None = None) -> bytes:
    """A sheet with these rows, or what `fill` makes of an empty workbook."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "dd.mm.yyyy", "strings_to_formulas": False}) as book:
        if fill:
            fill(book)
        else:
            write(book, "Foaie1", rows)
    return target.getvalue()


def write(book: xlsxwriter.Workbook, name: str, rows: Sequence[Sequence[Any]]) -> Any:
    """A sheet of a workbook."""
    sheet = book.add_worksheet(name)
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    return sheet


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """An archive with its files changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target.getvalue()


def ods(rows: Sequence[Sequence[Any]], before: str = "", after: str = "") -> bytes:
    """A sheet with these rows; `before` and `after` are put around the document in its XML."""
    table = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {_NAMES}><office:body><office:spreadsheet>'
        f'<table:table table:name="Foaie1">{table}</table:table>'
        f"</office:spreadsheet></office:body></office:document-content>{after}"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", f'<?xml version="1.0"?>{_MANIFEST}')
        archive.writestr("content.xml", content)
    return target.getvalue()


def _ods_cell(value: Any) -> str:
    if isinstance(value, float | int):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text = value if value.startswith("&") else escape(value)
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def xls(rows: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of Excel 97: the records of BIFF8 in the one stream of an OLE file."""
    start = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 6))
    name = b"\x06\x00Foaie1"
    place = len(start) + 4 + 6 + len(name) + 4
    sheets = _biff(0x0085, struct.pack("<IBB", place, 0, 0) + name) + _biff(0x000A)
    body = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 6))
    for at, row in enumerate(rows):
        body += b"".join(_xls_cell(at, column, value) for column, value in enumerate(row))
    return _ole((start + sheets + body + _biff(0x000A)).ljust(4096, b"\0"))


def with_password() -> bytes:
    """What Excel writes around a workbook that has one."""
    return _ole(bytes(4096), "EncryptedPackage")


def _biff(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls_cell(row: int, column: int, value: Any) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, float | int):
        return _biff(0x0203, place + struct.pack("<d", value))
    return _biff(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))


def _ole(stream: bytes, name: str = "Workbook") -> bytes:
    """Sector 0 is the allocation table, 1 the directory, the stream begins in 2."""
    stream = stream.ljust(-(-len(stream) // 512) * 512, b"\0")
    count = len(stream) // 512
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + _entry(name, 2, 2, len(stream), 0xFFFFFFFF)
    return header + table + entries.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
