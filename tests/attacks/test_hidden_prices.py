"""A partner that is shown no prices, or nothing of the stock, learns neither by what else it can ask for."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.db import transaction
from core.errors import Refusal
from core.exports.asking import TABLES, Asked, query
from core.exports.csv_file import csv_pieces
from core.orders.cart import view_cart
from core.orders.keeping import cart_figures, whose
from core.orders.page_keys import read_key
from core.orders.search_conditions import Filters
from core.orders.searching import SORTS, search_page
from core.partners.models import Partner
from core.pricing.refreshing import refresh
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import (
    make_buyer,
    make_partner,
    make_product,
    make_promotion,
    make_user,
    principal_of,
    set_own_price,
)

PRICES = ("7.77", "8.88", "9.99", "777", "888", "999")


@pytest.fixture
def buyer(database: str) -> Principal:
    """Three products whose names, ages and prices stand in different orders; the prices are its own, and hidden."""
    buyer = make_buyer(prices_hidden=True)
    for name, price in (("Bormașină", "9.99"), ("Ancoră", "8.88"), ("Ciocan", "7.77")):
        product = make_product(stock=5, name=name, list_price=Decimal("50"))
        set_own_price(buyer.partner_id, product.id, price)
    return buyer


def names(buyer: Principal, **filters: Any) -> list[str]:
    with transaction(buyer) as session:
        return [row.name for row in search_page(session, Filters(**filters), clock.now()).rows]


def test_no_order_of_products_tells_which_is_dearer(buyer: Principal) -> None:
    by_name = ["Ancoră", "Bormașină", "Ciocan"]
    assert names(buyer, sort="price") == names(buyer, sort="price_down") == names(buyer, sort="name") == by_name


def test_where_they_are_shown_the_order_is_theirs(buyer: Principal) -> None:
    """The control."""
    with transaction(SYSTEM) as session:
        session.execute(update(Partner).values(prices_hidden=False))
    settled = 1
    while settled:
        with transaction(SYSTEM) as session:
            settled = refresh(session, clock.now())
    assert names(buyer, sort="price") == ["Ciocan", "Ancoră", "Bormașină"]


def test_no_key_of_a_page_holds_a_price(buyer: Principal) -> None:
    for n in range(60):
        make_product(stock=1, name=f"Dop {n:02}", list_price=Decimal(n + 1))
    for sort in SORTS:
        with transaction(buyer) as session:
            page = search_page(session, Filters(sort=sort), clock.now())
        assert read_key(page.after, "price", Decimal) is None
        assert page.after is not None


def test_no_promotion_is_told_by_the_filter(buyer: Principal) -> None:
    make_promotion(make_product(stock=1, name="Ieftin"), percent=Decimal(50), valid_from=date(2020, 1, 1),
                   valid_until=date(2099, 1, 1))  # fmt: skip
    assert names(buyer, promotions=True) == []


@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
@pytest.mark.parametrize("query", ["", "?promotions=1", "?search=Anc"])
def test_no_price_list_is_made(
    client: TestClient, sign_in: Callable[[User], None], database: str, form: str, query: str
) -> None:
    sign_in(make_user(make_partner(prices_hidden=True)))
    assert client.get(f"/exports/price-list.{form}{query}").status_code == 403


def test_no_cart_from_before_tells_a_price_over_the_grids_route(
    client: TestClient, sign_in: Callable[[User], None], database: str
) -> None:
    partner = make_partner()
    user, product = make_user(partner), make_product(stock=5)
    set_own_price(partner.id, product.id, "7.77")
    me = principal_of(user)
    steps.fill(me, {product.id: 2})
    with transaction(me) as session:
        mark = cart_figures(view_cart(session, clock.now()), clock.now())["cart"]
    with transaction(SYSTEM) as session:
        session.execute(update(Partner).values(prices_hidden=True))
    sign_in(user)
    for edits in ({}, {str(product.id): 3000}):
        body = {"whose": whose(me), "cart": mark, "tab": "a", "number": 1, "edits": edits}
        answer = client.post("/cart/keep", content=json.dumps(body), headers={"origin": "http://portal.example"})
        assert answer.status_code == 403
        assert not [price for price in PRICES if price in answer.text]


def test_no_table_that_can_be_taken_out_has_a_price_on_offer(buyer: Principal) -> None:
    """Every column of every table, each by itself; those that a partner may not have are refused."""
    taken = 0
    for table in TABLES.values():
        for column in table.columns:
            with transaction(buyer) as session:
                try:
                    asked = query(session, Asked(table.name, (column.name,)), clock.now())
                except Refusal:
                    continue
                said = b"".join(csv_pieces(session, asked, "en", "plain")).decode()
            taken += 1
            assert not [price for price in PRICES if price in said], (table.name, column.name)
    assert taken > 10


@pytest.mark.parametrize("display", ["quantity", "capped", "yes_no", "light", "nothing"])
def test_of_the_stock_no_more_is_told_than_the_setting_says(database: str, display: str) -> None:
    """In what the grid is told of a cart that asks for more than there is."""
    buyer, product = make_buyer(stock_display=display), make_product(stock=37)
    steps.fill(buyer, {product.id: 500})
    with transaction(buyer) as session:
        told = cart_figures(view_cart(session, clock.now()), clock.now())
    assert ("37000" in json.dumps(told["short"])) is (display == "quantity")
