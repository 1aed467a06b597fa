"""The prices that a user took out last, and what has changed since then."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor

ChangeKind = Literal["new", "gone", "dearer", "cheaper"]
SAME_WORK = 12
"""Hours in which a list that is taken out again, as another file, is compared with what it was before all of them."""
MOST_KEPT = 40
"""Lists that are remembered of one user."""
_LEVEL = 6
_SEPARATORS = str.maketrans("\t\n\r", "   ")


@dataclass(frozen=True, slots=True)
class Change:
    """A product whose price (net lei per unit, for the first quantity that can be ordered) is not what it was. `old` is
    None for a new one, `new` for one that is gone from the list."""

    kind: ChangeKind
    sku: str
    name: str
    old: Decimal | None
    new: Decimal | None

    @property
    def percent(self) -> Decimal | None:
        """By how much the price went up (or, below 0, down); None where there is nothing to compare with."""
        return (self.new / self.old - 1) * 100 if self.old and self.new is not None else None


class Keeper:
    """Gathers the prices of a list, product by product, in little memory."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(_LEVEL)
        self._packed: list[bytes] = []

    def add(self, product_id: int, sku: str, name: str, price: Decimal) -> None:
        line = f"{product_id}\t{price}\t{sku.translate(_SEPARATORS)}\t{name.translate(_SEPARATORS)}\n"
        self._packed.append(self._packer.compress(line.encode()))

    def packed(self) -> bytes:
        """All of them, for `keep`. Nothing can be added after it."""
        return b"".join([*self._packed, self._packer.flush()])


class Taken:
    """The list of then. Each product of the list of now is shown to it once; what is left over is gone."""

    def __init__(self, taken_at: datetime, query: str, packed: bytes) -> None:
        self.taken_at, self.query = taken_at, query
        lines = (line.split("\t", 1) for line in zlib.decompress(packed).decode().split("\n") if line)
        # As they came, not taken apart: of most products only the price is looked at.
        self._then = {int(product): rest for product, rest in lines}

    def compare(self, product_id: int, sku: str, name: str, price: Decimal) -> Change | None:
        """What has become of a product that is in the list of now; None where it costs what it cost."""
        then = self._then.pop(product_id, None)
        if then is None:
            return Change("new", sku, name, None, price)
        old = Decimal(then.split("\t", 1)[0])
        return None if old == price else Change("dearer" if price > old else "cheaper", sku, name, old, price)

    def gone(self) -> Iterator[Change]:
        """What was in the list of then and has not been shown to `compare`, under its name of then."""
        for then in self._then.values():
            old, sku, name = then.split("\t", 2)
            yield Change("gone", sku, name, Decimal(old), None)


def last_taken(session: Session, query: str, as_of: datetime) -> Taken | None:
    """What the acting user took out last with these filters for the acting partner; one of the last SAME_WORK hours
    only where there is no older one. None the first time."""
    row = session.execute(_LAST, _asked(session, query, as_of)).one_or_none()
    return None if row is None else Taken(row.taken_at, row.query, bytes(row.prices))


def when_taken(session: Session, query: str, as_of: datetime) -> datetime | None:
    """When (UTC) the list was taken out that `last_taken` gives."""
    found: datetime | None = session.execute(_WHEN, _asked(session, query, as_of)).scalar_one_or_none()
    return found


def keep(session: Session, query: str, packed: bytes, as_of: datetime) -> None:
    """Remember a list as taken out by the acting user with these filters; not where one of
    the last SAME_WORK hours is there already."""
    session.execute(_KEEP, _asked(session, query, as_of) | {"prices": packed})
    session.execute(_FORGET, _asked(session, query, as_of) | {"most": MOST_KEPT})


def _asked(session: Session, query: str, as_of: datetime) -> dict[str, object]:
    me = actor(session)
    return {"user": me.user_id, "partner": me.partner_id, "query": query, "as_of": as_of, "hours": SAME_WORK}


_EARLIER = "taken_at <= cast(:as_of as timestamptz) - :hours * interval '1 hour'"
_MINE = "user_id = :user and partner_id = :partner"
_SAME = f"{_MINE} and filters = md5(cast(:query as varchar))"
_NEWEST = f"""
    from taken_price_list where {_SAME} order by ({_EARLIER}) desc, taken_at desc limit 1
"""
_LAST = text(f"select taken_at, query, prices {_NEWEST}")
_WHEN = text(f"select taken_at {_NEWEST}")
_KEEP = text(f"""
    insert into taken_price_list (user_id, partner_id, taken_at, query, prices)
    select :user, :partner, :as_of, cast(:query as varchar), :prices
    where not exists (select from taken_price_list where {_SAME} and not {_EARLIER})
    on conflict do nothing
""")
# Of one kind of list two are needed: the one before today's work, and today's.
_FORGET = text(f"""
    with ranked as (
        select filters, taken_at, row_number() over (partition by filters order by taken_at desc) as nth,
               row_number() over (order by taken_at desc) as place
        from taken_price_list where {_MINE}
    )
    delete from taken_price_list using ranked
    where {_MINE} and taken_price_list.filters = ranked.filters and taken_price_list.taken_at = ranked.taken_at
      and (nth > 2 or place > :most)
""")
