"""Log-ins per second, and what every click costs: the question whose session a cookie stands for.

A log-in is what the form and the route do, with a password hash of the real cost: count the attempt, check the password
and issue a ticket, redeem the ticket and open the session, each in its own transaction. Two threads, as a web process
serves requests in threads. The check of a session is one transaction by one client.
"""

import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import text

from core import clock
from core.auth.passwords import COST, hash_password
from core.auth.sessions import issue_ticket, open_session, principal_of_cookie, redeem_ticket
from core.auth.signing_in import check_password, count_attempt
from core.db import engine, transaction
from core.principal import SYSTEM, visitor

USERS = 10_000
LOG_INS = 40
THREADS = 2
CHECKS = 5_000
WARM_UP = 200
PASSWORD = "three odd words together"
BROWSER = "the cookie that ties a log-in to a browser"


def run() -> list[dict[str, Any]]:
    """One row; times in milliseconds."""
    _load()
    emails = [_email(number) for number in range(LOG_INS)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        cookies = list(threads.map(_log_in, emails))
    elapsed = time.perf_counter() - begin
    times = _checks(cookies)
    return [
        {
            "users": USERS,
            "bcrypt_cost": COST,
            "threads": THREADS,
            "log_ins_per_s": round(LOG_INS / elapsed, 2),
            "bcrypt_ms": round(_bcrypt(), 1),
            "session_check_ms_p50": round(statistics.median(times), 2),
            "session_check_ms_p99": round(times[int(len(times) * 0.99)], 2),
        }
    ]


def _load() -> None:
    """Partners with ten people each, a session for all of them, and some log-ins that are being throttled."""
    with transaction(SYSTEM) as session:
        for statement in (_PARTNERS, _USERS, _SESSIONS, _THROTTLED):
            session.execute(statement, {"users": USERS, "hash": hash_password(PASSWORD)})
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze partner, app_user, login_session, throttle"))


def _email(number: int) -> str:
    return f"user{number * (USERS // LOG_INS) + 1}@bench.example"


def _log_in(email: str) -> str:
    """The value of the session cookie."""
    here = visitor("192.0.2.7")
    with transaction(here) as session:
        count_attempt(session, email, clock.now())
    with transaction(here) as session:
        user = check_password(session, email, PASSWORD)
        assert user is not None
        ticket = issue_ticket(session, user, BROWSER, "/", clock.now())
    with transaction(here) as session:
        redeemed = redeem_ticket(session, ticket, BROWSER, clock.now())
        assert redeemed is not None
        return open_session(session, redeemed.user_id, clock.now(), "Firefox")


def _checks(cookies: list[str]) -> list[float]:
    """Milliseconds of each, sorted."""
    _measured(_check, cookies * (WARM_UP // len(cookies)))
    return sorted(_measured(_check, (cookies[number % len(cookies)] for number in range(CHECKS))))


def _check(cookie: str) -> None:
    with transaction(SYSTEM) as session:
        assert principal_of_cookie(session, cookie, clock.now(), "192.0.2.7") is not None


def _bcrypt() -> float:
    return statistics.median(_measured(hash_password, [PASSWORD] * 5))


def _measured(action: Callable[[str], object], arguments: Iterable[str]) -> list[float]:
    times = []
    for argument in arguments:
        begin = time.perf_counter()
        action(argument)
        times.append((time.perf_counter() - begin) * 1000)
    return times


_PARTNERS = text("""
    insert into partner (code, name, status) select 'B' || n, 'Partner ' || n, 'active'
    from generate_series(1, :users / 10) n
""")
_USERS = text("""
    insert into app_user (email, name, kind, role, partner_id, password_hash)
    select 'user' || n || '@bench.example', 'User ' || n, 'partner', 'owner', partner.id, :hash
    from generate_series(1, :users) n join partner on partner.code = 'B' || (n % (:users / 10) + 1)
""")
_SESSIONS = text("""
    insert into login_session (token_hash, user_id, expires_at)
    select encode(sha256(convert_to(email, 'UTF8')), 'hex'), id, now() + interval '30 days' from app_user
""")
_THROTTLED = text("""
    insert into throttle (key, tries, last_at, blocked_until)
    select 'login:' || encode(sha256(n::text::bytea), 'hex'), 3, now(), now() from generate_series(1, :users) n
""")
