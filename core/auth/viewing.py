"""A member of staff looks at the portal as a partner sees it: read-only, for a reason, and not for long."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.auth.models import LoginSession
from core.auth.sessions import ENTERING
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.models import Partner
from core.permissions import authorize
from core.principal import Principal
from core.search import without_nul

VIEWING_LIFE = timedelta(minutes=30)


class ReasonMissing(Refusal):
    message = N_("Say why you look at the portal as this partner; it is kept in the audit.")


def start_viewing(session: Session, partner_id: int, reason: str, as_of: datetime) -> None:
    """From its next click on, this session of the acting member of staff is a viewer at the partner, for 30 minutes.

    Raises NotAllowed, ReasonMissing, and NotFound for a partner that cannot log in itself.
    """
    me, reason = authorize(session, "partners.view_as"), without_nul(reason).strip()
    if not reason:
        raise ReasonMissing
    partner = session.get(Partner, partner_id)
    if partner is None or partner.status not in ENTERING:
        raise NotFound
    mine = LoginSession.id == me.session_id, LoginSession.user_id == me.user_id
    values = {"viewing_partner_id": partner_id, "viewing_until": as_of + VIEWING_LIFE}
    if not session.execute(update(LoginSession).where(*mine).values(values).returning(LoginSession.id)).all():
        raise NotFound
    record(session, "partner_viewed", as_of, partner_id=partner_id, reason=reason)


def stop_viewing(session: Session, viewer: Principal, as_of: datetime) -> None:
    """Back to the staff's side. The session is the system's: the viewer's own transactions write nothing."""
    here = LoginSession.id == viewer.session_id, LoginSession.viewing_partner_id.is_not(None)
    ended = update(LoginSession).where(*here).values(viewing_partner_id=None, viewing_until=None)
    if session.execute(ended.returning(LoginSession.id)).all():
        record(session, "partner_view_ended", as_of, partner_id=viewer.partner_id, by=viewer.user_id)
