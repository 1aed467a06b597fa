"""What tests of files that come by themselves do again and again."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, text

from core import clock
from core.db import transaction
from core.events import Event
from core.imports.feeding import Fetch, work_next
from core.imports.feeds import Wanted, set_feed
from core.imports.fetching import Asked, Fetched
from core.imports.folder import QUIET
from core.principal import SYSTEM

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
URL = "https://furnizor.example/stoc.csv"
_serial = count(1)


def a_feed(**wanted: Any) -> int:
    """A source of stock, each hour, unless it is said otherwise; its id."""
    with transaction(SYSTEM) as session:
        usual = {"kind": "stock", "name": f"Furnizor {next(_serial)}"}
        return set_feed(session, Wanted(**usual | wanted), NOON)


def work(as_of: datetime, fetch: Fetch | None = None) -> int:
    """All that the job does, when nothing in the folder is being written any more; how often there was something."""
    now = clock.real_now() + timedelta(seconds=QUIET + 1)
    done = 0
    while work_next(as_of, now, fetch or nothing):
        done += 1
        assert done < 50, "this never ends"
    return done


def nothing(asked: Asked) -> Fetched | None:
    raise AssertionError(asked)


def brings(data: str | bytes, name: str = "stoc.csv", etag: str = "") -> Fetch:
    content = data if isinstance(data, bytes) else data.encode()
    return lambda asked: Fetched(name, content, etag, "")


def one(query: str, **params: Any) -> tuple[Any, ...]:
    with transaction(SYSTEM) as session:
        return tuple(session.execute(text(query), params).one())


def audit(*kinds: str) -> list[Event]:
    wanted = kinds or ("import_source_changed", "import_source_removed")
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(Event).where(Event.kind.in_(wanted)).order_by(Event.id)))
