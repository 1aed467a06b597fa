"""What people hear of what becomes of an order: changes, deliveries, proposals."""

from decimal import Decimal

import pytest
from sqlalchemy import select, update

from core.auth.account import choose_mails
from core.auth.models import User
from core.config import settings
from core.db import transaction
from core.events import NOTIFYING, Event, record
from core.notifications.choices import CHOICES
from core.orders import (
    awaiting,
    cancelling,
    proposing,
    reviving,
    shipping,
)
from core.principal import SYSTEM
from core.stock import receiving
from tests import factories
from tests.core.notifications import steps
from tests.core.notifications.orders_life.steps import (
    DESK,
    HOSTILE,
    Case,
    after,
    both,
    done,
    every_mail,
    line_of,
    proposed,
    told,
)
from tests.core.orders import steps as orders
from tests.core.orders.steps import NOON

pytestmark = pytest.mark.usefixtures("database")


def test_what_the_partner_cancels_of_an_order_is_told_to_the_distributor():
    case, order_id = (case := Case()), case.order()
    mails = told(done(case.buyer, cancelling.cancel_part, order_id, {line_of(order_id): Decimal(2)}, "too many", NOON))
    assert set(mails) == {DESK}
    for words in ("2 buc", "too many", "363,00", f"/staff-orders?order={order_id}"):
        assert words in mails[DESK].body_text


def test_what_staff_cancel_of_an_order_is_told_to_who_ordered():
    case, order_id = (case := Case()), case.order()
    orders.claim(case.staff, order_id)
    mails = told(done(case.staff, cancelling.cancel_part, order_id, {line_of(order_id): Decimal(2)}, "broken", NOON))
    assert set(mails) == {case.buyer.email}
    both(mails[case.buyer.email], "broken", "2 buc", "363.00")


def test_a_cancelled_order_shows_what_it_came_to_in_the_end():
    case, order_id = (case := Case()), case.order()
    orders.claim(case.staff, order_id)
    done(case.staff, cancelling.cancel_part, order_id, {line_of(order_id): Decimal(2)}, "broken", NOON)()
    mails = told(done(case.staff, cancelling.cancel, order_id, "all of it", after(1)))
    both(mails[case.buyer.email], "3 buc", "363.00")


@pytest.mark.parametrize(("rest", "words"), [
    ("keep", "These are held for you and follow:"),
    ("backorder", "These are on backorder and follow when they have come:"),
    ("cancel", "These do not come: they are cancelled"),
])  # fmt: skip
def test_who_ordered_reads_what_left_and_what_becomes_of_the_rest(rest, words):
    case = Case()
    order_id = case.order(backorder=True)
    orders.claim(case.staff, order_id)
    ship = done(case.staff, shipping.ship_part, order_id, {line_of(order_id): Decimal(2)}, rest, NOON, "two boxes")
    mails = told(ship)
    assert set(mails) == {case.buyer.email}
    mail = mails[case.buyer.email]
    assert mail.subject.startswith("Part of your order" if rest != "cancel" else "Your order")
    both(mail, "These goods have left our warehouse", "2 buc", words, "3 buc", "two boxes", "PO-77")


def test_a_whole_delivery_speaks_of_no_rest():
    case, order_id = (case := Case()), case.order()
    orders.claim(case.staff, order_id)
    mail = told(lambda: orders.ship(case.staff, order_id))[case.buyer.email]
    assert mail.subject == f"Your order {order_id} is on its way"
    both(mail, "5 buc")
    for word in ("follow", "cancelled"):
        assert word not in mail.body_text


def test_an_order_that_ends_without_goods_leaving_is_no_news_of_goods():
    case, order_id = (case := Case()), case.order()
    assert told(done(SYSTEM, lambda session: record(session, "order_shipped", NOON, order_id=order_id))) == {}


def test_goods_that_were_awaited_are_told_to_who_ordered_them():
    case = Case()
    order_id = case.order(stock=1, backorder=True)
    product_id = orders.scalar("select product_id from order_line where order_id = :order", order=order_id)
    mails = told(done(case.staff, receiving.count, {product_id: Decimal(4)}, NOON))
    assert set(mails) == {case.buyer.email}
    both(mails[case.buyer.email], "have come", "3 buc", "still on backorder", "1 buc")


def test_who_waits_for_a_product_is_told_when_it_is_there():
    case, other = Case(), factories.make_buyer()
    product = case.product(stock=5)
    orders.order(other, {product.id: 5})
    done(case.buyer, awaiting.wait_for, product.id, Decimal(4), NOON)()
    steps.handle_all()
    orders.lapse(after(25))
    steps.handle_all()
    mails = told(done(SYSTEM, awaiting.tell_first, after(25)))
    assert set(mails) == {case.buyer.email}
    both(mails[case.buyer.email], "You wanted 4 buc; 5 are there now", "not held for you", product.sku)
    assert f"{settings().public_url}/catalog" in mails[case.buyer.email].body_html


def test_an_order_that_comes_back_is_told_to_both_sides():
    case, order_id = (case := Case()), case.order()
    orders.lapse(after(25))
    steps.handle_all()
    product_id = orders.scalar("select product_id from order_line where order_id = :order", order=order_id)
    orders.order(case.owner, {product_id: 8}, after(26))
    steps.handle_all()
    mails = told(done(case.staff, reviving.revive, order_id, after(27), True))
    assert set(mails) == {DESK, case.buyer.email}
    both(mails[case.buyer.email], "held for you again", "2 of 5 buc", "242.00")
    assert f"/staff-orders?order={order_id}" in mails[DESK].body_text
    assert "Instal Pro SRL" in mails[DESK].body_text


def test_a_proposed_change_says_what_stays_and_what_would_come_instead():
    case = Case()
    _, mails = proposed(case)
    assert set(mails) == {case.buyer.email}
    both(
        mails[case.buyer.email], "CAB-1", "5 buc", "2 buc", "4 buc", "OTHER-9", "12.345", "the first is gone",
        "Nothing changes unless you accept it",
    )  # fmt: skip
    assert "/orders?order=1001" in mails[case.buyer.email].body_html


def test_a_proposal_without_a_substitute_speaks_of_none():
    case, order_id = (case := Case()), case.order()
    orders.claim(case.staff, order_id)
    mails = told(done(case.staff, proposing.propose, order_id, line_of(order_id), Decimal(0), NOON))
    assert "In place" not in mails[case.buyer.email].body_text
    both(mails[case.buyer.email], "0 buc")


@pytest.mark.parametrize(("accept", "words"), [(True, "accepted"), (False, "refused")])
def test_an_answer_is_told_to_who_claimed_the_order(accept, words):
    case = Case()
    proposal, _ = proposed(case)
    mails = told(done(case.buyer, proposing.answer, proposal, accept, NOON))
    assert set(mails) == {case.staff.email}
    assert mails[case.staff.email].subject == f"Instal Pro SRL {words} the change of order 1001"
    assert "/staff-orders?order=1001" in mails[case.staff.email].body_html


def test_when_who_claimed_it_has_left_the_distributor_hears_the_answer():
    case = Case()
    proposal, _ = proposed(case)
    with transaction(SYSTEM) as session:
        session.execute(update(User).where(User.id == case.staff.user_id).values(active=False))
    assert set(told(done(case.buyer, proposing.answer, proposal, False, NOON))) == {DESK}


@pytest.mark.parametrize("language", ["ro", "en"])
def test_every_mail_is_written_in_both_languages_and_no_name_becomes_markup(language):
    case = Case(language, HOSTILE)
    every_mail(case)
    mails = steps.mails()
    with transaction(SYSTEM) as session:
        happened = set(session.scalars(select(Event.kind).distinct()))
    assert {
        kind for kind in NOTIFYING if kind.startswith(("order_", "change_", "backorder_", "stock_back"))
    } <= happened
    for mail in mails:
        assert "<script>" not in mail.body_html
        assert "\n" not in mail.subject
        assert "None" not in mail.body_text + mail.body_html
        assert "  \n\n\n" not in mail.body_text
        assert HOSTILE in mail.body_text + mail.subject
        assert "&lt;script&gt;" in mail.body_html
        assert mail.language == (language if mail.recipient != DESK else "ro")


def test_what_can_be_switched_off_can_and_what_asks_for_something_always_comes():
    case = Case()
    with transaction(case.buyer, wall=False) as session:
        choose_mails(session, set(CHOICES), [], NOON)
    order_id = case.order()
    assert {mail.recipient for mail in steps.mails()} == {DESK}
    orders.claim(case.staff, order_id)
    assert told(done(case.staff, shipping.ship_part, order_id, {line_of(order_id): Decimal(1)}, "keep", NOON)) == {}
    propose = done(case.staff, proposing.propose, order_id, line_of(order_id), Decimal(2), NOON)
    assert set(told(propose)) == {case.buyer.email}
