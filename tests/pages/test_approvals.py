"""A buyer above the limit asks, the owner answers: both pages, run as Streamlit runs them, on a real database."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.config import ROOT
from core.db import transaction
from core.principal import SYSTEM
from pages.ui.frame import plain
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of

LIMIT = Decimal(100)


@pytest.fixture
def people(database: str) -> tuple[User, User]:
    """The owner of a company, and a buyer with a limit of 100 lei and 181,50 in the cart."""
    partner = make_partner()
    owner = make_user(partner, name="Ana", language="en")
    buyer = make_user(partner, name="Radu", role="buyer", spending_limit=LIMIT, language="en")
    product = make_product(stock=20, name="Țeavă", list_price=Decimal(10))
    steps.fill(principal_of(buyer), {product.id: 15})
    return owner, buyer


@pytest.fixture
def open_page(sign_in: Callable[[User], None]) -> Callable[[User, str], AppTest]:
    """Opens a page of the partner's side in a tab of this person's own."""

    def _open(who: User, name: str) -> AppTest:
        sign_in(who)
        tab = AppTest.from_file(ROOT / "Home.py", default_timeout=30)
        return tab.run().switch_page(f"pages/partner/{name}.py").run()

    return _open


def click(app: AppTest, label: str) -> AppTest:
    next(found for found in app.button if found.label == label).click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def words(app: AppTest) -> str:
    """Everything that is said on the page, with plain blanks."""
    said = [*app.markdown, *app.caption, *app.info, *app.warning, *app.success, *app.error, *app.toast]
    return " | ".join(element.value for element in said).replace("\N{NO-BREAK SPACE}", " ")


def ask(open_page: Callable[[User, str], AppTest], buyer: User, note: str = "") -> AppTest:
    app = click(open_page(buyer, "catalog"), "View cart and order")
    app.text_area[0].set_value(note)
    return click(app, "Ask for approval of 181.50\N{NO-BREAK SPACE}RON")


def test_above_the_limit_the_cart_says_by_how_much_and_offers_only_to_ask(people, open_page) -> None:
    app = click(open_page(people[1], "catalog"), "View cart and order")
    assert "Your limit is 100.00 RON; this order is 81.50 RON above it." in words(app)
    assert not any(label.startswith("Place the order") for label in labels(app))


def test_within_the_limit_the_cart_names_it_and_the_order_is_placed(people, open_page) -> None:
    sql("update cart_line set quantity = 5")
    app = click(open_page(people[1], "catalog"), "View cart and order")
    assert "Your limit for an order is 100.00 RON" in words(app)
    click(app, "Place the order for 60.50\N{NO-BREAK SPACE}RON")
    assert steps.scalar("select gross from orders") == Decimal("60.50")


def test_a_waiting_cart_says_that_nothing_is_held_and_can_be_taken_back(people, open_page) -> None:
    app = ask(open_page, people[1])
    assert "The owner of your company has been asked" in words(app)
    assert "Nothing is ordered or held for you yet." in words(app)
    assert steps.scalar("select held from stock") == 0
    click(app, "View cart")
    assert not [button for button in app.button if button.key and button.key.startswith("remove")]
    click(app, "Take it back")
    assert "The question was taken back" in words(app)
    assert steps.scalar("select approval_asked_at from cart") is None
    assert "View cart and order" in labels(app)


def test_a_change_of_a_waiting_cart_is_said_to_end_the_question(people, open_page) -> None:
    app = click(open_page(people[1], "catalog"), "View cart and order")
    sql("update cart set approval_asked_at = now()")
    click(app, "Empty the cart")
    assert "the question for approval was taken back" in words(app)


def test_the_owner_reads_who_asks_for_what_and_approves_it(people, open_page) -> None:
    ask(open_page, people[1], "for *the* school")
    app = open_page(people[0], "orders")
    assert app.subheader[0].value == "Waiting for your approval"
    assert "**Radu**" in words(app)
    assert plain("for *the* school") in words(app)
    assert "The limit of Radu is 100.00 RON; this order is 81.50 RON above it." in words(app)
    assert list(app.dataframe[0].value["name"]) == ["Țeavă"]
    click(app, "Approve the order for 181.50\N{NO-BREAK SPACE}RON")
    order = steps.scalar("select id from orders")
    assert f"Order {order} is placed" in words(app)
    assert not app.subheader
    app.query_params["order"] = str(order)
    assert "by Radu" in words(app.run())
    assert "Approved by Ana" in words(app)
    assert "Approved and placed in the name of Radu, goods held" in words(app)


def test_the_owner_refuses_and_says_why(people, open_page) -> None:
    ask(open_page, people[1])
    app = open_page(people[0], "orders")
    next(field for field in app.text_input if field.label == "Why (optional)").set_value("next month").run()
    click(app, "Refuse the order")
    assert "Refused." in words(app)
    assert steps.scalar("select data ->> 'reason' from event where kind = 'approval_refused'") == "next month"
    assert "View cart and order" in labels(open_page(people[1], "catalog"))


def test_what_is_short_is_shown_to_the_owner_and_not_ordered(people, open_page) -> None:
    ask(open_page, people[1])
    sql("update stock set on_hand = 4")
    app = open_page(people[0], "orders")
    assert "Țeavă: wanted 15, available 4" in words(app)
    click(app, "Approve the order for 181.50\N{NO-BREAK SPACE}RON")
    assert "Not everything is in stock any more" in words(app)
    assert "Țeavă: wanted 15, available 4" in words(app)
    assert steps.scalar("select count(*) from orders") == 0


def test_an_answer_to_what_was_taken_back_says_so(people, open_page) -> None:
    ask(open_page, people[1])
    app = open_page(people[0], "orders")
    sql("update cart set approval_asked_at = null")
    click(app, "Approve the order for 181.50\N{NO-BREAK SPACE}RON")
    assert "does not wait for approval any more" in words(app)
    assert steps.scalar("select count(*) from orders") == 0


def sql(statement: str) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement))
