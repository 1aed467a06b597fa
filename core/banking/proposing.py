"""What an entry is most likely for: proposed with its reasons, and never booked without a person."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.banking.finding import Entry, Found, OpenDocument, cuis_in, find, names_of
from core.i18n import N_
from core.imports.problems import Problem
from core.permissions import authorize

MOST = 2_000
"""So many of the newest open entries get proposals; with more, the rest when these are done."""
NUMBERS = N_("{numbers} in the text")
ORDER = N_("order {order} in the text")
ALL_OPEN = N_("exactly what is open on it")
PART = N_("less than is open on it: a part")
MORE = N_("more than is open on it: the rest stays as credit")
IBAN = N_("the payer's account is known")
CUI = N_("the CUI in the text")
NAME = N_("the payer's name")
EXACT = N_("exactly {number} is open")
EXACT_ALL = N_("exactly what is open in all")
OLDEST = N_("no invoice is named: the oldest due first")
OTHER_PAYER = N_("By its account, its CUI or its name the payer is {partner}.")
SEVERAL = N_("Invoices of several partners are named: {partners}. One payment is of one partner.")
PAID = N_("Nothing is open any more on {numbers}: it was paid or taken back.")
RECORDED = N_("The same amount of the same day is recorded already for this partner. Make sure that it is other money.")


@dataclass(frozen=True, slots=True)
class Share:
    """So many lei of a payment on a document."""

    document_id: int
    number: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whose money it is and what it pays: documents, or an order that has no invoice yet. `rest` is what stays as the
    partner's credit. `reasons` speak for it, `doubts` against it. `certain`: number and amount agree, and nothing
    speaks against it."""

    partner_id: int
    partner: str
    shares: tuple[Share, ...]
    order_id: int | None
    rest: Decimal
    reasons: tuple[Problem, ...]
    doubts: tuple[Problem, ...]
    certain: bool

    @property
    def mark(self) -> str:
        """Stands for what would be booked, and how sure that is: the same as long as that is the same."""
        shares = [(one.document_id, str(one.amount)) for one in self.shares]
        told = (self.partner_id, shares, self.order_id, str(self.rest), self.certain)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


@dataclass(slots=True)
class _Draft:
    """Whose it may be, which documents, and why."""

    partner_id: int
    documents: list[OpenDocument]
    reasons: list[Problem]
    doubts: list[Problem]
    order_id: int | None = None
    exact: bool = False
    """Whether number and amount agree."""


def open_entries(session: Session, entry_id: int | None = None) -> list[Entry]:
    """The newest entries that can be booked, or one of them; for staff. Raises NotAllowed."""
    authorize(session, "payments.record")
    rows = session.execute(_ENTRIES, {"entry": entry_id, "most": MOST}).mappings()
    return [Entry(**row) for row in rows]


def propose(session: Session, entries: Sequence[Entry]) -> dict[int, Proposal]:
    """By the id of the entry, what each is most likely for; those of which nothing is known are left out. For staff.
    Raises NotAllowed."""
    authorize(session, "payments.record")
    if not entries:
        return {}
    found = find(session, entries)
    drafts = {entry.id: _draft(entry, found) for entry in entries}
    return {entry.id: _finished(entry, draft, found) for entry in entries if (draft := drafts[entry.id])}


def _draft(entry: Entry, found: Found) -> _Draft | None:
    payer, why = _payer(entry, found)
    by_number = _by_number(entry, found, payer)
    return by_number or _by_order(entry, found) or (_by_payer(entry, found, payer, why) if payer and why else None)


def _payer(entry: Entry, found: Found) -> tuple[int | None, Problem | None]:
    """Who has paid, without what the text says of documents: account, CUI and name, the surest first."""
    if entry.payer_iban in found.by_iban:
        return found.by_iban[entry.payer_iban], _said(IBAN)
    for known, keys, why in ((found.by_cui, cuis_in(entry), CUI), (found.by_name, names_of(entry), NAME)):
        partners = {known[key] for key in keys if key in known}
        if len(partners) == 1:
            return partners.pop(), _said(why)
    return None, None


def _by_number(entry: Entry, found: Found, payer: int | None) -> _Draft | None:
    """The documents that the text names. A number without its series is taken where it can only be one; certain it is
    only beside a payer who is known."""
    mentions = found.mentions[entry.id]
    named = [one for key in mentions.documents for one in found.documents.get(key, ())]
    sure = bool(named)
    for number in () if named else mentions.bare:
        candidates = [one for one in found.numbered.get(number, ()) if one.open and payer in (None, one.partner_id)]
        named += candidates if len(candidates) == 1 else []
    return _of_documents(entry, found, named, payer, sure or payer is not None, None) if named else None


def _of_documents(
    entry: Entry, found: Found, named: list[OpenDocument], payer: int | None, sure: bool, why: Problem | None
) -> _Draft:
    """Several partners may have had the same number in the program before: then it is the payer's."""
    partners = list(dict.fromkeys(one.partner_id for one in named if one.open)) or [named[0].partner_id]
    partner_id = payer if payer in partners else partners[0]
    mine = [one for one in named if one.partner_id == partner_id]
    left, paid = [one for one in mine if one.open], [one for one in mine if not one.open]
    doubts = []
    if len(partners) > 1 and partner_id != payer:
        told = ", ".join(found.names.get(one, "") for one in partners)
        doubts.append(_said(SEVERAL, partners=told))
    if paid:
        doubts.append(_said(PAID, numbers=", ".join(one.number for one in paid)))
    total = sum((one.open for one in left), Decimal(0))
    reasons = [why or _said(NUMBERS, numbers=", ".join(one.number for one in mine))]
    if left:
        reasons.append(_said(ALL_OPEN if entry.amount == total else PART if entry.amount < total else MORE))
    return _Draft(partner_id, left, reasons, doubts, exact=sure and bool(left) and entry.amount == total)


def _by_order(entry: Entry, found: Found) -> _Draft | None:
    mentions = found.mentions[entry.id]
    orders = [*(found.proformas[key] for key in mentions.documents if key in found.proformas), *mentions.orders]
    for order_id in dict.fromkeys(order for order in orders if order):
        why = _said(ORDER, order=str(order_id))
        if documents := found.of_order.get(order_id):
            return _of_documents(entry, found, documents, None, True, why)
        order = found.orders.get(order_id)
        if order and entry.amount <= order.open:
            same = entry.amount == order.open
            reasons = [why, _said(ALL_OPEN if same else PART)]
            return _Draft(order.partner_id, [], reasons, [], order_id, same)
        if order:
            return _Draft(order.partner_id, [], [why, _said(MORE)], [])
    return None


def _by_payer(entry: Entry, found: Found, payer: int, why: Problem) -> _Draft:
    """Who it is tells not what for: only what is exactly open does, and not with certainty."""
    documents = found.open.get(payer, [])
    same = [one for one in documents if one.open == entry.amount][:1]
    if same:
        return _Draft(payer, same, [why, _said(EXACT, number=same[0].number)], [])
    if documents and sum((one.open for one in documents), Decimal(0)) == entry.amount:
        return _Draft(payer, documents, [why, _said(EXACT_ALL)], [])
    return _Draft(payer, documents, [why, *([_said(OLDEST)] if documents else [])], [])


def _finished(entry: Entry, draft: _Draft, found: Found) -> Proposal:
    left, shares = entry.amount, list[Share]()
    for one in draft.documents:
        if left > 0:
            shares.append(Share(one.id, one.number, min(one.open, left)))
            left -= shares[-1].amount
    doubts = draft.doubts
    payer, _why = _payer(entry, found)
    if payer is not None and payer != draft.partner_id:
        doubts = [*doubts, _said(OTHER_PAYER, partner=found.names[payer])]
    if (draft.partner_id, entry.amount, entry.booked_on) in found.twice:
        doubts = [*doubts, _said(RECORDED)]
    return Proposal(
        draft.partner_id, found.names[draft.partner_id], tuple(shares), draft.order_id,
        Decimal(0) if draft.order_id else left, tuple(draft.reasons), tuple(doubts), draft.exact and not doubts,
    )  # fmt: skip


def _said(message: str, **params: str) -> Problem:
    return Problem(None, "", message, params)


_ENTRIES = text("""
    select id, booked_on, amount, payer_name, payer_iban, details from bank_entry
    where state = 'open' and kind = 'payment' and (cast(:entry as int) is null or id = :entry)
    order by booked_on desc, id desc limit :most
""")
