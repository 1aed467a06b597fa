"""From bytes to text: which encoding a file is in, or that it is no text file at all."""

import codecs
import re

from core.i18n import N_
from core.imports.problems import Fault

EMPTY = N_("The file is empty.")
EXCEL = N_("This is an Excel workbook. In Excel choose Save as, then “CSV UTF-8”, and load that file.")
HTML = N_("This is a web page, not a CSV file. Download the table itself as CSV.")
NOT_TEXT = N_("This is not a text file. Save the table as CSV and load that file.")
UNDECODABLE = N_("The text around line {line} is in no known encoding. Save the file as “CSV UTF-8”.")
READ_AS_1250 = N_("The file is not in UTF-8; it was read as Windows-1250. Check the diacritics below.")

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # a ZIP, as .xlsx and .ods are, and the .xls of old
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MARKUP = re.compile(r"\s*<(!doctype|html|\?xml|table|head)", re.IGNORECASE)


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file and the encoding it was read in ('utf-8', 'utf-16' or 'cp1250'); raises Fault.

    Windows-1250 stands for ISO-8859-2 (and -16) too: all Romanian letters have the same bytes in them, and where
    the three differ (quotes, ®, ©) Windows-1250 is what Romanian programs write.
    """
    if not data.strip():
        raise Fault(EMPTY)
    if data.startswith(_WORKBOOKS):
        raise Fault(EXCEL)
    if data.startswith(b"%PDF"):
        raise Fault(NOT_TEXT)
    text, encoding = _decode(data)
    if _CONTROLS.search(text):
        raise Fault(NOT_TEXT)
    if _MARKUP.match(text):
        raise Fault(HTML)
    if not text.strip():
        raise Fault(EMPTY)
    return text, encoding


def _decode(data: bytes) -> tuple[str, str]:
    declared = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(declared), declared.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if declared != "utf-8" or b"\0" in data:
            raise Fault(NOT_TEXT) from error
        return _decode_1250(data, error), "cp1250"


def _decode_1250(data: bytes, utf8_error: UnicodeDecodeError) -> str:
    try:
        return data.decode("cp1250")
    except UnicodeDecodeError as error:
        raise Fault(UNDECODABLE, line=data.count(b"\n", 0, utf8_error.start) + 1) from error
