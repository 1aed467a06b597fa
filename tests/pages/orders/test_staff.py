"""What staff do with an order on its page."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.db import transaction
from core.orders.claiming import assign, give_back
from core.principal import Principal
from tests.core.documents.steps import set_up_company
from tests.core.orders import steps
from tests.factories import make_product, make_staff, make_user, principal_of
from tests.pages.orders.steps import OrderPage, line_ids

Open = Callable[..., OrderPage]


@pytest.fixture
def order(buyer: Principal) -> int:
    """8 m of cable and 3 pieces of pipe, waiting."""
    cable = make_product(stock=10, name="Cablu", unit="m", sku="CAB")
    pipe = make_product(stock=3, name="Țeavă", unit="buc", sku="TEV")
    return steps.order(buyer, {cable.id: 8, pipe.id: 3}, clock.now())


@pytest.fixture
def claimed(order: int) -> int:
    steps.claim(make_staff(name="Radu"), order, clock.now())
    return order


def test_claiming_makes_the_next_steps_appear(as_staff: Open, order: int) -> None:
    page = as_staff(order)
    assert page.buttons == {"Claim"}
    page.click("Claim")
    assert "yours" in page.said
    assert {"Goods have left", "Issue the invoice"} <= page.buttons
    assert "Claimed by Maria Ionescu" in page.text


def test_a_claim_that_comes_second_says_who_was_first(as_staff: Open, order: int) -> None:
    page = as_staff(order)
    steps.claim(make_staff(name="Radu"), order, clock.now())
    page.click("Claim")
    assert "Radu has already claimed" in page.refused


def test_all_goods_leave_with_one_click(as_staff: Open, claimed: int) -> None:
    page = as_staff(claimed).click("Goods have left")
    assert steps.status(claimed) == "shipped"
    assert "Shipped: 8 m of Cablu, 3 buc of Țeavă." in page.text


def test_a_part_leaves_and_the_rest_stays(as_staff: Open, claimed: int) -> None:
    cable, pipe = line_ids(claimed)
    page = as_staff(claimed).open("ship")
    page.fill(f"ship-quantity/{cable}", 5).fill(f"ship-quantity/{pipe}", 0).fill("ship-note", "*first* half")
    page.click("Record the delivery")
    assert steps.status(claimed) == "claimed"
    assert [(line["held"], line["shipped"]) for line in page.lines] == [("3", "5"), ("3", "")]
    assert "Shipped: 5 m of Cablu. Still held: 3 m of Cablu, 3 buc of Țeavă. Note: *first* half" in page.text
    assert "Deliveries: 1" in {block.label for block in page.tab.expander}


def test_goods_that_are_not_sold_on_backorder_cannot_wait(as_staff: Open, claimed: int) -> None:
    cable, _ = line_ids(claimed)
    page = as_staff(claimed).open("ship").fill(f"ship-quantity/{cable}", 5).fill("ship-rest", "backorder")
    page.click("Record the delivery")
    assert "Cablu is not sold on backorder" in page.refused
    assert steps.scalar("select count(*) from delivery") == 0


def test_a_claimed_order_is_handed_over_and_given_back(as_staff: Open, claimed: int) -> None:
    anca = make_user(role="sales", name="Anca Dinu")
    page = as_staff(claimed).open("hand").fill("assign-user", anca.id).click("Hand it over")
    assert "Claimed by Anca Dinu" in page.text
    page.open("hand").fill("back-reason", "she is *ill*").click("Give it back")
    assert steps.status(claimed) == "placed"
    assert "given back" in page.text
    assert "Reason: she is *ill*" in page.text


def test_who_did_not_claim_it_cannot_hand_it_on(as_staff: Open, claimed: int) -> None:
    assert "Hand on" not in as_staff(claimed, "sales").drawers


def test_what_a_colleague_gave_back_meanwhile_is_not_given_back_again(as_staff: Open, claimed: int) -> None:
    page = as_staff(claimed).open("hand")
    with transaction(make_staff()) as session:
        give_back(session, claimed, clock.now())
    page.click("Give it back")
    assert "has not been claimed yet" in page.refused


def test_a_waiting_order_is_held_for_a_colleague(as_staff: Open, order: int) -> None:
    anca = make_user(role="sales", name="Anca Dinu")
    page = as_staff(order).open("hand").fill("assign-user", anca.id).click("Hold it for them")
    assert "Held for Anca Dinu" in page.text


def test_cancelling_needs_a_reason(as_staff: Open, claimed: int) -> None:
    page = as_staff(claimed).open("cancel").click("Yes, cancel it")
    assert "Say why" in page.refused
    page.fill("cancel-reason", "water *damage*").click("Yes, cancel it")
    assert steps.status(claimed) == "cancelled"
    assert "Reason: water *damage*" in page.text
    assert page.buttons == set()


def test_a_part_is_cancelled(as_staff: Open, claimed: int) -> None:
    cable, _ = line_ids(claimed)
    page = as_staff(claimed).open("cancel").fill("cancel-extent", "part").run()
    page.fill(f"cancel-quantity/{cable}", 6).fill("cancel-reason", "broken").click("Cancel these quantities")
    assert [line["cancelled"] for line in page.lines] == ["6", ""]
    assert "Cancelled: 6 m of Cablu.  \nReason: broken" in page.text


def test_cancelling_nothing_of_it_is_refused(as_staff: Open, claimed: int) -> None:
    page = as_staff(claimed).open("cancel").fill("cancel-extent", "part").run()
    page.fill("cancel-reason", "broken").click("Cancel these quantities")
    assert "Enter a quantity" in page.refused


def test_a_substitute_is_proposed_and_withdrawn(as_staff: Open, claimed: int) -> None:
    make_product(stock=5, sku="CAB-2", name="Cablu *nou*", unit="m", list_price=Decimal("12.5"))
    cable, _ = line_ids(claimed)
    page = as_staff(claimed).open("propose")
    page.fill(f"propose-keep-{cable}", 5).fill("propose-sku", "CAB-2").fill("propose-quantity", 3)
    page.fill("propose-reason", "sold out").click("Propose it")
    assert "In their place 3 m of Cablu *nou* (CAB-2) at 12.50 RON" in page.text
    assert "Proposed for Cablu: 5 instead of 8 m, and in their place 3 of Cablu *nou* at 12.50 RON." in page.text
    assert "Propose a change" in page.drawers, "the other line has none"
    page.click("Withdraw")
    assert "Proposal for Cablu withdrawn" in page.text
    assert "Withdraw" not in page.buttons


def test_a_substitute_that_does_not_exist_is_refused_and_the_form_keeps_what_was_typed(
    as_staff: Open, claimed: int
) -> None:
    page = as_staff(claimed).open("propose").fill("propose-sku", "no such").fill("propose-quantity", 3)
    page.click("Propose it")
    assert "no other product" in page.refused
    assert page.field("propose-sku").value == "no such"


def test_the_invoice_is_issued_and_its_paper_offered(as_staff: Open, claimed: int) -> None:
    set_up_company()
    page = as_staff(claimed).click("Issue the invoice")
    assert "Invoice FCT 00001 is issued" in page.said
    assert set(page.links) == {"Confirmation (PDF)", "Picking list (PDF)", "Invoice FCT 00001 (PDF)"}
    assert page.links["Confirmation (PDF)"] == f"/orders/{claimed}/confirmation.pdf"
    assert "still open: 133.10 RON" in page.text
    assert page.drawers == {"A part has left", "Hand on"}


def test_without_the_companys_data_no_invoice_is_issued(as_staff: Open, claimed: int) -> None:
    assert "CUI" in as_staff(claimed).click("Issue the invoice").refused


def test_orders_on_backorder_are_not_invoiced_yet(as_staff: Open, buyer: Principal) -> None:
    order = steps.order(buyer, {make_product(stock=2, backorder=True).id: 5}, clock.now())
    steps.claim(make_staff(), order, clock.now())
    page = as_staff(order)
    assert "Issue the invoice" not in page.buttons
    assert [(line["held"], line["waiting"]) for line in page.lines] == [("2", "3")]


@pytest.mark.parametrize(("role", "offered"), [
    ("admin", {"Goods have left", "Issue the invoice", "A part has left", "Payment", "Propose a change", "Hand on",
               "Documents", "Cancel the order"}),
    ("sales", {"Issue the invoice", "Propose a change", "Documents", "Cancel the order"}),
    ("warehouse", {"Goods have left", "A part has left", "Propose a change"}),
    ("accounting", {"Issue the invoice", "Payment", "Documents"}),
    ("analyst", set()),
])  # fmt: skip
def test_each_role_finds_its_own_steps(as_staff: Open, claimed: int, role: str, offered: set[str]) -> None:
    page = as_staff(claimed, role)
    assert page.buttons | page.drawers == offered
    assert ("Picking list (PDF)" in page.links) == (role in ("admin", "sales", "warehouse"))


def test_only_mine_are_those_on_my_table_or_held_for_me(
    app: AppTest, sign_in: Callable[[User], None], claimed: int, buyer: Principal
) -> None:
    held, _other = (steps.order(buyer, {make_product(stock=1).id: 1}, clock.now()) for _ in range(2))
    maria = make_user(name="Maria", language="en")
    with transaction(principal_of(maria)) as session:
        assign(session, claimed, maria.id, clock.now())
        assign(session, held, maria.id, clock.now())
    sign_in(maria)
    app.run().switch_page("pages/staff/orders.py").run()
    assert len(app.dataframe[0].value) == 3
    app.toggle(key="order_mine").set_value(True).run()
    assert sorted(app.dataframe[0].value["id"]) == sorted([claimed, held])
