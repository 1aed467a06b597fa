"""What comes from one address is counted, and too much of it waits; the others do not notice."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from api.limiting import TRY_LATER, WINDOW, Limiting
from core.config import settings

FLOODER, OTHER = "203.0.113.9", "203.0.113.10"


@pytest.fixture
def limits(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Small limits, and nothing counted yet."""
    small = {"request_rate": 1, "file_rate": 2, "made_anew_rate": 0, "action_rate": 1, "open_pages": 2}
    for name, value in small.items():
        monkeypatch.setattr(settings(), name, value)
    with Redis.from_url(settings().redis_url) as redis:
        _forget(redis)
        yield monkeypatch
        _forget(redis)


def _forget(redis: Redis) -> None:
    for key in redis.scan_iter("rampa-rate*"):
        redis.delete(key)


def run(what: Coroutine[Any, Any, None]) -> None:
    """In a thread: a browser that was driven before in this one has left it an event loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, what).result()


class Portal:
    """The limits around an application that counts who came through."""

    def __init__(self) -> None:
        self.served: list[str] = []
        self.heard = 0
        self.app = Limiting(self._serve)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.served.append(scope["client"][0])
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "websocket.accept"})
        while (await receive())["type"] == "websocket.receive":
            self.heard += 1

    async def ask(self, address: str, path: str = "/orders", times: int = 1) -> list[int]:
        return [await self._status(address, path) for _ in range(times)]

    async def _status(self, address: str, path: str) -> int:
        sent: list[Message] = []
        await self.app(_scope("http", address, path), _nothing, _into(sent))
        return int(sent[0]["status"])

    async def open(self, address: str, messages: "asyncio.Queue[Message]") -> list[Message]:
        sent: list[Message] = []
        await self.app(_scope("websocket", address, "/_stcore/stream"), messages.get, _into(sent))
        return sent


def _scope(kind: str, address: str, path: str) -> Scope:
    return {"type": kind, "client": (address, 5000), "path": path, "headers": [], "query_string": b"", "method": "GET"}


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _into(sent: list[Message]) -> Send:
    async def send(message: Message) -> None:
        sent.append(message)

    return send


def test_more_than_the_limit_from_one_address_waits_and_another_does_not_notice(limits: Any) -> None:
    async def flood() -> None:
        portal = Portal()
        statuses = await portal.ask(FLOODER, times=WINDOW + 5)
        assert statuses == [200] * WINDOW + [429] * 5
        assert await portal.ask(OTHER) == [200]
        assert portal.served.count(FLOODER) == WINDOW

    run(flood())


def test_two_web_processes_count_together(limits: Any) -> None:
    async def flood() -> None:
        one, two = Portal(), Portal()
        assert await one.ask(FLOODER, times=WINDOW - 2) == [200] * (WINDOW - 2)
        assert await two.ask(FLOODER, times=4) == [200, 200, 429, 429]

    run(flood())


def test_without_redis_every_process_counts_for_itself(limits: pytest.MonkeyPatch) -> None:
    limits.setattr(settings(), "redis_url", "redis://127.0.0.1:1/0")

    async def flood() -> None:
        assert await Portal().ask(FLOODER, times=WINDOW + 1) == [200] * WINDOW + [429]

    run(flood())


def test_one_network_of_the_sixth_version_counts_as_one_address(limits: Any) -> None:
    async def flood() -> None:
        portal = Portal()
        for nth in range(WINDOW):
            assert await portal.ask(f"2001:db8:1:2::{nth:x}") == [200]
        assert await portal.ask("2001:db8:1:2::ffff") == [429]
        assert await portal.ask("2001:db8:1:3::1") == [200]

    run(flood())


def test_pictures_do_not_use_up_what_pages_may_and_the_other_way_round(limits: Any) -> None:
    async def flood() -> None:
        portal = Portal()
        assert (await portal.ask(FLOODER, "/images/1/small", 2 * WINDOW + 1))[-1] == 429
        assert await portal.ask(FLOODER, times=WINDOW) == [200] * WINDOW

    run(flood())


def test_a_limit_of_nought_is_none(limits: Any) -> None:
    async def flood() -> None:
        assert set(await Portal().ask(FLOODER, "/statement.pdf", 5 * WINDOW)) == {200}

    run(flood())


def test_this_machines_own_address_is_not_counted(limits: Any) -> None:
    async def flood() -> None:
        assert set(await Portal().ask("127.0.0.1", times=3 * WINDOW)) == {200}

    run(flood())


def test_clicks_beyond_the_limit_are_heard_later_and_none_is_lost(limits: Any) -> None:
    async def flood() -> None:
        portal, messages = Portal(), asyncio.Queue[Message]()
        for _ in range(WINDOW + 3):
            messages.put_nowait({"type": "websocket.receive", "bytes": b"click"})
        page = asyncio.create_task(portal.open(FLOODER, messages))
        while portal.heard < WINDOW:
            await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)
        assert portal.heard == WINDOW
        limit = settings()
        limits.setattr(limit, "action_rate", 0)  # as when the window is over
        messages.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await page
        assert portal.heard == WINDOW + 3

    run(flood())


def test_an_address_has_so_many_pages_open_and_a_closed_one_makes_room(limits: Any) -> None:
    async def flood() -> None:
        portal, queues = Portal(), [asyncio.Queue[Message]() for _ in range(4)]
        pages = [asyncio.create_task(portal.open(FLOODER, queue)) for queue in queues[:2]]
        while len(portal.served) < 2:
            await asyncio.sleep(0)
        queues[2].put_nowait({"type": "websocket.disconnect", "code": 1000})  # let in, it would leave again
        refused = await portal.open(FLOODER, queues[2])
        assert refused == [{"type": "websocket.close", "code": TRY_LATER}]
        queues[0].put_nowait({"type": "websocket.disconnect", "code": 1000})
        await pages[0]
        queues[3].put_nowait({"type": "websocket.disconnect", "code": 1000})
        assert (await portal.open(FLOODER, queues[3]))[0] == {"type": "websocket.accept"}
        queues[1].put_nowait({"type": "websocket.disconnect", "code": 1000})
        await pages[1]

    run(flood())


def test_the_real_portal_says_in_words_how_long_to_wait(client: TestClient, limits: Any) -> None:
    answers = [client.get("/documents/1.pdf") for _ in range(WINDOW + 1)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == str(WINDOW)
    assert answers[-1].headers["x-content-type-options"] == "nosniff"
    assert f"{WINDOW} s" in answers[-1].text
    assert answers[0].status_code != 429
