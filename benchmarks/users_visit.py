"""What a simulated user does: one action after the other, each checked, at a steady pace; and a crowd of them.

The crowd is a process of its own, so that its share of the processor is known.
"""

import asyncio
import json
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.users_client import Tab, Unexpected

WORDS = ("red", "heart", "bag", "christmas", "box", "glass", "mug", "tea", "lantern", "vintage", "card", "wooden")
IN_STOCK, SHIPPED, PAID = 0, 2, 3
"""Places of choices among the pills, which are named in the user's language."""

Step = Callable[[Tab], Awaitable[None]]


async def open_catalogue(tab: Tab) -> None:
    await tab.open("catalog")
    _expect(len(_rows(tab)) == 50, "a page of fifty products")


async def turn_page(tab: Tab) -> None:
    before = _rows(tab)[0]["id"]
    await tab.press("page_after")
    _expect("after=" in tab.query and _rows(tab)[0]["id"] != before, "another page")


async def type_quantity(tab: Tab) -> None:
    row = random.choice(_rows(tab))
    await tab.keep(row["id"], row.get("multiple", 1000) // 1000 * random.randint(1, 20))


async def search(tab: Tab) -> None:
    word = random.choice(WORDS)
    await tab.change("catalog_q", string_value=word)
    _expect(f"q={word}" in tab.query and all(word.upper() in row["name"].upper() for row in _rows(tab)[:3]), word)


async def only_in_stock(tab: Tab) -> None:
    pill = tab.element("catalog_only").options[IN_STOCK]
    await tab.change("catalog_only", string_array_value=[f"{pill.content_icon} {pill.content}"])
    _expect("only=in_stock" in tab.query and bool(_rows(tab)), "what is in stock")


async def open_orders(tab: Tab) -> None:
    await tab.open("orders")
    tab.element("own_orders")


async def filter_orders(tab: Tab) -> None:
    await tab.change("order_states", string_array_value=[tab.element("order_states").options[SHIPPED].content])
    tab.element("own_orders")


async def open_order(tab: Tab) -> None:
    chosen = {"selection": {"rows": [0], "columns": [], "cells": []}}
    await tab.change("own_orders", string_value=json.dumps(chosen))
    _expect(tab.query.startswith("order=") and "order_states" not in tab.shown, "one order")


async def open_documents(tab: Tab) -> None:
    await tab.open("documents")
    tab.element("my_documents ")


async def filter_documents(tab: Tab) -> None:
    await tab.change("my_state", string_array_value=[tab.element("my_state").options[PAID].content])
    tab.element("my_documents ")


VISITS: Sequence[Sequence[Step]] = (
    (open_catalogue, turn_page, type_quantity, search, only_in_stock, type_quantity),
    (open_orders, filter_orders, open_order),
    (open_documents, filter_documents),
)
"""One after the other, again and again; each begins with a page from the menu."""
ROUND = sum(map(len, VISITS))


@dataclass
class Found:
    """What a crowd has measured since it was last asked: milliseconds by step, what went wrong, reruns."""

    times: defaultdict[str, list[float]] = field(default_factory=partial(defaultdict, list))
    wrong: Counter[str] = field(default_factory=Counter)
    reruns: int = 0

    def add(self, other: "Found") -> None:
        """What was found later, too."""
        for name, times in other.times.items():
            self.times[name] += times
        self.wrong += other.wrong
        self.reruns += other.reruns


class Crowd:
    """Users in one process. What it is asked for comes over a pipe, and the answer goes back over it."""

    def __init__(self, url: str, cookies: Sequence[str], pace: float) -> None:
        self.url, self.cookies, self.pace = url, cookies, pace
        self.found = Found()
        self.rounds = 0
        self.leaving = asyncio.Event()

    async def run(self, pipe: Connection) -> None:
        """Let everybody in within one round's time, and answer until asked to leave."""
        begin = time.perf_counter()
        users = [asyncio.create_task(self._user(number, begin)) for number in range(len(self.cookies))]
        while (await asyncio.to_thread(pipe.recv)) != "leave":
            used = resource.getrusage(resource.RUSAGE_SELF)
            pipe.send((self.found, self.rounds, used.ru_utime + used.ru_stime))
            self.found = Found()
        self.leaving.set()
        await asyncio.gather(*users)

    async def _user(self, number: int, begin: float) -> None:
        """One user: a step every `pace` seconds, from a moment and with a visit of their own. After a step that failed
        they begin anew, in another tab."""
        turn = number % len(VISITS)
        steps = [step for visit in (*VISITS[turn:], *VISITS[:turn]) for step in visit]
        due = begin + self.pace * number / len(self.cookies)
        tab, at = Tab(self.url, self.cookies[number]), 0
        while not await self._left_before(due):
            if await self._did(tab, steps[at]):
                at = (at + 1) % len(steps)
                self.rounds += at == 0
            else:
                await tab.close()
                tab, at = Tab(self.url, self.cookies[number]), 0
            due = max(due + self.pace, time.perf_counter())
        await tab.close()

    async def _did(self, tab: Tab, step: Step) -> bool:
        """Do a step and note how long it took, from the question to the end of the answer; did it go well?"""
        runs = tab.runs
        try:
            await tab.connect()
            begin = time.perf_counter()
            await step(tab)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is counted, and the others go on)
            self.found.wrong[f"{step.__name__}: {error!r}"[:300]] += 1
            return False
        self.found.times[step.__name__].append((time.perf_counter() - begin) * 1000)
        self.found.reruns += tab.runs - runs
        return True

    async def _left_before(self, due: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, due - time.perf_counter())):
                await self.leaving.wait()
        except TimeoutError:
            return False
        return True


def let_in(url: str, cookies: Sequence[str], pace: float, pipe: Connection) -> None:
    """The crowd's process."""
    asyncio.run(Crowd(url, cookies, pace).run(pipe))


def _rows(tab: Tab) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tab.data("catalog")["rows"]
    return rows


def _expect(answered: bool, what: str) -> None:
    if not answered:
        raise Unexpected(f"not answered with {what}")
