"""One client cannot take the portal away from the others: so much from one address, and then it waits.

Requests are counted in Redis, over all web processes; open pages and what is done on them by each process, since a page
stays with one. While Redis is silent every process counts for itself. How much is let through is in `core.config`.
"""

import asyncio
import time
from collections import Counter
from functools import lru_cache

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import client_address
from core.auth.throttling import address_key
from core.config import settings
from core.i18n import N_, translate

WINDOW = 10
"""Seconds over which is counted: what comes at once when a page opens is no flood."""
REDIS_SECONDS, CONNECTIONS = 0.3, 8
PAUSE = 0.5
"""Seconds until a page that does too much is heard again."""
FILES = ("/static/", "/images/", "/guide-pictures/", "/media/")
MADE_ANEW = ("/statement.", "/documents.zip", "/exports/", "/orders/")
"""What takes some tenths of a second each time."""
TOO_MANY = N_("Too many requests come from your address. Wait {seconds} s, then try again.")
STRANGERS_LANGUAGE = "ro"
TRY_LATER = 1013
"""Code of a WebSocket that is closed since there is too much to do."""

log = structlog.get_logger(__name__)


class Limiting:
    """Pure ASGI, around everything else: what is too much costs hardly more than being counted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.alone = FixedWindowRateLimiter(MemoryStorage())
        self.alone_until = 0.0
        self.together: tuple[asyncio.AbstractEventLoop, FixedWindowRateLimiter] | None = None
        self.pages: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = _who(scope)
        if who is None:
            await self.app(scope, receive, send)
        elif not await self._has_room(who, *_kind(scope["path"])):
            await _refuse(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._page(who, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _has_room(self, who: str, kind: str, rate: int) -> bool:
        if not rate:
            return True
        limit = _per_window(rate)
        if not await self.alone.hit(limit, kind, who):
            return False
        if time.monotonic() < self.alone_until:
            return True
        try:
            return await self._everywhere().hit(limit, kind, who)
        except StorageError as error:
            self.alone_until = time.monotonic() + WINDOW
            log.warning("requests are counted by this process alone", error=repr(error.storage_error))
            return True

    def _everywhere(self) -> FixedWindowRateLimiter:
        """Made when first asked for: its connections belong to the event loop that serves."""
        loop = asyncio.get_running_loop()
        if self.together is None or self.together[0] is not loop:
            address = "async+" + settings().redis_url.replace("unix:", "redis+unix:")
            # Requests wait for each other's connection: by itself the pool refuses when many come at once.
            pool = BlockingConnectionPool.from_url(
                settings().redis_url, max_connections=CONNECTIONS, timeout=REDIS_SECONDS, retry=Retry(NoBackoff(), 0),
                socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS,
            )  # fmt: skip
            storage = RedisStorage(
                address, wrap_exceptions=True, implementation="redispy", key_prefix="rampa-rate", connection_pool=pool
            )  # type: ignore[arg-type]  # its annotation knows plain values only
            self.together = loop, FixedWindowRateLimiter(storage)
        return self.together[1]

    async def _page(self, who: str, scope: Scope, receive: Receive, send: Send) -> None:
        """An open page: not more of them than the setting says, and what is done on all of them not too fast."""
        if 0 < settings().open_pages <= self.pages[who]:
            await _refuse(scope, receive, send)
            return

        async def receive_in_time() -> Message:
            message = await receive()
            while message["type"] == "websocket.receive" and (rate := settings().action_rate):
                if await self.alone.hit(_per_window(rate), "actions", who):
                    break
                await asyncio.sleep(PAUSE)
            return message

        self.pages[who] += 1
        try:
            await self.app(scope, receive_in_time, send)
        finally:
            self.pages[who] -= 1
            if not self.pages[who]:
                del self.pages[who]


def _who(scope: Scope) -> str | None:
    """Whose requests are counted together; None for this machine's own: a proxy that does not tell who asks."""
    if scope["type"] not in ("http", "websocket"):
        return None
    return address_key("web", client_address(HTTPConnection(scope)))


def _kind(path: str) -> tuple[str, int]:
    """What is asked for, and how many of that a second."""
    if path.startswith(FILES):
        return "files", settings().file_rate
    if path.startswith(MADE_ANEW):
        return "made-anew", settings().made_anew_rate
    return "requests", settings().request_rate


@lru_cache(maxsize=16)
def _per_window(rate: int) -> RateLimitItem:
    return RateLimitItemPerSecond(rate * WINDOW, WINDOW)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": TRY_LATER})
        return
    words = translate(TOO_MANY, STRANGERS_LANGUAGE).format(seconds=WINDOW)
    headers = {"retry-after": str(WINDOW), "cache-control": "no-store"}
    await PlainTextResponse(words, 429, headers)(scope, receive, send)
