"""From a checked password to a signed-in browser, and out again.

The log-in form cannot set a cookie. It issues a ticket, the browser brings the ticket to a route at once, and the
route exchanges it for a session and sets the cookie. Only the SHA-256 of tickets and cookies is kept.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from posixpath import normpath
from typing import NamedTuple, cast
from urllib.parse import unquote

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from core.auth.models import LoginSession, LoginTicket, User
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.partners.models import Partner
from core.principal import Kind, Principal

TICKET_LIFE = timedelta(seconds=30)
SESSION_LIFE = timedelta(days=30)

MAY_SIGN_IN: ColumnElement[bool] = User.active & or_(User.partner_id.is_(None), Partner.status != "closed")
"""Holds for users joined (outer) with their partner: blocked users and closed partners are out."""


class NoCookies(Refusal):
    message = N_("Your browser refuses cookies, and without one you cannot stay logged in. Allow them and reload.")


class Redeemed(NamedTuple):
    user_id: int
    next_path: str


def issue_ticket(session: Session, user_id: int, browser: str, next_path: str, as_of: datetime) -> str:
    """A ticket for the user whose password was just checked, good for 30 s in the browser with this `pre` cookie.

    `next_path` is where the browser goes then; an address outside this site becomes the start page. Raises NoCookies
    when the browser brought no `pre` cookie.
    """
    if not browser:
        raise NoCookies
    session.execute(delete(LoginTicket).where(LoginTicket.expires_at <= as_of))
    ticket = secrets.token_urlsafe(32)
    session.add(
        LoginTicket(
            token_hash=_hash(ticket),
            user_id=user_id,
            browser_hash=_hash(browser),
            next_path=local_path(next_path),
            expires_at=as_of + TICKET_LIFE,
        )
    )
    return ticket


def redeem_ticket(session: Session, ticket: str, browser: str, as_of: datetime) -> Redeemed | None:
    """Use up a ticket: who comes in, and where to. None if it is used, too old, or another browser's."""
    good = and_(
        LoginTicket.token_hash == _hash(ticket),
        LoginTicket.browser_hash == _hash(browser),
        LoginTicket.expires_at > as_of,
    )
    # The user before the ticket, as a change of the password locks them: the other way round the two could block
    # each other.
    session.execute(select(User.id).join(LoginTicket).where(good).with_for_update(of=User, key_share=True))
    statement = delete(LoginTicket).where(good).returning(LoginTicket.user_id, LoginTicket.next_path)
    row = session.execute(statement).one_or_none()
    return Redeemed(row.user_id, local_path(row.next_path)) if row else None


def open_session(session: Session, user_id: int, as_of: datetime) -> str:
    """A new session of the user: the value for the cookie. It ends by itself after 30 days."""
    user = session.get_one(User, user_id)
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id, LoginSession.expires_at <= as_of))
    cookie = secrets.token_urlsafe(32)
    session.add(LoginSession(token_hash=_hash(cookie), user_id=user_id, expires_at=as_of + SESSION_LIFE))
    record(session, "user_signed_in", as_of, partner_id=user.partner_id, user=user_id)
    return cookie


def principal_of_cookie(session: Session, cookie: str, as_of: datetime) -> Principal | None:
    """Who is signed in with this cookie; nobody if the session ended or the user or partner may not enter any more."""
    statement = (
        select(User)
        .join(LoginSession, LoginSession.user_id == User.id)
        .outerjoin(Partner)
        .where(LoginSession.token_hash == _hash(cookie), LoginSession.expires_at > as_of, MAY_SIGN_IN)
    )
    user = session.scalar(statement)
    if user is None:
        return None
    return Principal(cast(Kind, user.kind), user.id, user.partner_id, user.name, user.email, user.language)


def end_session(session: Session, cookie: str) -> None:
    """End the one session of a cookie, if it is still there: the browser is about to get another."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == _hash(cookie)))


def end_sessions(session: Session, user_id: int, as_of: datetime) -> int:
    """Log the user out everywhere, unused tickets included; how many sessions there were."""
    session.execute(delete(LoginTicket).where(LoginTicket.user_id == user_id))
    ended = session.execute(
        delete(LoginSession).where(LoginSession.user_id == user_id).returning(LoginSession.token_hash)
    ).all()
    if ended:
        partner_id = session.scalar(select(User.partner_id).where(User.id == user_id))
        record(session, "user_signed_out", as_of, partner_id=partner_id, user=user_id, sessions=len(ended))
    return len(ended)


def forget_expired(session: Session, as_of: datetime) -> None:
    """Remove the sessions and tickets that ended by themselves."""
    session.execute(delete(LoginTicket).where(LoginTicket.expires_at <= as_of))
    session.execute(delete(LoginSession).where(LoginSession.expires_at <= as_of))


def local_path(path: str) -> str:
    """`path` if it stays on this site and is none of the log-in's own routes, else the start page.

    Browsers read a backslash as a slash, skip tabs and resolve dots.
    """
    local = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if local and not f"{_resolved(path)}/".startswith("/auth/") else "/"


def _resolved(path: str) -> str:
    return normpath(unquote(path.partition("?")[0].partition("#")[0]))


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
