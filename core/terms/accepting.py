"""Partners' people accept the terms and conditions, each for themselves, once per text."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.events import record
from core.permissions import authorize, may
from core.principal import Principal


@dataclass(frozen=True, slots=True)
class ToAccept:
    """A text in force that somebody has not accepted yet, Markdown in their language."""

    id: int
    body: str
    published_at: datetime


def to_accept(session: Session, who: Principal) -> ToAccept | None:
    """What `who`, for whom the transaction was opened, has to accept before going on; nothing for the staff."""
    if not may(who, "terms.accept"):
        return None
    row = session.execute(_OPEN, {"user": who.user_id}).one_or_none()
    if row is None or not row.romanian:
        return None
    english = who.language == "en" and row.english
    return ToAccept(row.id, row.english if english else row.romanian, row.published_at)


def accept(session: Session, terms_id: int, as_of: datetime) -> bool:
    """The acting user accepts the text in force; False if they had. Records 'terms_accepted'.

    Raises NotAllowed, and NotFound for a text that is not in force: another one took its place meanwhile.
    """
    me = authorize(session, "terms.accept")
    if session.execute(_NEWEST).scalar_one_or_none() != terms_id:
        raise NotFound
    values = {"terms": terms_id, "user": me.user_id, "partner": me.partner_id, "as_of": as_of}
    if session.execute(_ACCEPT, values).one_or_none() is None:
        return False
    record(session, "terms_accepted", as_of, partner_id=me.partner_id, version=terms_id)
    return True


_NEWEST = text("select id from terms order by id desc limit 1")
_OPEN = text("""
    select terms.* from (select * from terms order by id desc limit 1) terms
    where not exists (select from terms_acceptance done where done.terms_id = terms.id and done.user_id = :user)
""")
_ACCEPT = text("""
    insert into terms_acceptance (terms_id, user_id, partner_id, accepted_at)
    values (:terms, :user, :partner, :as_of) on conflict do nothing returning terms_id
""")
