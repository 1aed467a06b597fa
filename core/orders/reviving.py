"""Reviving: an order that lapsed is open again, if what it had is still there and its partner may still order it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text, update
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_, translate
from core.money import round_amount, totals
from core.orders.deadlines import Clock, deadline, warnings
from core.orders.lapsing import is_overdue, lapse_due
from core.orders.lifecycle import STATUS_NAMES
from core.orders.limits import MAY_NOT_GROW, lock_partner, require_within
from core.orders.models import Order
from core.orders.placing import Short
from core.orders.reordering import again_token, one_at_a_time
from core.orders.settling import settle
from core.permissions import authorize
from core.stock import holding

NOTHING = Decimal(0)


class NotLapsed(Refusal):
    message = N_("Order {order} is {status}; only a lapsed order can be brought back.")

    def text(self, language: str) -> str:
        status = translate(STATUS_NAMES[self.params["status"]], language)
        return translate(self.message, language).format(order=self.params["order"], status=status)


class OrderedAgain(Refusal):
    message = N_("Order {order} was ordered anew as order {again}. Cancel that one first, or use the money for it.")


class NothingLeft(Refusal):
    message = N_("None of the goods of order {order} are free any more, so it stays lapsed.")


class PartnerCannotOrder(Refusal):
    message = N_("{partner} cannot order at the moment, so order {order} stays lapsed. Activate the partner first.")


@dataclass(frozen=True, slots=True)
class _Back:
    """A line, with what it had when its order lapsed (`wanted`), and what of that is held again or awaited again."""

    line: Row[Any]
    held: Decimal
    waiting: Decimal

    @property
    def billable(self) -> Decimal:
        quantity: Decimal = self.held + self.waiting + self.line.shipped
        return quantity

    @property
    def short(self) -> bool:
        missing: bool = self.held + self.waiting < self.line.wanted
        return missing


def revive(session: Session, order_id: int, as_of: datetime, partly: bool = False) -> list[Short]:
    """Make a lapsed order open again, claimed by whom it was, with all that it had when it lapsed, and new deadlines.

    What is short of products that may be on backorder waits again. Where something else is short nothing changes and it
    is returned, what is `available` of each; with `partly` what is there is held, the rest counts as cancelled, and
    that rest is returned. What is paid of it asks for no credit. Raises NotAllowed, NotFound, NotLapsed (of two at once
    one revives), OrderedAgain, PartnerCannotOrder, NothingLeft, and OverLimits where the order would be outside the
    partner's limits now, unless it was let pass them.
    """
    authorize(session, "orders.revive")
    order = locked(session, order_id, as_of)
    if order.status != "lapsed":
        raise NotLapsed(order=order_id, status=order.status)
    one_at_a_time(session, order_id)
    again = session.execute(_AGAIN, {"token": again_token(order_id)}).scalar_one_or_none()
    if again is not None:
        raise OrderedAgain(order=order_id, again=again)
    lock_partner(session, order.partner_id)
    holding.lock(session, [order_id])
    back = _back(session, order_id)
    short = [_told(line) for line in back if line.short]
    if short and not partly:
        return short
    _require_allowed(session, order, back, as_of)
    _reopen(session, order, back, as_of)
    record(
        session, "order_revived", as_of, partner_id=order.partner_id, order_id=order_id,
        short=[{"sku": s.sku, "name": s.name, "unit": s.unit, "wanted": str(s.wanted), "available": str(s.available)}
               for s in short],
    )  # fmt: skip
    return short


def locked(session: Session, order_id: int, as_of: datetime) -> Row[Any]:
    """The order, locked: id, partner_id, status, gross, currency, prepay, `paid` on it so far, and more.

    Where its time is over and the sweep has not come by, it lapses here: everybody finds it as if it had. Raises
    NotFound.
    """
    partner_id = session.execute(_LOCK, {"order": order_id}).scalar_one_or_none()
    if partner_id is None:
        raise NotFound
    if is_overdue(session, order_id, as_of):
        lock_partner(session, partner_id)
        lapse_due(session, as_of, after=order_id - 1, limit=1)
    return session.execute(_LOOK, {"order": order_id}).one()


def _back(session: Session, order_id: int) -> list[_Back]:
    """What of each line can be had again; two lines of one product share what is free of it."""
    lines = session.execute(_HAD, {"order": order_id}).all()
    free = {line.product_id: line.free for line in lines}
    back = []
    for line in lines:
        held = min(line.wanted, free[line.product_id])
        free[line.product_id] -= held
        back.append(_Back(line, held, line.wanted - held if line.may_wait else NOTHING))
    return back


def _told(back: _Back) -> Short:
    return Short(back.line.sku, back.line.name, back.line.unit, back.line.wanted, back.held)


def _require_allowed(session: Session, order: Row[Any], back: list[_Back], as_of: datetime) -> None:
    if not any(line.held + line.waiting for line in back):
        raise NothingLeft(order=order.id)
    if order.partner_status != "active":
        raise PartnerCannotOrder(partner=order.partner, order=order.id)
    quantities: dict[int, Decimal] = {}
    for line in back:
        quantities[line.line.product_id] = quantities.get(line.line.product_id, NOTHING) + line.billable
    gross = _gross(back)
    if session.execute(_LET_PASS, {"order": order.id, "gross": gross}).scalar_one():
        return
    others = [kind for kind in MAY_NOT_GROW if kind != "credit_limit"]
    require_within(session, order.partner_id, gross, quantities, as_of, order_id=order.id, kinds=others)
    if gross > order.paid:
        on_credit = gross - order.paid
        require_within(
            session, order.partner_id, on_credit, quantities, as_of, order_id=order.id, kinds=["credit_limit"]
        )


def _gross(back: list[_Back]) -> Decimal:
    return totals([(round_amount(line.billable * line.line.unit_price), line.line.vat_rate) for line in back]).gross


def _reopen(session: Session, order: Row[Any], back: list[_Back], as_of: datetime) -> None:
    values = {"status": "claimed" if order.claimed_at else "placed", "ended_at": None}
    values |= _times(order, as_of, unpaid=order.paid < _gross(back))
    lapsed = update(Order).where(Order.id == order.id, Order.status == "lapsed").values(values)
    if session.execute(lapsed.execution_options(synchronize_session=False).returning(Order.id)).one_or_none() is None:
        raise NotLapsed(order=order.id, status=order.status)
    holding.hold(session, {line.line.id: line.held for line in back if line.held}, as_of)
    waiting = {line.line.id: line.waiting for line in back if line.waiting}
    session.execute(_AWAIT, {"lines": list(waiting), "quantities": list(waiting.values()), "as_of": as_of})
    settle(session, order.id, as_of)


def renew_pay_time(session: Session, order_id: int, as_of: datetime) -> None:
    """An order that was paid has grown: the time to pay the rest begins anew. The order is locked by the caller."""
    times = _times(session.execute(_LOOK, {"order": order_id}).one(), as_of, unpaid=True)
    values = {name: value for name, value in times.items() if name.startswith("pay_")}
    unpaid = update(Order).where(Order.id == order_id, Order.prepay, Order.paid_at.is_(None)).values(values)
    session.execute(unpaid.execution_options(synchronize_session=False))


def _times(order: Row[Any], as_of: datetime, *, unpaid: bool) -> dict[str, Any]:
    """The deadlines that run again, by the rules of now."""
    clock = Clock.of(order)
    times: dict[str, Any] = {}
    running = {"claim": not order.claimed_at, "pay": order.prepay and unpaid}
    for name, hours in (("claim", order.claim_hours), ("pay", order.unpaid_hours)):
        if running[name]:
            times |= {
                f"{name}_deadline": deadline(clock, as_of, hours),
                f"{name}_warnings": warnings(clock, as_of, hours),
            }
    return times


_AGAIN = text("select id from orders where cart_token = :token and status not in ('cancelled', 'lapsed')")
_LET_PASS = text("select exists (select from limit_pass where order_id = :order and up_to >= :gross)")
_LOCK = text("select partner_id from orders where id = :order for no key update")
_LOOK = text("""
    select orders.id, orders.partner_id, orders.status, orders.gross, orders.currency, orders.prepay,
           orders.claimed_at, orders.invoiced_at, partner.name as partner,
           partner.status as partner_status,
           coalesce(partner.claim_hours, company.claim_hours) as claim_hours,
           coalesce(partner.unpaid_hours, company.unpaid_hours) as unpaid_hours,
           company.working_clock, company.time_zone, company.work_days, company.work_from, company.work_to,
           (select coalesce(sum(amount), 0) from allocation where allocation.order_id = orders.id) as paid
    from orders join partner on partner.id = orders.partner_id cross join company where orders.id = :order
""")
# All of a line that is held or awaited goes when its order lapses, in one entry each, the line's last.
_HAD = text("""
    select line.id, line.product_id, line.sku, line.name, line.unit, line.unit_price, line.vat_rate, state.shipped,
           coalesce(released.quantity, 0) + coalesce(ended.quantity, 0) as wanted,
           greatest(coalesce(stock.on_hand - stock.held, 0), 0) as free,
           product.active and product.backorder as may_wait
    from orders
    join order_line line on line.order_id = orders.id
    join line_state state on state.id = line.id
    join product on product.id = line.product_id
    left join stock on stock.product_id = line.product_id and stock.warehouse_id = 1
    left join lateral (
        select -quantity as quantity from stock_hold
        where order_line_id = line.id and kind = 'released' and at = orders.ended_at order by id desc limit 1
    ) released on true
    left join lateral (
        select -quantity as quantity from backorder
        where order_line_id = line.id and kind = 'cancelled' and at = orders.ended_at order by id desc limit 1
    ) ended on true
    where orders.id = :order order by line.position
""")
_AWAIT = text("""
    insert into backorder (order_line_id, partner_id, product_id, quantity, kind, at)
    select line.id, line.partner_id, line.product_id, given.quantity, 'placed', :as_of
    from unnest(cast(:lines as int[]), cast(:quantities as numeric[])) given(id, quantity)
    join order_line line on line.id = given.id
""")
