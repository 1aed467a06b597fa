"""200 people at work in the portal at once: an action every three seconds each, over WebSockets as browsers use them.

The shop has the products, the partners and a year of a real wholesaler's history, with invoices and payments. Each user
is the owner of another partner, and goes through catalogue, orders and documents again and again
(benchmarks/users_visit.py). An action's time is from the question until the script has run, what it draws included;
painting is not. Every answer is checked.

First one web process, with half of them and with all; then, where nginx is installed, two behind it with
docs/nginx.conf, and twice the users. CPU is of one core: of the web processes, PostgreSQL, nginx and the users.
`mb_per_session` is what the web processes have grown by from before the users came until each had been everywhere;
`mb_growth` what they grew by in the second half of the reruns.
"""

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from typing import Any

import psutil
from sqlalchemy import text

from benchmarks import large
from benchmarks.place import server_cpu
from benchmarks.users_nginx import balancing
from benchmarks.users_visit import Found, let_in
from benchmarks.web import web
from core import clock
from core.auth.cookies import session_cookie
from core.auth.sessions import open_session
from core.db import transaction
from core.principal import SYSTEM

USERS, RERUNS, PACE = 200, 10_000, 3.0
WARMING = 8
"""Users who have been everywhere before any are measured: what each process imports and keeps once is there."""
LONGEST = 1200.0
"""Seconds after which a crowd that does not get on is given up."""


def run(users: int = USERS, reruns: int = RERUNS, pace: float = PACE, times: int = 1) -> list[dict[str, Any]]:
    """A row for each arrangement, and one for each kind of action in it; times in milliseconds, memory in MB."""
    large.load(times)
    large.summarise()
    cookies = sign_in(2 * users)
    with web() as (url, pid):
        rows = measure(url, [pid], cookies[: users // 2], reruns // 5, pace)
        rows += measure(url, [pid], cookies[:users], reruns, pace)
    with ExitStack() as stack:
        processes = [stack.enter_context(web()) for _ in range(2)]
        if front := stack.enter_context(balancing([address for address, _ in processes])):
            rows += measure(front[0], [pid for _, pid in processes], cookies, reruns // 2, pace, nginx=front[1])
        else:
            print("nginx is not installed: two web processes are not measured", file=sys.stderr)
    return rows


def sign_in(users: int) -> list[str]:
    """The cookies of the owners of so many partners, those with most orders."""
    with transaction(SYSTEM) as session:
        found = session.scalars(_BUYERS, {"users": users}).all()
        if len(found) < users:
            raise RuntimeError(f"there are only {len(found)} partners with orders and documents")
        return [f"{session_cookie()}={open_session(session, user, clock.now())}" for user in found]


def measure(
    url: str, pids: Sequence[int], cookies: Sequence[str], reruns: int, pace: float, nginx: int | None = None
) -> list[dict[str, Any]]:
    """Let a crowd in at the address that these processes answer, behind the nginx with this number if there is one."""
    with crowd(url, cookies[:WARMING], pace / 10) as pipe:
        _until(pipe, lambda _found, rounds: rounds >= WARMING)
    empty = _memory(pids)
    with crowd(url, cookies, pace) as pipe:
        _until(pipe, lambda _found, rounds: rounds >= len(cookies))
        full, before, begin = _memory(pids), _cpu(pids, nginx, pipe), time.perf_counter()
        found = _until(pipe, lambda found, _rounds: found.reruns >= reruns / 2)
        half = _memory(pids)
        found.add(_until(pipe, lambda found, _rounds: found.reruns >= reruns / 2))
        seconds, after, memory = time.perf_counter() - begin, _cpu(pids, nginx, pipe), _memory(pids)
    for what, count in found.wrong.most_common(5):
        print(f"{count} times: {what}", file=sys.stderr)
    row = {"users": len(cookies), "web_processes": len(pids)}
    every = [ms for times in found.times.values() for ms in times]
    cpu = {name: after[name] - before[name] for name in after}
    whole = row | _figures("all", every, seconds) | {"errors": found.wrong.total()}
    whole |= {f"{name}_cpu_percent": round(spent / seconds * 100) for name, spent in cpu.items()}
    whole |= {f"{name}_cpu_ms": round(cpu[name] / len(every) * 1000, 1) for name in ("web", "db")}
    whole |= {"mb_per_session": round((full - empty) / len(cookies), 2), "mb": round(memory)}
    whole |= {"reruns": found.reruns, "mb_growth": round(memory - half, 1)}
    parts = (row | _figures(name, times, seconds) for name, times in sorted(found.times.items()))
    return [whole, *(dict.fromkeys(whole, "") | part for part in parts)]


@contextmanager
def crowd(url: str, cookies: Sequence[str], pace: float) -> Iterator[Connection]:
    """Users in a process of their own; asked over the pipe, it says what was found since it was last asked."""
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=let_in, args=(url, cookies, pace, theirs), daemon=True)
    process.start()
    try:
        yield pipe
        pipe.send("leave")
        process.join(60)
    finally:
        process.kill()


def _until(pipe: Connection, enough: Callable[[Found, int], bool]) -> Found:
    """What the crowd finds until it is enough, by all that was found and the rounds that were made."""
    whole, deadline = Found(), time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        time.sleep(0.5)
        found, rounds, _ = _ask(pipe)
        whole.add(found)
        if enough(whole, rounds):
            return whole
    raise RuntimeError(f"the users do not get on: {whole.reruns} reruns, {dict(whole.wrong)}")


def _ask(pipe: Connection) -> tuple[Found, int, float]:
    pipe.send("found")
    if not pipe.poll(60):
        raise RuntimeError("the users do not answer any more")
    answer: tuple[Found, int, float] = pipe.recv()
    return answer


def _figures(action: str, times: Sequence[float], seconds: float) -> dict[str, Any]:
    ordered = sorted(times)
    p50, p95, p99 = (round(ordered[int(len(ordered) * share)], 1) for share in (0.5, 0.95, 0.99))
    rate = round(len(ordered) / seconds, 1)
    return {"action": action, "n": len(ordered), "per_s": rate, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


def _memory(pids: Sequence[int]) -> float:
    return sum(psutil.Process(pid).memory_info().rss for pid in pids) / 2**20


def _cpu(pids: Sequence[int], nginx: int | None, pipe: Connection) -> dict[str, float]:
    """Seconds so far, by who spent them; what the crowd has found until now is forgotten."""
    fronts = [psutil.Process(nginx), *psutil.Process(nginx).children()] if nginx else []
    spent = {"web": _seconds(map(psutil.Process, pids)), "nginx": _seconds(fronts)}
    return spent | {"db": server_cpu(), "client": _ask(pipe)[2]}


def _seconds(processes: Iterable[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


# The owners of those who order most: their lists have pages.
_BUYERS = text("""
    select app_user.id from app_user
    join (select partner_id, count(*) as orders from orders where status = 'shipped' group by 1) ordered
      using (partner_id)
    where role = 'owner' and exists (
        select from receivable where receivable.partner_id = app_user.partner_id and open = 0)
    order by orders desc, app_user.id limit :users
""")
