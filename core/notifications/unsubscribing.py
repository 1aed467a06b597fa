"""Out of a mail that one can do without, with one click and without logging in."""

from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.auth.models import User
from core.config import settings
from core.errors import NotFound
from core.events import record
from core.notifications.choices import choice_of
from core.sealing import is_signed, sign

PATH = "/unsubscribe"
DIGITS = 32
"""Of the signature, so that the address stays short."""


def address_to_unsubscribe(user_id: int | None, template: str) -> str:
    """Where who gets these mails can stop them, and all of the same switch; empty for mails that always come, and
    for who has no account.

    It works for as long as the secret key is the same, and does nothing but that: who finds it learns nothing.
    """
    choice = choice_of(template)
    if user_id is None or not choice:
        return ""
    query = urlencode({"user": user_id, "mail": choice, "seal": sign(_signed(user_id, choice))[:DIGITS]})
    return f"{settings().public_url.rstrip('/')}{PATH}?{query}"


def language_of_link(session: Session, user_id: int, template: str, seal: str) -> str:
    """The language of the user whom such an address is for. Raises NotFound for an address that we never made."""
    return _user(session, user_id, template, seal).language


def unsubscribe(session: Session, user_id: int, template: str, seal: str, as_of: datetime) -> None:
    """The user gets no more mails of this kind; a second time changes nothing. Raises NotFound."""
    user = _user(session, user_id, template, seal, lock=True)
    if template in user.muted:
        return
    user.muted = sorted({*user.muted, template})
    record(session, "user_mails_chosen", as_of, partner_id=user.partner_id, by=user.id, user=user.id, muted=user.muted)


def _user(session: Session, user_id: int, template: str, seal: str, lock: bool = False) -> User:
    if len(seal) != DIGITS or not is_signed(_signed(user_id, template), seal):
        raise NotFound
    wanted = select(User).where(User.id == user_id).execution_options(populate_existing=True)
    user = session.scalar(wanted.with_for_update() if lock else wanted)
    if user is None:
        raise NotFound
    return user


def _signed(user_id: int, template: str) -> bytes:
    return f"unsubscribe:{user_id}:{template}".encode()
