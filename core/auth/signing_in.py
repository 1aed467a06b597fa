"""Is it the right password? Counted, so that it cannot be guessed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.auth import passwords
from core.auth.models import User
from core.auth.sessions import MAY_SIGN_IN
from core.auth.throttling import ADDRESS, LOGIN, address_key, count_try, forget_tries, key_of, take_back
from core.auth.users import clean_email
from core.db import actor
from core.events import record
from core.partners.models import Partner

NOTICE_AFTER = 5
"""So many wrong passwords in a row, and the user is told of them by mail."""


def count_attempt(session: Session, email: str, as_of: datetime) -> None:
    """Count an attempt to log in under this address, whether a user has it or not. Commit it, then check the password.

    After two the waiting times grow, from 15 seconds to an hour; an IP address gets thirty wrong ones. Raises
    TooManyTries with the same words for known and unknown addresses, and then nothing is to be checked.
    """
    where = actor(session).address
    if key := address_key("login", where):
        count_try(session, key, ADDRESS, as_of)
    tries = count_try(session, _key(email), LOGIN, as_of)
    if tries == NOTICE_AFTER + 1:
        _tell_user(session, email, as_of)


def _tell_user(session: Session, email: str, as_of: datetime) -> None:
    user = session.scalar(select(User).where(User.email == clean_email(email), User.active))
    if user:
        record(session, "login_failures", as_of, partner_id=user.partner_id, user=user.id, tries=NOTICE_AFTER)


def check_password(session: Session, email: str, password: str) -> User | None:
    """The user with this address and password, or None, which says nothing about why: unknown, wrong, blocked.

    Each takes the time of one bcrypt. Call `count_attempt` before, in a transaction of its own; the right password
    ends its count, and is taken back from the IP address's, which a whole office may share. Issue the ticket in the
    same transaction as this: then a new password that comes at the same moment ends it.
    """
    known = select(User).outerjoin(Partner).where(User.email == clean_email(email), MAY_SIGN_IN)
    user = session.scalar(known)
    right = passwords.matches(password, user.password_hash if user else None)
    if user is None or not right or not _still_good(session, user):
        return None
    if key := address_key("login", actor(session).address):  # the address first, as count_attempt: else a deadlock
        take_back(session, key)
    forget_tries(session, _key(email))
    return user


def _still_good(session: Session, user: User) -> bool:
    """Blocked, or a new password, while this one was compared? From here on that waits for this transaction's end."""
    same = User.id == user.id, User.active, User.password_hash == user.password_hash
    return session.scalar(select(User.id).where(*same).with_for_update(key_share=True)) is not None


def _key(email: str) -> str:
    return key_of("login", clean_email(email))
