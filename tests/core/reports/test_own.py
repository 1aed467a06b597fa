"""A partner's own purchases, and what larger quantities would have saved."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed
from core.principal import SYSTEM, Principal
from core.reports import own
from core.reports.periods import Period
from core.reports.refreshing import refresh
from tests.core.orders import steps
from tests.core.orders.steps import NOON, scalar
from tests.factories import (
    make_buyer,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_staff,
    make_user,
    principal_of,
)

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2026, 11, 23)
YEAR = Period(date(2026, 1, 1), TODAY)


def up_to_date() -> None:
    with transaction(SYSTEM) as session:
        refresh(session, NOON)


def bought(who: Principal, period: Period = YEAR) -> dict[str, Decimal]:
    with transaction(who) as session:
        frame = own.bought_products(session, period)
    return dict(zip(frame["name"], frame["net"], strict=True))


def saved(who: Principal) -> list[own.Saving]:
    with transaction(who) as session:
        return own.savings(session, TODAY)


def test_a_partner_sees_what_it_bought_and_nothing_of_others() -> None:
    mine, other = make_buyer(), make_buyer()
    product, hidden = make_product(stock=50, category="Unelte > Burghie"), make_product(stock=50)
    steps.order(mine, {product.id: 3, hidden.id: 1}, NOON - timedelta(days=40))
    steps.order(mine, {product.id: 2})
    steps.order(other, {product.id: 7})
    up_to_date()
    assert bought(mine) == {product.name: 50, hidden.name: 10}
    with transaction(mine) as session:
        months = own.bought_by_month(session, YEAR)
        categories = own.bought_by_category(session, YEAR)
        assert session.execute(text("select count(*) from sold_line")).scalar_one() == 3
    assert [(row.month.month, row.net) for row in months.itertuples() if row.net] == [(10, 40), (11, 20)]
    assert list(categories.itertuples(index=False, name=None)) == [("Unelte", 50, 2), ("", 10, 1)]


def test_the_months_of_a_year_before_stand_beside_those_of_now() -> None:
    mine, product = make_buyer(), make_product(stock=50)
    steps.order(mine, {product.id: 4}, NOON - timedelta(days=365))
    up_to_date()
    with transaction(mine) as session:
        months = own.bought_by_month(session, Period(date(2026, 10, 5), TODAY))
    assert [(row.month.month, row.net, row.before) for row in months.itertuples()] == [(10, 0, 0), (11, 0, 40)]


@pytest.mark.parametrize("table", ["sales_sum", "order_fate", "stale_order", "report_state"])
def test_of_the_reports_a_partner_reaches_its_own_lines_only(table: str) -> None:
    with pytest.raises(Exception, match="permission denied"), transaction(make_buyer()) as session:
        session.execute(text(f"select * from {table}"))


def test_staff_have_no_purchases_of_their_own() -> None:
    with pytest.raises(NotAllowed):
        bought(make_staff())


def tiers(**product: object) -> tuple[Principal, int]:
    """A buyer whose list has 10 lei, 9 from 12 and 8 from 100 pieces."""
    goods, prices = make_product(stock=900, **product), make_price_list()
    make_list_price(prices, goods, "9", from_quantity=12)
    make_list_price(prices, goods, "8", from_quantity=100)
    return make_buyer(price_list_id=prices.id), goods.id


def test_what_is_ordered_often_and_little_would_cost_less_in_larger_quantities() -> None:
    buyer, goods = tiers()
    for quantity in (5, 10, 12):
        steps.order(buyer, {goods: quantity})
    up_to_date()
    (saving,) = saved(buyer)
    assert (saving.quantity, saving.price, saving.saving) == (12, 9, 15)
    assert (saving.bought, saving.times, saving.usual, saving.usual_price) == (27, 3, 10, 10)


def test_a_quantity_that_lasts_longer_than_half_a_year_is_not_proposed() -> None:
    buyer, goods = tiers()
    steps.order(buyer, {goods: 11})
    steps.order(buyer, {goods: 12})
    up_to_date()
    assert saved(buyer) == []
    for _ in range(3):
        steps.order(buyer, {goods: 60})
    up_to_date()
    (saving,) = saved(buyer)
    # The 11 at 10 lei and all the others at 9, against 8 each.
    assert (saving.quantity, saving.saving) == (100, 11 * 2 + (12 + 180) * 1)


def test_a_proposed_quantity_is_one_that_can_be_ordered() -> None:
    buyer, goods = tiers(multiple=5)
    for _ in range(6):
        steps.order(buyer, {goods: 5})
    up_to_date()
    assert [(saving.quantity, saving.saving) for saving in saved(buyer)] == [(15, 30)]


def test_nothing_is_told_of_prices_that_are_hidden_or_of_products_no_longer_offered() -> None:
    buyer, goods = tiers()
    for _ in range(4):
        steps.order(buyer, {goods: 10})
    up_to_date()
    assert len(saved(buyer)) == 1
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set prices_hidden = true where id = :id"), {"id": buyer.partner_id})
    assert saved(buyer) == []
    assert len(bought(buyer)) == 1
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set prices_hidden = false"))
        session.execute(text("update product set active = false"))
    assert saved(buyer) == []


def test_who_sees_no_catalogue_is_told_no_prices_on_offer() -> None:
    accountant = principal_of(make_user(make_partner(), role="accountant"))
    assert bought(accountant) == {}
    with pytest.raises(NotAllowed):
        saved(accountant)


def test_the_price_that_is_compared_is_what_an_order_would_cost() -> None:
    buyer, goods = tiers()
    for _ in range(4):
        steps.order(buyer, {goods: 10})
    up_to_date()
    (saving,) = saved(buyer)
    before = scalar("select sum(net) from sold_line")
    steps.order(buyer, {goods: 40})
    assert before - scalar("select net from orders order by id desc limit 1") == saving.saving
