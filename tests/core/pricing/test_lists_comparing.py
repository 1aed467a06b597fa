"""Two lists beside each other, and lists filled from the assortment or from another list."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import NotAllowed
from core.pricing.comparing import Comparison, compare
from core.pricing.conditions import BadPercent
from core.pricing.filling import DownToNothing, Filled, NothingToAdd, SameList, Start, fill_list
from core.pricing.models import PriceList
from core.pricing.rounding import Rounding
from core.pricing.selecting import EVERYTHING, Part, brands
from tests.core.pricing.list_steps import NEW_YEAR, NOON, TODAY, events, opened, prices
from tests.factories import make_list_price, make_price_list, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")


def filled(found: PriceList, start: Start, part: Part = EVERYTHING) -> Filled:
    with opened() as session:
        return fill_list(session, found.id, part, start, NOON)


def compared(one: PriceList, two: PriceList, **asked: object) -> Comparison:
    with opened() as session:
        return compare(session, one.id, two.id, TODAY, **asked)  # type: ignore[arg-type]


def test_two_lists_are_compared_in_lei_by_product_and_quantity() -> None:
    one, two = make_price_list(), make_price_list(currency="EUR", lei_rate=Decimal(5))
    a, b, c, d = (make_product(sku=sku, name=sku) for sku in "ABCD")
    for product, first, second in ((a, "10", "2.2"), (b, "10", "1.5"), (c, "10", "2")):
        make_list_price(one, product, first)
        make_list_price(two, product, second)
    make_list_price(one, a, "9", from_quantity=10)
    make_list_price(two, d, "1")
    make_list_price(two, d, "1", from_quantity=5, valid_from=NEW_YEAR)
    found = compared(one, two)
    assert found.counts == {"only_first": 1, "only_second": 1, "dearer": 1, "cheaper": 1, "equal": 1}
    assert [(row.sku, row.difference, row.percent, row.state) for row in found.rows] == [
        ("B", Decimal("-2.5"), -25, "cheaper"),
        ("A", 1, 10, "dearer"),
        ("C", 0, 0, "equal"),
        ("A", None, None, "only_first"),
        ("D", None, None, "only_second"),
    ]
    only = compared(one, two, state="only_first")
    assert (only.total, [(row.sku, row.from_quantity) for row in only.rows]) == (1, [("A", 10)])
    assert [row.sku for row in compared(one, two, order="name", search="a").rows] == ["A", "A"]
    assert compared(one, two, part=Part(category="Nowhere")).rows == []


def test_products_are_added_at_the_base_price_less_a_percentage_and_what_is_there_stays() -> None:
    found = make_price_list(currency="EUR", lei_rate=Decimal(5))
    there = make_product(sku="A", brand="X", list_price=Decimal(100))
    make_product(sku="B", brand="X", list_price=Decimal("50.5"))
    make_product(sku="C", brand="Y")
    make_product(sku="D", brand="X", active=False)
    make_list_price(found, there, "1")
    done = filled(found, Start(Decimal(20), Rounding("0.10", "up")), Part(brand="X"))
    assert (done.products, done.prices, done.there) == (1, 1, 1)
    assert prices(found) == [("A", 0, 1, None, None), ("B", 0, Decimal("8.1"), None, None)]
    assert events("prices_added") == [
        {"price_list": found.name, "added": 1, "less": "20", "rounding": "0.10 up", "brand": "X"}
    ]
    with pytest.raises(NothingToAdd):
        filled(found, Start(), Part(brand="X"))


@pytest.mark.parametrize("start", [Start(rounding=Rounding("1")), Start(Decimal(100))])
def test_a_price_that_would_come_to_nothing_is_refused(start: Start) -> None:
    found = make_price_list()
    make_product(sku="A", list_price=Decimal("0.3"))
    make_product(sku="B", list_price=Decimal(0))
    with pytest.raises(DownToNothing, match="1 price would be zero, the first of A"):
        filled(found, start)
    assert prices(found) == []
    assert filled(found, Start()).prices == 2


def test_products_are_added_as_another_list_has_them_with_quantities_and_days() -> None:
    source, found = make_price_list(currency="EUR", lei_rate=Decimal(5)), make_price_list()
    one = make_product(sku="A")
    make_product(sku="B")
    make_list_price(source, one, "9", valid_until=date(2026, 1, 1))
    make_list_price(source, one, "2", valid_from=date(2026, 1, 2))
    make_list_price(source, one, "1.5", from_quantity=10)
    done = filled(found, Start(Decimal(10), source=source.id))
    assert (done.products, done.prices) == (1, 2)
    assert prices(found) == [("A", 0, 9, date(2026, 1, 2), None), ("A", 10, Decimal("6.75"), None, None)]


def test_a_list_is_not_filled_from_itself_or_at_less_than_nothing() -> None:
    found = make_price_list()
    with pytest.raises(SameList):
        filled(found, Start(source=found.id))
    with pytest.raises(BadPercent):
        filled(found, Start(Decimal("100.01")))


def test_brands_are_each_told_once() -> None:
    for brand in ("Y", "X", "Y", ""):
        make_product(brand=brand)
    with opened(make_staff(role="analyst")) as session:
        assert brands(session) == ["X", "Y"]


def test_the_warehouse_sees_no_price_lists() -> None:
    warehouse, found = make_staff(role="warehouse"), make_price_list()
    with pytest.raises(NotAllowed), opened(warehouse) as session:
        compare(session, found.id, found.id, TODAY)
