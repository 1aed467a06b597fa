"""Lists lead to the page of exports with what is chosen in them, for who may take it out."""

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.db import transaction
from core.principal import SYSTEM
from tests.core.documents.steps import set_up_company
from tests.core.orders import steps
from tests.core.receivables.debts import buyer, late
from tests.factories import make_buyer, make_product, make_user, principal_of
from tests.pages.shop import Opener


def way_out(page: AppTest) -> tuple[str, dict[str, list[str]]] | None:
    """Where the link leads, and with what; None where there is none."""
    assert not page.exception
    links = [each.proto for each in page.get("page_link") if each.proto.label == "Take out as a spreadsheet"]
    return (links[0].page, parse_qs(links[0].query_string)) if links else None


@pytest.fixture
def staff(database: str) -> User:
    return make_user(role="admin", language="en", email="ana@electro.example")


def test_orders_with_their_search_states_and_whose_they_are(open_page: Opener, staff: User) -> None:
    number = steps.order(make_buyer(name="Instal SRL"), {make_product(stock=5).id: 1})
    steps.claim(principal_of(staff), number)
    page = open_page(staff, "pages/staff/orders.py")
    assert way_out(page) == ("staff-exports", {"table": ["orders"]})
    page.text_input(key="order_search").set_value("instal")
    page.button_group(key="order_states").set_value(["placed", "claimed"])
    page.toggle(key="order_mine").set_value(True).run()
    assert way_out(page) == (
        "staff-exports",
        {"table": ["orders"], "words": ["instal"], "status": ["placed", "claimed"], "claimed_by": [staff.email]},
    )


def test_documents_with_their_state_and_kinds(open_page: Opener, staff: User) -> None:
    set_up_company()
    late(buyer(), 5)
    page = open_page(staff, "pages/staff/invoices.py")
    page.button_group(key="document_state").set_value("overdue")
    page.button_group(key="document_kinds").set_value(["invoice"]).run()
    assert way_out(page) == ("staff-exports", {"table": ["documents"], "state": ["overdue"], "kind": ["invoice"]})


def test_receivables_products_and_payments(open_page: Opener, staff: User) -> None:
    set_up_company()
    late(buyer(), 5)
    page = open_page(staff, "pages/staff/receivables.py")
    page.button_group(key="debtors-only").set_value("overdue").run()
    assert way_out(page) == ("staff-exports", {"table": ["balances"], "receivables": ["overdue"]})
    make_product(name="Cablu", brand="Hager")
    page = open_page(staff, "pages/staff/products.py")
    page.text_input(key="product_search").set_value("cablu").run()
    assert way_out(page) == ("staff-exports", {"table": ["stock"], "words": ["cablu"]})


def test_a_partner_takes_out_its_own_lists(open_page: Opener, database: str) -> None:
    set_up_company()
    who = buyer()
    late(who, 5)
    user = owner_of(who.user_id)
    page = open_page(user, "pages/partner/orders.py")
    page.button_group(key="order_states").set_value(["claimed"]).run()
    assert way_out(page) == ("exports", {"table": ["orders"], "status": ["claimed"]})
    assert way_out(open_page(user, "pages/partner/documents.py")) == ("exports", {"table": ["documents"]})


def owner_of(user_id: int | None) -> User:
    with transaction(SYSTEM) as session:
        user = session.get_one(User, user_id)
        user.language = "en"
        return user
