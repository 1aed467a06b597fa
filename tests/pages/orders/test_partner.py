"""What a partner's people do with an order on its page."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core import clock
from core.auth.models import User
from core.company import change_company
from core.db import transaction
from core.orders.claiming import give_back
from core.orders.details import Details
from core.orders.placing import place
from core.orders.proposing import propose, withdraw
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from core.receivables.prepaying import record_order_payment
from tests.core.documents.steps import issue, set_up_company
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_promotion, make_staff, make_user, principal_of
from tests.pages.orders.steps import OrderPage, line_ids

Open = Callable[..., OrderPage]
HOSTILE = "[x](https://evil.example) :red[*a*] <b>b</b> $c$ # d"


@pytest.fixture
def order(buyer: Principal) -> int:
    """8 m of cable and 3 pieces of pipe, waiting."""
    cable = make_product(stock=10, name="Cablu", unit="m", sku="CAB")
    pipe = make_product(stock=3, name="Țeavă", unit="buc", sku="TEV")
    return steps.order(buyer, {cable.id: 8, pipe.id: 3}, clock.now())


@pytest.fixture
def proposed(order: int) -> int:
    """The order, claimed, with a proposal for the cable; the proposal's id."""
    staff = make_staff(name="Radu Secretul")
    steps.claim(staff, order, clock.now())
    with transaction(staff) as session:
        return propose(session, order, line_ids(order)[0], Decimal(5), clock.now(), reason="*sold* out")


def lapsed(buyer: Principal, quantities: dict[int, int]) -> int:
    order = steps.order(buyer, quantities, clock.now() - timedelta(days=3))
    steps.lapse(clock.now())
    return order


def test_a_proposal_is_accepted(as_owner: Open, order: int, proposed: int) -> None:
    page = as_owner(order)
    assert "Cablu (CAB): 5 instead of 8 m" in page.text
    assert "Net total of the order: 80.00 RON instead of 110.00 RON" in page.text
    assert "Reason: *sold* out" in page.text
    page.click("Accept")
    assert [line["cancelled"] for line in page.lines] == ["3", ""]
    assert "Accepted: the change of Cablu." in page.text
    assert steps.scalar("select net from orders") == Decimal("80.00")


def test_each_line_tells_the_rules_that_led_to_its_price_also_when_they_are_gone(
    as_owner: Open, buyer: Principal
) -> None:
    product = make_product(stock=5, sku="CAB", list_price=Decimal(20))
    promotion = make_promotion(
        product, name="Iarna", percent=Decimal(25), from_quantity=2, valid_until=date(2030, 1, 1)
    )
    order = steps.order(buyer, {product.id: 2}, clock.now())
    steps.scalar("delete from promotion where id = :id returning 1", id=promotion.id)
    said = as_owner(order).text
    assert "Promotion “Iarna”, 25 % off the list price" in said
    assert "from 2 on · valid until 01.01.2030 · lower, so this is the price" in said
    assert "would be the price without the promotion" in said


def test_a_proposal_is_refused(as_owner: Open, order: int, proposed: int) -> None:
    page = as_owner(order).click("Refuse")
    assert "Refused: the change of Cablu." in page.text
    assert steps.scalar("select net from orders") == Decimal("110.00")


def test_a_proposal_that_was_withdrawn_meanwhile_cannot_be_accepted(as_owner: Open, order: int, proposed: int) -> None:
    page = as_owner(order)
    with transaction(make_staff()) as session:
        withdraw(session, proposed, clock.now())
    assert "answered or withdrawn already" in page.click("Accept").refused


def test_accountants_read_a_proposal_and_do_not_answer_it(
    open_order: Open, order: int, proposed: int, partner: Partner
) -> None:
    page = open_order(make_user(partner, role="accountant", language="en"), order)
    assert "5 instead of 8 m" in page.text
    assert page.buttons | page.drawers == set()


def test_a_waiting_order_is_cancelled_whole(as_owner: Open, order: int) -> None:
    page = as_owner(order).open("cancel").fill("cancel-reason", "wrong *one*").click("Yes, cancel it")
    assert steps.status(order) == "cancelled"
    assert "Reason: wrong *one*" in page.text


def test_a_part_of_a_waiting_order_is_cancelled(as_owner: Open, order: int) -> None:
    cable, pipe = line_ids(order)
    page = as_owner(order).open("cancel").fill("cancel-extent", "part").run()
    page.fill(f"cancel-quantity/{cable}", 2).fill(f"cancel-quantity/{pipe}", 1).click("Cancel these quantities")
    assert [(line["held"], line["cancelled"]) for line in page.lines] == [("6", "2"), ("2", "1")]


def test_what_was_claimed_meanwhile_is_not_cancelled(as_owner: Open, order: int) -> None:
    page = as_owner(order).open("cancel")
    steps.claim(make_staff(), order, clock.now())
    assert "being prepared" in page.click("Yes, cancel it").refused
    assert "Cancel the order" not in page.drawers


def test_an_order_is_given_more_time_once(as_owner: Open, order: int) -> None:
    page = as_owner(order).open("extend")
    label = next(label for label in page.buttons if label.startswith("Let it wait until"))
    page.click(label)
    assert label.removeprefix("Let it wait until ") in page.said
    assert "More time" not in page.drawers
    assert "More time: it can be claimed until" in page.text


def test_while_others_wait_there_is_no_more_time(as_owner: Open, order: int) -> None:
    other = principal_of(make_user(make_partner()))
    page = as_owner(order).open("extend")
    label = next(label for label in page.buttons if label.startswith("Let it wait until"))
    steps.scalar(
        "insert into stock_wait (product_id, partner_id, user_id, quantity, since)"
        " select id, :partner, :user, 1, now() from product where sku = 'TEV' returning id",
        partner=other.partner_id, user=other.user_id,
    )  # fmt: skip
    assert "Others wait" in page.click(label).refused
    assert "Others wait" in page.tab.error[0].value
    assert label not in page.buttons


def test_an_order_is_put_in_the_cart_and_what_changed_is_said(as_owner: Open, order: int) -> None:
    steps.scalar("update product set list_price = 12 where sku = 'CAB' returning id")
    steps.scalar("update product set active = false where sku = 'TEV' returning id")
    page = as_owner(order).click("Put it in the cart again")
    assert "1 of 2 products" in page.text
    assert "Cablu: only 2 available, 12.00 RON now, 10.00 RON then" in page.text
    assert "Țeavă: no longer sold" in page.text
    assert steps.scalar("select quantity from cart_line") == 8


def test_a_lapsed_order_is_placed_again_with_one_click(as_owner: Open, buyer: Principal) -> None:
    order = lapsed(buyer, {make_product(stock=5, list_price=Decimal(100)).id: 2})
    page = as_owner(order)
    assert "Nobody claimed it in time" in page.text
    page.click("Order it again for 242.00 RON".replace(" RON", "\N{NO-BREAK SPACE}RON"))
    assert page.tab.query_params["order"] == str(order + 1)
    assert f"Order {order + 1} is placed" in page.said
    page.tab.query_params["order"] = str(order)
    page.run()
    assert [link.label for link in page.tab.main.get("page_link")] == [f"Ordered again: order {order + 1}"]


def test_what_is_short_is_said_before_and_after_the_click(as_owner: Open, buyer: Principal) -> None:
    product = make_product(stock=5, list_price=Decimal(100), name="Tablou *mic*")
    order = lapsed(buyer, {product.id: 4})
    page = as_owner(order)
    steps.scalar("update stock set on_hand = 3 returning product_id")
    page.click("Order it again for 484.00 RON".replace(" RON", "\N{NO-BREAK SPACE}RON"))
    assert "Tablou *mic*: wanted 4, available 3" in page.refused
    assert "Put it in the cart, and change there what is missing" in page.text
    assert page.buttons == {"Put it in the cart again"}


def test_the_time_to_pay_and_what_is_left_to_pay_are_shown(open_order: Open) -> None:
    user = make_user(make_partner(prepay=True), language="en")
    order = steps.order(principal_of(user), {make_product(stock=5, list_price=Decimal(100)).id: 1}, clock.now())
    with transaction(SYSTEM) as session:
        record_order_payment(session, order, Decimal(21), date(2026, 1, 1), "", clock.now())
    page = open_order(user, order)
    assert "To be paid before delivery: 100.00 RON until" in page.text
    assert [metric.value.replace("\N{NO-BREAK SPACE}", " ") for metric in page.tab.metric][3:] == [
        "21.00 RON", "100.00 RON",
    ]  # fmt: skip


def test_texts_stay_texts(open_order: Open, as_staff: Open) -> None:
    """Names, notes, reasons and addresses are shown as they were typed, to both sides."""
    user = make_user(make_partner(name=HOSTILE), name=HOSTILE, language="en")
    buyer, staff = principal_of(user), make_staff(name=HOSTILE)
    product = make_product(stock=5, name=HOSTILE, unit="*u*", sku="[s](t)")
    token = steps.fill(buyer, {product.id: 3})
    with transaction(buyer) as session:
        order = place(session, token, clock.now(), Details(HOSTILE, HOSTILE, HOSTILE)).order_id
    steps.claim(staff, order, clock.now())
    with transaction(staff) as session:
        propose(session, order, line_ids(order)[0], Decimal(2), clock.now(), reason=HOSTILE)
    for page in (open_order(user, order), as_staff(order)):
        written = [element.value for kind in ("markdown", "caption", "info") for element in page.tab.main.get(kind)]
        assert sum("evil" in words for words in written) >= 4
        assert not any("](https://evil" in words or ":red[*a*]" in words for words in written)
        assert HOSTILE in page.text


def test_who_of_staff_did_it_and_what_they_told_each_other_is_not_shown_to_partners(as_owner: Open, order: int) -> None:
    staff = make_staff(name="Radu Secretul")
    steps.claim(staff, order, clock.now())
    with transaction(staff) as session:
        give_back(session, order, clock.now(), "*too* lazy")
    page = as_owner(order)
    assert "Order given back, so that somebody else can claim it" in page.text
    assert ", the distributor" in page.text
    assert "Secretul" not in page.text
    assert "lazy" not in page.text


def test_orders_that_staff_placed_say_so(as_owner: Open, order: int) -> None:
    staff = make_staff(name="Radu *Vlad*")
    steps.scalar("update orders set user_id = :user returning id", user=staff.user_id)
    page = as_owner(order)
    assert "by Radu *Vlad*, the distributor's, for Casa și Grădina SRL" in page.text
    assert "Placed by the distributor for Casa și Grădina SRL" in page.text


def test_an_invoice_is_linked_for_who_may_see_documents(
    open_order: Open, owner: User, partner: Partner, order: int
) -> None:
    set_up_company()
    steps.claim(make_staff(), order, clock.now())
    issue(order, clock.now())
    assert "Invoice FCT 00001 (PDF)" in open_order(owner, order).links
    buyers = open_order(make_user(partner, role="buyer", language="en"), order)
    assert set(buyers.links) == {"Confirmation (PDF)"}
    assert "still open" not in buyers.text


def test_another_partners_order_is_not_there(open_order: Open, order: int) -> None:
    page = open_order(make_user(make_partner(), language="en"), order)
    assert "does not exist, or it is not yours" in page.text
    assert len(page.tab.dataframe) == 0


def test_an_order_below_the_least_value_is_not_cut_down(as_owner: Open, order: int) -> None:
    with transaction(SYSTEM) as session:
        change_company(session, min_order=Decimal(120))
    page = as_owner(order).open("cancel").fill("cancel-extent", "part").run()
    page.fill(f"cancel-quantity/{line_ids(order)[0]}", 7).click("Cancel these quantities")
    assert "the least that can be ordered" in page.refused
