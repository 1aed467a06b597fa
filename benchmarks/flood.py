"""One client floods the portal with 200 requests a second, and the others go on: searching, ordering, logging in.

A shop with a real wholesaler's products, partners and a year of history (benchmarks/large.py), one web process. People
log in, search, type a quantity, look through the cart and place the order, through WebSockets as browsers do. Behind
the portal's proxy (its `X-Forwarded-For` counts) comes another client, as fast as the rate says: requests for pages,
files and documents, or clicks on pages that it has opened. First nobody floods, then it does with the limits of
`core.config` as they are, then without any. Times in milliseconds; `let_through` is how much of the flood was answered
with something else than "too many", or heard.
"""

import asyncio
import multiprocessing
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import text
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from benchmarks import large
from benchmarks.users import sign_in
from benchmarks.users_client import Tab, Unexpected
from benchmarks.users_visit import open_catalogue, search, type_quantity
from benchmarks.web import web
from core.auth.passwords import hash_password
from core.db import transaction
from core.principal import SYSTEM

USERS, PACE, SECONDS, RATE = 10, 3.0, 60.0, 200
NO_LIMITS = {name: "0" for name in ("REQUEST_RATE", "FILE_RATE", "MADE_ANEW_RATE", "ACTION_RATE", "OPEN_PAGES")}
FLOODERS = {"requests": "203.0.113.9", "clicks": "203.0.113.10"}
PAGES = 20
"""So many pages has the flooding client open, for its clicks."""
PATHS = ("/", "/orders", "/static/js/none.js", "/documents/1.pdf", "/statement.pdf", "/images/1/small", "/healthz")
PASSWORD = "parola de proba 7"


def run(users: int = USERS, seconds: float = SECONDS, rate: int = RATE, times: int = 1) -> list[dict[str, Any]]:
    """A row for each arrangement and each thing that people do."""
    large.load(times)
    large.summarise()
    cookies = sign_in(users)
    emails = _give_passwords(cookies)
    found = []
    arrangements: tuple[dict[str, str], ...] = ({}, NO_LIMITS)
    for limits in arrangements:
        with web(limits) as (url, _pid):
            for flood in ("none", "requests", "clicks") if not limits else ("requests", "clicks"):
                name = f"{flood}, no limits" if limits else flood
                found += _measure(name, flood, url, cookies, emails, seconds, rate)
    return found


def _measure(
    name: str, flood: str, url: str, cookies: Sequence[str], emails: Sequence[str], seconds: float, rate: int
) -> list[dict[str, Any]]:
    context = multiprocessing.get_context("spawn")
    answers, stop = context.Queue(), context.Event()
    flooding = context.Process(target=_flood, args=(flood, url, rate, stop, answers), daemon=True)
    if flood != "none":
        flooding.start()
    begin = time.perf_counter()
    times, wrong = asyncio.run(_people(url, cookies, emails, seconds))
    seconds = time.perf_counter() - begin
    told: Counter[str] = Counter()
    if flood != "none":
        stop.set()
        told = answers.get(timeout=60)
        flooding.join(30)
        flooding.kill()
    rows = []
    for action, each in times.items():
        ordered = sorted(each)
        rows.append({
            "flood": name, "flood_per_s": round(told["sent"] / seconds),
            "let_through": round(told["let through"] / seconds), "action": action, "n": len(each),
            "p50_ms": round(statistics.median(each), 1), "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1),
            "errors": wrong.total(),
        })  # fmt: skip
    for what, count in wrong.most_common(3):
        print(f"{name}: {count} times: {what}", file=sys.stderr)
    return rows


async def _people(
    url: str, cookies: Sequence[str], emails: Sequence[str], seconds: float
) -> tuple[dict[str, list[float]], Counter[str]]:
    times: defaultdict[str, list[float]] = defaultdict(list)
    wrong: Counter[str] = Counter()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(
        _person(url, cookie, emails[number], number * PACE / len(cookies), until, times, wrong)
        for number, cookie in enumerate(cookies)
    ))  # fmt: skip
    return times, wrong


async def _person(
    url: str, cookie: str, email: str, wait: float, until: float, times: Any, wrong: Counter[str]
) -> None:
    await asyncio.sleep(wait)
    while time.perf_counter() < until:
        visitor, shopper = Visitor(url, ""), Tab(url, cookie)
        steps = {
            "log in": partial(_log_in, visitor, email), "open the catalogue": partial(_open, shopper),
            "search": partial(search, shopper), "type a quantity": partial(type_quantity, shopper),
            "open the cart": partial(shopper.press, "open_cart"),
            "place the order": partial(shopper.press, "place_order"),
        }  # fmt: skip
        try:
            for action, step in steps.items():
                begin = time.perf_counter()
                await step()
                times[action].append((time.perf_counter() - begin) * 1000)
                await asyncio.sleep(PACE)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is counted, and the person begins anew)
            wrong[repr(error)[:200]] += 1
        finally:
            await visitor.close()
            await shopper.close()


class Visitor(Tab):
    """Who is not logged in yet: the form's fields have no keys of ours, so they go by their place."""

    def _show(self, message: Any) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        shown = getattr(element, kind or "", None)
        if kind in ("text_input", "button"):
            name = "submit" if kind == "button" and shown.is_form_submitter else f"{kind} {len(self.shown)}"
            self.shown[name], self._fragments[shown.id] = shown, message.delta.fragment_id
        super()._show(message)


async def _log_in(visitor: Visitor, email: str) -> None:
    await visitor.connect()
    await visitor.open("")
    fields = [shown for name, shown in visitor.shown.items() if name.startswith("text_input")]
    for field, value in zip(fields, (email, PASSWORD), strict=True):
        visitor.type(field, value)
    try:
        await visitor.press("submit")
    except Unexpected as ended:
        if "/auth/session?" in str(ended):
            return
        raise
    raise Unexpected("the password was not taken")


async def _open(tab: Tab) -> None:
    await tab.connect()
    await open_catalogue(tab)


def _flood(kind: str, url: str, rate: int, stop: Any, answers: Any) -> None:
    answers.put(asyncio.run(_requests(url, rate, stop) if kind == "requests" else _clicks(url, rate, stop)))


async def _requests(url: str, rate: int, stop: Any) -> Counter[str]:
    """So many requests a second, each on a connection of its own, whatever becomes of them."""
    told: Counter[str] = Counter()
    tasks: set[asyncio.Task[None]] = set()
    begin = time.perf_counter()
    while not stop.is_set():
        while told["sent"] < (time.perf_counter() - begin) * rate:
            path = PATHS[told["sent"] % len(PATHS)]
            told["sent"] += 1
            task = asyncio.create_task(_request(url, path, told))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    return told


async def _request(url: str, path: str, told: Counter[str]) -> None:
    host, port = url.removeprefix("http://").split(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nX-Forwarded-For: {FLOODERS['requests']}\r\n"
        writer.write(f"{head}Accept: text/html\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
    except OSError:
        told["broken"] += 1
        return
    told["let through"] += b" 429 " not in answer[:20]


async def _clicks(url: str, rate: int, stop: Any) -> Counter[str]:
    """So many clicks a second on pages of nobody; what is heard is told by the server's answers."""
    told: Counter[str] = Counter()
    pages = [asyncio.create_task(_page(url, rate / PAGES, stop, told)) for _ in range(PAGES)]
    await asyncio.gather(*pages, return_exceptions=True)
    return told


async def _page(url: str, rate: float, stop: Any, told: Counter[str]) -> None:
    headers = {"X-Forwarded-For": FLOODERS["clicks"], "Origin": url}
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    click = BackMsg()
    click.rerun_script.page_name = ""
    try:
        async with connect(address, additional_headers=headers, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
            heard = asyncio.create_task(_hear(socket, told))
            begin, sent = time.perf_counter(), 0
            while not stop.is_set():
                if sent < (time.perf_counter() - begin) * rate:
                    await socket.send(click.SerializeToString())
                    sent += 1
                    told["sent"] += 1
                else:
                    await asyncio.sleep(0.01)
            heard.cancel()
    except (OSError, WebSocketException):
        told["broken"] += 1


async def _hear(socket: Any, told: Counter[str]) -> None:
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    async for message in socket:
        told["let through"] += ForwardMsg.FromString(message).WhichOneof("type") == "script_finished"


def _give_passwords(cookies: Sequence[str]) -> list[str]:
    """The addresses of those who are signed in, who can now log in once more."""
    hashed = hash_password(PASSWORD)
    with transaction(SYSTEM) as session:
        return list(session.scalars(_PASSWORDS, {"hash": hashed, "count": len(cookies)}))


_PASSWORDS = text("""
    update app_user set password_hash = :hash
    where id in (select user_id from login_session order by user_id limit :count)
    returning email
""")
