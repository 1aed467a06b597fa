"""A bank's file: its kind is seen from what is in it, never from its name."""

import re

from core.banking import camt_files, mt940_files
from core.banking.entries import StatementRead
from core.banking.problems import BankFileRefused
from core.i18n import N_
from core.imports.decoding import EMPTY
from core.imports.problems import Fault

LIMIT_MB = 10
TYPES = ["sta", "mt940", "940", "mta", "swi", "fin", "txt", "xml", "csv", "tsv", "xlsx", "xls", "ods"]
"""What the names of files that are taken end in; what is in them decides."""
TOO_BIG = N_("The file is larger than {limit} MB. Download the statement for a shorter time.")
PDF = N_("This is a PDF, made for people to read. Download the statement as MT940, CAMT.053 or CSV.")

_MT940 = re.compile(rb"^:(20|25|60[FM]):", re.MULTILINE)
_XML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(\?xml|[\w:]*Document\b)", re.IGNORECASE)


def kind_of(data: bytes) -> str:
    """One of core.banking.models.FILE_KINDS. Raises BankFileRefused for what is none of them at the first look."""
    if len(data) > LIMIT_MB * 1024 * 1024:
        raise BankFileRefused(Fault(TOO_BIG, limit=str(LIMIT_MB)))
    if not data.strip():
        raise BankFileRefused(Fault(EMPTY))
    if data.startswith(b"%PDF"):
        raise BankFileRefused(Fault(PDF))
    head = data[:4096].replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\r", b"\n")
    if _XML.match(head):
        return "camt053"
    return "mt940" if _MT940.search(head) else "table"


def read(data: bytes, kind: str, own: frozenset[str]) -> list[StatementRead]:
    """The statements of an MT940 or CAMT.053 file; `own` are the IBANs of our accounts. Raises BankFileRefused."""
    try:
        return mt940_files.read(data, own) if kind == "mt940" else camt_files.read(data)
    except Fault as fault:
        raise BankFileRefused(fault) from fault
