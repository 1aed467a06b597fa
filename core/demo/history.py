"""The plan carried out: by the same functions as everything real, each at its planned instant, in order of time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from operator import itemgetter

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.db import actor
from core.demo.planning import PlannedOrder, deliveries
from core.documents.issuing import issue_invoice
from core.documents.models import Document
from core.money import round_amount
from core.orders.cancelling import cancel
from core.orders.cart import view_cart
from core.orders.details import Details
from core.orders.filling import set_quantities
from core.orders.lapsing import lapse_due
from core.orders.lifecycle import claim
from core.orders.placing import place
from core.orders.shipping import ship
from core.principal import SYSTEM, Principal
from core.receivables.payments import open_amount, record_payment

Step = tuple[datetime, Callable[[datetime], object]]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts: a buyer for each partner (by code) and the staff by role; and the products' ids by SKU."""

    buyers: Mapping[str, Principal]
    staff: Mapping[str, Principal]
    products: Mapping[str, int]

    def seller(self, order: PlannedOrder) -> Principal:
        """Who looks after the order: one takes those of the morning, the other the rest."""
        return self.staff["admin" if order.placed_at.hour < 10 else "sales"]

    def by_id(self, quantities: Mapping[str, Decimal]) -> dict[int, Decimal]:
        """Quantities by SKU as quantities by the product's id."""
        return {self.products[sku]: quantity for sku, quantity in quantities.items()}


@contextmanager
def acting(session: Session, principal: Principal) -> Iterator[None]:
    """Let somebody else act in the same transaction: the demo is loaded as a whole or not at all."""
    before = actor(session)
    session.info["principal"] = principal
    try:
        yield
    finally:
        session.info["principal"] = before


def replay(session: Session, orders: Iterable[PlannedOrder], cast: Cast) -> None:
    """Carry out the plan. What is shipped was delivered before, so that stock ends at what it began with."""
    steps: list[Step] = [
        (at, partial(receive, session, cast, quantities)) for at, quantities in deliveries(orders).items()
    ]
    for order in orders:
        steps += _Story(session, order, cast).steps()
    for at, act in sorted(steps, key=itemgetter(0)):
        act(at)


class _Story:
    """One order's way through the company."""

    def __init__(self, session: Session, plan: PlannedOrder, cast: Cast) -> None:
        self.session, self.plan, self.cast = session, plan, cast
        self.buyer, self.seller = cast.buyers[plan.partner], cast.seller(plan)
        self.order_id = 0
        self.invoice: Document | None = None

    def steps(self) -> Iterator[Step]:
        plan = self.plan
        yield plan.placed_at, self.place
        planned = {
            self.lapse: plan.lapses_at,
            self.claim: plan.claimed_at,
            self.cancel: plan.cancelled_at,
            self.issue: plan.invoiced_at,
            self.ship: plan.shipped_at,
        }
        yield from ((at, act) for act, at in planned.items() if at)
        yield from ((at, partial(self.pay, share)) for at, share in plan.payments)

    def place(self, at: datetime) -> None:
        with acting(self.session, self.buyer):
            set_quantities(self.session, self.cast.by_id(self.plan.lines))
            token = view_cart(self.session, at).token
            self.order_id = place(self.session, token, at, Details(self.plan.note)).order_id

    def lapse(self, at: datetime) -> None:
        with acting(self.session, SYSTEM):
            lapse_due(self.session, at)

    def claim(self, at: datetime) -> None:
        with acting(self.session, self.seller):
            claim(self.session, self.order_id, at)

    def cancel(self, at: datetime) -> None:
        with acting(self.session, self.seller if self.plan.claimed_at else self.buyer):
            cancel(self.session, self.order_id, self.plan.reason, at)

    def issue(self, at: datetime) -> None:
        with acting(self.session, self.seller):
            self.invoice = issue_invoice(self.session, self.order_id, at)

    def ship(self, at: datetime) -> None:
        with acting(self.session, self.cast.staff["warehouse"]):
            ship(self.session, self.order_id, at)

    def pay(self, share: Decimal, at: datetime) -> None:
        """Record a share of the invoice as paid that day; 1 is all that is open."""
        if self.invoice is None:
            raise ValueError("a payment is planned before its invoice")
        with acting(self.session, self.cast.staff["accounting"]):
            amount = round_amount(self.invoice.gross * share) if share < 1 else open_amount(self.session, self.invoice)
            paid_on = local_date(at, company(self.session).time_zone)
            reference = f"OP {400 + self.order_id % 977} / {self.invoice.full_number}"
            record_payment(
                self.session, self.invoice.partner_id, amount, paid_on, at, pays={self.invoice.id: amount},
                reference=reference,
            )  # fmt: skip


def receive(session: Session, cast: Cast, quantities: Mapping[str, Decimal], at: datetime) -> None:
    """Goods (quantities by SKU) come in from suppliers."""
    received = sorted(cast.by_id(quantities).items())
    products, amounts = [product for product, _ in received], [amount for _, amount in received]
    params = {"products": products, "amounts": amounts, "at": at, "user": cast.staff["warehouse"].user_id}
    session.execute(_RECEIVE, params)


_RECEIVE = text("""
with received as (
    select * from unnest(cast(:products as int[]), cast(:amounts as numeric[])) r(product_id, quantity)
), moved as (
    insert into stock_movement (product_id, quantity, kind, at, user_id)
    select product_id, quantity, 'receipt', :at, :user from received
)
update stock set on_hand = on_hand + received.quantity
from received where stock.product_id = received.product_id and warehouse_id = 1
""")
