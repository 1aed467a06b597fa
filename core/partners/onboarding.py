"""How a company becomes a partner, and what becomes of it: proposed, approved, active, on hold, closed.

A company asks for access (`propose`) and staff answer (`approve`, `refuse`), or staff enter it (`create_partner`). The
log-ins that go with it are made in core.auth.asking.
"""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.partners.codes import free_code, one_at_a_time, own_code, require_free_cui
from core.partners.data import PartnerData, Terms, checked, require_length, tidy
from core.partners.editing import locked_partner, set_values
from core.partners.models import Partner
from core.permissions import authorize

STATUSES = ("proposed", "approved", "active", "on_hold", "closed")
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "proposed": ("approved", "closed"),
    "approved": ("active", "closed"),
    "active": ("on_hold", "closed"),
    "on_hold": ("active", "closed"),
    "closed": ("approved",),
}
MOST_PROPOSALS = 200
LONGEST_REASON = 500
LONGEST_NOTE = 1000
PROPOSED_CODE = "NOU-{cui}"
"""The code of a request: none that a file of the distributor's own partners would mean."""


class NoSuchStep(Refusal):
    message = N_("This step is not possible (any more): a colleague was faster. Look at the partner's status again.")


class ReasonMissing(Refusal):
    message = N_("Say why: the reason is kept in the partner's history.")


class TooManyRequests(Refusal):
    message = N_("There are too many requests at the moment. Please try again in some days, or call us.")


class ContactMissing(Refusal):
    message = N_("Enter your name and your e-mail address, so that we can answer you.")


def needs_reason(old: str, new: str) -> bool:
    """Must a reason be given for the step from one status to another?"""
    return old == "closed" or new in ("on_hold", "closed")


def move(session: Session, partner_id: int, status: str, reason: str, as_of: datetime) -> None:
    """Take the partner one step along TRANSITIONS. Records 'partner_status_changed' with old, new and reason.

    Raises NotAllowed, NotFound, NoSuchStep, ReasonMissing, TextTooLong.
    """
    _step(session, locked_partner(session, partner_id), status, reason, as_of)


def create_partner(session: Session, data: PartnerData, terms: Terms, as_of: datetime) -> Partner:
    """A new partner, approved. Without a code in the terms it is made from the CUI, or else from the country.

    Records 'partner_created'. Raises NotAllowed, CuiTaken, CodeTaken, BadTerms and what `checked` raises.
    """
    authorize(session, "partners.edit")
    terms.check()
    data = checked(data)
    one_at_a_time(session)
    require_free_cui(session, data.cui)
    values = asdict(data) | asdict(terms) | {"code": own_code(session, terms.code, data)}
    partner = _insert(session, Partner(**values, status="approved"))
    record(session, "partner_created", as_of, partner_id=partner.id, code=partner.code, name=data.name, cui=data.cui)
    return partner


def propose(session: Session, data: PartnerData, note: str, as_of: datetime, *, language: str = "ro") -> None:
    """A company asks for access: a partner to be, with the status proposed; `language` is the one it asked in.

    If there is a partner with this CUI that is not closed, only that it was asked for again is recorded. Whoever asks
    is not told the difference: nobody may learn who is a client. Raises ContactMissing, TooManyRequests, and what
    `checked` raises.
    """
    authorize(session, "partners.edit")
    require_length(note, LONGEST_NOTE)
    data, note = checked(data), tidy(note)
    if not data.contact_name or not data.email:
        raise ContactMissing
    one_at_a_time(session)
    proposed = select(func.count()).select_from(Partner).where(Partner.status == "proposed")
    if session.scalars(proposed).one() >= MOST_PROPOSALS:
        raise TooManyRequests
    known = select(Partner.id).where(Partner.cui == data.cui, Partner.status != "closed").order_by(Partner.id)
    partner_id, kind = session.scalars(known).first(), "partner_proposed_again"
    if partner_id is None:
        code = free_code(session, PROPOSED_CODE.format(cui=data.cui))
        row = _insert(session, Partner(**asdict(data), code=code, status="proposed"))
        partner_id, kind = row.id, "partner_proposed"
    record(
        session, kind, as_of, partner_id=partner_id, name=data.name, contact=data.contact_name, email=data.email,
        phone=data.phone, note=note, language=language,
    )  # fmt: skip


def approve(session: Session, partner_id: int, data: PartnerData, terms: Terms, as_of: datetime) -> Partner:
    """Say yes to a request, with its data as it was found right, and its terms; the code as in `create_partner`.

    Records what changes as `change_partner` does, and the new status. Partners with the same CUI are allowed: see
    core.partners.requests.lookalikes. Raises NotAllowed, NotFound, NoSuchStep when it was answered already, CodeTaken,
    BadTerms and what `checked` raises.
    """
    terms.check()
    partner = _proposed(session, partner_id)
    data = checked(data, known_cui=partner.cui)
    one_at_a_time(session)
    values = asdict(data) | asdict(terms) | {"code": own_code(session, terms.code, data)}
    set_values(session, partner, values, as_of)
    _step(session, partner, "approved", "", as_of)
    return partner


def refuse(session: Session, partner_id: int, reason: str, as_of: datetime) -> None:
    """Say no to a request; the reason is mailed to who asked. Records 'partner_refused' and the new status.

    Raises NotAllowed, NotFound, NoSuchStep when it was answered already, ReasonMissing, TextTooLong.
    """
    partner = _proposed(session, partner_id)
    _step(session, partner, "closed", reason, as_of)
    record(session, "partner_refused", as_of, partner_id=partner.id, email=partner.email, reason=tidy(reason))


def _step(session: Session, partner: Partner, new: str, reason: str, as_of: datetime) -> None:
    require_length(reason, LONGEST_REASON)
    old, reason = partner.status, tidy(reason)
    if new not in TRANSITIONS[old]:
        raise NoSuchStep
    if needs_reason(old, new) and not reason:
        raise ReasonMissing
    partner.status = new
    if new == "closed":
        for statement in _SHUT_OUT:
            session.execute(statement, {"partner": partner.id})
    record(session, "partner_status_changed", as_of, partner_id=partner.id, old=old, new=new, reason=reason)


def _proposed(session: Session, partner_id: int) -> Partner:
    partner = locked_partner(session, partner_id)
    if partner.status != "proposed":
        raise NoSuchStep
    return partner


def _insert(session: Session, partner: Partner) -> Partner:
    session.add(partner)
    session.flush()
    return partner


# Who may not enter is refused anyway; but reopened, the partner should not find old sessions and links alive. People
# belong to a domain above this one.
_SHUT_OUT = [
    text(f"delete from {table} using app_user where app_user.id = {table}.user_id and app_user.partner_id = :partner")
    for table in ("login_session", "login_ticket", "access_link")
]
