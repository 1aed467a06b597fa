"""One background process: `python -m workers.run worker` or `python -m workers.run scheduler`."""

import logging
import os
import sys

from redis import Redis
from rq import Worker
from rq.cron import CronJob, CronScheduler
from rq.utils import now

from core import log
from core.config import settings
from core.db import OldSchema, leave_connections, require_schema

QUEUES = ("high", "default", "low")
WORKER_TTL = 60  # seconds; an idle worker shows that it lives every WORKER_TTL - 15
MONITORING_INTERVAL = 5  # seconds between two heartbeats while a job runs
MAINTENANCE_INTERVAL = 60  # seconds between two looks for jobs whose worker died


def worker() -> None:
    """Do jobs; with RQ's scheduler, without which no retry would ever come due."""
    import workers.jobs  # noqa: F401 (loaded once here, not in every job's process)
    from workers.failing import job_raised, worker_killed

    os.register_at_fork(after_in_child=leave_connections)

    processor = Worker(
        QUEUES,
        connection=_redis(),
        worker_ttl=WORKER_TTL,
        job_monitoring_interval=MONITORING_INTERVAL,
        maintenance_interval=MAINTENANCE_INTERVAL,
        log_job_description=False,
        exception_handlers=[job_raised],
        work_horse_killed_handler=worker_killed,
    )
    processor.work(with_scheduler=True, logging_level="WARNING")


class Timetable(CronScheduler):
    """RQ's own, which after the clock was set back would stand still until it is as late again."""

    def enqueue_jobs(self) -> list[CronJob]:
        """Enqueue what is due; what was last enqueued in the future is enqueued its usual time from now."""
        for job in self.get_jobs():
            if job.latest_enqueue_time and job.latest_enqueue_time > now():
                job.set_enqueue_time(now())
        return super().enqueue_jobs()


def scheduler() -> None:
    """Enqueue the timetable's jobs when they are due; ends when Redis is lost, and is started again."""
    timetable = Timetable(connection=_redis(), logging_level=logging.WARNING)
    timetable.load_config_from_file("workers.schedule")
    timetable.start()  # type: ignore[no-untyped-call]  # RQ's own omission


def _redis() -> Redis:
    return Redis.from_url(settings().redis_url)


def main() -> None:
    """Entry point; the argument is `worker` or `scheduler`."""
    log.configure()
    try:
        require_schema()
    except OldSchema as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    {"worker": worker, "scheduler": scheduler}[sys.argv[1]]()


if __name__ == "__main__":
    main()
