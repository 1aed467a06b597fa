"""`./rampa soak`: a portal at work while all that can break does so at random; then nothing may be lost or doubled."""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from benchmarks import place
from benchmarks.soak.buying import Answer
from benchmarks.soak.disk import mounted
from benchmarks.soak.faults import DISK_FULL, FAULTS, fill_disk
from benchmarks.soak.portal import Portal, free_port, until
from benchmarks.soak.sink import Sink
from benchmarks.soak.verdict import mail_states, order_states, verdict, waiting
from core.company import change_company
from core.config import ROOT
from core.db import migrate, transaction
from core.installation import installation
from core.principal import SYSTEM
from workers.embedded import Urls
from workers.environment import scratch
from workers.starting import ask_health

CLIENTS = 3
BUYERS = 90
DISK_MEGABYTES = 2_000
LONGEST = 60.0
"""So many seconds a fault lasts at most; in a short soak less."""
DRAINING = 900.0
"""So many seconds are enough for what a dead worker had, and what Redis lost, to be found and done."""
Rows = list[dict[str, Any]]


def soak(minutes: float, seed: int) -> tuple[Rows, list[str]]:
    """Run for so many minutes; hands back what was counted and a sentence for each thing that is broken."""
    lots = random.Random(seed)
    with _portal() as (portal, own_disk):
        portal.start("web", "worker", "scheduler", workers=2)
        until(lambda: _is_well(portal), "the portal is ready")
        begin, seconds = _memory(portal), minutes * 60
        clients = [_client(portal, seed, number, seconds) for number in range(CLIENTS)]
        faults = _break_things(portal, lots, seconds, own_disk=own_disk)
        for client in clients:
            client.wait(seconds + 180)
        portal.wait_for_servers()
        _say("No more faults; what is on its way may arrive")
        until(lambda: not waiting(), "everything on its way has arrived", DRAINING)
        deeds = _deeds(portal)
        answers = [Answer(**deed["answer"]) for deed in deeds if "answer" in deed]
        broken = [*verdict(answers, portal.mails), *_unanswered(clients)]
        until(lambda: _is_well(portal), "the portal is well again")
        rows = [*_counted(deeds, answers), *_of("orders", order_states()), *_mails(portal), *_of("fault", faults)]
        rows += _grown(begin, _memory(portal))
    return rows, broken


@contextmanager
def _portal() -> Iterator[tuple[Portal, bool]]:
    """The portal with the wholesaler's products and partners, and whether its database has a disk of its own."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rampa-soak-")))
        why_not = stack.enter_context(mounted(data / "postgres", DISK_MEGABYTES))
        if why_not:
            _say(f"The disk will not be full: {why_not}")
        place_ = stack.enter_context(scratch(data, "rampa_soak"))
        urls = Urls(*(lease.url() for lease in place_.leases))
        urls = Urls(urls.for_database("rampa_soak"), urls.redis)
        sink = Sink(free_port())
        sink.start()
        stack.callback(sink.stop)
        portal = Portal(urls, place_.leases, _settings(sink.port), sink, free_port())
        stack.callback(portal.stop)
        _say("Loading the wholesaler's products and partners")
        migrate()
        _load()
        yield portal, not why_not


def _settings(mail_port: int) -> dict[str, str]:
    return {
        "DEMO": "false", "SECRET_KEY": "only for this soak and for nothing else at all", "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail_port), "SMTP_STARTTLS": "false", "MAIL_FROM": "portal@bench.example",
    }  # fmt: skip


def _load() -> None:
    """Goods on stock, buyers, a member of staff, and a company whose orders lapse after half a minute."""
    orders = place.history(BUYERS)
    place.load(orders)
    place.fill_carts(orders)
    with transaction(SYSTEM) as session:
        installation(session).steps_open = False
        change_company(session, name="Soak SRL", cui="10000024", iban="RO49AAAA1B31007593840000",
                       address="Str. Lungă 1", city="Cluj-Napoca", county="CJ",
                       order_emails=["orders@bench.example"])  # fmt: skip
        for statement in _PREPARE:
            session.execute(text(statement))


_PREPARE = (
    "update company set claim_hours = 0.01, unpaid_hours = 0.02",
    "update partner set prepay = id % 5 = 0",
    "update partner set cui = '10000008', address = 'Str. Lungă 5', city = 'Brașov', county = 'BV'",
    "insert into app_user (email, name, kind, role, password_hash)"
    " values ('ana@bench.example', 'Ana', 'staff', 'admin', '-')",
    "update stock set on_hand = on_hand + 5000",
    "insert into stock_movement (product_id, quantity, kind, at) select product_id, 5000, 'receipt', now() from stock",
    "delete from cart_line",
)


def _client(portal: Portal, seed: int, number: int, seconds: float) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "benchmarks.soak.life", str(seed), str(number), str(CLIENTS), str(int(seconds))]
    with (portal.data / f"life-{number}").open("wb") as said, (portal.data / "log" / "life.log").open("ab") as errors:
        return subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=errors)


def _break_things(portal: Portal, lots: random.Random, seconds: float, *, own_disk: bool) -> Counter[str]:
    """One fault after the other, each once before any comes again, until the time is over."""
    kinds = FAULTS | ({DISK_FULL: fill_disk} if own_disk else {})
    done, end, bag = Counter[str](), time.monotonic() + seconds, list[str]()
    while time.monotonic() < end:
        bag = bag or lots.sample(list(kinds), len(kinds))
        time.sleep(lots.uniform(2, 8))
        name = bag.pop()
        lasting = min(LONGEST, seconds / 8, max(0.0, end - time.monotonic()))
        _say(f"{time.strftime('%H:%M:%S')} {name}")
        portal.wait_for_servers()
        kinds[name](portal, lasting)
        done[name] += 1
    return done


def _is_well(portal: Portal) -> bool:
    states = ask_health("127.0.0.1", portal.port)
    return bool(states) and set(states.values()) == {"ok"}


def _deeds(portal: Portal) -> Rows:
    return [json.loads(line) for path in portal.data.glob("life-*") for line in path.read_text().splitlines()]


def _unanswered(clients: "list[subprocess.Popen[bytes]]") -> list[str]:
    return [f"a client ended with {client.returncode}" for client in clients if client.returncode]


def _counted(deeds: Rows, answers: list[Answer]) -> Rows:
    """How each kind of deed ended; what buyers were shown before they had an answer."""
    rows = _of("deed", Counter(f"{deed['deed']}: {deed['how']}" for deed in deeds))
    errors = sum(answer.errors for answer in answers)
    return [*rows, *_of("buyers", {"errors shown": errors, "carts with an error": sum(a.errors > 0 for a in answers)})]


def _mails(portal: Portal) -> Rows:
    states, came = mail_states(), portal.mails.came
    found = {"written": states.total(), "came": came.total(), "came twice": sum(times > 1 for times in came.values())}
    return [*_of("mails", found), *_of("mails", {f"state {state}": number for state, number in states.items()})]


def _memory(portal: Portal) -> dict[str, float]:
    """Megabytes that each kind of process keeps in memory, with its children."""
    found = {"PostgreSQL": _kept(portal.postmaster()), "Redis": _kept(portal.redis_server())}
    for role in ("web", "worker", "scheduler"):
        found |= {f"{role} {number}": _kept(each.pid) for number, each in enumerate(portal.processes(role), 1)}
    return found


def _kept(pid: int) -> float:
    try:
        top = psutil.Process(pid)
        return sum(each.memory_info().rss for each in (top, *top.children(recursive=True))) / 1e6
    except psutil.Error:
        return 0.0


def _grown(begin: dict[str, float], end: dict[str, float]) -> Rows:
    return _of("MB", {name: f"{begin[name]:.0f} → {end.get(name, 0):.0f}" for name in begin})


def _of(group: str, values: Any) -> Rows:
    return [{"what": group, "which": name, "count": value} for name, value in sorted(values.items())]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
