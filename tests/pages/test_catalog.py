"""The catalogue: what is looked for stands in the address, and what is shown is what was looked for."""

from decimal import Decimal

import pytest
import streamlit as st

from core import clock
from core.auth.models import User
from core.auth.viewing import start_viewing
from core.db import transaction
from core.orders import awaiting, search_conditions, searching
from core.orders.lists import set_favourite
from core.pricing.refreshing import refresh
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of
from tests.pages.conftest import who_is_there
from tests.pages.shop import CATALOG, click, grid, names, words

D = Decimal


@pytest.fixture
def owner(database: str) -> User:
    st.cache_data.clear()
    return make_user(make_partner(), language="en")


def sql(statement: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(searching.text(statement), params)


def test_what_the_address_says_is_shown_and_stands_in_the_fields(owner, open_page):
    make_product(name="Șurub inox", brand="Fix", category="Scule > Șuruburi", stock=5)
    make_product(name="Șurub zincat", brand="Alt", category="Scule > Șuruburi", stock=5)
    make_product(name="Șurub lung", brand="Fix", category="Scule > Șuruburi")
    make_product(name="Șurub", brand="Fix", category="Altele", stock=5)
    app = open_page(owner, q="surub", brand="Fix", category="Scule", only=["in_stock"], sort="new")
    assert names(app) == ["Șurub inox"]
    assert app.text_input(key="catalog_q").value == "surub"
    assert app.selectbox(key="catalog_category").value == "Scule"
    assert app.selectbox(key="catalog_brand").value == "Fix"
    assert app.selectbox(key="catalog_sort").value == "new"
    assert app.button_group(key="catalog_only").value == ["in_stock"]


def test_an_address_that_was_mangled_shows_the_catalogue(owner, open_page):
    make_product(name="Only one")
    app = open_page(
        owner, q="\0", brand="none", category="<b>", only=["x", "in"], sort="\0", after="';--", before="[1]"
    )
    assert names(app) == ["Only one"]
    assert app.selectbox(key="catalog_sort").value == "name"


def test_a_choice_goes_into_the_address_and_back_to_the_first_page(owner, open_page, monkeypatch):
    monkeypatch.setattr(searching, "PAGE_SIZE", 1)
    for name in ("A", "B", "C"):
        make_product(name=name, brand="Fix", stock=1)
    app = open_page(owner, only=["in_stock"])
    assert names(app) == ["A"]
    click(app, "page_after")
    assert names(app) == ["B"]
    assert "after" in app.query_params
    app.selectbox(key="catalog_brand").set_value("Fix").run()
    assert names(app) == ["A"]
    assert dict(app.query_params) == {"brand": "Fix", "only": "in_stock"}
    app.text_input(key="catalog_q").set_value("c").run()
    assert names(app) == ["C"]
    assert app.query_params["q"] == "c"


def test_one_turns_the_pages_there_and_back(owner, open_page, monkeypatch):
    monkeypatch.setattr(searching, "PAGE_SIZE", 2)
    for name in "ABCDE":
        make_product(name=name)
    app = open_page(owner)
    assert app.button(key="page_before").disabled
    assert names(click(app, "page_after")) == ["C", "D"]
    assert names(click(app, "page_after")) == ["E"]
    assert app.button(key="page_after").disabled
    assert names(click(app, "page_before")) == ["C", "D"]


def test_the_longest_name_there_can_be_does_not_stop_the_pages(owner, open_page, monkeypatch):
    monkeypatch.setattr(searching, "PAGE_SIZE", 1)
    sql("alter sequence product_id_seq restart with 2000000000")
    make_product(name="Ș" * 200)
    make_product(name="Ș" * 199 + "Ț")
    app = open_page(owner)
    assert names(click(app, "page_after")) == ["Ș" * 199 + "Ț"]
    assert names(click(app, "page_before")) == ["Ș" * 200]


@pytest.mark.parametrize("typed", ["alt-99", " 40123455"])
def test_by_the_code_of_what_is_no_longer_sold_its_successor_is_found(owner, open_page, typed):
    last = make_product(name="Newest")
    middle = make_product(name="Middle", active=False, replaced_by=last.id)
    make_product(name="Old", sku="ALT-99", ean="40123455", active=False, replaced_by=middle.id)
    app = open_page(owner, q=typed)
    assert "No longer sold: Old, ALT-99" in words(app)
    assert f"Sold instead: Newest, {last.sku}" in [link.label for link in app.get("page_link")]


def test_where_nothing_fits_the_way_out_is_shown(owner, open_page):
    make_product(name="Hammer", brand="Fix")
    make_product(name="Nail", brand="Nagel")
    app = open_page(owner, q="hammer", brand="Nagel", sort="new")
    assert "No products found" in words(app)
    assert names(click(app, "search_everywhere")) == ["Hammer"]
    app = open_page(owner, q="qqqqqqqq", sort="new")
    click(app, "clear_filters")
    assert sorted(names(app)) == ["Hammer", "Nail"]
    assert dict(app.query_params) == {"sort": "new"}


def test_a_word_that_was_mistyped_is_corrected_and_that_is_said(owner, open_page):
    make_product(name="Șurubelniță")
    app = open_page(owner, q="surubelnitaa")
    assert names(app) == ["Șurubelniță"]
    assert "Nothing is called “surubelnitaa”" in words(app)
    click(app, "take_correction")
    assert "Nothing is called" not in words(app)
    assert names(app) == ["Șurubelniță"]


def test_many_are_counted_to_an_end(owner, open_page, monkeypatch):
    monkeypatch.setattr(search_conditions, "A_LOT", 2)
    for _nth in range(4):
        make_product()
    assert "Products: over 2" in words(open_page(owner))


def test_without_prices_nothing_of_them_is_there_to_choose(owner, open_page):
    sql("update partner set prices_hidden = true")
    make_product(name="A", list_price=D(20))
    make_product(name="B", list_price=D(10))
    app = open_page(owner, sort="price", only=["promotions"])
    assert names(app) == ["A", "B"]
    assert all("price" not in row for row in grid(app)["rows"])
    assert "Your company sees no prices here." in words(app)
    assert app.selectbox(key="catalog_sort").options == ["By name", "Newest first"]
    assert not app.toggle


def test_who_is_told_nothing_of_the_stock_cannot_choose_by_it(owner, open_page):
    make_product(name="None there")
    pills = open_page(owner).button_group(key="catalog_only")
    sql("update partner set stock_display = 'nothing'")
    app = open_page(owner, only=["in_stock"])
    assert names(app) == ["None there"]
    assert len(app.button_group(key="catalog_only").options) == len(pills.options) - 1


def test_prices_with_vat_are_remembered_for_the_user_alone(owner, open_page):
    make_product()
    app = open_page(owner)
    assert grid(app)["gross"] is False
    app.toggle(key="gross_switch").set_value(True).run()
    assert grid(app)["gross"] is True
    assert grid(open_page(owner))["gross"] is True
    colleague = make_user(make_partner(), language="en")
    assert grid(open_page(colleague))["gross"] is False


def test_who_looks_as_the_partner_switches_for_this_visit_only(owner, open_page, sign_in, app):
    make_product()
    staff = make_user(role="admin", language="en")
    sign_in(staff)
    with transaction(who_is_there()) as session:
        start_viewing(session, owner.partner_id, "to see", clock.now())
    shown = app.run().switch_page(CATALOG).run()
    shown.toggle(key="gross_switch").set_value(True).run()
    assert not shown.exception
    assert grid(shown)["gross"] is True
    assert steps.scalar("select show_gross from app_user where id = :id", id=staff.id) is False


def _refreshed() -> int:
    with transaction(SYSTEM) as session:
        return refresh(session, clock.now())


def test_prices_stand_in_the_order_of_what_is_shown_in_this_tab(owner, open_page):
    make_product(name="Net first", list_price=D(10))
    make_product(name="Gross first", list_price=D("10.5"), vat_class="reduced")
    while _refreshed():
        pass
    app = open_page(owner, sort="price")
    other = open_page(owner, sort="price")
    assert names(app) == ["Net first", "Gross first"]
    app.toggle(key="gross_switch").set_value(True).run()
    assert names(app) == ["Gross first", "Net first"]
    assert names(other.run()) == ["Net first", "Gross first"]


def test_my_products_and_favourites_are_filters(owner, open_page):
    bought, starred = make_product(stock=9, name="Bought"), make_product(name="Starred")
    make_product(name="Neither")
    who = principal_of(owner)
    steps.order(who, {bought.id: 1})
    with transaction(who) as session:
        set_favourite(session, starred.id, True)
    assert names(open_page(owner, only=["mine"])) == ["Bought"]
    assert names(open_page(owner, only=["favourites"])) == ["Starred"]


def test_a_hidden_product_leaves_no_trace_in_the_filters(owner, open_page):
    make_product(name="Open", brand="Fix", category="Scule")
    make_product(name="Secret", brand="Hush", category="Secrete > Foarte", restricted=True)
    app = open_page(owner, brand="Hush", category="Secrete")
    assert app.selectbox(key="catalog_brand").options == ["Fix"]
    assert app.selectbox(key="catalog_category").options == ["Scule"]
    assert names(app) == ["Open"]


def test_what_is_hidden_added_or_renamed_meanwhile_is_so_in_the_filters_and_links_at_once(owner, open_page):
    make_product(name="Open", brand="Fix", category="Scule")
    make_product(name="Secret", brand="Hush", category="Secrete")
    app = open_page(owner)
    assert app.selectbox(key="catalog_brand").options == ["Fix", "Hush"]
    sql("update product set restricted = true where brand = 'Hush'")
    sql("update category set path = 'Unelte' where path = 'Scule'")
    app.query_params["category"] = "Unelte"
    app.run()
    assert app.selectbox(key="catalog_brand").options == ["Fix"]
    assert app.selectbox(key="catalog_category").options == ["Unelte"]
    assert app.selectbox(key="catalog_category").value == "Unelte"


def test_waiting_products_stand_above(owner, open_page):
    product = make_product(name="A pump")
    with transaction(principal_of(owner)) as session:
        awaiting.wait_for(session, product.id, D(4), clock.now())
    assert [found.label for found in open_page(owner).expander] == ["Waiting list: 1"]
