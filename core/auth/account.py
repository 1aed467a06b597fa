"""One's own account: password, e-mail address, name, language, mails. And the way back in for who forgot.

Everything here touches the acting user only, or whom a mailed link names. Runs outside the wall, see core.auth.users.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.auth import passwords
from core.auth.links import Opened, end_links, make_link, open_link
from core.auth.models import User
from core.auth.sessions import MAY_SIGN_IN
from core.auth.throttling import (
    LINKS,
    LOGIN,
    REQUESTS,
    RESETS,
    TooManyTries,
    address_key,
    count_try,
    forget_tries,
    key_of,
)
from core.auth.users import EmailTaken, NameMissing, clean_email, require_email, store_password
from core.db import actor
from core.errors import NotAllowed, NotFound, Refusal
from core.events import record
from core.i18n import LANGUAGES, N_
from core.partners.models import Partner
from core.permissions import authorize
from core.search import without_nul

NEW_ORDER_ALERTS = ("none", "badge", "sound")


class WrongPassword(Refusal):
    message = N_("Your present password is not right.")


class NothingNew(Refusal):
    message = N_("This is the address you have already.")


def count_password_attempt(session: Session, as_of: datetime) -> None:
    """Count that the acting user is about to type the present password; commit it before the password is compared.

    Raises TooManyTries: a signed-in browser that was left alone is no place to guess at leisure.
    """
    count_try(session, key_of("own-password", str(authorize(session, "account.own").user_id)), LOGIN, as_of)


def require_password(session: Session, password: str) -> User:
    """The acting user, locked, if this is their password. Raises WrongPassword."""
    me = authorize(session, "account.own")
    user = session.get_one(User, me.user_id, with_for_update=True, populate_existing=True)
    if not passwords.matches(password, user.password_hash):
        raise WrongPassword
    forget_tries(session, key_of("own-password", str(user.id)))
    return user


def change_password(session: Session, present: str, new: str, as_of: datetime) -> User:
    """A new password for the acting user, who is logged out everywhere by it; issue a ticket to stay in this browser.

    Raises WrongPassword, and what passwords.hash_password raises.
    """
    user = require_password(session, present)
    store_password(session, user, new, as_of)
    return user


def ask_email_change(session: Session, password: str, new_email: str, as_of: datetime) -> None:
    """Mail a link to the new address; the old one stays in force until it is opened. The old address is told as well.

    Whether another user has the new address is only said when the link is opened, by who can read its mails.
    Raises WrongPassword, EmailInvalid, NothingNew, and TooManyTries: these mails go to any address.
    """
    user, new_email = require_password(session, password), require_email(new_email)
    if new_email == user.email:
        raise NothingNew
    count_try(session, key_of("email", str(user.id)), LINKS, as_of)
    link = make_link(session, user.id, "email", as_of, new_email)
    record(
        session, "email_change_asked", as_of, partner_id=user.partner_id, user=user.id, link=str(link), email=new_email
    )


def confirm_email(session: Session, token: str, as_of: datetime) -> Opened:
    """Open the link that was mailed to a new address: it is the user's from now on. Raises LinkIsOver, EmailTaken."""
    opened = open_link(session, token, as_of, "email", lock=True)
    user = session.get_one(User, opened.user_id)
    end_links(session, user.id)  # an invitation too: it is in the mailbox of the old address
    user.email = opened.new_email
    try:
        session.flush()
    except IntegrityError as error:
        raise EmailTaken(email=opened.new_email) from error
    record(
        session, "user_email_changed", as_of, partner_id=user.partner_id, by=user.id,
        user=user.id, old=opened.email, new=opened.new_email,
    )  # fmt: skip
    return opened


def ask_reset(session: Session, email: str, as_of: datetime) -> None:
    """Mail a link, good for 30 minutes, to set a new password with, if a user who may log in has this address.

    Never tells whether one does. Too many for one address send no more mails; raises TooManyTries only for what
    comes from one IP address.
    """
    if key := address_key("reset", actor(session).address):
        count_try(session, key, REQUESTS, as_of)
    try:
        count_try(session, key_of("reset", clean_email(email)), RESETS, as_of)
    except TooManyTries:
        return
    known = select(User).outerjoin(Partner).where(User.email == clean_email(email), MAY_SIGN_IN)
    user = session.scalar(known.with_for_update(of=User, key_share=True))
    if user is None:
        return
    link = make_link(session, user.id, "reset", as_of)
    record(session, "password_reset_asked", as_of, partner_id=user.partner_id, user=user.id, link=str(link))


def use_link(session: Session, token: str, password: str, as_of: datetime) -> Opened:
    """Set the password through an invitation or a reset; the link is used up, and every session ends.

    Raises LinkIsOver, and what passwords.hash_password raises: then the link still works.
    """
    opened = open_link(session, token, as_of, "invite", "reset", lock=True)
    store_password(session, session.get_one(User, opened.user_id), password, as_of)
    return opened


def set_language(session: Session, language: str) -> None:
    """The language in which the acting user sees the portal from now on: 'ro' or 'en'."""
    if language not in LANGUAGES:
        raise NotFound
    me = authorize(session, "account.own")
    session.execute(update(User).where(User.id == me.user_id).values(language=language))


def shows_gross(session: Session) -> bool:
    """Does the acting user want prices with VAT? Staff in a partner's place see them as they would on their own."""
    me = authorize(session, "account.own", "catalog.see")
    return session.get_one(User, me.user_id).show_gross


def set_show_gross(session: Session, gross: bool) -> None:
    """From now on the acting user sees prices with VAT, or net. Raises NotAllowed."""
    me = authorize(session, "account.own", "catalog.see")
    session.execute(update(User).where(User.id == me.user_id).values(show_gross=gross))


def new_order_alert(session: Session) -> str:
    """How the acting member of staff wants to hear of new orders: 'none', 'badge' or 'sound'. Raises NotAllowed."""
    return session.get_one(User, _staff_member(session)).new_order_alert


def set_new_order_alert(session: Session, alert: str) -> None:
    """From now on the acting member of staff hears of new orders so: 'none', 'badge' or 'sound'. Raises NotAllowed."""
    if alert not in NEW_ORDER_ALERTS:
        raise NotFound
    session.execute(update(User).where(User.id == _staff_member(session)).values(new_order_alert=alert))


def _staff_member(session: Session) -> int | None:
    me = authorize(session, "account.own")
    if me.kind != "staff":
        raise NotAllowed
    return me.user_id


def set_name(session: Session, name: str, as_of: datetime) -> None:
    """The acting user's own name. Raises NameMissing."""
    me, name = authorize(session, "account.own"), without_nul(name).strip()
    if not name:
        raise NameMissing
    renamed = update(User).where(User.id == me.user_id, User.name != name).values(name=name)
    if session.execute(renamed.returning(User.id)).all():
        record(session, "user_renamed", as_of, partner_id=me.partner_id, user=me.user_id, old=me.name, new=name)


def choose_mails(session: Session, muted: Collection[str], gathered: Collection[str], as_of: datetime) -> None:
    """The mails (names of their templates) that the acting user does not want from now on, and those that are to come
    together once a day."""
    me = authorize(session, "account.own")
    user = session.get_one(User, me.user_id, with_for_update=True, populate_existing=True)
    off, daily = sorted(set(muted)), sorted(set(gathered) - set(muted))
    if (sorted(user.muted), sorted(user.gathered)) != (off, daily):
        user.muted, user.gathered = off, daily
        about = {"partner_id": me.partner_id, "user": me.user_id}
        record(session, "user_mails_chosen", as_of, **about, muted=off, gathered=daily)
