"""The first administrator: comes in by a link that the terminal shows, as long as there is no member of staff."""

import hmac
import secrets
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.auth.models import User
from core.auth.sessions import hash_token
from core.auth.users import create_user
from core.config import settings
from core.db import actor
from core.errors import NotAllowed, Refusal
from core.i18n import N_
from core.installation import Installation, installation

PATH = "/set-up"


class SetUpIsOver(Refusal):
    message = N_(
        "This link opens nothing: it was used, or Rampa was started again since and shows a newer one in its terminal. "
        "If there is an administrator already, ask them for a log-in."
    )


def needs_administrator(session: Session) -> bool:
    """Is there nobody of the staff yet, not even a blocked one?"""
    return not session.scalar(select(exists().where(User.partner_id.is_(None))))


def new_set_up_link(session: Session) -> str | None:
    """The link for the first administrator, in place of the one before; None where there is staff.

    It works once, and until it is used. Only its SHA-256 is kept. For the launcher alone.
    """
    if actor(session).kind != "system":
        raise NotAllowed
    row = installation(session, lock=True)
    if not needs_administrator(session):
        row.setup_hash = ""
        return None
    token = secrets.token_urlsafe(32)
    row.setup_hash = hash_token(token)
    return f"{settings().public_url.rstrip('/')}{PATH}?t={token}"


def open_set_up(session: Session, token: str, *, lock: bool = False) -> Installation:
    """Does this token let the first administrator in now? Uses nothing up. Raises SetUpIsOver."""
    row = installation(session, lock=lock)
    right = bool(row.setup_hash) and hmac.compare_digest(row.setup_hash, hash_token(token))
    if not right or not needs_administrator(session):
        raise SetUpIsOver
    return row


def set_up(
    session: Session, token: str, name: str, email: str, password: str, as_of: datetime, *, language: str = "ro"
) -> User:
    """Make the first administrator; the link is used up.

    Raises SetUpIsOver, and what core.auth.users.create_user raises: then the link still works.
    """
    row = open_set_up(session, token, lock=True)
    user = create_user(session, email, name, "admin", as_of, password=password, language=language)
    row.setup_hash = ""
    return user
