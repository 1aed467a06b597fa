"""Entries that are no payment of a partner, or of several: set aside with a reason, and taken up again."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.banking.booking import NotOpen
from core.documents.storno import ReasonMissing
from core.errors import NotFound
from core.events import record
from core.permissions import authorize
from core.receivables.undoing import undo_payment
from core.search import without_nul

LONGEST_REASON = 200


def set_aside(session: Session, entry_id: int, reason: str, as_of: datetime) -> None:
    """An open entry is not to be booked. Records `bank_entry_set_aside`. Raises NotAllowed, NotFound, ReasonMissing,
    NotOpen."""
    authorize(session, "payments.record")
    reason = without_nul(reason).strip()[:LONGEST_REASON]
    if not reason:
        raise ReasonMissing
    _change(session, _SET_ASIDE, entry_id, reason=reason)
    record(session, "bank_entry_set_aside", as_of, entry=entry_id, amount=_amount(session, entry_id), reason=reason)


def reopen(session: Session, entry_id: int, as_of: datetime) -> None:
    """What was set aside waits again. Records `bank_entry_reopened`. Raises NotAllowed, NotFound, NotOpen."""
    authorize(session, "payments.record")
    _change(session, _REOPEN, entry_id)
    record(session, "bank_entry_reopened", as_of, entry=entry_id, amount=_amount(session, entry_id))


def take_back(session: Session, entry_id: int, reason: str, as_of: datetime) -> None:
    """Take back the payment that an entry was booked as: it waits again (a trigger opens it, whoever takes a payment
    back). Raises NotAllowed, NotFound, NotOpen, and what core.receivables.undoing raises."""
    authorize(session, "payments.record")
    row = session.execute(_PAYMENT, {"entry": entry_id}).one_or_none()
    if row is None:
        raise NotFound
    if row.payment_id is None:
        raise NotOpen
    undo_payment(session, row.payment_id, reason, as_of)


def _change(session: Session, statement: object, entry_id: int, **values: str) -> None:
    changed = session.execute(statement, {"entry": entry_id} | values)  # type: ignore[call-overload]
    if changed.rowcount != 1:
        raise NotFound if session.execute(_PAYMENT, {"entry": entry_id}).one_or_none() is None else NotOpen


def _amount(session: Session, entry_id: int) -> str:
    return str(session.execute(_AMOUNT, {"entry": entry_id}).scalar_one())


_SET_ASIDE = text("update bank_entry set state = 'set_aside', reason = :reason where id = :entry and state = 'open'")
_REOPEN = text("update bank_entry set state = 'open', reason = '' where id = :entry and state = 'set_aside'")
_PAYMENT = text("select payment_id from bank_entry where id = :entry")
_AMOUNT = text("select amount from bank_entry where id = :entry")
