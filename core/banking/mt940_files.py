"""MT940: the statement as SWIFT has it, read with the package `mt-940`; the :86: texts are split in `details`."""

import io
import logging
import re
from datetime import date
from decimal import Decimal
from typing import Any

import mt940

from core.banking.details import split
from core.banking.entries import MOST_ENTRIES, EntryRead, StatementRead
from core.banking.ibans import found_in
from core.i18n import N_
from core.imports.decoding import decode, with_comma_below
from core.imports.problems import Fault

NOT_UNDERSTOOD = N_(
    "This is an MT940 file, but a part of it cannot be understood: “{part}”. Download it once more from the bank; if"
    " that does not help, take the statement as CAMT.053 or CSV."
)
TOO_MANY = N_("The file has more than {most} entries. Download it for a shorter time.")
# It would write what is in the file into our log, entry by entry.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)

_ENVELOPE = re.compile(r"^(?:\{[^\n]*|-\}[^\n]*)$", re.MULTILINE)
_AFTER_THE_END = re.compile(r"^(:62[FM]:[^\n]*)((?:\n(?!:20:)[^\n]*)*)", re.MULTILINE)
_NOT_ONE = ("NONREF", "NOTPROVIDED", "NON REF")


def read(data: bytes, own: frozenset[str]) -> list[StatementRead]:
    """The statements of a file; `own` are the IBANs of ours. Raises Fault."""
    text = _ENVELOPE.sub("", with_comma_below(decode(data)[0]).replace("\r\n", "\n").replace("\r", "\n"))
    if len(re.findall(r"^:61:", text, re.MULTILINE)) > MOST_ENTRIES:
        raise Fault(TOO_MANY, most=MOST_ENTRIES)
    # What the bank writes below the closing balance is about the whole statement, and of no entry.
    text = _AFTER_THE_END.sub(r"\1", text)
    try:
        # Something to read from: a text that names a file on our disk would be taken for that file.
        blocks = mt940.parse_statements(
            io.StringIO(text), processors={"post_transaction_details": []}, options=mt940.Options.all()
        )
        return _as_one([_statement(block, own) for block in blocks])
    except (RuntimeError, ValueError, ArithmeticError, KeyError, TypeError, AttributeError) as error:
        part = str(error.args[2]) if len(error.args) > 2 else str(error)
        raise Fault(NOT_UNDERSTOOD, part=part[:80]) from error


def _statement(block: Any, own: frozenset[str]) -> tuple[str, StatementRead]:
    """With what tells pages of one statement from another statement."""
    known = block.data
    account = str(known.get("account_identification") or "").strip()
    opening = known.get("final_opening_balance") or known.get("intermediate_opening_balance")
    closing = known.get("final_closing_balance") or known.get("intermediate_closing_balance")
    currency = next((str(one.amount.currency) for one in (opening, closing) if one), "RON")
    account = next(found_in(account), account.split("/")[-1].split(" ")[0])
    statement = StatementRead(
        account, currency, [_entry(one.data, currency, own | {account}) for one in block if "amount" in one.data],
        _day(opening), _day(closing), _amount(opening), _amount(closing),
    )  # fmt: skip
    return f"{account} {known.get('statement_number', '')}", statement


def _as_one(pages: list[tuple[str, StatementRead]]) -> list[StatementRead]:
    """A long statement comes in pages with the same number, each beginning with what the one before ended with."""
    found: list[StatementRead] = []
    last = ""
    for number, page in pages:
        if found and number == last and page.opening is not None and page.opening == found[-1].closing:
            before = found[-1]
            before.entries, before.closing, before.to_on = [*before.entries, *page.entries], page.closing, page.to_on
        else:
            found.append(page)
        last = number
    return found


def _entry(known: dict[str, Any], currency: str, own: frozenset[str]) -> EntryRead:
    told = "\n".join(str(known[name]) for name in ("transaction_details",) if known.get(name))
    details = split(told or str(known.get("extra_details") or ""), own)
    status = str(known["status"]).upper()
    reference = str(known.get("bank_reference") or "").strip()
    day: date = known.get("entry_date") or known["date"]
    return EntryRead(
        date(day.year, day.month, day.day), known["amount"].amount, currency, details.text, details.name, details.iban,
        "" if reference.upper() in _NOT_ONE else reference, reversal=status.startswith("R"),
    )  # fmt: skip


def _day(balance: Any) -> date | None:
    found = balance and balance.date
    return date(found.year, found.month, found.day) if found else None


def _amount(balance: Any) -> Decimal | None:
    return balance.amount.amount if balance else None
