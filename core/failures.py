"""Background jobs that failed for good: written down, and told to the administrators, but not again and again."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.events import record

QUIET = timedelta(hours=1)
"""Of the same job nobody is told more often."""


def note_failure(session: Session, job: str, error: str, reference: str, as_of: datetime) -> bool:
    """Record `job_failed`, unless the last one of this job is younger than QUIET; True if it was recorded.

    `job` is the function's name, `error` one line, `reference` what the log calls it. Two at once may both record.
    """
    if session.execute(_LATELY, {"job": job, "since": as_of - QUIET}).scalar_one():
        return False
    record(session, "job_failed", as_of, job=job, error=" ".join(error.split())[:300], reference=reference)
    return True


_LATELY = text("""
    select exists (select from event where kind = 'job_failed' and at > :since and data->>'job' = :job)
""")
