"""Waiting lists: who wants what is not there is told when it is, the first in line first. Nothing is held for them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.db import actor, beyond_wall
from core.errors import NotAllowed, Refusal
from core.events import record
from core.i18n import N_
from core.orders.filling import BadQuantity, UnknownProduct, orderable
from core.permissions import PERMISSIONS, authorize
from core.principal import Principal
from core.stock.showing import DISPLAY, Display

MOST_WAITS = 200
"""Products that one partner can wait for at a time."""


class TooManyWaits(Refusal):
    message = N_("Your company waits for {most} products already. Take one off the waiting list first.")


@dataclass(frozen=True, slots=True)
class Awaited:
    """A product that the partner waits for: `quantity` is the wish. `there`: some can be ordered now; `available` is
    how much, None where the partner may not know it.

    `since` says its place in line (UTC). `told_at` is set once the partner was told; the place is used up then.
    """

    product_id: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    since: datetime
    there: bool
    available: Decimal | None
    told_at: datetime | None


def wait_for(session: Session, product_id: int, quantity: Decimal, as_of: datetime) -> None:
    """Put the signed-in partner in the line of those who wait for a product; one place per partner.

    Another quantity keeps the place; who was told already starts anew at the end. Raises NotAllowed, BadQuantity,
    UnknownProduct (also for one that is not offered to it any more), TooManyWaits.
    """
    me = authorize(session, "stock.await")
    if me.partner_id is None:
        raise NotAllowed
    if not quantity or not orderable(quantity):
        raise BadQuantity(quantity=quantity)
    wish = {"partner": me.partner_id, "product": product_id}
    if session.execute(_OTHERS_OF_MINE, wish).scalar_one() >= MOST_WAITS:
        raise TooManyWaits(most=MOST_WAITS)
    # A partner's role cannot change a place in line; here the change is the partner's own.
    with beyond_wall(session):
        more = {"user": me.user_id, "quantity": quantity, "as_of": as_of}
        if session.execute(_WAIT, wish | more).one_or_none() is None:
            raise UnknownProduct


def forget(session: Session, product_id: int) -> None:
    """The signed-in partner waits for this product no more; nothing happens where it did not. Raises NotAllowed."""
    me = authorize(session, "stock.await")
    session.execute(_FORGET, {"partner": me.partner_id, "product": product_id})


def own(session: Session) -> list[Awaited]:
    """What the signed-in partner waits for, the longest first; without what is not offered to it any more. Raises
    NotAllowed."""
    me = authorize(session, "stock.await")
    return [_awaited(me, row) for row in session.execute(_OWN, {"partner": me.partner_id}).mappings()]


def tell_first(session: Session, as_of: datetime, limit: int = 100) -> int:
    """For up to `limit` products that are there now, tell the first in line; returns how many were told.

    A product is there for a wish when the wish is covered, or when something came or was given back since it was made
    and is free. The first has a day: only then is the next one told, or at once when the first has ordered. Told is who
    can order. Several workers at once tell each only once: a conditional UPDATE.
    """
    told = session.execute(_TELL, {"as_of": as_of, "limit": limit, "roles": _ROLES}).all()
    for row in told:
        record(session, "stock_back", as_of, partner_id=row.partner_id, **_told(row._mapping))
    return len(told)


def others_wait(session: Session, order_id: int) -> bool:
    """Does another partner wait for goods of this order: on the waiting list and not told yet, or with an order on
    backorder? False for an order that is not the acting partner's.

    A wish counts while nothing is free of the product; while something is, only where that is less than the wish and
    what all orders hold together with it would be enough. Else these goods are not what the wish waits for.
    """
    params = {"order": order_id, "mine": actor(session).partner_id, "roles": _ROLES}
    with beyond_wall(session):
        return bool(session.execute(_OTHERS_WAIT, params).scalar_one())


def _awaited(principal: Principal, row: RowMapping) -> Awaited:
    values = dict(row)
    display = Display.of(principal, values.pop("stock_display"), values.pop("stock_cap"))
    available = values.pop("available")
    return Awaited(**values, there=available > 0, available=display.told(available))


def _told(row: RowMapping) -> dict[str, Any]:
    names = {name: row[name] for name in ("user", "product", "sku", "name", "unit")}
    return names | {name: str(row[name]) for name in ("quantity", "available")}


_ROLES = sorted(PERMISSIONS["stock.await"])
# Wishes that can come true: of products offered to the partner, by people who may still order them. The others keep
# their places, but neither use up what came nor stop anybody.
_IN_LINE = f"""
    stock_wait wait
    join partner on partner.id = wait.partner_id and partner.status = 'active'
    join product on product.id = wait.product_id and {OFFERED}
    join app_user wisher on wisher.id = wait.user_id and wisher.active and wisher.role = any(:roles)
    left join stock on stock.product_id = wait.product_id and stock.warehouse_id = 1
"""
_OTHERS_OF_MINE = text(f"""
    select count(*) from stock_wait wait
    join partner on partner.id = wait.partner_id join product on product.id = wait.product_id and {OFFERED}
    where wait.partner_id = :partner and wait.product_id <> :product
""")
_WAIT = text(f"""
    insert into stock_wait (product_id, partner_id, user_id, quantity, since)
    select product.id, partner.id, :user, :quantity, :as_of from product join partner on partner.id = :partner
    where product.id = :product and {OFFERED}
    on conflict (product_id, partner_id) do update set
        quantity = excluded.quantity, user_id = excluded.user_id, told_at = null,
        since = case when stock_wait.told_at is null then stock_wait.since else excluded.since end
    returning id
""")
_FORGET = text("delete from stock_wait where partner_id = :partner and product_id = :product")
_OWN = text(f"""
    select wait.product_id, product.sku, product.name, product.unit, wait.quantity, wait.since, wait.told_at,
           coalesce(on_hand - held, 0) as available, {DISPLAY}
    from stock_wait wait
    join partner on partner.id = wait.partner_id cross join company
    join product on product.id = wait.product_id and {OFFERED}
    left join stock on stock.product_id = product.id and stock.warehouse_id = 1
    where wait.partner_id = :partner order by wait.since, wait.id
""")
_TELL = text(f"""
with first as (
    select distinct on (wait.product_id) wait.*, product.sku, product.name, product.unit, on_hand - held as available
    from {_IN_LINE}
    where wait.told_at is null and on_hand > held
      and not exists (select from stock_wait told where told.product_id = wait.product_id
                      and told.told_at > cast(:as_of as timestamptz) - interval '24 hours')
    order by wait.product_id, wait.since, wait.id
), due as (
    select * from first
    where available >= quantity
       or exists (select from stock_movement came where came.product_id = first.product_id and came.quantity > 0
                  and came.at > first.since)
       or exists (select from stock_hold back where back.product_id = first.product_id and back.kind = 'released'
                  and back.at > first.since)
    order by id limit :limit
), locked as (
    select id from stock_wait where id in (select id from due) and told_at is null for update skip locked
)
update stock_wait set told_at = :as_of from due
where stock_wait.id = due.id and stock_wait.id in (select id from locked) and stock_wait.told_at is null
returning due.partner_id, due.user_id as user, due.product_id as product, due.sku, due.name, due.unit, due.quantity,
          due.available
""")
_OTHERS_WAIT = text(f"""
    select exists (
        select from line_state line
        where line.order_id = :order and (cast(:mine as int) is null or line.partner_id = :mine)
          and line.held + line.waiting > 0 and (
            exists (select from {_IN_LINE}
                    where wait.product_id = line.product_id and wait.partner_id <> line.partner_id
                      and wait.told_at is null and (coalesce(stock.on_hand - stock.held, 0) <= 0
                          or wait.quantity > stock.on_hand - stock.held and wait.quantity <= stock.on_hand))
            or exists (select from orders other join line_state theirs on theirs.order_id = other.id
                       where other.status in ('placed', 'claimed') and other.partner_id <> line.partner_id
                         and theirs.product_id = line.product_id and theirs.waiting > 0))
    )
""")
