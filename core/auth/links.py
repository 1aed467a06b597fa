"""Links that are mailed: to set the first password, a new one, or a new e-mail address. Once, and not for long.

The database holds that a link exists, for whom and until when, but not the link: its secret part is computed from
the row's id and the installation's key when the mail leaves. So nobody who reads mails, events or a copy of the
database can use one.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.auth.models import AccessLink, User
from core.auth.sessions import MAY_SIGN_IN
from core.config import settings
from core.errors import Refusal
from core.i18n import N_
from core.partners.models import Partner
from core.sealing import is_signed, sign

Purpose = Literal["invite", "reset", "email"]

LIVES: dict[Purpose, timedelta] = {
    "invite": timedelta(days=7),
    "reset": timedelta(minutes=30),
    "email": timedelta(hours=24),
}
PATHS: dict[str, str] = {"invite": "/set-password", "reset": "/set-password", "email": "/confirm-email"}


class LinkIsOver(Refusal):
    message = N_(
        "This link was used already, was replaced by a newer one, or its time is over. Ask for a new one on the "
        "log-in page, or ask who sent it to you."
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link that still works is for, and whom; `new_email` only for the purpose 'email'."""

    link_id: uuid.UUID
    user_id: int
    purpose: str
    email: str
    name: str
    language: str
    new_email: str


def make_link(session: Session, user_id: int, purpose: Purpose, as_of: datetime, new_email: str = "") -> uuid.UUID:
    """Replace the user's link of this purpose by a new one; its id, to be mailed through an event that carries it."""
    values = {
        "id": uuid.uuid4(),
        "user_id": user_id,
        "purpose": purpose,
        "new_email": new_email,
        "created_at": as_of,
        "expires_at": as_of + LIVES[purpose],
    }
    statement = insert(AccessLink).values(values)
    newer = statement.on_conflict_do_update(index_elements=["user_id", "purpose"], set_=values)
    return session.execute(newer.returning(AccessLink.id)).scalar_one()


def address_of_link(session: Session, link_id: uuid.UUID, as_of: datetime) -> str | None:
    """The whole link, to be put into a mail that is just leaving; None if it no longer opens anything."""
    link = session.get(AccessLink, link_id)
    if link is None or link.expires_at <= as_of:
        return None
    return f"{settings().public_url.rstrip('/')}{PATHS[link.purpose]}?t={link.id.hex}{sign(_signed(link.id))}"


def open_link(session: Session, token: str, as_of: datetime, *purposes: Purpose, lock: bool = False) -> Opened:
    """What the link with this token is for, if it is for one of `purposes`; it stays as it is. `lock` to use it now.

    Raises LinkIsOver for anything that does not open something now: wrong, used, replaced, too late, a blocked user.
    """
    link_id = _checked(token)
    statement = (
        select(AccessLink.id, User.id, AccessLink.purpose, User.email, User.name, User.language, AccessLink.new_email)
        .join(User, User.id == AccessLink.user_id)
        .outerjoin(Partner, Partner.id == User.partner_id)
        .where(AccessLink.id == link_id, AccessLink.expires_at > as_of, AccessLink.purpose.in_(purposes), MAY_SIGN_IN)
    )
    if lock:
        statement = statement.with_for_update(of=(User, AccessLink))
    row = session.execute(statement).one_or_none()
    if row is None:
        raise LinkIsOver
    return Opened(*row)


def end_links(session: Session, user_id: int, *purposes: Purpose) -> int:
    """Make the user's links of these purposes (all, if none is named) useless; how many there were."""
    mine = delete(AccessLink).where(AccessLink.user_id == user_id, AccessLink.purpose.in_(purposes or LIVES))
    return len(session.execute(mine.returning(AccessLink.id)).all())


def forget_old_links(session: Session, as_of: datetime) -> None:
    """Remove the links whose time is over."""
    session.execute(delete(AccessLink).where(AccessLink.expires_at <= as_of))


def _checked(token: str) -> uuid.UUID:
    """The link's id, if the secret part is right."""
    try:
        link_id = uuid.UUID(hex=token[:32])
    except ValueError:
        raise LinkIsOver from None
    if len(token) != 96 or not is_signed(_signed(link_id), token[32:]):
        raise LinkIsOver
    return link_id


def _signed(link_id: uuid.UUID) -> bytes:
    return b"access-link:" + link_id.bytes
