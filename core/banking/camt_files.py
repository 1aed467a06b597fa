"""CAMT.053: the statement as ISO 20022 has it, whatever its version (001.02 and later).

Read with lxml, not with `pycamt`: that one takes the amount from the first <Amt> below the details, so that what was
instructed in euros and arrived as lei becomes so many lei; it leaves out the bank's reference of each transaction, and
finds nothing where the namespace has a prefix.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from core.banking.details import LONGEST, LONGEST_NAME, tidy
from core.banking.entries import MOST_ENTRIES, EntryRead, StatementRead
from core.banking.ibans import clean
from core.banking.mt940_files import TOO_MANY
from core.i18n import N_
from core.imports.decoding import with_comma_below
from core.imports.problems import Fault

BROKEN = N_("This XML file is damaged (line {row}). Download it once more from the bank.")
WITH_DTD = N_("This XML file brings definitions of its own, which no bank does. It was not read.")
NOT_A_STATEMENT = N_("This XML file is no account statement (CAMT.053). Choose the statement in the bank's program.")
INCOMPLETE = N_("An entry of the statement has no amount or no day. Download it once more from the bank.")

_DEFINITIONS = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
Node = etree._Element


def read(data: bytes) -> list[StatementRead]:
    """The statements of a file. Nothing is fetched, no entity is replaced. Raises Fault."""
    if _DEFINITIONS.search(data.replace(b"\0", b"")):
        raise Fault(WITH_DTD)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Fault(BROKEN, row=error.lineno or 1) from error
    except ValueError as error:
        raise Fault(BROKEN, row=1) from error
    statements = root.findall("{*}BkToCstmrStmt/{*}Stmt")
    if not statements:
        raise Fault(NOT_A_STATEMENT)
    if sum(1 for _ in root.iter("{*}TxDtls", "{*}Ntry")) > 2 * MOST_ENTRIES:
        raise Fault(TOO_MANY, most=MOST_ENTRIES)
    return [_statement(statement) for statement in statements]


def _statement(node: Node) -> StatementRead:
    balances = {_text(one, "Tp/CdOrPrtry/Cd"): one for one in node.findall("{*}Bal")}
    opening = next((balances[name] for name in ("OPBD", "PRCD") if name in balances), None)
    closing = balances.get("CLBD")
    account = _text(node, "Acct/Id/IBAN") or _text(node, "Acct/Id/Othr/Id")
    read = [entry for one in node.findall("{*}Ntry") if _is_booked(one) for entry in _entries(one)]
    currency = _text(node, "Acct/Ccy") or next((entry.currency for entry in read), "RON")
    return StatementRead(
        clean(account) or account[:40], currency[:3], read,
        _day(node, "FrToDt/FrDtTm") or _balance_day(opening), _day(node, "FrToDt/ToDtTm") or _balance_day(closing),
        _signed(opening), _signed(closing),
    )  # fmt: skip


def _is_booked(entry: Node) -> bool:
    """One that is only announced counts in no balance, and comes again."""
    return (_text(entry, "Sts/Cd") or _text(entry, "Sts")) in ("BOOK", "")


def _entries(node: Node) -> list[EntryRead]:
    """The entry, or the payments that the bank has put into one, if they come to what it says."""
    whole, day = _signed(node), _day(node, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    if whole is None or day is None:
        raise Fault(INCOMPLETE)
    currency, reversal = _currency(node), _text(node, "RvslInd").lower() in ("true", "1")
    reference = _text(node, "AcctSvcrRef")
    parts = node.findall("{*}NtryDtls/{*}TxDtls")
    amounts = [_part(part, currency, whole) for part in parts]
    if len(parts) > 1 and None not in amounts and sum(filter(None, amounts), Decimal(0)) == whole:
        return [
            _entry(part, day, amount, currency, _text(part, "Refs/AcctSvcrRef") or reference, node, reversal=reversal)
            for part, amount in zip(parts, amounts, strict=True) if amount
        ]  # fmt: skip
    only = parts[0] if parts else node
    reference = reference or _text(only, "Refs/AcctSvcrRef")
    return [_entry(only, day, whole, currency, reference, node, reversal=reversal)] if whole else []


def _entry(
    part: Node, day: date, amount: Decimal, currency: str, reference: str, node: Node, *, reversal: bool
) -> EntryRead:
    told = [_said(one) for one in part.findall("{*}RmtInf/{*}Ustrd")]
    told += [
        _said(one)
        for path in ("CdtrRefInf/{*}Ref", "AddtlRmtInf", "RfrdDocInf/{*}Nb")
        for one in part.findall("{*}RmtInf/{*}Strd/{*}" + path)
    ]
    end_to_end = _text(part, "Refs/EndToEndId")
    told += [end_to_end] if end_to_end and end_to_end.upper() not in ("NOTPROVIDED", "NONREF") else []
    details = " ".join(filter(None, told)) or _text(part, "AddtlTxInf") or _text(node, "AddtlNtryInf")
    party = part.find("{*}RltdPties/{*}Dbtr")
    name = next((_said(one) for one in party.iter("{*}Nm")), "") if party is not None else ""
    return EntryRead(
        day, amount, currency, tidy(details)[:LONGEST], tidy(name)[:LONGEST_NAME],
        clean(_text(part, "RltdPties/DbtrAcct/Id/IBAN")), reference, reversal,
    )  # fmt: skip


def _part(node: Node, currency: str, whole: Decimal) -> Decimal | None:
    """What a payment within an entry came to, in the account's currency; None where the bank does not say."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        found = node.find("/".join("{*}" + name for name in path.split("/")))
        if found is not None and found.get("Ccy") == currency:
            amount = _decimal(_said(found))
            side = _text(node, "CdtDbtInd") or ("CRDT" if whole > 0 else "DBIT")
            return amount if side == "CRDT" else -amount
    return None


def _signed(node: Node | None) -> Decimal | None:
    """The amount beside CdtDbtInd."""
    if node is None or not _text(node, "Amt"):
        return None
    amount = _decimal(_text(node, "Amt"))
    return -amount if _text(node, "CdtDbtInd") == "DBIT" else amount


def _decimal(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise Fault(INCOMPLETE) from error
    if not amount.is_finite() or amount < 0:
        raise Fault(INCOMPLETE)
    return amount


def _currency(node: Node) -> str:
    found = node.find("{*}Amt")
    return (found.get("Ccy") or "RON")[:3] if found is not None else "RON"


def _balance_day(node: Node | None) -> date | None:
    return _day(node, "Dt/Dt", "Dt/DtTm") if node is not None else None


def _day(node: Node, *paths: str) -> date | None:
    text = next((found for path in paths if (found := _text(node, path))), "")
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise Fault(INCOMPLETE) from error


def _text(node: Node, path: str) -> str:
    found = node.find("/".join("{*}" + name for name in path.split("/")))
    return _said(found) if found is not None else ""


def _said(node: Node) -> str:
    return with_comma_below((node.text or "").strip())
