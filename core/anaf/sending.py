"""Invoices on their way to ANAF. Decision 0032 has the states.

The steps are one transaction each; talking to ANAF happens between them (workers/jobs.py):

    taken = take_next(session, as_of)        # committed before ANAF hears of it
    outcome = hand_over(taken)
    note(session, taken, outcome, as_of)
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from core.anaf import answers, client, tokens
from core.anaf.answers import Unreadable
from core.anaf.client import Access, AnafError, Busy, Denied, NotSent, Rejected
from core.anaf.models import AnafSubmission
from core.anaf.wording import is_the_invoices
from core.documents.models import Document
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize

LEASE = timedelta(minutes=10)
"""An invoice that is still being sent after this long: its worker has died. No job lives longer."""
PAUSES = [timedelta(minutes=minutes) for minutes in (2, 10, 30, 60)]
FIRST_STATUS = timedelta(seconds=30)
FIRST_LOOK = timedelta(minutes=10)
"""So long after a try in doubt ANAF's list is read for the first time."""
SURE_AFTER = timedelta(hours=24)
"""What ANAF's list does not have so long after a try in doubt, or longer, ANAF has not. It works on an upload for
minutes as a rule, for hours on bad days; there are five working days."""


class NotSentAgain(Refusal):
    message = N_("Only an invoice that ANAF refused, or that is not in ANAF's list, can be sent again.")


class StillLooking(Refusal):
    message = N_(
        "ANAF may have this invoice: it is still being looked for in ANAF's list. Wait for that, or it could be sent"
        " twice."
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """An invoice that this process, and no other, hands over now; `tried_at` tells this try from others."""

    document_id: int
    tried_at: datetime
    tries: int
    access: Access
    xml: bytes = field(repr=False)
    seller: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is 'uploaded', 'refused', 'queued' (surely not taken) or 'unknown'; `stop`: no other invoice would do
    better now."""

    state: str
    upload_index: str = ""
    error: AnafError | None = None
    stop: bool = False


def take_next(session: Session, as_of: datetime) -> Taken | None:
    """Take the invoice that is due first; None if none is, or ANAF cannot be asked now. Of two at once each gets
    another one."""
    access = tokens.access(session, as_of, to_send=True)
    if access is None:
        return None
    row = session.execute(_NEXT, {"as_of": as_of}).one_or_none()
    if row is None:
        return None
    taking = (
        update(AnafSubmission)
        .where(AnafSubmission.document_id == row.document_id, AnafSubmission.state == "queued")
        .values(
            state="sending", environment=access.environment, tried_at=as_of, taken_until=as_of + LEASE,
            tries=AnafSubmission.tries + 1, upload_index=None, download_id=None, verdict="", looks=0,
        )
        .returning(AnafSubmission.tries)
    )  # fmt: skip
    tries = session.scalar(taking)
    return None if tries is None else Taken(row.document_id, as_of, tries, access, row.xml, row.seller)


def hand_over(taken: Taken) -> Outcome:
    """Give the invoice to ANAF, once, and say what came of it. Not within a transaction: it may take minutes."""
    try:
        standard = "CN" if answers.facts_of(taken.xml).root == "CreditNote" else "UBL"
        return Outcome("uploaded", client.upload(taken.access, taken.xml, taken.seller, standard))
    except Unreadable:
        return Outcome("refused", error=Rejected("the XML cannot be read"))
    except Rejected as error:
        return Outcome("refused", error=error) if is_the_invoices(error.text) else Outcome("queued", "", error, True)
    except (NotSent, Busy, Denied) as error:
        return Outcome("queued", "", error, True)
    except AnafError as error:
        return Outcome("unknown", "", error, True)


def note(session: Session, taken: Taken, outcome: Outcome, as_of: datetime) -> bool:
    """Write down what became of a taken invoice; False if another try has begun since.

    An index is written down however late it comes, unless the invoice was sent again meanwhile.
    """
    states = ("sending", "unknown", "queued") if outcome.state == "uploaded" else ("sending", "unknown")
    mine = (
        AnafSubmission.document_id == taken.document_id, AnafSubmission.tried_at == taken.tried_at,
        AnafSubmission.state.in_(states),
    )  # fmt: skip
    values = {"state": outcome.state, "taken_until": None} | _noted(taken, outcome, as_of)
    done = session.execute(update(AnafSubmission).where(*mine).values(values).returning(AnafSubmission.document_id))
    found = done.one_or_none() is not None
    if found and outcome.state == "refused":
        tell_refused(session, taken.document_id, values["message"], as_of)
    if outcome.stop and outcome.error is not None:
        tokens.note_failure(session, outcome.error, as_of)
    else:
        tokens.note_success(session)
    return found


def _noted(taken: Taken, outcome: Outcome, as_of: datetime) -> dict[str, Any]:
    said = (outcome.error.text or type(outcome.error).__name__) if outcome.error else ""
    if outcome.state == "uploaded":
        return {"upload_index": outcome.upload_index, "uploaded_at": as_of, "message": "", "looks": 0,
                "next_try_at": as_of + FIRST_STATUS}  # fmt: skip
    if outcome.state == "refused":
        return {"message": said, "ended_at": as_of}
    pause = FIRST_LOOK if outcome.state == "unknown" else PAUSES[min(taken.tries, len(PAUSES)) - 1]
    return {"message": said, "next_try_at": as_of + pause}


def give_up_on_the_silent(session: Session, as_of: datetime) -> int:
    """Invoices whose worker died while it was sending them: nobody knows whether ANAF has them. Returns how many."""
    left = (
        update(AnafSubmission)
        .where(AnafSubmission.state == "sending", AnafSubmission.taken_until <= as_of)
        .values(state="unknown", taken_until=None, next_try_at=as_of)
        .returning(AnafSubmission.document_id)
    )
    return len(session.execute(left).all())


def send_again(session: Session, document_id: int, as_of: datetime) -> None:
    """Put an invoice into the queue: a refused one whose cause was elsewhere, one that was held, or one in doubt that
    was looked for in ANAF's list at least once and is not there. Records `anaf_sent_again`.

    Raises NotAllowed, NotSentAgain (also when a colleague was faster), StillLooking.
    """
    authorize(session, "anaf.send")
    row = session.scalar(select(AnafSubmission).where(AnafSubmission.document_id == document_id).with_for_update())
    if row is None or row.state not in ("refused", "held", "unknown"):
        raise NotSentAgain
    if not may_be_sent_again(row, as_of):
        raise StillLooking
    row.state, row.next_try_at, row.tries, row.ended_at = "queued", as_of, 0, None
    row.upload_index = row.download_id = None
    row.verdict = ""
    session.flush()
    record(session, "anaf_sent_again", as_of, document_id=document_id, number=_number(session, document_id))


def may_be_sent_again(row: AnafSubmission, as_of: datetime) -> bool:
    """May a person send it: it was refused or held, or ANAF's list was read in vain, or could not be read for long?"""
    long_ago = row.tried_at is not None and row.tried_at + SURE_AFTER <= as_of
    return row.state in ("refused", "held") or (row.state == "unknown" and (row.looks > 0 or long_ago))


def tell_refused(session: Session, document_id: int, why: str, as_of: datetime) -> None:
    """Record `anaf_refused`, of which staff hear by mail."""
    number = _number(session, document_id)
    record(session, "anaf_refused", as_of, document_id=document_id, number=number, reason=why)


def _number(session: Session, document_id: int) -> str:
    return session.get_one(Document, document_id).full_number


# What ANAF has not taken before comes after the others: one that it never takes would hold them all up.
_NEXT = text("""
    select submission.document_id, file.content as xml, document.seller->>'cui' as seller
    from anaf_submission submission
    join document on document.id = submission.document_id
    join document_file file on file.document_id = submission.document_id and file.format = 'xml'
    where submission.state = 'queued' and submission.next_try_at <= :as_of
    order by submission.tries, submission.due_on nulls last, submission.document_id
    limit 1 for update of submission skip locked
""")
