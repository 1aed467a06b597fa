"""What became of the demo's invoices at ANAF: the older ones were accepted, one was refused, the newest wait."""

import io
import zipfile
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.anaf.models import AnafSubmission
from core.documents.models import DocumentFile

ANSWERED_AFTER = timedelta(days=2)
FIRST_INDEX = 5_000_000_000
REASON = "[BR-CL-23]-Codul unitatii de masura trebuie sa fie codificat folosind codurile din Recomandarea UN/ECE nr. 20"
SIGNATURE = b"<!-- In the demo company nobody has signed this. -->\n"


def answer(session: Session, as_of: datetime) -> None:
    """Let ANAF have answered everything that was issued more than ANSWERED_AFTER before `as_of`; the last of it with
    a no."""
    waiting = session.execute(_WAITING, {"until": as_of - ANSWERED_AFTER}).all()
    for number, row in enumerate(waiting):
        index = FIRST_INDEX + number
        submission = session.get_one(AnafSubmission, row.document_id)
        submission.state, submission.environment = "sending", "prod"
        submission.tried_at = submission.taken_until = row.issued_at + timedelta(minutes=1)
        session.flush()
        submission.state, submission.taken_until, submission.upload_index = "uploaded", None, str(index)
        submission.uploaded_at = submission.tried_at
        session.flush()
        submission.ended_at = row.issued_at + timedelta(minutes=9)
        if row is waiting[-1]:
            submission.state, submission.verdict, submission.message = "refused", "nok", REASON
        else:
            session.add(_archive(row.document_id, submission.partner_id, index, row.content, submission.ended_at))
            session.flush()
            submission.state, submission.verdict, submission.download_id = "accepted", "ok", str(index + 1)
    session.flush()


def _archive(document_id: int, partner_id: int, index: int, xml: bytes, at: datetime) -> DocumentFile:
    """A ZIP as ANAF hands it out."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((f"{index}.xml", xml), (f"semnatura_{index}.xml", SIGNATURE)):
            archive.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    content = packed.getvalue()
    return DocumentFile(
        document_id=document_id, format="zip", partner_id=partner_id, content=content,
        sha256=sha256(content).hexdigest(), made_at=at,
    )  # fmt: skip


_WAITING = text("""
    select document_id, document.issued_at, document_file.content
    from anaf_submission join document on document.id = document_id join document_file using (document_id)
    where state = 'queued' and format = 'xml' and document.issued_at <= :until order by document.issued_at, document.id
""")
