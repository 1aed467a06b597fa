"""A job that raised: the log has it under a number, and administrators hear of it once it is not tried again."""

import secrets
from resource import struct_rusage
from types import TracebackType

import structlog
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

from core import clock
from core.db import transaction
from core.failures import note_failure
from core.principal import SYSTEM

log = structlog.get_logger(__name__)


def job_raised(job: Job, kind: type[BaseException], error: BaseException, _: TracebackType | None) -> bool:
    """RQ's exception handler, called for every try that raised; RQ's own one goes on after it."""
    _note(job, f"{kind.__name__}: {error}")
    return True


def worker_killed(job: Job, _pid: int, status: int, _usage: struct_rusage) -> None:
    """RQ's handler for a job whose process ended in the middle."""
    _note(job, f"the process ended with {status}")


def _note(job: Job, error: str) -> None:
    reference = secrets.token_hex(3).upper()
    name = job.func_name.rpartition(".")[2]
    log.error("job failed", job=name, arguments=job.args, reference=reference, error=error, tries_left=job.retries_left)
    if job.retries_left:
        return
    try:
        with transaction(SYSTEM) as session:
            note_failure(session, name, error, reference, clock.now())
    except SQLAlchemyError:  # no database, which may be why the job failed: the log has it
        log.exception("failure not recorded", reference=reference)
