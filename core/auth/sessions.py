"""From a checked password to a signed-in browser, and out again.

The log-in form cannot set a cookie. It issues a ticket, the browser brings the ticket to a route at once, and the
route exchanges it for a session and sets the cookie. Only the SHA-256 of tickets and cookies is kept.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select, text, update
from sqlalchemy.orm import Session

from core.auth.models import LoginSession, LoginTicket, User
from core.auth.paths import local_path
from core.company import company
from core.company_rules import COMPANY_RULES
from core.db import actor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.models import Partner
from core.permissions import AGENT, VIEWER, authorize, may
from core.principal import Kind, Principal

LONGEST_LIFE = timedelta(days=int(COMPANY_RULES["session_days"].largest))
TICKET_LIFE = timedelta(seconds=30)
CODE_LIFE = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)
"""How exactly `last_seen_at` is kept: not every page view is worth a write."""

ENTERING = ("approved", "active", "on_hold")
"""Partners in these states may log in; `on_hold` sees its documents and cannot order."""

MAY_SIGN_IN: ColumnElement[bool] = User.active & or_(User.partner_id.is_(None), Partner.status.in_(ENTERING))
"""Holds for users joined (outer) with their partner: blocked users and partners that are not let in are out."""


IN_PLACE = {VIEWER: "partners.view_as", AGENT: "orders.place_for"}  # what staff are allowed who step in so


class NoCookies(Refusal):
    message = N_("Your browser refuses cookies, and without one you cannot stay logged in. Allow them and reload.")


class Redeemed(NamedTuple):
    user_id: int
    next_path: str


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A signed-in browser of the acting user; `browser` is what it calls itself. Instants in UTC."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    address: str
    browser: str


def issue_ticket(
    session: Session, user: User, browser: str, next_path: str, as_of: datetime, *, code_shown: bool = False
) -> str:
    """A ticket for the user whose password was just checked, good for 30 s in the browser with this `pre` cookie.

    With a second factor it needs a code first (core.auth.second_factor.show_code), within five minutes; not so where
    the user is signed in already and only gets a new session (`code_shown`).
    `next_path` is where the browser goes then; an address outside this site becomes the start page. Raises NoCookies
    when the browser brought no `pre` cookie.
    """
    if not browser:
        raise NoCookies
    session.execute(delete(LoginTicket).where(LoginTicket.expires_at <= as_of))
    ticket, needs_code = secrets.token_urlsafe(32), bool(user.totp_secret) and not code_shown
    session.add(
        LoginTicket(
            token_hash=hash_token(ticket),
            user_id=user.id,
            browser_hash=hash_token(browser),
            next_path=local_path(next_path),
            needs_code=needs_code,
            expires_at=as_of + (CODE_LIFE if needs_code else TICKET_LIFE),
        )
    )
    return ticket


def redeem_ticket(session: Session, ticket: str, browser: str, as_of: datetime) -> Redeemed | None:
    """Use up a ticket: who comes in, and where to. None if it is used, too old, another's, or lacks its code."""
    may_enter = select(User.id).outerjoin(Partner).where(MAY_SIGN_IN)
    complete = LoginTicket.needs_code.is_(False) & LoginTicket.user_id.in_(may_enter)
    good = and_(good_ticket(ticket, browser, as_of), complete)
    # The user before the ticket, as a change of the password locks them: the other way round the two could block
    # each other.
    session.execute(select(User.id).join(LoginTicket).where(good).with_for_update(of=User, key_share=True))
    statement = delete(LoginTicket).where(good).returning(LoginTicket.user_id, LoginTicket.next_path)
    row = session.execute(statement).one_or_none()
    return Redeemed(row.user_id, local_path(row.next_path)) if row else None


def good_ticket(ticket: str, browser: str, as_of: datetime) -> ColumnElement[bool]:
    """Holds for the ticket with this value, in this browser, while it is good."""
    return and_(
        LoginTicket.token_hash == hash_token(ticket),
        LoginTicket.browser_hash == hash_token(browser),
        LoginTicket.expires_at > as_of,
    )


def open_session(session: Session, user_id: int, as_of: datetime, browser: str = "") -> str:
    """A new session of the user: the value for the cookie. It ends after the distributor's `session_days`, or after
    `idle_hours` without use.

    `browser` is the User-Agent header, for the user's own list of sessions. The first of an approved partner's people
    to come in makes the partner active.
    """
    user = session.get_one(User, user_id)
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id, _over(session, as_of)))
    cookie = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=hash_token(cookie),
            user_id=user_id,
            created_at=as_of,
            last_seen_at=as_of,
            expires_at=as_of + timedelta(days=company(session).session_days),
            address=actor(session).address,
            browser=browser[:300],
        )
    )
    record(session, "user_signed_in", as_of, partner_id=user.partner_id, by=user_id, user=user_id)
    _start_partner(session, user, as_of)
    return cookie


def _start_partner(session: Session, user: User, as_of: datetime) -> None:
    first = update(Partner).where(Partner.id == user.partner_id, Partner.status == "approved").values(status="active")
    if session.execute(first.returning(Partner.id)).one_or_none():
        record(
            session, "partner_status_changed", as_of, partner_id=user.partner_id, by=user.id,
            old="approved", new="active", reason="",
        )  # fmt: skip


def principal_of_cookie(session: Session, cookie: str, as_of: datetime, address: str = "") -> Principal | None:
    """Who is signed in with this cookie; nobody if the session ended or the user or partner may not enter any more.

    Staff who look at the portal as a partner, or order for one, and still may, are a viewer or an agent on its side.
    """
    row = session.execute(_WHO, _when(as_of) | {"token": hash_token(cookie)}).one_or_none()
    if row is None:
        return None
    if row.last_seen_at <= as_of - SEEN_EVERY:
        session.execute(_SEEN, {"id": row.session_id, "as_of": as_of, "before": as_of - SEEN_EVERY})
    person = _person(row, address)
    return _in_place(person, row) if row.viewing_partner_id and may(person, IN_PLACE[row.viewing_role]) else person


def principal_of_user(session: Session, user_id: int) -> Principal | None:
    """The principal for what a user asked to be done later; nobody if they may not enter any more, or need a second
    factor that they do not have."""
    user = session.scalar(select(User).outerjoin(Partner).where(User.id == user_id, MAY_SIGN_IN))
    if user is None or (user.role in company(session).two_factor_roles and not user.totp_secret):
        return None
    return Principal(cast(Kind, user.kind), user.id, user.partner_id, user.name, user.email, user.language, user.role)


def _person(row: Row[Any], address: str) -> Principal:
    enrolling = row.role in row.two_factor_roles and not row.has_second_factor
    return Principal(
        cast(Kind, row.kind), row.user_id, row.partner_id, row.name, row.email, row.language, row.role, row.session_id,
        address, enrolling,
    )  # fmt: skip


def _in_place(person: Principal, row: Row[Any]) -> Principal:
    place = {"partner_id": row.viewing_partner_id, "role": row.viewing_role, "viewing_until": row.viewing_until}
    return replace(person, kind="partner", **place)


def own_sessions(session: Session, as_of: datetime) -> list[OwnSession]:
    """Where the acting user is signed in, the last used first. Raises NotAllowed."""
    me = authorize(session, "account.own")
    statement = (
        select(
            LoginSession.id, LoginSession.created_at, LoginSession.last_seen_at, LoginSession.address,
            LoginSession.browser,
        )
        .where(LoginSession.user_id == me.user_id, ~_over(session, as_of))
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )  # fmt: skip
    return [OwnSession(*row) for row in session.execute(statement)]


def end_own_session(session: Session, session_id: int, as_of: datetime) -> None:
    """End one of the acting user's sessions, on whatever device.

    Raises NotFound for one that is not theirs or over, and NotAllowed.
    """
    me = authorize(session, "account.own")
    mine = LoginSession.id == session_id, LoginSession.user_id == me.user_id
    if not session.execute(delete(LoginSession).where(*mine).returning(LoginSession.id)).all():
        raise NotFound
    record(session, "user_signed_out", as_of, partner_id=me.partner_id, user=me.user_id, sessions=1)


def end_session(session: Session, cookie: str) -> None:
    """End the one session of a cookie, if it is still there: the browser is about to get another."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == hash_token(cookie)))


def end_sessions(session: Session, user_id: int, as_of: datetime) -> int:
    """Log the user out everywhere, unused tickets included; how many sessions there were."""
    session.execute(delete(LoginTicket).where(LoginTicket.user_id == user_id))
    ended = session.execute(
        delete(LoginSession).where(LoginSession.user_id == user_id).returning(LoginSession.token_hash)
    ).all()
    if ended:
        partner_id = session.scalar(select(User.partner_id).where(User.id == user_id))
        who = actor(session).user_id or user_id
        record(session, "user_signed_out", as_of, partner_id=partner_id, by=who, user=user_id, sessions=len(ended))
    return len(ended)


def forget_expired(session: Session, as_of: datetime) -> None:
    """Remove the sessions and tickets that ended by themselves."""
    session.execute(delete(LoginTicket).where(LoginTicket.expires_at <= as_of))
    session.execute(delete(LoginSession).where(_over(session, as_of)))


def hash_token(token: str) -> str:
    """What is kept of a random value that opens something."""
    return sha256(token.encode()).hexdigest()


def idle_life(session: Session) -> timedelta:
    """How long a session goes on without use."""
    return timedelta(hours=company(session).idle_hours)


def _over(session: Session, as_of: datetime) -> ColumnElement[bool]:
    return or_(LoginSession.expires_at <= as_of, LoginSession.last_seen_at <= as_of - idle_life(session))


def _when(as_of: datetime) -> dict[str, Any]:
    return {"as_of": as_of, "entering": list(ENTERING)}


# Written out: it is asked at every page view, and the ORM's own work would cost more than the query.
_WHO = text("""
    select u.id as user_id, u.kind, u.role, u.partner_id, u.name, u.email, u.language,
           u.totp_secret <> '' as has_second_factor, company.two_factor_roles, s.id as session_id, s.last_seen_at,
           case when s.viewing_until > :as_of and v.status = any(:entering) then v.id end as viewing_partner_id,
           s.viewing_until, s.viewing_role
    from login_session s
    join app_user u on u.id = s.user_id
    join company on company.id = 1
    left join partner p on p.id = u.partner_id
    left join partner v on v.id = s.viewing_partner_id
    where s.token_hash = :token and s.expires_at > :as_of
      and s.last_seen_at > cast(:as_of as timestamptz) - company.idle_hours * interval '1 hour'
      and u.active and (p.id is null or p.status = any(:entering))
""")
_SEEN = text("update login_session set last_seen_at = :as_of where id = :id and last_seen_at <= :before")
