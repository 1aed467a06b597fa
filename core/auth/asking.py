"""Asking for access, and the answer: what core.partners.onboarding does, with the throttle and the first log-in."""

from datetime import datetime

from sqlalchemy.orm import Session

from core import clock
from core.auth.throttling import ADDRESS, LINKS, REQUESTS, address_key, count_try, key_of
from core.auth.users import create_user, invite
from core.db import actor
from core.partners import onboarding
from core.partners.data import PartnerData, Terms, clean_cui


def ask_access(session: Session, data: PartnerData, note: str, as_of: datetime, *, language: str = "ro") -> None:
    """Somebody who is not signed in asks for access for a company; see core.partners.onboarding.propose.

    Raises TooManyTries for too many from one IP address, or for one CUI, and what `propose` raises.
    """
    cui = clean_cui(data.cui)
    if key := address_key("ask", actor(session).address):
        count_try(session, key, REQUESTS, clock.real(as_of))
    count_try(session, key_of("ask", cui), LINKS, clock.real(as_of))
    onboarding.propose(session, data, note, as_of, language=language)


def count_look_up(session: Session, as_of: datetime) -> None:
    """Count that somebody who is not signed in looks a company up in the register: others pay for its answers.

    Commit it before asking the register. Raises TooManyTries.
    """
    if key := address_key("look-up", actor(session).address):
        count_try(session, key, ADDRESS, as_of)


def approve_request(
    session: Session,
    partner_id: int,
    data: PartnerData,
    terms: Terms,
    as_of: datetime,
    *,
    invited: str = "",
    language: str | None = None,
) -> None:
    """Say yes to a request (core.partners.onboarding.approve), and let the owner in.

    `invited` is the address of the owner's log-in, which a link to set the password is mailed to; empty for none now.
    The owner has the contact's name. Raises what `approve` and core.auth.users.create_user raise.
    """
    partner = onboarding.approve(session, partner_id, data, terms, as_of)
    if invited:
        name = partner.contact_name or partner.name
        user = create_user(session, invited, name, "owner", as_of, partner_id=partner.id, language=language)
        invite(session, user.id, clock.real(as_of))
