"""Who may not do something finds no button, form or link for it."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.auth.sessions import principal_of_cookie
from core.auth.viewing import start_viewing
from core.config import ROOT
from core.db import transaction
from core.partners.models import Partner
from core.permissions import PARTNER_ROLES, STAFF_ROLES, VIEWER
from core.principal import SYSTEM
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of
from tests.pages.shop import grid, names

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def open_page(sign_in: Callable[[User], None], cookies: dict[str, str]) -> Callable[..., AppTest]:
    """Opens a page, in a tab of its own, as somebody of this role, of the partner if one is given."""

    def _open(role: str, page: str, partner: Partner | None = None, order: int | None = None) -> AppTest:
        sign_in(make_user(partner if role != VIEWER else None, role="admin" if role == VIEWER else role, language="en"))
        if role == VIEWER and partner:
            with transaction(SYSTEM) as session:
                me = principal_of_cookie(session, cookies["sid"], clock.now())
            assert me
            with transaction(me) as session:
                start_viewing(session, partner.id, "they asked", clock.now())
        tab = AppTest.from_file(ROOT / "Home.py", default_timeout=30)
        shown = tab.run().switch_page(f"pages/{'partner' if partner else 'staff'}/{page}.py").run()
        if order:
            shown.query_params["order"] = str(order)
            shown.run()
        assert not shown.exception
        return shown

    return _open


def offers(page: AppTest) -> set[str]:
    """The labels of what can be clicked in the page itself."""
    labels = {button.label for button in page.main.button} | {link.label for link in page.main.get("link_button")}
    labels |= {popover.proto.popover.label for popover in page.main.get("popover")}
    return labels - {"All orders", "End the view", *PAPERS}


PAPERS = ("Confirmation (PDF)", "Picking list (PDF)")
STAFF_OFFERS = {
    "admin": (
        {"Claim", "Hold for a colleague", "Payment", "Documents", "Cancel the order"},
        {"Issue the invoice", "Goods have left", "A part has left", "Propose a change", "Hand on", "Payment",
         "Documents", "Cancel the order"},
    ),
    "sales": ({"Claim", "Hold for a colleague", "Documents", "Cancel the order"},
              {"Issue the invoice", "Propose a change", "Documents", "Cancel the order"}),
    "warehouse": ({"Claim", "Hold for a colleague"}, {"Goods have left", "A part has left", "Propose a change"}),
    "accounting": ({"Payment", "Documents"}, {"Issue the invoice", "Payment", "Documents"}),
    "analyst": (set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_staff_find_on_an_order_what_their_role_does(open_page: Callable[..., AppTest], role: str) -> None:
    set_up_company()
    buyer = principal_of(make_user(make_partner()))
    placed = steps.order(buyer, {make_product(stock=1).id: 1})
    claimed, invoiced = claimed_order(buyer), claimed_order(buyer)
    issue(invoiced, clock.now())
    when_placed, when_claimed = STAFF_OFFERS[role]
    assert offers(open_page(role, "orders", order=placed)) == when_placed
    assert offers(open_page(role, "orders", order=claimed)) == when_claimed
    with_pdf = {"Invoice FCT 00001 (PDF)"} & offers(open_page(role, "orders", order=invoiced))
    assert bool(with_pdf) == (role != "warehouse")


@pytest.mark.parametrize("role", [*PARTNER_ROLES, VIEWER])
def test_a_partners_people_find_on_an_order_what_their_role_does(open_page: Callable[..., AppTest], role: str) -> None:
    set_up_company()
    partner = make_partner()
    buyer = principal_of(make_user(partner))
    placed = steps.order(buyer, {make_product(stock=1).id: 1}, clock.now())
    invoiced = claimed_order(buyer)
    issue(invoiced, clock.now())
    orders = role in ("owner", "buyer")
    again = {"Put it in the cart again"} if orders else set()
    changes = {"More time", "Cancel the order"} if orders else set()
    assert offers(open_page(role, "orders", partner, placed)) == changes | again
    pdf = {"Invoice FCT 00001 (PDF)"} if role != "buyer" else set()
    assert offers(open_page(role, "orders", partner, invoiced)) == pdf | again


@pytest.mark.parametrize("role", [*PARTNER_ROLES, VIEWER])
def test_without_orders_only_who_may_order_is_shown_the_way_to_the_first(
    open_page: Callable[..., AppTest], role: str
) -> None:
    page = open_page(role, "orders", make_partner())
    links = [link.label for link in page.main.get("page_link")]
    assert links == (["To the catalogue"] if role in ("owner", "buyer") else [])
    assert page.info[0].value.startswith("No orders here.")


def test_staff_in_a_partners_place_look_at_the_catalogue_and_have_no_cart(open_page: Callable[..., AppTest]) -> None:
    make_product(stock=5, name="Țeavă")
    page = open_page(VIEWER, "catalog", make_partner())
    assert names(page) == ["Țeavă"]
    assert "quantity" not in grid(page)["columns"]
    assert offers(page) == set()
    assert steps.scalar("select count(*) from cart") == 0
    assert "quantity" in grid(open_page("buyer", "catalog", make_partner()))["columns"]


@pytest.mark.parametrize(("role", "forms"), [
    ("admin", {"New product", "Save", "Save who sees it", "Record the count"}),
    ("sales", {"New product", "Save", "Save who sees it"}), ("warehouse", {"Record the count"}),
    ("accounting", set()), ("analyst", set()),
])  # fmt: skip
def test_products_are_changed_and_counted_by_whose_work_it_is(
    open_page: Callable[..., AppTest], role: str, forms: set[str]
) -> None:
    product = make_product(stock=5)
    page = open_page(role, "products")
    assert len(page.dataframe[0].value) == 1
    if forms:
        page.session_state[f"products-en-{hash((product.id,))}"] = {"selection": {"rows": [0], "columns": []}}
        page.run()
    assert offers(page) == forms


@pytest.mark.parametrize(("role", "kinds"), [
    ("admin", ["Products", "Partners", "Stock count", "Partners' own prices", "Price lists", "Opening balances"]),
    ("sales", ["Products", "Partners", "Partners' own prices", "Price lists"]),
    ("warehouse", ["Stock count"]),
    ("accounting", ["Opening balances"]),
])  # fmt: skip
def test_only_what_one_may_change_can_be_imported(
    open_page: Callable[..., AppTest], role: str, kinds: list[str]
) -> None:
    assert open_page(role, "imports").segmented_control(key="kind").options == kinds


@pytest.mark.parametrize("role", ["admin", "sales", "accounting", "analyst"])
def test_payments_are_recorded_by_who_keeps_the_books(open_page: Callable[..., AppTest], role: str) -> None:
    set_up_company()
    document = issue(claimed_order(), clock.now())
    page = open_page(role, "invoices")
    assert len(page.dataframe[0].value) == 1
    page.query_params["document"] = str(document.id)
    page.run()
    assert ("Record a payment" in offers(page)) == (role in ("admin", "accounting"))


def test_a_callback_refuses_who_lost_the_role_meanwhile(open_page: Callable[..., AppTest]) -> None:
    order = steps.order(principal_of(make_user(make_partner())), {make_product(stock=1).id: 1})
    page = open_page("sales", "orders", order=order)
    with transaction(SYSTEM) as session:
        session.execute(text("update app_user set role = 'analyst' where kind = 'staff'"))
    next(button for button in page.button if button.label == "Claim").click().run()
    assert "no access" in page.warning[0].value
    assert steps.status(order) == "placed"
