"""Staff publish terms and conditions, and see who has accepted them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.search import without_nul
from core.terms.models import Terms

LONGEST = 100_000


class NothingChanged(Refusal):
    message = N_("The text is the same as the one in force, so nothing was published.")


class NoRomanian(Refusal):
    message = N_("The Romanian text is missing: everybody who has not chosen English reads it.")


class TextTooLong(Refusal):
    message = N_("A text may have {most} characters at most.")


@dataclass(frozen=True, slots=True)
class Accepting:
    """A partner that can log in: how many of its people have accepted the text in force, and how many there are."""

    partner: str
    code: str
    accepted: int
    people: int
    last_at: datetime | None


def terms_in_force(session: Session) -> Terms | None:
    """The newest text; None where there never was one or the newest is empty."""
    row = session.execute(_NEWEST).scalar_one_or_none()
    found = session.get(Terms, row) if row else None
    return found if found and found.romanian else None


def publish(session: Session, romanian: str, english: str, as_of: datetime) -> int:
    """Put a text in force, Markdown, that partners' people accept before they go on; an empty one asks for nothing.

    Records 'terms_published'. Raises NotAllowed, NothingChanged, NoRomanian, TextTooLong.
    """
    me = authorize(session, "settings.edit")
    romanian, english = (without_nul(body).strip() for body in (romanian, english))
    if english and not romanian:
        raise NoRomanian
    if max(len(romanian), len(english)) > LONGEST:
        raise TextTooLong(most=LONGEST)
    session.execute(_LOCK)
    now = terms_in_force(session)
    if (romanian, english) == ((now.romanian, now.english) if now else ("", "")):
        raise NothingChanged
    row = Terms(romanian=romanian, english=english, published_at=as_of, published_by=me.user_id)
    session.add(row)
    session.flush()
    record(session, "terms_published", as_of, version=row.id)
    return row.id


def accepting(session: Session) -> list[Accepting]:
    """The partners that can log in, those with somebody left to accept first. Raises NotAllowed."""
    authorize(session, "settings.edit")
    now = terms_in_force(session)
    return [Accepting(**row) for row in session.execute(_ACCEPTING, {"terms": now.id if now else None}).mappings()]


_NEWEST = text("select id from terms order by id desc limit 1")
_LOCK = text("select id from company for update")
_ACCEPTING = text("""
    select partner.name as partner, partner.code, count(done.user_id) as accepted, count(*) as people,
           max(done.accepted_at) as last_at
    from partner join app_user on app_user.partner_id = partner.id and app_user.active
    left join terms_acceptance done on done.user_id = app_user.id and done.terms_id = :terms
    where partner.status in ('approved', 'active')
    group by partner.id order by count(*) = count(done.user_id), partner.name
""")
