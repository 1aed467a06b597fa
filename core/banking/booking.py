"""An entry becomes a payment: once, by a person, as it was proposed or as they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.banking.details import tidy
from core.banking.finding import Entry
from core.banking.proposing import Proposal, open_entries, propose
from core.db import transaction
from core.documents import parties
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.orders import reviving
from core.permissions import authorize
from core.principal import Principal
from core.receivables.payments import LONGEST_REFERENCE, record_payment
from core.receivables.prepaying import record_order_payment


class NotOpen(Refusal):
    message = N_("This entry was booked or set aside meanwhile. Look at the list again.")


class ProposalChanged(Refusal):
    message = N_(
        "Meanwhile something else was paid or issued, so that this entry would now be booked otherwise. Nothing was"
        " booked: look at what is proposed now."
    )


class Busy(Refusal):
    message = N_("Somebody else is working on this partner's account just now. Try again in a moment.")


@dataclass(slots=True)
class Booked:
    """What came of booking many: how many, the lei they come to, and why others were not."""

    count: int = 0
    amount: Decimal = Decimal(0)
    refused: list[Refusal] = field(default_factory=list)


def book(session: Session, entry_id: int, seen: str, as_of: datetime) -> int:
    """Book an entry as it is proposed; `seen` is the mark of the proposal that the person has seen. The payment's id.

    The proposal is made anew under the locks: the same entry is never booked twice, and nothing is booked otherwise
    than it was seen. Raises NotAllowed, NotFound, NotOpen, ProposalChanged, and what recording a payment does.
    """
    authorize(session, "payments.record")
    proposal = _proposal(session, entry_id, seen)
    if proposal.order_id is not None:
        reviving.locked(session, proposal.order_id, as_of)
    parties.lock(session, proposal.partner_id)
    entry = _taken(session, entry_id)
    proposal = _proposal(session, entry_id, seen)
    if proposal.order_id is not None:
        paid = record_order_payment(
            session, proposal.order_id, entry.amount, entry.booked_on, _reference(entry), as_of
        )  # fmt: skip
        return _finish(session, entry, proposal.partner_id, paid.payment_id, as_of)
    pays = {share.document_id: share.amount for share in proposal.shares}
    return _book_on(session, entry, proposal.partner_id, pays, as_of)


def book_on(
    session: Session, entry_id: int, partner_id: int, pays: Mapping[int, Decimal] | None, as_of: datetime
) -> int:
    """Book an entry as a person says: on these documents of a partner (id → lei), or None for the oldest due first;
    what is left over is the partner's credit. The payment's id. Raises as `book`, and for amounts that do not fit."""
    authorize(session, "payments.record")
    parties.lock(session, partner_id)
    return _book_on(session, _taken(session, entry_id), partner_id, pays, as_of)


def book_all(principal: Principal, seen: Mapping[int, str], as_of: datetime) -> Booked:
    """Book many entries (id → mark of the proposal that was seen), each in a transaction of its own: nobody waits for
    all of them, and one that cannot be booked keeps none of the others. Raises NotAllowed."""
    done = Booked()
    with transaction(principal) as session:
        authorize(session, "payments.record")
    for entry_id, mark in seen.items():
        try:
            with transaction(principal) as session:
                payment_id = book(session, entry_id, mark, as_of)
                amount = session.execute(_AMOUNT, {"payment": payment_id}).scalar_one()
        except Refusal as refusal:
            done.refused.append(refusal)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
            done.refused.append(Busy())
        else:
            done.count += 1
            done.amount += amount
    return done


def _proposal(session: Session, entry_id: int, seen: str) -> Proposal:
    entries = open_entries(session, entry_id)
    if not entries:
        raise NotFound if session.execute(_STATE, {"entry": entry_id}).one_or_none() is None else NotOpen
    proposal = propose(session, entries).get(entry_id)
    if proposal is None or proposal.mark != seen:
        raise ProposalChanged
    return proposal


def _taken(session: Session, entry_id: int) -> Entry:
    """The entry, locked: after its partner, as when a payment is taken back."""
    row = session.execute(_LOCK, {"entry": entry_id}).mappings().one_or_none()
    if row is None:
        raise NotFound
    if row["state"] != "open" or row["kind"] != "payment":
        raise NotOpen
    return Entry(**{name: row[name] for name in Entry.__dataclass_fields__})


def _book_on(
    session: Session, entry: Entry, partner_id: int, pays: Mapping[int, Decimal] | None, as_of: datetime
) -> int:
    payment = record_payment(
        session, partner_id, entry.amount, entry.booked_on, as_of, pays=pays, reference=_reference(entry)
    )  # fmt: skip
    return _finish(session, entry, partner_id, payment.id, as_of)


def _reference(entry: Entry) -> str:
    """The bank's text, as it stands beside the payment."""
    return tidy(entry.details or entry.payer_name)[:LONGEST_REFERENCE]


def _finish(session: Session, entry: Entry, partner_id: int, payment_id: int, as_of: datetime) -> int:
    """The entry is booked, and whose account it came from is known from now on: the last booking tells."""
    done = session.execute(_BOOKED, {"entry": entry.id, "payment": payment_id})
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise NotOpen
    if entry.payer_iban:
        known = {"iban": entry.payer_iban, "partner": partner_id, "entry": entry.id, "as_of": as_of}
        session.execute(_LEARN, known)
    record(
        session, "bank_entry_booked", as_of, partner_id=partner_id, payment_id=payment_id, entry=entry.id,
        amount=str(entry.amount),
    )  # fmt: skip
    return payment_id


_STATE = text("select state from bank_entry where id = :entry")
_LOCK = text("""
    select id, booked_on, amount, payer_name, payer_iban, details, state, kind from bank_entry
    where id = :entry for update
""")
_AMOUNT = text("select amount from payment where id = :payment")
_BOOKED = text("update bank_entry set state = 'booked', payment_id = :payment where id = :entry and state = 'open'")
_LEARN = text("""
    insert into partner_account (iban, partner_id, entry_id, learned_at) values (:iban, :partner, :entry, :as_of)
    on conflict (iban) do update set partner_id = excluded.partner_id, entry_id = excluded.entry_id,
                                     learned_at = excluded.learned_at
    where partner_account.partner_id <> excluded.partner_id
""")
