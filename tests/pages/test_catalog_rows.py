"""What a row of the catalogue tells of a product, and the partner's price list above it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core import clock
from core.auth.models import User
from core.catalog.models import ProductImage
from core.db import transaction
from core.exports.taken import Keeper, keep
from core.pricing.models import PartnerPrice
from tests.core.orders import steps
from tests.factories import add, make_partner, make_product, make_promotion, make_user, principal_of
from tests.pages.shop import LISTS, PRODUCT, click, grid, words

D = Decimal
SOON, LONG_AGO = date(2099, 12, 31), datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def owner(database: str) -> User:
    return make_user(make_partner(), language="en")


def row(app) -> dict:
    (only,) = grid(app)["rows"]
    return only


@pytest.mark.parametrize(("display", "told"), [
    ("quantity", [["none", "0"], ["plenty", "4"], ["plenty", "250"]]),
    ("capped", [["none", "0"], ["plenty", "4"], ["plenty", "10+"]]),
    ("yes_no", [["none", "out of stock"], ["plenty", "in stock"], ["plenty", "in stock"]]),
    ("light", [["none", "out of stock"], ["few", "few left"], ["plenty", "in stock"]]),
])  # fmt: skip
def test_the_stock_is_told_as_the_partner_may_know_it_and_when_there_is_some_again(database, open_page, display, told):
    for stock in (0, 4, 250):
        make_product(stock=stock, expected_on=SOON, name=f"{stock:03}")
    app = open_page(make_user(make_partner(stock_display=display), language="en"))
    assert "stock" in grid(app)["columns"]
    assert [row["stock"] for row in grid(app)["rows"]] == told
    assert [row.get("expected") for row in grid(app)["rows"]] == ["expected on 31.12.2099", None, None]
    assert [row.get("wait", False) for row in grid(app)["rows"]] == [True, False, False]
    assert grid(app)["can"]["wait"] is True


def test_who_is_told_nothing_of_the_stock_finds_nothing_of_it_in_grid_or_page(database, open_page):
    product = make_product(expected_on=SOON)
    make_product(stock=5)
    who = make_user(make_partner(stock_display="nothing"), language="en")
    app = open_page(who)
    assert "stock" not in grid(app)["columns"]
    assert not any({"stock", "expected", "wait"} & row.keys() for row in grid(app)["rows"])
    page = open_page(who, PRODUCT, product=str(product.id))
    assert "Expected on" not in words(page)


def test_the_page_of_a_product_says_when_there_is_some_again(owner, open_page):
    product = make_product(expected_on=SOON)
    assert "Expected on 31.12.2099." in words(open_page(owner, PRODUCT, product=str(product.id)))


def test_what_can_be_ordered_all_the_same_is_on_order_and_has_no_bell(owner, open_page):
    make_product(backorder=True)
    found = row(open_page(owner))
    assert found["stock"] == ["later", "on order"]
    assert "wait" not in found


def test_badges_say_what_is_new_in_a_promotion_or_was_bought_when_and_for_how_much(owner, open_page):
    today = clock.local_date(clock.now(), "Europe/Bucharest")
    make_product(name="A")
    bought, reduced = (make_product(stock=9, name=name, created_at=LONG_AGO) for name in ("B", "C"))
    steps.order(principal_of(owner), {bought.id: 1}, clock.now())
    make_promotion(reduced, percent=D(10), valid_from=today, valid_until=today + timedelta(days=9))
    badges = [row["badges"] for row in grid(open_page(owner))["rows"]]
    last = f"Bought last on {today:%d.%m.%Y} at 10.00\N{NO-BREAK SPACE}RON"
    assert badges == [[["new", "new", ""]], [["bought", "bought", last]], [["promotion", "promotion", ""]]]


def test_what_more_of_it_costs_stands_in_its_row_and_on_its_page(owner, open_page):
    product = make_product(list_price=D(10))
    add(PartnerPrice(partner_id=owner.partner_id, product_id=product.id, net=D(7), from_quantity=D(24)))
    found = row(open_page(owner))
    assert (found["price"], found["breaks"]) == (100_000, [[24_000, 70_000]])
    assert "| 24 buc | 7.00 RON | 30 % |" in words(open_page(owner, PRODUCT, product=str(product.id)))


def test_recommended_price_margin_picture_and_how_it_is_sold_stand_in_its_row(owner, open_page):
    product = make_product(list_price=D(8), rrp=D(16), unit="m", pack=D(10), multiple=D(5), least_quantity=D(20))
    image = add(ProductImage(product_id=product.id, position=1, sha256=b"1", content=b"large", small=b"small"))
    app = open_page(owner)
    found = row(app)
    assert "rrp" in grid(app)["columns"]
    assert (found["rrp"], found["margin"], found["image"]) == (160_000, 50, image.id)
    assert found["hint"] == "m · pack of 10 · in multiples of 5 · at least 20"
    assert (found["pack"], found["multiple"], found["least"]) == (10_000, 5_000, 20_000)


def links(app) -> list[str]:
    return [link.proto.url for link in app.get("link_button")]


def test_the_price_list_is_taken_out_whole_or_as_found_and_compared_with_the_last_one(owner, open_page):
    product = make_product(name="Open", brand="Fix", list_price=D(10))
    keeper = Keeper()
    keeper.add(product.id, product.sku, product.name, D(8))
    with transaction(principal_of(owner)) as session:
        keep(session, "brand=Fix", keeper.packed(), steps.NOON)
    app = open_page(owner, brand="Fix")
    assert not links(app)
    app.session_state["price_list"] = True
    app.run()
    assert links(app) == [f"/exports/price-list.{form}" for form in ("xlsx", "csv", "pdf")]
    assert "You took this list out last" not in words(app)
    app.radio[0].set_value("brand=Fix").run()
    assert links(app) == [f"/exports/price-list.{form}?brand=Fix" for form in ("xlsx", "csv", "pdf")]
    assert "You took this list out last on 23.11.2026" in words(app)
    changes = click(app, "price_list_changes").dataframe[0].value
    assert list(changes.iloc[0]) == [
        "Dearer", product.sku, "Open", "8.00\N{NO-BREAK SPACE}RON", "10.00\N{NO-BREAK SPACE}RON",
        "+25\N{NO-BREAK SPACE}%",
    ]  # fmt: skip


def test_who_sees_no_prices_has_no_switch_for_vat(owner, open_page):
    assert open_page(owner, LISTS).toggle
    steps.scalar("update partner set prices_hidden = true returning 1")
    assert not open_page(owner, LISTS).toggle
