"""People as others manage them: made, invited, blocked, given a role. Never is a password recorded.

Staff manage partners' people, an admin the staff, a partner's owner the own colleagues: `managed` is where that is
decided. These functions run outside the wall (core.db.transaction(..., wall=False)), since partners' database role
cannot touch people at all.
"""

import re
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.auth import passwords
from core.auth.links import end_links, make_link
from core.auth.models import RecoveryCode, User
from core.auth.sessions import end_sessions
from core.auth.throttling import INVITATIONS, LINKS, count_try, forget_tries, key_of
from core.company import company
from core.db import actor
from core.errors import NotAllowed, NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.models import Partner
from core.permissions import PARTNER_ROLES, STAFF_ROLES, may
from core.search import without_nul

EMAIL = re.compile(r"[^@\s,;:<>\"()\[\]\\]+@[^@\s,;:<>\"()\[\]\\.]+(\.[^@\s,;:<>\"()\[\]\\.]+)+")
LONGEST_EMAIL = 254
ERASED_DOMAIN = "erased.invalid"
"""Where the addresses of people are who were erased (core.privacy): no mail gets there, and nobody logs in."""
LARGEST_LIMIT = Decimal("999999999999.99")


class EmailInvalid(Refusal):
    message = N_("“{email}” is not an e-mail address. Check it for typing errors.")


class EmailTaken(Refusal):
    message = N_("There is already a user with the address {email}. Every user needs an own address.")


class NameMissing(Refusal):
    message = N_("Enter the person's name.")


class NotYourself(Refusal):
    message = N_("You cannot do this to yourself: ask a colleague.")


class BadLimit(Refusal):
    message = N_("A spending limit is an amount of 0 or more with at most 2 decimals, and only for a buyer.")


def create_user(
    session: Session,
    email: str,
    name: str,
    role: str,
    as_of: datetime,
    *,
    partner_id: int | None = None,
    password: str | None = None,
    language: str | None = None,
) -> User:
    """A new user: of the partner `partner_id` with one of PARTNER_ROLES, else of the staff with one of STAFF_ROLES.

    Without a password nobody can log in before `invite` was called. Without a `language` it is the portal's usual one.
    Raises NotAllowed, EmailInvalid, EmailTaken,
    NameMissing, NotFound for an unknown partner or role, and what passwords.hash_password raises.
    """
    _authorize(session, partner_id)
    email, name = clean_email(email), without_nul(name).strip()
    _check(session, email, name, role, partner_id)
    password_hash = passwords.hash_password(password, [email, name]) if password is not None else ""
    usual = company(session)
    values = {
        "email": email, "name": name, "kind": "partner" if partner_id else "staff", "role": role,
        "partner_id": partner_id, "password_hash": password_hash, "language": language or usual.default_language,
        "show_gross": usual.prices_with_vat,
    }  # fmt: skip
    statement = insert(User).values(values).on_conflict_do_nothing(index_elements=[User.email]).returning(User)
    user = session.scalar(statement)
    if user is None:
        raise EmailTaken(email=email)
    record(session, "user_created", as_of, partner_id=partner_id, user=user.id, email=email, role=role)
    return user


def invite(session: Session, user_id: int, as_of: datetime) -> UUID:
    """Mail the user a link, good for 7 days, to set the password with; an older one ends. Gives the link's id.

    Raises NotFound (also for a blocked user), NotAllowed, NotYourself, and TooManyTries: nobody is mailed at will.
    """
    user = _somebody_else(session, user_id)
    if not user.active:
        raise NotFound
    count_try(session, key_of("invite", user.email), LINKS, as_of)
    if user.partner_id:
        count_try(session, key_of("invite-of", str(user.partner_id)), INVITATIONS, as_of)
    link = make_link(session, user.id, "invite", as_of)
    record(session, "user_invited", as_of, partner_id=user.partner_id, user=user.id, link=str(link))
    return link


def revoke_invitation(session: Session, user_id: int, as_of: datetime) -> None:
    """The mailed links open nothing any more. Raises NotFound, also where there was none, and NotAllowed."""
    user = managed(session, user_id)
    if not end_links(session, user.id, "invite", "reset"):
        raise NotFound
    record(session, "invitation_revoked", as_of, partner_id=user.partner_id, user=user.id)


def set_password(session: Session, user_id: int, password: str, as_of: datetime) -> None:
    """Give somebody else this password, lift a lock, and log them out everywhere.

    Raises NotYourself (one's own needs the old one: core.auth.account), NotFound, NotAllowed, and what
    passwords.hash_password raises.
    """
    user = _somebody_else(session, user_id)
    store_password(session, user, password, as_of)


def store_password(session: Session, user: User, password: str, as_of: datetime) -> None:
    """Keep a new password; every session, ticket and mailed link of the user ends, and so does a lock."""
    first, who = not user.password_hash, actor(session).user_id or user.id
    user.password_hash = passwords.hash_password(password, [user.email, user.name])
    forget_tries(session, key_of("login", user.email))
    end_links(session, user.id)  # the one to a new e-mail address too: a thief may have asked for it
    record(session, "user_password_changed", as_of, partner_id=user.partner_id, by=who, user=user.id, first=first)
    end_sessions(session, user.id, as_of)


def set_active(session: Session, user_id: int, active: bool, as_of: datetime) -> None:
    """Let a user in again, or block them at once, everywhere. Raises NotFound, NotAllowed, NotYourself."""
    user = _somebody_else(session, user_id)
    if user.active == active:
        return
    user.active = active
    end_links(session, user.id)
    kind = "user_unblocked" if active else "user_blocked"
    record(session, kind, as_of, partner_id=user.partner_id, user=user.id)
    if not active:
        end_sessions(session, user.id, as_of)


def set_role(
    session: Session, user_id: int, role: str, as_of: datetime, *, spending_limit: Decimal | None = None
) -> None:
    """Change somebody's role, and a buyer's spending limit (gross, RON; None for none). It counts from the next click.

    Raises NotFound (also for a role of the other side), NotAllowed, NotYourself, BadLimit.
    """
    user = _somebody_else(session, user_id)
    if role not in _roles(user.partner_id):
        raise NotFound
    _check_limit(role, spending_limit)
    if (user.role, user.spending_limit) == (role, spending_limit):
        return
    roles, limits = [user.role, role], [_said(user.spending_limit), _said(spending_limit)]
    user.role, user.spending_limit = role, spending_limit
    record(session, "user_role_changed", as_of, partner_id=user.partner_id, user=user.id, role=roles, limit=limits)


def remove_second_factor(session: Session, user_id: int, as_of: datetime) -> None:
    """For somebody who lost the telephone and the recovery codes: the password alone is enough again.

    Raises NotFound (also where there is none), NotAllowed, NotYourself.
    """
    user = _somebody_else(session, user_id)
    if not user.totp_secret:
        raise NotFound
    forget_second_factor(session, user, as_of)


def forget_second_factor(session: Session, user: User, as_of: datetime) -> None:
    """The secret and the recovery codes are gone; the user is told by mail."""
    user.totp_secret, user.totp_step = "", 0
    session.query(RecoveryCode).filter_by(user_id=user.id).delete()
    record(session, "second_factor_removed", as_of, partner_id=user.partner_id, user=user.id)


def managed(session: Session, user_id: int) -> User:
    """The user, locked, if the acting principal may manage them; raises NotFound for one of others, NotAllowed.

    Whoever acts is locked as well, and must be what they were when the page asked: of two administrators who block
    each other at the same moment one stays.
    """
    me, user = actor(session), session.get(User, user_id)
    if user is None or (me.kind == "partner" and user.partner_id != me.partner_id):
        raise NotFound
    _authorize(session, user.partner_id)  # before the locks, which a viewer's transaction cannot take
    both = select(User).where(User.id.in_([user_id, me.user_id or user_id])).order_by(User.id)
    locked = {
        row.id: row for row in session.scalars(both.with_for_update(), execution_options={"populate_existing": True})
    }
    if me.user_id and ((now := locked[me.user_id]).role, now.active) != (me.role, True):
        raise NotAllowed
    return locked[user_id]


def manages(session: Session, partner_id: int | None) -> bool:
    """May the acting principal manage the people of this partner, or, for None, the staff?"""
    me = actor(session)
    if me.kind == "partner":
        return partner_id == me.partner_id and may(me, "colleagues.manage")
    return may(me, "partner_users.manage" if partner_id else "staff.manage")


def clean_email(email: str) -> str:
    """The form in which addresses are kept and compared."""
    return "".join(sign for sign in email if sign.isprintable()).strip().lower()


def require_email(email: str) -> str:
    """The address in the form in which it is kept. Raises EmailInvalid."""
    email = clean_email(email)
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        raise EmailInvalid(email=email)
    return email


def _somebody_else(session: Session, user_id: int) -> User:
    if user_id == actor(session).user_id:
        raise NotYourself
    return managed(session, user_id)


def _authorize(session: Session, partner_id: int | None) -> None:
    if not manages(session, partner_id):
        raise NotAllowed


def _roles(partner_id: int | None) -> tuple[str, ...]:
    return PARTNER_ROLES if partner_id else STAFF_ROLES


def _check(session: Session, email: str, name: str, role: str, partner_id: int | None) -> None:
    require_email(email)
    if not name:
        raise NameMissing
    known = partner_id is None or session.get(Partner, partner_id) is not None
    if not known or role not in _roles(partner_id):
        raise NotFound


def _check_limit(role: str, limit: Decimal | None) -> None:
    if limit is None:
        return
    if role != "buyer" or not limit.is_finite() or not 0 <= limit <= LARGEST_LIMIT or limit != round(limit, 2):
        raise BadLimit


def _said(limit: Decimal | None) -> str | None:
    return None if limit is None else str(limit)
