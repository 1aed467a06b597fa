"""What would make room under the limits: the oldest invoices to pay, the oldest orders to be delivered or cancelled."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotAllowed
from core.orders.contents import DOCUMENT_NUMBER
from core.orders.limits import LimitState
from core.permissions import authorize, may

SHOWN = 3
"""How many of each are named."""

PAYING = frozenset({"credit_limit", "overdue_block", "overdue_block_days"})
ENDING = frozenset({"max_open_orders", "max_open_value"})


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """`open` is what is still to be paid on it, in lei. Without a PDF it is of the program before."""

    id: int
    number: str
    due_on: date
    open: Decimal
    has_pdf: bool


@dataclass(frozen=True, slots=True)
class OpenOrder:
    id: int
    status: str
    placed_at: datetime
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Releases:
    """Up to SHOWN of each, the oldest first."""

    invoices: list[OpenInvoice]
    orders: list[OpenOrder]


def releases(session: Session, exceeded: Collection[LimitState], as_of_date: date) -> Releases:
    """What the signed-in partner could settle so that these limits let an order pass.

    Invoices (only for who may see documents) for credit and arrears, of the latter only those overdue on the local day
    `as_of_date`; open orders for the limits on those. Raises NotAllowed.
    """
    me = authorize(session, "orders.place")
    if me.partner_id is None:
        raise NotAllowed
    kinds = {limit.kind for limit in exceeded}
    until = date.max if "credit_limit" in kinds else as_of_date
    params = {"partner": me.partner_id, "until": until, "limit": SHOWN}
    invoices = session.execute(_INVOICES, params).mappings() if kinds & PAYING and may(me, "documents.see") else ()
    orders = session.execute(_ORDERS, params).mappings() if kinds & ENDING else ()
    return Releases([OpenInvoice(**row) for row in invoices], [OpenOrder(**row) for row in orders])


_INVOICES = text(f"""
    select document.id, {DOCUMENT_NUMBER} as number, receivable.due_on, receivable.open,
           document.kind <> 'opening' as has_pdf
    from receivable join document on document.id = receivable.document_id
    where receivable.partner_id = :partner and receivable.open > 0 and receivable.due_on < :until
    order by receivable.due_on, document.id limit :limit
""")
_ORDERS = text("""
    select id, status, placed_at, gross from orders
    where partner_id = :partner and status in ('placed', 'claimed') order by id limit :limit
""")
