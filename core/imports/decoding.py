"""From bytes to text: which encoding a file is in, or that it is no text file at all."""

import codecs
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from core.i18n import N_
from core.imports.problems import Fault

EMPTY = N_("The file is empty.")
HTML = N_("This is a web page, not a CSV file. Download the table itself as CSV.")
NOT_TEXT = N_("This is not a text file. Save the table as CSV and load that file.")
UNDECODABLE = N_("The text around line {line} is in no known encoding. Save the file as “CSV UTF-8”.")
CONTROL = N_("Line {line} holds a sign that is no text (U+{code}). Delete it, or save the table anew as “CSV UTF-8”.")
READ_AS = N_("The file is not in UTF-8; it was read as {encoding}. Check the diacritics below.")

NAMES = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1250": "Windows-1250", "iso8859-16": "ISO-8859-16",
         "iso8859-2": "ISO-8859-2"}  # fmt: skip
"""What `decode` says, as people call it."""
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EIGHT_BIT = ("cp1250", "iso8859-16", "iso8859-2")
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")
_MARKUP = re.compile(r"\s*<(!doctype|html|\?xml|table|head)", re.IGNORECASE)
_BREAK = re.compile("\r\n|\r|\n")
_CEDILLAS = tuple(zip("şţŞŢ", "șțȘȚ", strict=True))
_ROMANIAN = frozenset("ăâîșțĂÂÎȘȚşţŞŢ")
_USUAL = frozenset("„”“’‘–—…«»€°±µ·×®©§™‰\u00a0\u00adáéíóúöüäőűßçëÁÉÍÓÚÖÜÄŐŰÇË")


def encoding_of(data: bytes) -> str:
    """The encoding of a text file (a key of NAMES), of which nothing stays in memory; raises Fault."""
    return decode(data)[1]


def lines_of(data: bytes, encoding: str) -> Iterator[str]:
    """The lines of a file in an encoding that `encoding_of` gave, as they end there, one after the other."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    with io.TextIOWrapper(io.BytesIO(data), codec, newline="") as text:
        for line in text:
            yield with_comma_below(line)


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file and the encoding it was read in (a key of NAMES); raises Fault.

    What is not in UTF-8 or UTF-16 is read in the 8-bit encoding that makes the most plausible Romanian of it.
    """
    if not data.strip():
        raise Fault(EMPTY)
    if data.startswith(_BINARY):
        raise Fault(NOT_TEXT)
    text, encoding = _decode(data)
    _refuse_controls(text)
    if _MARKUP.match(text):
        raise Fault(HTML)
    if not text.strip():
        raise Fault(EMPTY)
    return text, encoding


def with_comma_below(text: str) -> str:
    """Composed letters, and ș and ț with the comma below whatever the file had (FISCAL 3)."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    for cedilla, comma in _CEDILLAS:  # looking for four letters is many times as fast as translating all of them
        if cedilla in text:
            text = text.replace(cedilla, comma)
    return text


def line_of(text: str, place: int) -> int:
    """The line on which a character stands, whatever ends the lines."""
    return len(_BREAK.findall(text, 0, place)) + 1


def _refuse_controls(text: str) -> None:
    found = CONTROLS.search(text)
    if not found:
        return
    if len(CONTROLS.findall(text[:4096])) > 8:  # no slip of the pen: a binary file
        raise Fault(NOT_TEXT)
    raise Fault(CONTROL, line=line_of(text, found.start()), code=f"{ord(found[0]):04X}")


def _decode(data: bytes) -> tuple[str, str]:
    declared = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(declared), declared.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if declared != "utf-8" or b"\0" in data:
            raise Fault(NOT_TEXT) from error
        return _decode_eight_bit(data, error)


def _decode_eight_bit(data: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    """With the first of the encodings where the marks are equal: the Romanian letters have the same bytes in all three,
    and Windows-1250 is what Romanian programs write."""
    counts = Counter(data)
    marks = {encoding: _mark(counts, encoding) for encoding in _EIGHT_BIT}
    best = max(_EIGHT_BIT, key=lambda encoding: marks[encoding])
    if marks[best] == float("-inf") or _is_damaged_utf8(data):
        raise Fault(UNDECODABLE, line=len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1) from error
    return data.decode(best), best


def _mark(counts: Counter[int], encoding: str) -> float:
    """How plausible the signs beyond ASCII are in an encoding: Romanian letters best, foreign letters worst."""
    mark = 0.0
    for byte, count in counts.items():
        sign = bytes([byte]).decode(encoding, "replace") if byte > 127 else " "
        if sign == "\ufffd" or CONTROLS.match(sign):
            return float("-inf")
        if byte > 127:
            mark += count * (2 if sign in _ROMANIAN else 1 if sign in _USUAL else -1)
    return mark


def _is_damaged_utf8(data: bytes) -> bool:
    """Many letters of several bytes and few broken ones: read in 8 bits they would all be wrong."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(not sign.isascii() for sign in text) - broken > 3 * broken
