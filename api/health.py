"""`GET /healthz`: is every part of the portal alive? Answers within two seconds even when a server hangs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import psycopg
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse

from core.config import settings

TIMEOUT = 1.5
KEEP_SECONDS = 1.0  # probes that come together share one answer
WORKER_SILENCE = 90  # a worker that does nothing shows itself every 45 s (workers/run.py)
SCHEDULER_SILENCE = 30  # the timetable has a job every few seconds
OK = "ok"


async def healthz(_request: Request) -> JSONResponse:
    """The state of each part, 200 if all are well and 503 otherwise."""
    states = await _latest.get()
    return JSONResponse(states, 200 if all(state == OK for state in states.values()) else 503)


class _Latest:
    """The last answer, for a moment."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> dict[str, str]:
        async with self._lock:
            if time.monotonic() >= self._until:
                self._states = await check_all()
                self._until = time.monotonic() + KEEP_SECONDS
            return self._states


_latest = _Latest()


async def check_all() -> dict[str, str]:
    """Ask the database and Redis side by side."""
    async with _client() as redis:
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            "database": _database,
            "redis": lambda: _redis(redis),
            "worker": lambda: _worker(redis),
            "scheduler": lambda: _scheduler(redis),
        }
        states = await asyncio.gather(*(_within_time(check) for check in checks.values()))
    return {"web": OK, **dict(zip(checks, states, strict=True))}


def _client() -> Redis:
    return Redis.from_url(
        settings().redis_url,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
    )


async def _within_time(check: Callable[[], Awaitable[str]]) -> str:
    try:
        async with asyncio.timeout(TIMEOUT):
            return await check()
    except TimeoutError:
        return "no answer in time"
    except (OSError, psycopg.Error, RedisError):
        return "not reachable"


async def _database() -> str:
    url = settings().database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    async with connection:
        await connection.execute("select 1")
    return OK


async def _redis(redis: Redis) -> str:
    await redis.ping()
    return OK


async def _worker(redis: Redis) -> str:
    """The newest heartbeat of all workers (RQ keeps one hash per worker)."""
    keys = await redis.smembers("rq:workers")
    beats = [str(beat) for key in keys if (beat := await redis.hget(key, "last_heartbeat"))]
    times = [datetime.fromisoformat(beat).replace(tzinfo=UTC).timestamp() for beat in beats]
    return _recent(max(times, default=None), WORKER_SILENCE)


async def _scheduler(redis: Redis) -> str:
    """The newest heartbeat of all schedulers (RQ keeps them as scores of one sorted set)."""
    newest = await redis.zrange("rq:cron_schedulers", 0, 0, desc=True)
    score = await redis.zscore("rq:cron_schedulers", str(newest[0])) if newest else None
    return _recent(score, SCHEDULER_SILENCE)


def _recent(heartbeat: float | None, silence: int) -> str:
    if heartbeat is None:
        return "not running"
    seconds = time.time() - heartbeat
    return OK if seconds <= silence else f"silent for {seconds:.0f} s"
