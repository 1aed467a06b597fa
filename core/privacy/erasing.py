"""A person who asks to be forgotten is (GDPR, article 17), as far as the law lets the distributor.

What the person did stays, as somebody's: orders, documents and their copies of names (accounting law: five years and
more), messages that belong to a business correspondence. Who it was goes: name, address, password, second step, where
and with what the person logged in, what mails said. Nothing brings it back.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from core.auth.models import KnownBrowser, LoginTicket, RecoveryCode
from core.auth.sessions import end_sessions
from core.auth.throttling import forget_tries, key_of
from core.auth.users import ERASED_DOMAIN, NotYourself, managed
from core.db import actor
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.orders.models import Favourite, QuickDraft

NAME = "Persoană ștearsă {id}"
WHERE = ("browser", "place")
"""What events say of where and with what somebody logged in."""
MAIL_ERROR = N_("The person was erased.")


class StillLetIn(Refusal):
    message = N_("Block {name} first: only who can no longer log in is erased.")


def erase(session: Session, user_id: int, as_of: datetime) -> None:
    """Erase a person who is blocked. Outside the wall (core.db). Records `user_erased`, without a name.

    Raises NotFound, NotAllowed, NotYourself, StillLetIn.
    """
    user = managed(session, user_id)
    if user.id == actor(session).user_id:
        raise NotYourself
    if user.active:
        raise StillLetIn(name=user.name)
    email, name, erased = user.email, user.name, f"{user.id}@{ERASED_DOMAIN}"
    end_sessions(session, user.id, as_of)
    for table in (KnownBrowser, LoginTicket, RecoveryCode, Favourite, QuickDraft):
        session.execute(delete(table).where(table.user_id == user.id))
    forget_tries(session, key_of("login", email))
    session.execute(_MAILS, {"user": user.id, "email": email, "erased": erased, "error": MAIL_ERROR})
    _forget_in_events(session, user.id, email, name)
    user.email, user.name, user.password_hash = erased, NAME.format(id=user.id), ""
    user.totp_secret, user.bounce, user.bounced_at = "", "", None
    record(session, "user_erased", as_of, partner_id=user.partner_id, user=user.id)


def _forget_in_events(session: Session, user_id: int, email: str, name: str) -> None:
    """The address is the person's own, wherever it stands; a name may be another's, too: it goes where the person is
    meant."""
    changes = []
    for row in session.execute(_TOLD_OF, {"user": user_id, "email": email}):
        meant = row.done_to or row.user_id == user_id
        data = {key: value for key, value in row.data.items() if not (row.done_to and key in WHERE)}
        data = _without(data, {email, name} if meant else {email})
        changes.append({"id": row.id, "user": user_id, "data": json.dumps(data)})
    session.execute(text("set local rampa.erasing = 'on'"))
    if changes:
        session.execute(_EVENT, changes)
    session.execute(text("set local rampa.erasing = 'off'"))


def _without(value: Any, words: set[str]) -> Any:
    """The JSON value, with nothing where one of the words stood alone."""
    if isinstance(value, dict):
        return {key: _without(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_without(part, words) for part in value]
    return "" if isinstance(value, str) and value in words else value


_MAILS = text("""
    update mail
    set recipient = :erased, subject = '', body_text = '', body_html = '',
        state = case when state in ('queued', 'held') then 'failed' else state end,
        error = case when state in ('queued', 'held') then :error else error end
    where user_id = :user or recipient = :email
""")
_TOLD_OF = text("""
    select id, user_id, data ->> 'user' = cast(:user as text) as done_to, data from event
    where user_id = :user or data ->> 'user' = cast(:user as text)
       or position(cast(to_json(cast(:email as text)) as text) in data::text) > 0
""")
_EVENT = text("""
    update event set data = cast(:data as jsonb), address = case when user_id = :user then '' else address end
    where id = :id
""")
