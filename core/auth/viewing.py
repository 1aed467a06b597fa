"""A member of staff in a partner's place, and not for long: looks at the portal as it sees it, read-only and for a
reason, or orders for it."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.auth.models import LoginSession
from core.auth.sessions import ENTERING
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.models import Partner
from core.permissions import AGENT, VIEWER, authorize
from core.principal import Principal
from core.search import without_nul

VIEWING_LIFE = timedelta(minutes=30)
"""Role in the partner's place → the event of the way back."""


class ReasonMissing(Refusal):
    message = N_("Say why you look at the portal as this partner; it is kept in the audit.")


def start_viewing(session: Session, partner_id: int, reason: str, as_of: datetime) -> None:
    """From its next click on, this session of the acting member of staff is a viewer at the partner, for 30 minutes.

    Raises NotAllowed, ReasonMissing, and NotFound for a partner that cannot log in itself.
    """
    me, reason = authorize(session, "partners.view_as"), without_nul(reason).strip()
    if not reason:
        raise ReasonMissing
    _step_in(session, me, partner_id, VIEWER, as_of)
    record(session, "partner_viewed", as_of, partner_id=partner_id, reason=reason)


def start_ordering(session: Session, partner_id: int, reason: str, as_of: datetime) -> None:
    """From its next click on, this session of the acting member of staff orders for the partner, at its prices and
    within its limits, for 30 minutes. `reason` may be "".

    Raises NotAllowed, and NotFound for a partner that cannot log in itself.
    """
    me, reason = authorize(session, "orders.place_for"), without_nul(reason).strip()
    _step_in(session, me, partner_id, AGENT, as_of)
    record(session, "ordering_for_started", as_of, partner_id=partner_id, reason=reason)


def stop_viewing(session: Session, viewer: Principal, as_of: datetime) -> None:
    """Back to the staff's side, from looking or from ordering. The session is the system's: a viewer's own
    transactions write nothing, and an agent's do not reach log-ins."""
    here = LoginSession.id == viewer.session_id, LoginSession.viewing_partner_id == viewer.partner_id
    ended = update(LoginSession).where(*here).values(viewing_partner_id=None, viewing_until=None)
    role = session.execute(ended.returning(LoginSession.viewing_role)).scalar_one_or_none()
    if role is not None:
        kind = "partner_view_ended" if role == VIEWER else "ordering_for_ended"
        record(session, kind, as_of, partner_id=viewer.partner_id, by=viewer.user_id)


def _step_in(session: Session, me: Principal, partner_id: int, role: str, as_of: datetime) -> None:
    partner = session.get(Partner, partner_id)
    if partner is None or partner.status not in ENTERING:
        raise NotFound
    mine = LoginSession.id == me.session_id, LoginSession.user_id == me.user_id
    values = {"viewing_partner_id": partner_id, "viewing_until": as_of + VIEWING_LIFE, "viewing_role": role}
    if not session.execute(update(LoginSession).where(*mine).values(values).returning(LoginSession.id)).all():
        raise NotFound
