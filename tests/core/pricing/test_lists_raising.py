"""Raising lists: what would happen, at once, planned and taken back; orders keep their prices."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.errors import NotAllowed
from core.pricing.models import PriceList
from core.pricing.planning import NotPlanned, OnlyReturns, planned, withdraw
from core.pricing.raising import DownToZero, NotALaterDay, NothingToRaise, Outlook, Raise, outlook, raise_prices
from core.pricing.rounding import Rounding
from core.pricing.selecting import EVERYTHING, Part
from core.pricing.setting import PricesMoved
from tests.core.orders import steps
from tests.core.pricing.list_steps import (
    NEW_YEAR,
    NEW_YEARS_EVE,
    NOON,
    TODAY,
    events,
    opened,
    prices,
    put,
    scalar,
    want,
)
from tests.factories import make_buyer, make_list_price, make_price_list, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

TEN_UP = Raise(percent=Decimal(10), rounding=Rounding("0.05", "up"))


def raised(
    found: PriceList,
    by: Raise = TEN_UP,
    part: Part = EVERYTHING,
    first_day: date | None = None,
    expected: Outlook | None = None,
) -> int:
    with opened() as session:
        return raise_prices(session, found.id, part, by, NOON, first_day, expected)


def look(found: PriceList, by: Raise = TEN_UP, part: Part = EVERYTHING, day: date = TODAY) -> Outlook:
    with opened() as session:
        return outlook(session, found.id, part, by, day)


def take_back(found: PriceList, day: date) -> int:
    with opened() as session:
        return withdraw(session, found.id, day, NOON)


def test_what_would_happen_is_told_and_nothing_is_done() -> None:
    found = make_price_list(currency="EUR", lei_rate=Decimal(5))
    cheap, dear = make_product(sku="A", list_price=Decimal(10)), make_product(sku="B", list_price=Decimal(52))
    for item in ((cheap, "2.00", 0), (cheap, "1.90", 10), (dear, "10.00", 0)):
        make_list_price(found, item[0], item[1], from_quantity=item[2])
    make_list_price(found, cheap, "7", from_quantity=99, valid_from=NEW_YEAR)
    before = prices(found)
    told = look(found)
    assert (told.prices, told.changed, told.products, told.later) == (3, 3, 2, 1)
    assert (told.smallest, told.largest, told.least, told.most) == (Decimal("2.10"), 11, Decimal("0.20"), 1)
    assert (told.above, told.below, told.to_zero) == (3, 0, 0)
    assert {(e.sku, e.from_quantity, e.old, e.new, e.base) for e in told.examples} == {
        ("A", 0, 2, Decimal("2.2"), 2),
        ("A", 10, Decimal("1.9"), Decimal("2.1"), 2),
        ("B", 0, 10, 11, Decimal("10.4")),
    }
    assert look(found, Raise(percent=Decimal(-50))).below == 1
    assert look(found, Raise(amount=Decimal(-2))).to_zero == 2
    assert prices(found) == before


def test_all_that_holds_today_is_raised_and_recorded_and_the_rest_stays() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "4", valid_until=TODAY - timedelta(1))
    make_list_price(found, product, "5", valid_from=TODAY, valid_until=NEW_YEARS_EVE)
    make_list_price(found, product, "6", valid_from=NEW_YEAR)
    assert raised(found, expected=look(found)) == 1
    assert [net for _, net, *_ in prices(found, product)] == [4, Decimal("5.5"), 6]
    (event,) = events("prices_raised")
    assert event["changes"] == {"A": ["5", "5.5"]}
    assert (event["raised_by"], event["rounding"], event["changed"]) == ("10 %", "0.05 up", 1)


def test_only_the_part_that_was_meant_is_raised() -> None:
    found = make_price_list()
    tube = make_product(sku="A", brand="X", category="Tubes > Copper")
    other = make_product(sku="B", brand="X", category="Cables")
    for product, net in ((tube, "5"), (other, "5")):
        make_list_price(found, product, net)
        make_list_price(found, product, "1", from_quantity=10)
    raised(found, part=Part(category="Tubes", brand="X", least=Decimal(2)))
    assert [net for _, _, net, *_ in prices(found)] == [Decimal("5.5"), 1, 5, 1]
    with pytest.raises(NothingToRaise):
        raised(found, part=Part(brand="Y"))


def test_prices_never_fall_to_zero() -> None:
    found = make_price_list()
    for sku, net in (("A", "5"), ("B", "1")):
        make_list_price(found, make_product(sku=sku), net)
    make_list_price(found, make_product(sku="C"), "0")
    with pytest.raises(DownToZero) as refused:
        raised(found, Raise(amount=Decimal(-1)))
    assert (refused.value.params["count"], refused.value.params["sku"]) == (2, "B")
    assert raised(found, Raise(percent=Decimal(-50))) == 2
    assert [net for _, _, net, *_ in prices(found)] == [Decimal("2.5"), Decimal("0.5"), 0]


def test_what_changed_after_the_preview_is_not_raised_unseen() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "5")
    shown = look(found)
    put(found, want("A", "7"))
    with pytest.raises(PricesMoved):
        raised(found, expected=shown)
    assert prices(found, product) == [(0, 7, None, None)]


def test_a_planned_raise_ends_the_old_prices_the_day_before() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "5")
    make_list_price(found, product, "4", from_quantity=10, valid_until=date(2027, 6, 30))
    make_list_price(found, product, "3", from_quantity=20, valid_from=NEW_YEAR)
    assert raised(found, first_day=NEW_YEAR) == 3
    assert prices(found, product) == [
        (0, 5, None, NEW_YEARS_EVE),
        (0, Decimal("5.5"), NEW_YEAR, None),
        (10, 4, None, NEW_YEARS_EVE),
        (10, Decimal("4.4"), NEW_YEAR, date(2027, 6, 30)),
        (20, Decimal("3.3"), NEW_YEAR, None),
    ]
    for day in (TODAY, TODAY - timedelta(1)):
        with pytest.raises(NotALaterDay):
            raised(found, first_day=day)


def test_what_is_planned_is_listed_and_taken_back_as_if_it_had_never_been() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "5")
    make_list_price(found, product, "4", from_quantity=10, valid_until=date(2027, 6, 30))
    before = prices(found)
    march = date(2027, 3, 1)
    raised(found, first_day=NEW_YEAR)
    between = prices(found)
    raised(found, Raise(amount=Decimal("-0.6")), first_day=march)
    with opened() as session:
        first, second = planned(session, found.id, TODAY)
    assert (first.day, first.prices, first.products, first.replacing, first.dearer, first.cheaper) == (
        NEW_YEAR, 2, 1, 2, 2, 0,
    )  # fmt: skip
    assert (second.day, second.cheaper) == (march, 2)
    assert take_back(found, march) == 2
    assert prices(found) == between
    take_back(found, NEW_YEAR)
    assert prices(found) == before
    assert [event["removed"] for event in events("prices_withdrawn")] == [2, 2]


def test_the_end_of_a_season_is_no_change_of_its_own_and_goes_with_the_season() -> None:
    found, product = make_price_list(), make_product(sku="A")
    always, december = (0, 10, None, None), date(2026, 12, 1)
    make_list_price(found, product, "10")
    put(found, want("A", "8", valid_from=december, valid_until=NEW_YEARS_EVE))
    season = prices(found, product)
    with opened() as session:
        assert [(row.day, row.prices, row.returns) for row in planned(session, found.id, TODAY)] == [
            (december, 1, 0), (NEW_YEAR, 1, 1),
        ]  # fmt: skip
    with pytest.raises(OnlyReturns):
        take_back(found, NEW_YEAR)
    assert prices(found, product) == season
    assert take_back(found, december) == 1
    assert prices(found, product) == [always]


def test_what_has_begun_is_not_taken_back() -> None:
    found, product = make_price_list(), make_product()
    make_list_price(found, product, "5", valid_from=TODAY)
    for day in (TODAY, NEW_YEAR):
        with pytest.raises(NotPlanned):
            take_back(found, day)


def test_two_prices_for_the_same_days_become_the_lower_one() -> None:
    """The database lets them stand beside each other; the lower one counts, and goes on to count."""
    found, product = make_price_list(), make_product()
    make_list_price(found, product, "5")
    make_list_price(found, product, "4", valid_from=TODAY)
    make_list_price(found, product, "3", valid_from=NEW_YEAR)
    raised(found, Raise(percent=Decimal(100)), first_day=NEW_YEAR)
    assert prices(found, product)[-1] == (0, 6, NEW_YEAR, None)


def test_placed_orders_keep_their_prices() -> None:
    found, product = make_price_list(), make_product(stock=10)
    make_list_price(found, product, "5")
    buyer = make_buyer(price_list_id=found.id)
    order_id = steps.order(buyer, {product.id: 2})
    raised(found)
    put(found, want(product.sku, "9"))
    line = "select unit_price from order_line where order_id = :id"
    assert scalar(line, id=order_id) == 5
    assert scalar(line, id=steps.order(buyer, {product.id: 1})) == 9


def test_two_raises_of_one_list_at_once_follow_each_other_and_those_of_others_do_not_wait() -> None:
    lists, products = [make_price_list() for _ in range(3)], [make_product() for _ in range(30)]
    for found in lists:
        for product in products:
            make_list_price(found, product, "1")
    double = Raise(percent=Decimal(100))
    results = at_once([lambda found=found: raised(found, double) for found in lists * 3])
    assert results == [30] * 9
    assert {net for found in lists for _, _, net, *_ in prices(found)} == {8}


def test_a_raise_planned_twice_at_once_is_raised_twice_and_stays_whole() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "1")
    double = Raise(percent=Decimal(100))
    assert at_once([lambda: raised(found, double, first_day=NEW_YEAR)] * 3) == [1] * 3
    assert prices(found, product) == [(0, 1, None, NEW_YEARS_EVE), (0, 8, NEW_YEAR, None)]


def test_who_only_sees_prices_looks_and_does_not_raise() -> None:
    found, analyst = make_price_list(), make_staff(role="analyst")
    with opened(analyst) as session:
        assert outlook(session, found.id, EVERYTHING, TEN_UP, TODAY).prices == 0
    with pytest.raises(NotAllowed), opened(analyst) as session:
        raise_prices(session, found.id, EVERYTHING, TEN_UP, NOON)
    with pytest.raises(NotAllowed), opened(analyst) as session:
        withdraw(session, found.id, NEW_YEAR, NOON)
