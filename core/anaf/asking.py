"""What became of an upload: ANAF is asked now and then, and what it signed is fetched and kept.

asked = take_next(session, as_of)        # the call is counted before it is made
answer = ask(asked)
note(session, asked, answer, as_of)
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.anaf import answers, client, tokens
from core.anaf.answers import Unreadable
from core.anaf.client import Access, AnafError, Rejected
from core.anaf.models import MOST_DOWNLOADS, MOST_STATUSES, AnafSubmission
from core.anaf.sending import tell_refused
from core.company import company
from core.documents.models import Document, DocumentFile
from core.events import record
from core.i18n import N_

LEASE = timedelta(minutes=5)
"""Nobody else asks meanwhile; who died is followed by another. To ask twice does no harm."""
PAUSES = [timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600, 1_800, 3_600)]
"""Between calls about one invoice, by how many were made that day."""
ANOTHERS = N_("What ANAF returned is not this invoice. Report it: it is asked for again.")


@dataclass(frozen=True, slots=True)
class Asked:
    """An upload to be asked about, or, with a `verdict`, one whose file is to be fetched. `calls` is which one of the
    day it is."""

    document_id: int
    upload_index: str
    verdict: str
    download_id: str
    calls: int
    access: Access
    xml: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """`state` is what the invoice's becomes: 'uploaded' while nothing is final. `stop`: no other call would do better
    now."""

    state: str
    verdict: str = ""
    download_id: str = ""
    message: str = ""
    archive: bytes = field(default=b"", repr=False)
    error: AnafError | None = None


def take_next(session: Session, as_of: datetime) -> Asked | None:
    """Take the upload that is to be asked about first; None if none is, or ANAF cannot be asked now.

    One that has used up ANAF's limit of a day waits for the next.
    """
    access = tokens.access(session, as_of)
    today = clock.local_date(as_of, company(session).time_zone)
    while access is not None:
        row = session.execute(_NEXT, {"as_of": as_of, "environment": access.environment}).one_or_none()
        if row is None:
            return None
        statuses, downloads = (row.statuses, row.downloads) if row.asked_on == today else (0, 0)
        fetches = bool(row.verdict and row.download_id)
        if (downloads >= MOST_DOWNLOADS) if fetches else (statuses >= MOST_STATUSES):
            _change(session, row.document_id, next_try_at=as_of + timedelta(hours=6))
            continue
        statuses, downloads = statuses + (not fetches), downloads + fetches
        _change(
            session, row.document_id, next_try_at=as_of + LEASE, asked_on=today, statuses=statuses, downloads=downloads
        )
        calls = downloads if fetches else statuses
        return Asked(row.document_id, row.upload_index, row.verdict, row.download_id or "", calls, access, row.xml)
    return None


def ask(asked: Asked) -> Answer:
    """One call about an upload, and what came of it. Not within a transaction."""
    try:
        if asked.verdict and asked.download_id:
            return _fetched(asked, client.download(asked.access, asked.download_id))
        found = client.status(asked.access, asked.upload_index)
    except AnafError as error:
        return Answer("uploaded", asked.verdict, asked.download_id, error.text, error=error)
    if found.verdict and not found.download_id:
        if found.verdict == "nok":
            return Answer("refused", "nok", "", NO_REASONS)
        return Answer("uploaded")
    return Answer("uploaded", found.verdict, found.download_id)


def _fetched(asked: Asked, archive: bytes) -> Answer:
    known = asked.verdict, asked.download_id
    try:
        if asked.verdict == "nok":
            return Answer("refused", *known, answers.reasons(archive) or NO_REASONS)
        signed = answers.facts_of(answers.signed_invoice(archive, asked.upload_index))
        same = signed.is_same(answers.facts_of(asked.xml))
    except Unreadable:
        same = False
    return Answer("accepted", *known, archive=archive) if same else Answer("uploaded", *known, ANOTHERS)


def note(session: Session, asked: Asked, answer: Answer, as_of: datetime) -> bool:
    """Write down what ANAF said, and keep what it signed (of its test environment nothing); False if somebody else
    did, or it was not final."""
    if answer.error is not None and not isinstance(answer.error, Rejected):
        tokens.note_failure(session, answer.error, as_of)
    mine = (
        AnafSubmission.document_id == asked.document_id, AnafSubmission.state == "uploaded",
        AnafSubmission.upload_index == asked.upload_index, AnafSubmission.environment == asked.access.environment,
    )  # fmt: skip
    if session.scalar(select(AnafSubmission.document_id).where(*mine).with_for_update()) is None:
        return False
    final = answer.state != "uploaded"
    values: dict[str, Any] = {
        "state": answer.state, "verdict": answer.verdict, "download_id": answer.download_id or None,
        "message": answer.message,
    }  # fmt: skip
    step = answer.verdict and not asked.verdict
    pause = timedelta() if step else PAUSES[min(asked.calls, len(PAUSES)) - 1]
    values |= {"ended_at": as_of} if final else {"next_try_at": as_of + pause}
    if answer.state == "accepted" and asked.access.environment == "prod":
        _keep(session, asked, answer.archive)
    _change(session, asked.document_id, **values)
    if answer.state == "refused":
        tell_refused(session, asked.document_id, answer.message, as_of)
    if answer.state == "accepted":
        number = session.get_one(Document, asked.document_id).full_number
        record(session, "anaf_accepted", as_of, document_id=asked.document_id, number=number, index=asked.upload_index)
    return final


def _keep(session: Session, asked: Asked, archive: bytes) -> None:
    """The first to keep wins; what is kept never changes."""
    partner_id = select(Document.partner_id).where(Document.id == asked.document_id).scalar_subquery()
    kept = insert(DocumentFile).values(
        document_id=asked.document_id, format="zip", partner_id=partner_id, content=archive,
        sha256=sha256(archive).hexdigest(), made_at=func.now(),
    )  # fmt: skip
    session.execute(kept.on_conflict_do_nothing())


def _change(session: Session, document_id: int, **values: Any) -> None:
    session.execute(update(AnafSubmission).where(AnafSubmission.document_id == document_id).values(**values))


NO_REASONS = "XML cu erori nepreluat de sistem"
"""What ANAF says of what it could not read at all; its reasons are then in SPV only."""
_NEXT = text("""
    select submission.document_id, upload_index, verdict, download_id, asked_on, statuses, downloads,
           file.content as xml
    from anaf_submission submission
    join document_file file on file.document_id = submission.document_id and file.format = 'xml'
    where submission.state = 'uploaded' and submission.environment = :environment
      and submission.next_try_at <= :as_of
    order by submission.next_try_at, submission.document_id limit 1 for update of submission skip locked
""")
