"""What came and left of a product: the rows behind its stock, its average and its last sale."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.permissions import authorize

KINDS = {"receipt": N_("Received"), "count": N_("Counted"), "shipment": N_("Shipped")}


@dataclass(frozen=True, slots=True)
class Movement:
    """Goods of a product that came (more than 0) or left on the local `day`, in its unit; `balance` is what was there
    afterwards. `order_id` and `partner` say for whom they left, None and empty for what has no order."""

    id: int
    day: date
    kind: str
    quantity: Decimal
    unit: str
    balance: Decimal
    order_id: int | None
    partner: str


def movements(session: Session, product_id: int, limit: int = 50, offset: int = 0) -> list[Movement]:
    """The movements of a product's stock, the newest first. Raises NotAllowed."""
    authorize(session, "reports.see")
    asked = {"product": product_id, "limit": limit, "offset": offset}
    return [Movement(**row) for row in session.execute(_MOVEMENTS, asked).mappings()]


# The page is chosen before anything is joined to it. A day's movements are in the order in which they were written.
_MOVEMENTS = text("""
    with page as (
        select id, at, kind, quantity, order_line_id, sum(quantity) over (order by at, id) as balance
        from stock_movement where product_id = :product order by at desc, id desc limit :limit offset :offset
    )
    select page.id, (page.at at time zone company.time_zone)::date as day, page.kind, page.quantity, product.unit,
           page.balance, line.order_id, coalesce(partner.name, '') as partner
    from page cross join company join product on product.id = :product
    left join order_line line on line.id = page.order_line_id left join partner on partner.id = line.partner_id
    order by page.at desc, page.id desc
""")
