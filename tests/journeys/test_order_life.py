"""What becomes of an order, as its partner and as two members of staff see it in their browsers."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from core import clock
from core.auth.models import User
from core.db import transaction
from core.orders.cart import view_cart
from core.orders.filling import set_quantities
from core.orders.lapsing import lapse_due
from core.orders.placing import place
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_company, make_partner, make_product, principal_of
from tests.journeys.conftest import Portal, ro

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]


def person(email: str) -> Principal:
    with transaction(SYSTEM) as session:
        return principal_of(session.query(User).filter_by(email=email).one())


def order(buyer: Principal, quantities: dict[int, int], hours_ago: int = 0) -> int:
    """An order of some hours ago."""
    at = clock.now() - timedelta(hours=hours_ago)
    with transaction(buyer) as session:
        set_quantities(session, {product: Decimal(quantity) for product, quantity in quantities.items()})
        return place(session, view_cart(session, at).token, at).order_id


def button(place: Page | Locator, message: str) -> Locator:
    """The button with this English source text, whatever is filled into it."""
    words = ".*".join(re.escape(part) for part in re.split(r"\{\w+\}", ro(message)))
    return place.get_by_role("button", name=re.compile(f"^{words}$")).first


def press(portal: Portal, page: Page, message: str) -> None:
    button(page, message).click()
    portal.settle(page)


def test_a_partner_accepts_a_substitute_gives_an_order_more_time_and_orders_a_lapsed_one_again(
    portal: Portal, enter: Enter
) -> None:
    make_company()
    cable, tape = (
        make_product(stock=20, name="Cablu CYY-F", sku="CYYF"),
        make_product(stock=50, name="Bandă"),
    )
    make_product(stock=9, name="Cablu N2XH", sku="N2XH", list_price=Decimal(12))
    buyer_login, staff_login = portal.add_user(make_partner()), portal.add_user()
    buyer = person(buyer_login[0])
    short, late = order(buyer, {cable.id: 8}), order(buyer, {tape.id: 5}, hours_ago=30)
    with transaction(SYSTEM) as session:
        assert lapse_due(session, clock.now())[0] == 1
    waiting = order(buyer, {tape.id: 2}, hours_ago=10)

    office = enter(staff_login, f"/staff-orders?order={short}")
    press(portal, office, "Claim")
    press(portal, office, "Propose a change")
    form = office.get_by_test_id("stPopoverBody")
    form.get_by_label(ro("How much stays, of {quantity} {unit}").split("{")[0]).fill("5")
    form.get_by_label(ro("Substitute: SKU (optional)")).fill("N2XH")
    form.get_by_label(ro("Its quantity")).fill("3")
    form.get_by_label(ro("Reason (the partner reads it)")).fill("Lot deteriorat")
    press(portal, office, "Propose it")
    expect(office.get_by_text(ro("Proposed to the partner, who has not answered"))).to_be_visible()

    shop = enter(buyer_login, f"/orders?order={short}")
    proposal = shop.locator("[class*=st-key-proposal-]")
    expect(proposal).to_contain_text("Lot deteriorat")
    expect(proposal).to_contain_text("Cablu N2XH")
    press(portal, shop, "Accept")
    expect(proposal).to_have_count(0)
    assert steps.scalar("select net from orders where id = :id", id=short) == 5 * 10 + 3 * 12

    portal.open(shop, f"/orders?order={waiting}")
    before = steps.scalar("select claim_deadline from orders where id = :id", id=waiting)
    press(portal, shop, "More time")
    press(portal, shop, "Let it wait until {moment}")
    expect(button(shop, "More time")).to_have_count(0)
    assert steps.scalar("select claim_deadline from orders where id = :id", id=waiting) == before + timedelta(hours=24)

    portal.open(shop, f"/orders?order={late}")
    button(shop, "Order it again for {total}").dblclick()
    expect(shop.get_by_text(re.compile(ro("Waiting to be claimed"))).first).to_be_visible()
    portal.settle(shop)
    assert steps.scalar("select count(*) from orders") == 4
    portal.open(shop, f"/orders?order={late}")
    press(portal, shop, "Put it in the cart again")
    expect(shop.get_by_text(ro("To the catalogue and the cart"))).to_be_visible()
    assert steps.scalar("select array_agg(quantity) from cart_line") == [5]
    steps.assert_invariants()


def test_two_members_of_staff_race_for_an_order_which_is_given_back_claimed_and_shipped_in_part(
    portal: Portal, enter: Enter
) -> None:
    make_company()
    cable, tape = make_product(stock=20, name="Cablu MYF"), make_product(stock=50, name="Clește")
    buyer = person(portal.add_user(make_partner())[0])
    wanted, other = order(buyer, {cable.id: 8, tape.id: 4}), order(buyer, {tape.id: 1})
    ana, ion = enter(portal.add_user(), "/staff-queue"), enter(portal.add_user(), "/staff-queue")

    def card(page: Page, order_id: int) -> Locator:
        return page.locator(f".st-key-queue_order_{order_id}")

    expect(card(ion, wanted)).to_be_visible()
    button(card(ana, wanted), "Claim").dblclick()
    expect(ana.get_by_text(ro("Order {number} is yours.").format(number=wanted))).to_be_visible()
    if card(ion, wanted).count():
        button(card(ion, wanted), "Claim").click()
        expect(ion.get_by_text(re.compile(rf"{wanted}")).first).to_be_visible()
    expect(card(ion, wanted)).to_have_count(0)
    expect(card(ion, other)).to_be_visible()

    portal.open(ana, f"/staff-orders?order={wanted}")
    press(portal, ana, "Hand on")
    press(portal, ana, "Give it back")
    expect(card(ion, wanted)).to_be_visible(timeout=30_000)
    button(card(ion, wanted), "Claim").click()
    expect(ion.get_by_text(ro("Order {number} is yours.").format(number=wanted))).to_be_visible()

    portal.open(ion, f"/staff-orders?order={wanted}")
    press(portal, ion, "A part has left")
    quantity = ion.get_by_test_id("stPopoverBody").get_by_label(re.compile("Cablu MYF"))
    quantity.fill("3")
    button(ion, "Record the delivery").dblclick()
    expect(ion.get_by_text(ro("The delivery is recorded. The partner is told.")).first).to_be_visible()
    portal.settle(ion)
    expect(ion.get_by_test_id("stAlert")).to_have_count(0)
    assert steps.scalar(
        "select array_agg(shipped order by position) from line_state where order_id = :id", id=wanted
    ) == [3, 4]
    button(ion, "Goods have left").dblclick()
    expect(ion.get_by_text(ro("The delivery is recorded. The partner is told.")).first).to_be_visible()
    portal.settle(ion)
    expect(ion.get_by_test_id("stAlert")).to_have_count(0)
    expect(button(ion, "Goods have left")).to_have_count(0)
    assert steps.status(wanted) == "shipped"
    assert steps.scalar("select count(*) from delivery where order_id = :id", id=wanted) == 2
    steps.assert_invariants()
