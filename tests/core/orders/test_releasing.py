"""What would make room under a limit, and the addresses that a partner can choose from."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from core.db import transaction
from core.documents.issuing import issue_invoice
from core.orders import addresses, placing, releasing
from core.orders.approving import ask_approval
from core.orders.cart import view_cart
from core.orders.details import Details
from core.principal import Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_company, make_partner, make_product, make_staff, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")


def invoiced(buyer: Principal, product_id: int, as_of: datetime) -> int:
    order = steps.order(buyer, {product_id: 1}, as_of)
    staff = make_staff()
    steps.claim(staff, order, as_of)
    with transaction(staff) as session:
        return issue_invoice(session, order, as_of).id


def releases(who: Principal, as_of: datetime = steps.NOON) -> releasing.Releases:
    with transaction(who) as session:
        return releasing.releases(session, view_cart(session, as_of).exceeded, as_of.date())


def test_credit_is_freed_by_the_invoices_that_are_due_first():
    make_company()
    partner = make_partner(credit_limit=Decimal(500))
    owner = principal_of(make_user(partner))
    product = make_product(stock=9, list_price=Decimal(100))
    documents = [invoiced(owner, product.id, steps.NOON + timedelta(hours=n)) for n in range(4)]
    steps.fill(owner, {product.id: 1})
    found = releases(owner)
    assert [invoice.id for invoice in found.invoices] == documents[:3]
    assert (found.invoices[0].number, found.invoices[0].open) == ("FCT 00001", Decimal(121))
    assert found.orders == []
    buyer = principal_of(make_user(partner, role="buyer"))
    steps.fill(buyer, {product.id: 1})
    assert releases(buyer).invoices == []


def test_arrears_are_ended_by_overdue_invoices_only():
    make_company()
    owner = make_buyer(overdue_block_days=1, payment_days=10)
    product = make_product(stock=9)
    overdue = invoiced(owner, product.id, steps.NOON)
    invoiced(owner, product.id, steps.NOON + timedelta(days=5))
    steps.fill(owner, {product.id: 1})
    found = releases(owner, steps.NOON + timedelta(days=12))
    assert [invoice.id for invoice in found.invoices] == [overdue]


def test_open_orders_are_named_the_oldest_first_and_only_ones_own():
    buyer, product = make_buyer(max_open_orders=2), make_product(stock=9)
    steps.order(make_buyer(), {product.id: 1})
    orders = [steps.order(buyer, {product.id: 1}) for _ in range(2)]
    steps.fill(buyer, {product.id: 1})
    assert [order.id for order in releases(buyer).orders] == orders


def test_within_the_limits_nothing_has_to_be_freed():
    buyer, product = make_buyer(max_open_orders=2), make_product(stock=9)
    steps.order(buyer, {product.id: 1})
    steps.fill(buyer, {product.id: 1})
    assert releases(buyer) == releasing.Releases([], [])


def test_addresses_are_the_seat_and_those_of_ones_own_orders_the_last_one_first():
    buyer = make_buyer(address="Str. Lungă 1", city="Cluj-Napoca", county="CJ")
    product = make_product(stock=50)
    for who, address in ((buyer, "A"), (buyer, "B"), (buyer, ""), (buyer, "A"), (make_buyer(), "X")):
        token = steps.fill(who, {product.id: 1})
        with transaction(who) as session:
            placing.place(session, token, steps.NOON, Details(deliver_to=address))
    with transaction(buyer) as session:
        assert addresses.delivery_addresses(session) == addresses.Addresses("Str. Lungă 1, Cluj-Napoca, CJ", ["A", "B"])


def test_what_was_said_of_a_cart_when_approval_was_asked_is_shown_with_it():
    partner = make_partner()
    make_user(partner)
    buyer = principal_of(make_user(partner, role="buyer", spending_limit=Decimal(1)))
    token = steps.fill(buyer, {make_product(stock=9).id: 1})
    details = Details("note", "PO-7", "Hala 2", date(2026, 12, 1))
    with transaction(buyer) as session:
        ask_approval(session, token, steps.NOON, details)
        cart = view_cart(session, steps.NOON)
    assert Details(cart.note, cart.reference, cart.deliver_to, cart.wished_on) == details
