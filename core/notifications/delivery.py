"""The states of a mail on its way: taken, sent, tried again, given up, or nobody knows.

The steps are one transaction each; talking to the mail server happens between them (workers/jobs.py):

    taken = take_next(session, as_of)        # committed before the server hears of it
    outcome = smtp.send(taken)               # within it `begin`, committed before the server gets the content
    note(session, taken, outcome, as_of)
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, select, text, update
from sqlalchemy.orm import Session

from core import clock
from core.auth.links import address_of_link
from core.auth.models import User
from core.company import company
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.notifications.addresses import is_usable, listed
from core.notifications.models import Mail
from core.permissions import authorize

PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
MOST_TRIES = 22
"""With the last pause repeated, the last try comes about three days after the first."""

LEASE = timedelta(minutes=5)
"""A mail that is still on its way after this long: its worker has died. No job lives longer."""


class CannotSendAgain(Refusal):
    message = N_("Only a mail that failed, or of which nobody knows, can be sent again.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that leaves with a mail: made, or fetched, when it leaves, and not kept with the mail."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that this process, and no other, may begin to hand over, as long as `begin` says so."""

    mail: Mail
    until: datetime
    sender_name: str
    reply_to: str
    """The distributor's own address, for people who answer; empty if there is none."""
    link: str = field(default="", repr=False)
    """The address that goes where the mail has the mark of its link: here only, and in no log."""
    attachment: Attachment | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the server said. `state` is 'sent', 'failed' (it will never take the mail), 'queued' (later perhaps)
    or 'uncertain' (it fell silent after it had the mail). `server_down` means that no other mail would do better,
    `bounced` that it is the recipient's address that the server will never take."""

    state: str
    error: str = ""
    server_down: bool = False
    bounced: bool = False


def take_next(session: Session, as_of: datetime) -> Taken | None:
    """Take the mail that has been due longest; None if none is due. Of two at once each gets another one.

    A mail whose link opens nothing any more fails instead: it would only lead to a refusal.
    """
    until = as_of + LEASE
    while mail := _take(session, as_of, until):
        link = address_of_link(session, mail.link_id, clock.real(as_of)) if mail.link_id else ""
        if link is not None:
            row = company(session)
            return Taken(mail, until, row.name, next(filter(is_usable, listed(row.email)), ""), link)
        mail.state, mail.error = "failed", _LINK_OVER
        session.flush()
    return None


def _take(session: Session, as_of: datetime, until: datetime) -> Mail | None:
    # One that was never tried waits for nothing: where the clock was set back, it is written in the future.
    due = select(Mail.id).where(Mail.state == "queued", (Mail.next_try_at <= as_of) | (Mail.tries == 0))
    first = due.order_by(Mail.next_try_at, Mail.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    taking = update(Mail).where(Mail.id == first, Mail.state == "queued").returning(Mail)
    return session.scalar(taking.values(state="taken", tries=Mail.tries + 1, next_try_at=until))


def begin(session: Session, taken: Taken) -> bool:
    """Note that the server is about to get the mail's content; False if it may not, because the mail was given back.

    To be committed before the content goes out: from then on, silence is doubt. A second time does no harm: the line
    may have broken before the content went out.
    """
    begun = update(Mail).where(*_mine(taken, "taken", "sending")).values(state="sending").returning(Mail.id)
    return session.execute(begun).one_or_none() is not None


def _mine(taken: Taken, *states: str) -> tuple[ColumnElement[bool], ...]:
    """Nobody has taken the mail since: the end of a lease is no other's."""
    return Mail.id == taken.mail.id, Mail.next_try_at == taken.until, Mail.state.in_(states)


def forget_old(session: Session, as_of: datetime) -> None:
    """Take the words out of mails that were sent longer ago than the distributor's `mail_days`; that they were sent,
    and to whom, stays."""
    session.execute(_FORGET, {"as_of": as_of})


def note(session: Session, taken: Taken, outcome: Outcome, as_of: datetime) -> None:
    """Write down what became of a taken mail. An answer that comes after the mail was sent again is ignored."""
    tries = taken.mail.tries
    state = "failed" if outcome.state == "queued" and tries >= MOST_TRIES else outcome.state
    values: dict[str, Any] = {"state": state, "error": outcome.error}
    if state == "sent":
        values["sent_at"] = as_of
    if state == "queued":
        values["next_try_at"] = as_of + PAUSES[min(tries, len(PAUSES)) - 1]
    session.execute(update(Mail).where(*_mine(taken, "taken", "sending", "uncertain")).values(values))
    _note_address(session, taken.mail, outcome, as_of)


def _note_address(session: Session, mail: Mail, outcome: Outcome, as_of: datetime) -> None:
    """What the server said of the address is said of its user, as long as they have that address."""
    its_user = User.id == mail.user_id, User.email == mail.recipient
    if outcome.bounced:
        session.execute(update(User).where(*its_user).values(bounced_at=as_of, bounce=outcome.error))
    elif outcome.state == "sent":
        arrived = update(User).where(*its_user, User.bounced_at.is_not(None))
        session.execute(arrived.values(bounced_at=None, bounce=""))


def give_up_on_the_silent(session: Session, as_of: datetime) -> int:
    """Mails whose worker died while it was sending them become 'uncertain'; returns how many.

    They are not tried again by themselves: the server may have had them. One of which the server had nothing yet is
    queued again, unless workers have died of it MOST_TRIES times.
    """
    over = Mail.next_try_at <= as_of
    state = case((Mail.tries >= MOST_TRIES, "failed"), else_="queued")
    session.execute(update(Mail).where(Mail.state == "taken", over).values(state=state, error=_NOT_BEGUN))
    left = update(Mail).where(Mail.state == "sending", over).values(state="uncertain", error=_DIED).returning(Mail.id)
    return len(session.execute(left).all())


_LINK_OVER = N_("The link in this mail is no longer valid.")
_NOT_BEGUN = N_("The worker ended before the server had the mail.")
_DIED = N_("The worker ended while it was sending. The mail may have arrived.")


def send_again(session: Session, mail_id: int, as_of: datetime) -> None:
    """Put a failed or uncertain mail back into the queue, with all its tries.

    Raises NotAllowed, and CannotSendAgain for a mail in another state (also when a colleague was faster).
    """
    authorize(session, "mails.see")
    again = update(Mail).where(Mail.id == mail_id, Mail.state.in_(("failed", "uncertain")))
    found = session.execute(again.values(state="queued", tries=0, next_try_at=as_of).returning(Mail.recipient))
    recipient = found.scalar_one_or_none()
    if recipient is None:
        raise CannotSendAgain
    record(session, "mail_sent_again", as_of, mail_id=mail_id, recipient=recipient)


_FORGET = text("""
    update mail set body_text = '', body_html = '' from company
    where mail_days > 0 and state = 'sent' and body_text <> ''
      and mail.created_at <= cast(:as_of as timestamptz) - mail_days * interval '24 hours'
""")
