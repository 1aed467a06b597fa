"""Memory and time of the web process over a thousand page views of the catalogue, 100,000 products behind it.

Each view is what a browser does that opens an address: a WebSocket with its cookie, the question for the page, and
everything that comes until the script has run. Painting is not part of it.
"""

import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks import assortment
from benchmarks.grid import log_in
from benchmarks.web import web
from core import clock
from core.auth.cookies import session_cookie

VIEWS = 1_000
EVERY = 200
QUERIES = ("", "only=in_stock", "q=cablu", "category=Raion+3", "q=surub+alb&only=in_stock", "brand=Marca+7")


def run() -> list[dict[str, Any]]:
    """One row per EVERY views: memory of the web process in MB when they were done, times in milliseconds."""
    assortment.build(clock.now())
    with web() as (url, pid):
        return asyncio.run(_views(url.replace("http", "ws", 1), f"{session_cookie()}={log_in()}", pid))


async def _views(url: str, cookie: str, pid: int) -> list[dict[str, Any]]:
    rows = []
    times: list[float] = []
    for nth in range(1, VIEWS + 1):
        begin = time.perf_counter()
        await _view(url, cookie, QUERIES[nth % len(QUERIES)])
        times.append((time.perf_counter() - begin) * 1000)
        if nth % EVERY == 0:
            times.sort()
            rows.append({
                "views": nth, "memory_mb": _memory(pid), "p50_ms": round(statistics.median(times), 1),
                "p95_ms": round(times[int(len(times) * 0.95)], 1),
            })  # fmt: skip
            times = []
    return rows


async def _view(url: str, cookie: str, query: str) -> None:
    headers = {"Cookie": cookie, "Origin": url.replace("ws", "http", 1)}
    async with connect(
        f"{url}/_stcore/stream", additional_headers=headers, subprotocols=["streamlit"], max_size=None
    ) as socket:  # type: ignore[arg-type]
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = "catalog"
        await socket.send(asked.SerializeToString())
        await _drawn(socket)


async def _drawn(socket: ClientConnection) -> None:
    """Until the script has run; a page that shows an error is no page view."""
    while True:
        said = ForwardMsg.FromString(await socket.recv(decode=False))
        if said.delta.new_element.HasField("exception"):
            raise RuntimeError(said.delta.new_element.exception.message)
        if said.HasField("script_finished"):
            return


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:"))) // 1024
