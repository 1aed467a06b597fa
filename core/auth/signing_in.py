"""Is it the right password? Counted, so that it cannot be guessed."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.orm import Session

from core.auth import passwords
from core.auth.models import User
from core.auth.sessions import MAY_SIGN_IN
from core.auth.users import clean_email
from core.events import record
from core.partners.models import Partner

MAX_FAILURES = 5
LOCK = timedelta(minutes=15)


def check_password(session: Session, email: str, password: str, as_of: datetime) -> User | None:
    """The user with this address and password, or None.

    None says nothing about why: unknown, wrong, blocked, locked. Each takes the time of one bcrypt. After five wrong
    passwords the user is locked for 15 minutes, also against the right one. Issue the ticket in the same transaction:
    then a new password that comes at the same moment ends it.
    """
    known = select(User).outerjoin(Partner).where(User.email == clean_email(email), MAY_SIGN_IN)
    user = session.scalar(known)
    right = passwords.matches(password, user.password_hash if user else None)
    if user is None:
        return None
    if right:
        return user if _forget_failures(session, user, as_of) else None
    _count_failure(session, user, as_of)
    return None


def _forget_failures(session: Session, user: User, as_of: datetime) -> bool:
    """Start counting anew; False if the user was locked or blocked or got a new password while this one was compared.

    From here on a new password waits for the end of this transaction.
    """
    statement = (
        update(User)
        .where(User.id == user.id, User.active, User.password_hash == user.password_hash, _not_locked(as_of))
        .values(failed_logins=0, locked_until=None)
        .returning(User.id)
    )
    return session.execute(statement).one_or_none() is not None


def _count_failure(session: Session, user: User, as_of: datetime) -> None:
    """One statement, so that attempts at the same time are all counted; a lock that is over starts a new count."""
    failures = case((User.locked_until.is_not(None), 1), else_=User.failed_logins + 1)
    statement = (
        update(User)
        .where(User.id == user.id, _not_locked(as_of))
        .values(failed_logins=failures, locked_until=case((failures >= MAX_FAILURES, as_of + LOCK)))
        .returning(User.locked_until)
    )
    if session.scalar(statement) is not None:
        record(session, "user_locked", as_of, partner_id=user.partner_id, user=user.id)


def _not_locked(as_of: datetime) -> ColumnElement[bool]:
    return or_(User.locked_until.is_(None), User.locked_until <= as_of)
