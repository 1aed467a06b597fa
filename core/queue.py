"""The queue: the one place in core that knows RQ. Redis may lose everything in it; the outbox is the truth."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry as Reconnecting
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus

from core.config import settings

DEFAULT = "default"
CONNECT_SECONDS, ANSWER_SECONDS = 2, 3
"""How long Redis may take: whoever enqueues holds a transaction open meanwhile."""
RETRY_PAUSES = [5, 30, 120, 600, 600]
JOB_SECONDS = 300
RESULT_SECONDS = 600
FAILURE_SECONDS = 7 * 86_400
_OVER = frozenset({JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED})


def connection() -> Redis:
    """The client of this process for the configured Redis; it fails fast instead of trying again by itself."""
    return _client(settings().redis_url)


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Reconnecting(NoBackoff(), 0),
    )


def queue(name: str = DEFAULT) -> Queue:
    """The queue `name`; workers read 'high' before 'default' before 'low'."""
    return Queue(name, connection=connection(), default_timeout=JOB_SECONDS)


def enqueue(function_path: str, args: Sequence[Any], job_id: str) -> bool:
    """Put a call of `function_path` (as in 'workers.jobs.ping') into the queue, at most once per `job_id`.

    Returns False when the queue has that job already: waiting, running, waiting for its next try, or done in
    the last RESULT_SECONDS. A job that ended without success makes way. A job that raises is tried again after
    each of RETRY_PAUSES seconds. Raises redis.exceptions.RedisError when Redis is out of reach.
    """
    return _added(function_path, args, job_id) or (_cleared(job_id) and _added(function_path, args, job_id))


def _added(function_path: str, args: Sequence[Any], job_id: str) -> bool:
    try:
        queue().enqueue_call(
            function_path,
            args=tuple(args),
            job_id=job_id,
            unique=True,
            retry=Retry(max=len(RETRY_PAUSES), interval=RETRY_PAUSES),
            result_ttl=RESULT_SECONDS,
            failure_ttl=FAILURE_SECONDS,
        )
    except DuplicateJobError:
        return False
    return True


def _cleared(job_id: str) -> bool:
    """Remove what is left of an unsuccessful job; False while the job may still succeed, or has."""
    try:
        job = Job.fetch(job_id, connection=connection())
    except NoSuchJobError:
        return True
    if job.get_status() not in _OVER:
        return False
    job.delete()
    return True
