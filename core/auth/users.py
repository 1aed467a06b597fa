"""People: made, blocked, given a new password. What happens to a password is recorded, never the password."""

import re

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.auth import passwords
from core.auth.models import User
from core.auth.sessions import end_sessions
from core.db import actor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import LANGUAGES, N_
from core.partners.models import Partner

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class EmailInvalid(Refusal):
    message = N_("“{email}” is not an e-mail address. Check it for typing errors.")


class EmailTaken(Refusal):
    message = N_("There is already a user with the address {email}. Every user needs an own address.")


class NameMissing(Refusal):
    message = N_("Enter the person's name.")


class CannotBlockYourself(Refusal):
    message = N_("You cannot block yourself: ask a colleague.")


def create_user(
    session: Session, email: str, name: str, kind: str, partner_id: int | None = None, password: str | None = None
) -> tuple[User, str]:
    """A new user and the password to hand over, generated when none is given.

    `kind` is 'partner' (then with the partner's id) or 'staff'. Raises EmailInvalid, EmailTaken, NameMissing,
    passwords.PasswordTooShort, or NotFound for an unknown partner.
    """
    email, name = clean_email(email), name.strip()
    _check(session, email, name, partner_id)
    password = password or passwords.generate_password()
    values = {"email": email, "name": name, "kind": kind, "partner_id": partner_id}
    statement = (
        insert(User)
        .values(values | {"password_hash": passwords.hash_password(password)})
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User)
    )
    user = session.scalar(statement)
    if user is None:
        raise EmailTaken(email=email)
    record(session, "user_created", clock.now(), partner_id=partner_id, user=user.id, email=email, user_kind=kind)
    return user, password


def _check(session: Session, email: str, name: str, partner_id: int | None) -> None:
    if not EMAIL.fullmatch(email):
        raise EmailInvalid(email=email)
    if not name:
        raise NameMissing
    if partner_id is not None and session.get(Partner, partner_id) is None:
        raise NotFound


def change_password(session: Session, user_id: int, password: str | None = None) -> str:
    """Set a password, generated when none is given, unlock the user and log them out everywhere; the password.

    Raises NotFound and passwords.PasswordTooShort.
    """
    password = password or passwords.generate_password()
    user = _user(session, user_id)
    user.password_hash = passwords.hash_password(password)
    user.failed_logins, user.locked_until = 0, None
    record(session, "user_password_changed", clock.now(), partner_id=user.partner_id, user=user.id)
    end_sessions(session, user.id, clock.now())
    return password


def set_active(session: Session, user_id: int, active: bool) -> None:
    """Let a user in again, or block them at once, everywhere. Raises NotFound, and CannotBlockYourself."""
    if user_id == actor(session).user_id and not active:
        raise CannotBlockYourself
    user = _user(session, user_id)
    if user.active == active:
        return
    user.active = active
    kind = "user_unblocked" if active else "user_blocked"
    record(session, kind, clock.now(), partner_id=user.partner_id, user=user.id)
    if not active:
        end_sessions(session, user.id, clock.now())


def set_language(session: Session, language: str) -> None:
    """The language in which the acting user sees the portal from now on: 'ro' or 'en'."""
    if language not in LANGUAGES:
        raise NotFound
    session.execute(update(User).where(User.id == actor(session).user_id).values(language=language))


def clean_email(email: str) -> str:
    """The form in which addresses are kept and compared."""
    return "".join(sign for sign in email if sign.isprintable()).strip().lower()


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    return user
