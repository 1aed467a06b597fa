"""The way of an event out of the database: from the outbox into the queue, and back when the queue lost it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

BATCH = 100
PER_JOB = 25
"""So many events make a job: starting a job takes a worker as long as several mails."""

LOST_AFTER = timedelta(minutes=5)
"""An event that was put into the queue so long ago and is not handled is put there again.

Redis holds nothing that may not be lost, and a job may use up its tries. The queue refuses what it still has. So is one
that is to be put there so long from now: the clock was set back.
"""

Enqueue = Callable[[str, list[Any], str], object]


def relay_outbox(session: Session, enqueue: Enqueue, as_of: datetime, limit: int = BATCH) -> int:
    """Hand up to `limit` waiting events to the queue, oldest first; returns how many.

    `enqueue(function path, arguments, job id)` is core.queue.enqueue. What it raises (Redis is down) is not
    caught: the transaction rolls back and the events go on waiting. Several relays at once share the work.
    """
    when = {"lost": as_of - LOST_AFTER, "ahead": as_of + LOST_AFTER}
    events = list(session.execute(_WAITING, when | {"limit": limit}).scalars())
    for start in range(0, len(events), PER_JOB):
        part = events[start : start + PER_JOB]
        enqueue("workers.jobs.handle_events", [part], f"events-{part[0]}-{part[-1]}-{len(part)}")
    session.execute(_DISPATCHED, {"events": events, "as_of": as_of})
    return len(events)


_WAITING = text("""
    select event_id from outbox
    where handled_at is null and (dispatched_at is null or dispatched_at not between :lost and :ahead)
    order by event_id limit :limit for update skip locked
""")
_DISPATCHED = text("update outbox set dispatched_at = :as_of where event_id = any(:events)")
