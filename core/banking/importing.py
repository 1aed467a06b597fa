"""Loading a bank's file: what is new in it is put on the list, what is known stays as it is."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.banking import tables
from core.banking.entries import EntryRead, StatementRead
from core.banking.ibans import own_accounts
from core.banking.identity import identities
from core.banking.mappings import columns_of
from core.banking.models import BankEntry, BankStatement
from core.banking.problems import BankFileRefused
from core.banking.reading import kind_of, read
from core.company import company
from core.db import actor
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.imports.problems import Fault, Problem
from core.permissions import authorize
from core.search import without_nul

FOREIGN_ACCOUNT = N_(
    "{account} is none of your company's accounts. If it is, add it in the settings; if not, set its entries aside."
)
DIFFERENCE = N_(
    "The balances of {account} do not agree: the closing one differs by {difference} from what the entries make of the"
    " opening one. Is the file complete?"
)
PASSED = N_("{count:row without a day was|rows without a day were} passed over, on line {lines}.")
MOST_NAMED = 8
LARGEST = Decimal(10) ** 12
TOO_LARGE = N_("The file has an amount that no account can hold. Download it once more from the bank.")


class ColumnsUnknown(Refusal):
    message = N_("The columns of this table are not known yet. Say once what they are; it is remembered.")


@dataclass(slots=True)
class Loaded:
    """What came of a file: entries of it that count (`new` of them, the others were there), what of it is not to be
    booked, our own payments and fees, and what is worth telling."""

    statements: int = 0
    entries: int = 0
    new: int = 0
    foreign: int = 0
    reversals: int = 0
    debit_count: int = 0
    debits: Decimal = Decimal(0)
    warnings: list[Problem] = field(default_factory=list)


def load(session: Session, data: bytes, file_name: str, as_of: datetime) -> Loaded:
    """Read a file and put on the list what is not there yet. Loading it again, or one that overlaps with it, changes
    nothing of what is there. Nothing is booked. Records `bank_statement_imported` if anything is new.

    Raises NotAllowed, BankFileRefused, and ColumnsUnknown for a table whose columns nobody has confirmed yet
    (core.banking.mappings).
    """
    authorize(session, "payments.record")
    kind = kind_of(data)
    own = own_accounts(company(session))
    found = _read(session, data, kind, frozenset(own))
    _require_sane(found)
    loaded, sha256, name = Loaded(statements=len(found)), hashlib.sha256(data).digest(), without_nul(file_name)[:200]
    rows: list[dict[str, Any]] = []
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for position, statement in enumerate(found):
        about = _about(statement, kind) | {"file_name": name, "sha256": sha256}
        statement_id = _keep(session, about | {"position": position, "imported_at": as_of})
        known = identities(statement.entries, counts[statement.account])
        rows += [
            _row(entry, identity, statement_id, statement.account)
            for entry, identity in zip(statement.entries, known, strict=True) if entry.kind
        ]  # fmt: skip
        _count(loaded, statement)
        loaded.warnings += _warnings(statement, own)
    loaded.new = _add(session, rows)
    if loaded.new:
        record(
            session, "bank_statement_imported", as_of, file=file_name[:200], entries=loaded.entries, added=loaded.new
        )
    return loaded


def _read(session: Session, data: bytes, kind: str, own: frozenset[str]) -> list[StatementRead]:
    if kind != "table":
        return read(data, kind, own)
    columns = columns_of(session, data)
    if not columns.known:
        raise ColumnsUnknown
    return tables.read(data, columns.mapping, columns.account, own)


def _require_sane(statements: Sequence[StatementRead]) -> None:
    for one in statements:
        amounts = [one.opening or Decimal(0), one.closing or Decimal(0), one.credits, one.debits]
        amounts += [entry.amount for entry in one.entries]
        if any(abs(amount) >= LARGEST or amount != round(amount, 2) for amount in amounts):
            raise BankFileRefused(Fault(TOO_LARGE))


def _about(statement: StatementRead, kind: str) -> dict[str, Any]:
    names = ("account", "currency", "from_on", "to_on", "opening", "closing", "credits", "debits")
    count = sum(entry.amount < 0 and not entry.kind for entry in statement.entries)
    return {name: getattr(statement, name) for name in names} | {"kind": kind, "debit_count": count}


def _keep(session: Session, values: dict[str, Any]) -> int:
    """The statement's id, whether it was there or not."""
    values |= {"imported_by": actor(session).user_id}
    added = insert(BankStatement).values(**values).on_conflict_do_nothing().returning(BankStatement.id)
    statement_id = session.execute(added).scalar_one_or_none()
    if statement_id is None:
        same = select(BankStatement.id).filter_by(sha256=values["sha256"], position=values["position"])
        statement_id = session.execute(same).scalar_one()
    return statement_id


def _row(entry: EntryRead, identity: str, statement_id: int, account: str) -> dict[str, Any]:
    texts = {name: without_nul(getattr(entry, name)) for name in ("details", "payer_name", "payer_iban", "currency")}
    return texts | {
        "statement_id": statement_id, "account": account, "identity": identity, "kind": entry.kind,
        "bank_reference": without_nul(entry.reference)[:120], "booked_on": entry.booked_on, "amount": entry.amount,
    }  # fmt: skip


def _add(session: Session, rows: list[dict[str, Any]]) -> int:
    """How many were not there. Who loads takes turns: two files that overlap, in another order, would wait for each
    other."""
    session.execute(_TURNS)
    new = 0
    for start in range(0, len(rows), 1000):
        added = insert(BankEntry).values(rows[start : start + 1000])
        added = added.on_conflict_do_nothing(index_elements=["account", "identity"])
        new += len(session.execute(added.returning(BankEntry.id)).all())
    return new


_TURNS = text("select set_config('lock_timeout', '20s', true), pg_advisory_xact_lock(hashtext('bank_entry'))")


def _count(loaded: Loaded, statement: StatementRead) -> None:
    for entry in statement.entries:
        loaded.entries += bool(entry.kind)
        loaded.foreign += entry.kind == "foreign"
        loaded.reversals += entry.kind in ("reversal", "returned")
        loaded.debit_count += entry.amount < 0 and not entry.kind
        loaded.debits -= Decimal(0) if entry.kind else entry.amount


def _warnings(statement: StatementRead, own: Sequence[str]) -> list[Problem]:
    told = []
    if statement.account not in own:
        told.append(Problem(None, "", FOREIGN_ACCOUNT, {"account": statement.account or "?"}))
    if statement.difference:
        params = {"account": statement.account, "difference": statement.difference}
        told.append(Problem(None, "", DIFFERENCE, params))
    if statement.passed:
        lines = ", ".join(map(str, statement.passed[:MOST_NAMED])) + (
            ", …" if len(statement.passed) > MOST_NAMED else ""
        )
        told.append(Problem(None, "", PASSED, {"count": len(statement.passed), "lines": lines}))
    return told
