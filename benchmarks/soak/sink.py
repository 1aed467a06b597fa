"""A mail server in this process: it remembers how often each mail came, and falls silent where it is told to."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import Any, Literal

from aiosmtpd.controller import Controller

Point = Literal["RCPT", "DATA"]
"""Before it has anything of a mail, and when it has all of it and owes the answer."""


class Sink:
    """Takes every mail; `came` counts them by Message-ID and recipient."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.came: Counter[tuple[str, str]] = Counter()
        self.silent_at: set[Point] = set()
        self.waiting: set[tuple[Point, int]] = set()
        """Who waits for an answer: where, and on which line."""
        self._controller = Controller(self, hostname="127.0.0.1", port=port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self.silent_at.clear()
        self._controller.stop()

    @contextmanager
    def silent(self, point: Point) -> Iterator[None]:
        """No answer at this point as long as the block lasts."""
        self.silent_at.add(point)
        try:
            yield
        finally:
            self.silent_at.discard(point)

    async def handle_RCPT(self, _server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:
        await self._pause("RCPT", session)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        name = str(message_from_bytes(envelope.content, policy=default)["Message-ID"])
        self.came.update((name, recipient) for recipient in envelope.rcpt_tos)
        await self._pause("DATA", session)
        return "250 OK"

    async def _pause(self, point: Point, session: Any) -> None:
        self.waiting.add((point, id(session)))
        while point in self.silent_at:
            await asyncio.sleep(0.05)
        self.waiting.discard((point, id(session)))
