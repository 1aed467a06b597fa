"""The claim queue as members of staff use it: Streamlit's own test runner over a real database."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import streamlit as st
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.config import ROOT
from core.db import transaction
from core.orders import claiming
from core.principal import SYSTEM
from pages.ui.queue_actions import MOST_EMPTY, PLACES_KEY, places
from pages.ui.queue_alert import chime
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")

QUEUE = "pages/staff/claim_queue.py"


@pytest.fixture
def ana() -> User:
    return make_user(name="Ana Pop", role="sales", language="en")


@pytest.fixture
def dan() -> User:
    return make_user(name="Dan Ion", role="warehouse", language="en")


@pytest.fixture
def orders() -> list[int]:
    """Of three partners, an hour, two and three hours old; the last one has the nearest deadline."""
    product, now = make_product(stock=100), clock.now()
    return [
        steps.order(
            make_buyer(name=f"{name} SRL", claim_hours=Decimal(hours)), {product.id: pieces}, now - timedelta(hours=age)
        )
        for name, hours, pieces, age in [("Zimbru", 24, 1, 1), ("Albina", 12, 3, 2), ("Mistral", 5, 2, 3)]
    ]


@pytest.fixture
def open_queue(sign_in: Callable[[User], None]) -> Callable[[User], AppTest]:
    def _open(who: User) -> AppTest:
        sign_in(who)
        return AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30).run().switch_page(QUEUE).run()

    return _open


def shown(page: AppTest) -> list[int]:
    assert not page.exception
    return [int((box.key or "").split()[1]) for box in page.checkbox]


def said(page: AppTest) -> list[str]:
    return [message.value.replace("\\", "") for message in [*page.success, *page.warning]]


def words(page: AppTest) -> str:
    return " ".join(part.value for part in [*page.markdown, *page.caption]).replace("\\", "")


def click(page: AppTest, label: str, nth: int = 0) -> AppTest:
    [button for button in page.button if button.label == label][nth].click().run()
    assert not page.exception
    return page


def choose_colleague(page: AppTest, order_id: int, colleague: User) -> AppTest:
    menu = page.get_by_key(f"assign_{order_id}")
    assert menu
    menu.set_value(colleague.id).run()
    assert not page.exception
    return page


def test_a_card_shows_what_it_is_and_how_long_it_may_still_wait(
    open_queue: Callable[[User], AppTest], ana: User, orders: list[int]
) -> None:
    page = open_queue(ana)
    assert shown(page) == [orders[2], orders[1], orders[0]]
    assert "Orders: 3, 72.60\xa0RON with VAT" in words(page)
    assert f"**Order {orders[2]}** · Mistral SRL" in page.checkbox[0].label
    assert ":orange-badge[:material/timer: 1 h 59 min]" in words(page)
    assert ":green-badge[:material/timer: 22 h 59 min]" in words(page)
    assert "waits for 3 h 0 min" in words(page)


def test_sorting_and_searching(open_queue: Callable[[User], AppTest], ana: User, orders: list[int]) -> None:
    page = open_queue(ana)
    page.selectbox(key="queue_sort").set_value("value").run()
    assert shown(page) == [orders[1], orders[2], orders[0]]
    page.text_input(key="queue_search").set_value("zimbru").run()
    assert shown(page) == [orders[0]]
    page.text_input(key="queue_search").set_value("nobody").run()
    assert shown(page) == []
    assert page.info[0].value == "No order matches. Clear the search."


def test_ticks_survive_a_refresh_in_which_other_orders_come_and_go(
    open_queue: Callable[[User], AppTest], ana: User, dan: User, orders: list[int]
) -> None:
    page = open_queue(ana)
    page.checkbox(key=f"tick {orders[1]}").check().run()
    steps.claim(principal_of(dan), orders[2], clock.now())
    new = steps.order(make_buyer(), {make_product(stock=1).id: 1}, clock.now() - timedelta(hours=1))
    page.run()
    assert shown(page) == [orders[1], orders[0], new]
    assert [box.value for box in page.checkbox] == [True, False, False]
    assert any(button.label == "Claim the ticked ones (1)" for button in page.button)


def test_who_stays_in_the_list_stays_in_place_until_the_reader_does_something() -> None:
    st.session_state.pop(PLACES_KEY, None)
    assert places("waiting", [1, 2, 3, 4]) == [1, 2, 3, 4]
    assert places("waiting", [2, 4]) == [1, 2, 3, 4]
    assert places("waiting", [2, 5, 4, 6]) == [1, 2, 5, 4, 6]
    assert places("waiting", [4]) == [1, 2, 5, 4]
    assert places("mine", [4]) == [4]
    assert places("mine", list(range(MOST_EMPTY + 2))) == list(range(MOST_EMPTY + 2))
    assert places("mine", [MOST_EMPTY + 1]) == [MOST_EMPTY + 1]
    assert places("mine", []) == []


def test_several_are_claimed_at_once_and_who_was_faster_is_named(
    open_queue: Callable[[User], AppTest], ana: User, dan: User, orders: list[int]
) -> None:
    page = click(open_queue(dan), "Tick all")
    steps.claim(principal_of(ana), orders[1], clock.now())
    claim_all = next(button for button in page.button if button.key == "claim_ticked")
    assert claim_all.label == "Claim the ticked ones (3)"
    claim_all.click().run()
    assert said(page) == ["Claimed: 2 of 3.", f"Ana Pop has already claimed order {orders[1]}."]
    assert shown(page) == []
    page.run()
    assert said(page)[0] == "Claimed: 2 of 3."


def test_of_two_who_claim_the_same_order_the_slower_reads_who_has_it(
    open_queue: Callable[[User], AppTest], ana: User, dan: User, orders: list[int]
) -> None:
    slow = open_queue(dan)
    steps.claim(principal_of(ana), orders[2], clock.now())
    click(slow, "Claim")
    assert said(slow) == [f"Ana Pop has already claimed order {orders[2]}."]
    assert shown(slow) == [orders[1], orders[0]]
    click(slow, "Claim")
    assert said(slow) == [f"Order {orders[1]} is yours."]
    assert next(link.label for link in slow.main.get("page_link")) == "Open the order"


def test_an_order_is_held_for_a_colleague_who_finds_it(
    open_queue: Callable[[User], AppTest], ana: User, dan: User, orders: list[int]
) -> None:
    page = choose_colleague(open_queue(ana), orders[0], dan)
    assert said(page) == [f"Order {orders[0]} is for Dan Ion now; a message has been sent."]
    assert "Held for Dan Ion" in words(page)
    page = open_queue(dan)
    page.segmented_control(key="queue_view").set_value("for_me").run()
    assert shown(page) == [orders[0]]


def test_what_one_has_claimed_is_given_back_with_a_reason_or_handed_on(
    open_queue: Callable[[User], AppTest], ana: User, dan: User, orders: list[int]
) -> None:
    for order_id in orders[:2]:
        steps.claim(principal_of(ana), order_id, clock.now())
    page = open_queue(ana)
    page.segmented_control(key="queue_view").set_value("mine").run()
    assert words(page).count("yours since") == 2
    page.text_input(key=f"back_reason_{orders[0]}").set_value("no room on the van")
    page.button(key=f"back_{orders[0]}").click().run()
    assert said(page) == [f"Order {orders[0]} waits in the queue again."]
    assert steps.status(orders[0]) == "placed"
    assert steps.scalar("select data ->> 'reason' from event where kind = 'order_given_back'") == "no room on the van"
    choose_colleague(page, orders[1], dan)
    assert steps.scalar("select claimed_by from orders where id = :id", id=orders[1]) == dan.id
    assert page.info[0].value == "You have claimed nothing that is still open."


def test_somebody_elses_name_is_text_and_nothing_else(open_queue: Callable[[User], AppTest], orders: list[int]) -> None:
    ana = make_user(name="[x](javascript:alert(1)) **Ana**", role="sales", language="en")
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set name = :name"), {"name": "# **Big** :red[x]"})
        reference = {"reference": "![](http://e.example/x)", "note": "<b>note</b>"}
        session.execute(text("update orders set reference = :reference, note = :note"), reference)
        claiming.assign(session, orders[0], ana.id, clock.now())
    page = open_queue(ana)
    everything = " ".join([box.label for box in page.checkbox] + [part.value for part in page.markdown])
    for bad in ("**Big**", ":red[", "](", "<b>"):
        assert bad not in everything


def menu(page: AppTest) -> str:
    return page.session_state["orders_waiting"]


def test_the_menu_counts_for_who_wants_it_and_follows_the_queue(
    open_queue: Callable[[User], AppTest], ana: User, dan: User, orders: list[int]
) -> None:
    page = open_queue(ana)
    assert menu(page) == 3
    steps.claim(principal_of(dan), orders[0], clock.now())
    page.run()
    assert menu(page) == 2
    page.radio(key="new_order_alert").set_value("none").run()
    assert menu(page) is None
    assert steps.scalar("select new_order_alert from app_user where id = :id", id=ana.id) == "none"
    assert steps.scalar("select new_order_alert from app_user where id = :id", id=dan.id) == "badge"


@pytest.mark.parametrize("role", ["accounting", "analyst"])
def test_who_does_not_claim_is_not_told(open_queue: Callable[[User], AppTest], orders: list[int], role: str) -> None:
    page = open_queue(make_user(role=role, language="en"))
    assert menu(page) is None
    assert not page.radio


def test_a_new_order_sounds_once_for_who_wants_it(
    open_queue: Callable[[User], AppTest], ana: User, orders: list[int]
) -> None:
    page = open_queue(ana)
    page.radio(key="new_order_alert").set_value("sound").run()
    assert players(page) == ["So a new order sounds"]
    new = steps.order(make_buyer(), {make_product(stock=1).id: 1}, clock.now())
    page.run()
    assert players(page) == [f"Order {new} has come in"]
    page.radio(key="new_order_alert").set_value("badge").run()
    assert players(page) == []


def players(page: AppTest) -> list[str]:
    assert not page.exception
    found = [element.proto.alt for element in page.get("audio")]
    assert all(element.proto.autoplay for element in page.get("audio"))
    return found


def test_the_sound_is_a_short_wav() -> None:
    assert chime()[:4] == b"RIFF"
    assert len(chime()) < 40_000
