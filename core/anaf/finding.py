"""Invoices of which nobody knows whether ANAF has them: looked for in ANAF's list before anything is sent again.

Only accepted ones count. One that ANAF refused is as good as never sent: sending it again brings its reasons. An
invoice is known again by the bytes of its XML, or by its number and seller. What is not in the list may still be on
its way through ANAF: so an invoice goes out again only when the list was read to its end `sending.SURE_AFTER` later,
or more.

    search = take_next(session, as_of)
    looked = look(search, note_message)      # `note_message(access, found, as_of)` in a transaction of its own
    note(session, search, looked, as_of)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.anaf import answers, client, tokens
from core.anaf.answers import InvoiceFacts, Unreadable
from core.anaf.client import Access, AnafError, Rejected
from core.anaf.models import AnafMessage, AnafSubmission
from core.anaf.sending import SURE_AFTER

LEASE = timedelta(minutes=10)
PAUSES = [timedelta(minutes=minutes) for minutes in (10, 30, 60, 120, 240)]
"""Until the list is read again, by how often it was read in vain."""
EARLIER = timedelta(minutes=15)
"""ANAF's clock need not be ours."""
REMEMBERED = timedelta(days=59)
"""ANAF's list goes back 60 days: of what was tried before, it tells nothing."""
AT_ONCE = 50
MOST_DOWNLOADS = 150
"""So many unknown invoices are looked into at a time: on the first day there may be thousands, of another program."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An invoice in doubt since `tried_at`."""

    document_id: int
    tried_at: datetime
    looks: int
    facts: InvoiceFacts | None


@dataclass(frozen=True, slots=True)
class Search:
    """Invoices of one seller to look for, and the uploads that need no look: they are known."""

    access: Access
    seller: str
    missing: Sequence[Missing]
    known: frozenset[str]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """An accepted invoice that is nobody's as yet."""

    upload_index: str
    download_id: str
    facts: InvoiceFacts


@dataclass(frozen=True, slots=True)
class Looked:
    """`complete`: the list was read to its end, and every unknown invoice in it was looked into."""

    complete: bool
    error: AnafError | None = None


def take_next(session: Session, as_of: datetime) -> Search | None:
    """Take the invoices in doubt that are to be looked for now, those of one seller; None if there are none."""
    access = tokens.access(session, as_of)
    if access is None:
        return None
    asked = {"as_of": as_of, "environment": access.environment, "limit": AT_ONCE}
    rows = session.execute(_NEXT, asked).all()
    if not rows:
        return None
    seller = rows[0].seller
    missing = [
        Missing(row.document_id, row.tried_at, row.looks, _facts(row.xml)) for row in rows if row.seller == seller
    ]
    taken = [each.document_id for each in missing]
    lease = update(AnafSubmission).where(AnafSubmission.document_id.in_(taken))
    session.execute(lease.values(next_try_at=as_of + LEASE))
    since = max(min(each.tried_at for each in missing) - EARLIER, as_of - REMEMBERED)
    known = session.scalars(_KNOWN, {"environment": access.environment, "since": since - REMEMBERED})
    return Search(access, seller, missing, frozenset(known), clock.real(since), clock.real(as_of))


def look(search: Search, remember: Callable[[Access, Found], object]) -> Looked:
    """Read ANAF's list, and look once into each invoice in it that nobody knows of: `remember` keeps what it is. Not
    within a transaction."""
    complete, downloads = True, 0
    try:
        for listed in client.sent(search.access, search.seller, search.since, search.until):
            if listed.upload_index in search.known:
                continue
            if downloads == MOST_DOWNLOADS:
                return Looked(False)
            downloads += 1
            archive = client.download(search.access, listed.download_id)
            try:
                facts = answers.facts_of(answers.signed_invoice(archive, listed.upload_index))
            except Unreadable:
                complete = False
                continue
            remember(search.access, Found(listed.upload_index, listed.download_id, facts))
    except AnafError as error:
        return Looked(False, error)
    return Looked(complete)


def note_message(session: Session, access: Access, found: Found, as_of: datetime) -> None:
    """Remember what an invoice in the list is: its file is never fetched again."""
    seen = insert(AnafMessage).values(
        environment=access.environment, upload_index=found.upload_index, download_id=found.download_id,
        number=found.facts.number, seller=found.facts.seller, sha256=found.facts.sha256, seen_at=as_of,
    )  # fmt: skip
    session.execute(seen.on_conflict_do_nothing())


def note(session: Session, search: Search, looked: Looked, as_of: datetime) -> int:
    """What was found is uploaded after all; what surely is not there is queued again; the rest is looked for later.
    Returns how many are no longer in doubt."""
    if looked.error is not None and not isinstance(looked.error, Rejected):
        tokens.note_failure(session, looked.error, as_of)
    return sum(_note_one(session, search, each, looked, as_of) for each in search.missing)


def _note_one(session: Session, search: Search, missing: Missing, looked: Looked, as_of: datetime) -> bool:
    found = _found(session, search.access.environment, missing)
    if found is not None:
        values = {"state": "uploaded", "upload_index": found, "uploaded_at": as_of, "next_try_at": as_of, "message": ""}
    elif looked.complete and is_surely_absent(missing, as_of):
        values = {"state": "queued", "next_try_at": as_of, "looks": missing.looks + 1}
    else:
        looks = missing.looks + looked.complete
        pause = PAUSES[min(looks, len(PAUSES)) - 1] if looks else PAUSES[0]
        sure = missing.tried_at + SURE_AFTER
        later = min(as_of + pause, sure) if looked.complete and sure > as_of else as_of + pause
        values = {"next_try_at": later, "looks": looks}
    mine = (
        AnafSubmission.document_id == missing.document_id, AnafSubmission.state == "unknown",
        AnafSubmission.tried_at == missing.tried_at,
    )  # fmt: skip
    done = session.execute(update(AnafSubmission).where(*mine).values(values).returning(AnafSubmission.document_id))
    return done.one_or_none() is not None and "state" in values


def is_surely_absent(missing: Missing, as_of: datetime) -> bool:
    """May an invoice that a whole list does not have be sent again?"""
    return missing.tried_at + SURE_AFTER <= as_of and missing.tried_at - EARLIER > as_of - REMEMBERED


def _found(session: Session, environment: str, missing: Missing) -> str | None:
    """The index of the invoice among those that ANAF accepted and that no submission claims."""
    if missing.facts is None:
        return None
    same = (AnafMessage.sha256 == missing.facts.sha256) | (
        (AnafMessage.number == missing.facts.number) & (AnafMessage.seller == missing.facts.seller)
        & (AnafMessage.number != "")
    )  # fmt: skip
    claimed = select(AnafSubmission.document_id).where(
        AnafSubmission.environment == environment, AnafSubmission.upload_index == AnafMessage.upload_index
    )
    query = select(AnafMessage.upload_index).where(AnafMessage.environment == environment, same, ~claimed.exists())
    return session.scalar(query.order_by(func.length(AnafMessage.upload_index), AnafMessage.upload_index).limit(1))


def _facts(xml: bytes) -> InvoiceFacts | None:
    try:
        return answers.facts_of(xml)
    except Unreadable:
        return None


_NEXT = text("""
    select submission.document_id, tried_at, looks, file.content as xml, document.seller->>'cui' as seller
    from anaf_submission submission
    join document on document.id = submission.document_id
    join document_file file on file.document_id = submission.document_id and file.format = 'xml'
    where submission.state = 'unknown' and submission.environment = :environment
      and submission.next_try_at <= :as_of
    order by submission.next_try_at, submission.document_id
    limit :limit for update of submission skip locked
""")
# What ANAF took long ago it has not accepted just now.
_KNOWN = text("""
    select upload_index from anaf_submission
    where environment = :environment and upload_index is not null and uploaded_at >= :since
    union select upload_index from anaf_message where environment = :environment and seen_at >= :since
""")
