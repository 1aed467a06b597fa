"""What goes on in the demo besides plain orders: limits, a proposal, a part delivery, a backorder, a prepayment."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.demo.history import Cast, acting, receive
from core.orders.awaiting import wait_for
from core.orders.cart import view_cart
from core.orders.claiming import assign
from core.orders.details import Details
from core.orders.filling import set_quantities
from core.orders.lifecycle import claim
from core.orders.placing import place
from core.orders.proposing import propose
from core.orders.shipping import ship_part

PREPAYS, AWAITS, GETS_PROPOSAL, SHIPPED_IN_PART, HELD_FOR, ON_BACKORDER = (
    "P1010", "P1001", "P1002", "P1006", "P1009", "P1003",
)  # fmt: skip
"""Codes of the partners that it happens to."""
SHORT_REASON = "Din lotul rezervat au rămas bune doar atâtea; înlocuitorul are aceleași caracteristici."


def tell(session: Session, cast: Cast, as_of: datetime) -> None:
    """Let all of it happen in the hours before `as_of`; the plan of the plain orders has been carried out."""
    session.execute(_SHORT)
    session.execute(_PREPAYS, {"code": PREPAYS})
    _propose(session, cast, as_of - timedelta(minutes=70))
    _ship_in_part(session, cast, as_of - timedelta(hours=3))
    _wait_for_payment(session, cast, as_of - timedelta(hours=25))
    _wait_for_goods(session, cast, as_of - timedelta(hours=6))
    _hold_for_colleague(session, cast, as_of - timedelta(minutes=5))
    _agree_limits(session)


def _agree_limits(session: Session) -> None:
    """Credit with room for one more order of the usual size."""
    for partner_id, used in session.execute(_USED).all():
        limit = (used * Decimal("1.1") / 1000).quantize(Decimal(1), ROUND_CEILING) * 1000 + 5000
        session.execute(_CREDIT, {"partner": partner_id, "limit": limit})


def _propose(session: Session, cast: Cast, at: datetime) -> None:
    order_id = _order_of(session, GETS_PROPOSAL, "claimed")
    line = session.execute(_LARGEST_LINE, {"order": order_id}).one()
    substitute = session.execute(_NEIGHBOUR, {"product": line.product_id}).scalar_one()
    keep = (line.billable / 2).quantize(Decimal(1))
    with acting(session, cast.staff["sales"]):
        propose(session, order_id, line.id, keep, at, substitute, line.billable - keep, SHORT_REASON)


def _ship_in_part(session: Session, cast: Cast, at: datetime) -> None:
    order_id = _order_of(session, SHIPPED_IN_PART, "claimed")
    held = session.execute(_HELD, {"order": order_id}).all()
    leaving = held[: max(1, len(held) // 2)]
    receive(session, cast, {line.sku: line.held for line in leaving}, at - timedelta(hours=1))
    with acting(session, cast.staff["warehouse"]):
        ship_part(session, order_id, {line.id: line.held for line in leaving}, "keep", at)


def _wait_for_payment(session: Session, cast: Cast, at: datetime) -> None:
    order_id = _order(session, cast, PREPAYS, session.execute(_PLENTY, {"after": 2}).all(), at)
    with acting(session, cast.staff["sales"]):
        claim(session, order_id, at + timedelta(hours=1))


def _wait_for_goods(session: Session, cast: Cast, at: datetime) -> None:
    """One partner has more ordered than there is of what may be ordered ahead; another waits to hear of it."""
    short = session.execute(_BACKORDERS).all()
    plenty = session.execute(_PLENTY, {"after": 6}).all()
    order_id = _order(session, cast, ON_BACKORDER, [(short[0].id, short[0].available + 10), *plenty], at)
    with acting(session, cast.staff["sales"]):
        claim(session, order_id, at + timedelta(minutes=20))
    with acting(session, cast.buyers[AWAITS]):
        wait_for(session, short[1].id, Decimal(5), at + timedelta(hours=1))


def _hold_for_colleague(session: Session, cast: Cast, at: datetime) -> None:
    order_id = _order_of(session, HELD_FOR, "placed")
    with acting(session, cast.staff["sales"]):
        assign(session, order_id, cast.staff["warehouse"].user_id or 0, at)


def _order(session: Session, cast: Cast, code: str, lines: Iterable[Any], at: datetime) -> int:
    with acting(session, cast.buyers[code]):
        set_quantities(session, {product: quantity for product, quantity in lines})
        return place(session, view_cart(session, at).token, at, Details(reference="PO 2417")).order_id


def _order_of(session: Session, code: str, status: str) -> int:
    order_id: int = session.execute(_NEWEST, {"code": code, "status": status}).scalar_one()
    return order_id


_USED = text("""
    select partner.id, coalesce((select sum(open) from receivable where partner_id = partner.id), 0)
           + coalesce((select sum(gross) from orders where partner_id = partner.id and invoiced_at is null
                       and status in ('placed', 'claimed', 'shipped')), 0)
    from partner where code < 'P1007'
""")
_CREDIT = text("update partner set credit_limit = :limit where id = :partner")
_PREPAYS = text("update partner set prepay = true where code = :code")
_AVAILABLE = """
    select product.id, pack, on_hand - held as available from product join stock on stock.product_id = product.id
"""
# The scarcest goods: two may be ordered before they come, one is shared out.
_SHORT = text(f"""
    update product set backorder = n in (1, 2), max_per_order = case n when 3 then 5 end,
                       max_per_period = case n when 3 then 10 end
    from (select id, row_number() over (order by available, id) as n from ({_AVAILABLE}) scarce) ranked
    where ranked.id = product.id and n <= 3
""")
_BACKORDERS = text(f"select * from ({_AVAILABLE} where backorder) short order by available desc, id")
_PLENTY = text(f"""
    select id, least(pack * 20, floor(available / 2)) from ({_AVAILABLE}) plenty
    order by available desc, id limit 3 offset :after
""")
_NEWEST = text("""
    select max(orders.id) from orders join partner on partner.id = partner_id
    where partner.code = :code and orders.status = :status and invoiced_at is null
""")
_LARGEST_LINE = text("""
    select id, product_id, billable from line_state where order_id = :order and billable >= 2
    order by billable desc, id limit 1
""")
_NEIGHBOUR = text("""
    select other.sku from product join product other using (category_id)
    join stock on stock.product_id = other.id
    where product.id = :product and other.id <> product.id and other.active
    order by on_hand - held desc, other.id limit 1
""")
_HELD = text("""
    select line_state.id, sku, held from line_state join product on product.id = product_id
    where order_id = :order and held > 0 order by position
""")
