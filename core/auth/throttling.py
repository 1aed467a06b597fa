"""Tries are counted before they are made, so that a thousand at the same moment gain nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_

FORGET_AFTER = timedelta(hours=24)
SET_BACK = "interval '1 minute'"
"""A last try that far from now in the future: the clock was set back since, and nobody waits until it is as late again.
Tries at the same moment are never so far apart."""


class TooManyTries(Refusal):
    """`until` is an instant; `wait` its distance in whole minutes, at least 1."""

    message = N_("Too many attempts. Wait {wait} min, then try again.")


@dataclass(frozen=True, slots=True)
class Limit:
    """After `free` tries each further one makes the next wait: `first`, then twice as long each time, up to `longest`.

    Without a try for a day the count starts anew.
    """

    free: int
    first: timedelta
    longest: timedelta


LOGIN = Limit(free=2, first=timedelta(seconds=15), longest=timedelta(hours=1))
ADDRESS = Limit(free=30, first=timedelta(seconds=15), longest=timedelta(hours=1))
LINKS = Limit(free=2, first=timedelta(minutes=10), longest=timedelta(hours=12))
RESETS = Limit(free=3, first=timedelta(minutes=10), longest=timedelta(hours=1))
INVITATIONS = Limit(free=30, first=timedelta(minutes=10), longest=timedelta(hours=12))
REQUESTS = Limit(free=4, first=timedelta(minutes=30), longest=timedelta(hours=24))


def key_of(what: str, whom: str) -> str:
    """The key under which tries are counted. What was typed is kept as a SHA-256 only: it may be a password."""
    return f"{what}:{sha256(whom.encode()).hexdigest()}"


def address_key(what: str, address: str) -> str | None:
    """The key for an IP address: of IPv6 the network, since one subscriber has 2^64 of them.

    None where no address is known, or when it is this machine's own: there stands a proxy that does not tell who it
    asks for, and one person's mistakes must not keep everybody out.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return None
    return key_of(what, str(int(ip) >> 64 if isinstance(ip, IPv6Address) else ip))


def count_try(session: Session, key: str, limit: Limit, as_of: datetime) -> int:
    """Count one try and tell how many there were since the last success. Commit before the try is made.

    Raises TooManyTries, and counts nothing, while the last ones are to be waited for.
    """
    params = {"key": key, "as_of": as_of, "forget": as_of - FORGET_AFTER, "free": limit.free}
    params |= {"first": limit.first.total_seconds(), "longest": limit.longest.total_seconds()}
    tries: int | None = session.scalar(_COUNT, params)
    if tries is None:
        until = session.execute(_UNTIL, {"key": key}).scalar_one()
        raise TooManyTries(until=until, wait=max(1, -(-int((until - as_of).total_seconds()) // 60)))
    return tries


def forget_tries(session: Session, key: str) -> None:
    """It went well: the count starts anew."""
    session.execute(_FORGET, {"key": key})


def take_back(session: Session, key: str) -> None:
    """This try went well: it does not count, and neither does the wait that it caused; the ones before stay."""
    session.execute(_TAKE_BACK, {"key": key})


def forget_old(session: Session, as_of: datetime) -> None:
    """Remove the counts that no longer matter."""
    session.execute(_FORGET_OLD, {"forget": as_of - FORGET_AFTER, "as_of": as_of})


_TRIES = "case when throttle.last_at < :forget then 1 else throttle.tries + 1 end"


def _blocked(tries: str) -> str:
    wait = f"least(:longest, :first * power(2, least(40, ({tries}) - :free - 1)))"
    pause = f"case when ({tries}) > :free then {wait} else 0 end"
    return f"cast(:as_of as timestamptz) + interval '1 second' * cast({pause} as double precision)"


_COUNT = text(f"""
    insert into throttle (key, tries, last_at, blocked_until) values (:key, 1, :as_of, {_blocked("1")})
    on conflict (key) do update set tries = {_TRIES}, last_at = :as_of, blocked_until = {_blocked(_TRIES)}
    where throttle.blocked_until <= :as_of or throttle.last_at > cast(:as_of as timestamptz) + {SET_BACK}
    returning tries
""")
_UNTIL = text("select blocked_until from throttle where key = :key")
_FORGET = text("delete from throttle where key = :key")
# No other try came through since the one that caused the wait: before it there was none to be waited for.
_TAKE_BACK = text("update throttle set tries = tries - 1, blocked_until = last_at where key = :key and tries > 0")
_FORGET_OLD = text("delete from throttle where last_at < :forget and blocked_until <= :as_of")
