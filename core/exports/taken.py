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


def last_taken(session: Session) -> Taken | None:
    """What the acting user took out last for the acting partner; None the first time."""
    row = session.execute(_LAST, _who(session)).one_or_none()
    return None if row is None else Taken(row.taken_at, row.query, bytes(row.prices))


def when_taken(session: Session) -> tuple[datetime, str] | None:
    """When (UTC) the acting user took a list out last, and the filters it had, as the query of an address."""
    row = session.execute(_WHEN, _who(session)).one_or_none()
    return None if row is None else (row.taken_at, row.query)


def keep(session: Session, query: str, packed: bytes, as_of: datetime) -> None:
    """Remember a list as the one that the acting user took out last."""
    session.execute(_KEEP, _who(session) | {"query": query, "prices": packed, "as_of": as_of})


def _who(session: Session) -> dict[str, int | None]:
    return {"user": actor(session).user_id, "partner": actor(session).partner_id}


_LAST = text("""
    select taken_at, query, prices from taken_price_list where user_id = :user and partner_id = :partner
""")
_WHEN = text("select taken_at, query from taken_price_list where user_id = :user and partner_id = :partner")
_KEEP = text("""
    insert into taken_price_list (user_id, partner_id, taken_at, query, prices)
    values (:user, :partner, :as_of, :query, :prices)
    on conflict (user_id, partner_id) do update
    set taken_at = excluded.taken_at, query = excluded.query, prices = excluded.prices
""")
