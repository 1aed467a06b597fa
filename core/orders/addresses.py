"""Where a partner lets its goods be delivered: its seat, and what it said of earlier orders."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotAllowed
from core.permissions import authorize

SHOWN = 10
LOOKED_AT = 200
"""Orders whose addresses are offered again."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """`seat` is the partner's own address on one line, `used` those of earlier orders, the last one first."""

    seat: str
    used: list[str]


def delivery_addresses(session: Session) -> Addresses:
    """The addresses that the signed-in partner can choose from for an order. Raises NotAllowed."""
    me = authorize(session, "orders.place")
    if me.partner_id is None:
        raise NotAllowed
    params = {"partner": me.partner_id, "orders": LOOKED_AT, "limit": SHOWN}
    seat = session.execute(_SEAT, params).scalar_one()
    return Addresses(seat, list(session.execute(_USED, params).scalars()))


_SEAT = text("""
    select concat_ws(', ', nullif(address, ''), nullif(city, ''), nullif(county, '')) from partner where id = :partner
""")
_USED = text("""
    select deliver_to from (
        select id, deliver_to from orders where partner_id = :partner order by id desc limit :orders
    ) latest
    where deliver_to <> '' group by deliver_to order by max(id) desc limit :limit
""")
