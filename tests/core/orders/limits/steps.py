"""Steps and words that the tests of this folder share."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.catalog.models import Product
from core.db import transaction
from core.orders import cancelling, limits, placing
from core.orders.limits import OverLimits
from core.principal import SYSTEM, Principal
from tests.core.documents import steps as documents
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import make_partner, make_product, make_staff, make_user, principal_of

GENERAL = "company", "id = 1"
# Limit → the rule, what happened before, the pieces (of 100.00 each) of an order that passes it, and what is then said.
SITUATIONS = {
    "min_order": (
        500, None, 3, "The order comes to 300.00 RON; the least that can be ordered is 500.00 RON.", "300,00 lei"
    ),
    "max_order": (
        20_000, None, 205,
        "The order comes to 20,500.00 RON; one order may come to 20,000.00 RON: 500.00 RON too much.", "20.500,00 lei",
    ),
    "max_open_orders": (
        2, lambda buyer, product: [steps.order(buyer, {product: 1}) for _ in range(2)], 1,
        "Open orders: 2 of 2 that are allowed. One must be delivered or cancelled first.", "2",
    ),
    "max_open_value": (
        20_000, lambda buyer, product: steps.order(buyer, {product: 174}), 31,
        "Open orders: limit 20,000.00 RON, used 17,400.00 RON, this order 3,100.00 RON: 500.00 RON too much.",
        "17.400,00 lei",
    ),
    "credit_limit": (
        20_000, lambda buyer, product: ship(steps.order(buyer, {product: 174})), 31,
        "Credit: limit 20,000.00 RON, used 17,400.00 RON, this order 3,100.00 RON: 500.00 RON too much.",
        "17.400,00 lei",
    ),
    "overdue_block": (
        1_000, lambda buyer, product: overdue(buyer, product, 12, 1), 1,
        "Overdue invoices come to 1,200.00 RON; from 1,000.00 RON on no order can be placed until they are paid.",
        "1.200,00 lei",
    ),
    "overdue_block_days": (
        15, lambda buyer, product: overdue(buyer, product, 1, 15), 1,
        "An invoice is 15 days overdue; from 15 days on no order can be placed until it is paid.", "15",
    ),
    "max_per_order": (
        10, None, 12, "Short goods: at most 10 buc in one order, and there are 12.", "12",
    ),
    "max_per_period": (
        10, lambda buyer, product: steps.order(buyer, {product: 8}), 3,
        "Short goods: at most 10 buc in 7 days; 8 were ordered, and now 3 more.", "8",
    ),
}  # fmt: skip


def rule(buyer: Principal | None = None, **values: object) -> None:
    """Set rules: those of the buyer's partner, or the general ones."""
    table, which = ("partner", f"id = {buyer.partner_id}") if buyer else GENERAL
    with transaction(SYSTEM) as session:
        for name, value in values.items():
            session.execute(text(f"update {table} set {name} = :value where {which}"), {"value": value})


def goods(price: object = 100, stock: int = 10_000, **values: object) -> int:
    """A product without VAT, so that amounts can be read off quantities; its id."""
    usual = {"list_price": Decimal(str(price)), "vat_class": "zero"}
    product: Product = make_product(stock=stock, **usual | values)
    return product.id


def passed(buyer: Principal, quantities: dict[int, int | str], as_of: object = NOON) -> dict[str, limits.LimitState]:
    """The limits that an order would pass, by name; it is not placed."""
    before = steps.scalar("select count(*) from orders")
    with pytest.raises(OverLimits) as refusal:
        steps.order(buyer, quantities, as_of)
    assert steps.scalar("select count(*) from orders") == before
    return {limit.kind: limit for limit in refusal.value.limits}


def words(limit: limits.LimitState, language: str = "en") -> str:
    return limit.sentence(language).replace("\N{NO-BREAK SPACE}", " ")


def ship(order_id: int) -> None:
    staff = make_staff()
    steps.claim(staff, order_id)
    steps.ship(staff, order_id)


def invoice(order_id: int, as_of: object = NOON) -> object:
    documents.set_up_company()
    steps.claim(make_staff(), order_id, as_of)
    return documents.issue(order_id, as_of)


def overdue(buyer: Principal, product: int, pieces: int, days: int) -> object:
    """An invoice that is `days` days past its due day at NOON; 30 days to pay."""
    at = NOON - timedelta(days=30 + days)
    return invoice(steps.order(buyer, {product: pieces}, at), at)


def two_of_one_partner(**values: object) -> tuple[Principal, Principal]:
    """An owner and a buyer, the latter with these values."""
    partner = make_partner()
    return principal_of(make_user(partner)), principal_of(make_user(partner, role="buyer", **values))


def second_while_the_first_is_not_committed() -> tuple[bool, object]:
    """Two users of one partner order different goods; whether the second waited for the first, and its outcome."""
    one, two = two_of_one_partner()
    rule(max_open_value=700)
    tokens = steps.fill(one, {goods(): 5}), steps.fill(two, {goods(): 5})
    placed = threading.Event()

    def second() -> object:
        try:
            return steps.place(two, tokens[1])
        except OverLimits as refusal:
            return refusal
        finally:
            placed.set()

    with ThreadPoolExecutor(1) as pool:
        with transaction(one) as session:
            placing.place(session, tokens[0], NOON)
            outcome = pool.submit(second)
            waited = not placed.wait(timeout=1)
        return waited, outcome.result(timeout=30)


def cancel_pieces(buyer: Principal, order_id: int, pieces: int) -> None:
    line = steps.scalar("select id from order_line where order_id = :id", id=order_id)
    with transaction(buyer) as session:
        cancelling.cancel_part(session, order_id, {line: Decimal(pieces)}, "", NOON)
