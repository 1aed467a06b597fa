"""Prices written into a list: by row, by pasted text, on days; faults named, nothing half done."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import NotAllowed
from core.pricing.items import Filters, item_page
from core.pricing.selecting import Part
from core.pricing.setting import NothingSaved, PricesMoved, save
from core.pricing.staging import Seen, Wanted
from tests.core.pricing.list_steps import (
    NEW_YEAR,
    NEW_YEARS_EVE,
    NOON,
    TODAY,
    events,
    opened,
    prices,
    put,
    want,
)
from tests.factories import make_list_price, make_price_list, make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def refused(price_list: Any, *wanted: Wanted) -> list[tuple[int, str]]:
    """The rows and sentences of what is wrong; nothing is written."""
    before = prices(price_list)
    with pytest.raises(NothingSaved) as refusal:
        put(price_list, *wanted)
    assert prices(price_list) == before
    assert refusal.value.text("ro")
    return [(fault.row, fault.text("en")) for fault in refusal.value.faults]


def test_new_prices_are_added_and_known_ones_changed() -> None:
    found, one, two = make_price_list(), make_product(sku="A"), make_product(sku="B")
    make_list_price(found, one, "5")
    saved = put(found, want("A", "5.5"), want("B", "3.1234", row=2), want("B", "3", 24, row=3))
    assert (saved.added, saved.changed, saved.removed, saved.unchanged) == (2, 1, 0, 0)
    assert prices(found, one) == [(0, Decimal("5.5"), None, None)]
    assert prices(found, two) == [(0, Decimal("3.1234"), None, None), (24, 3, None, None)]
    assert (saved.changes[0].sku, saved.changes[0].old, saved.changes[0].new) == ("A", 5, Decimal("5.5"))
    (event,) = events("prices_set")
    assert event["changes"] == {"A": ["5", "5.5"], "B": ["", "3.1234"], "B ≥ 24": ["", "3"]}
    assert (event["price_list"], event["added"], event["changed"]) == (found.name, 2, 1)


def test_what_is_so_already_is_no_change_and_no_event() -> None:
    found = make_price_list()
    make_list_price(found, make_product(sku="A"), "5")
    saved = put(found, want("A", "5.00"))
    assert (saved.unchanged, saved.changed, saved.changes) == (1, 0, [])
    assert events("prices_set") == []


def test_a_row_is_changed_or_removed_as_it_was_seen() -> None:
    found, product = make_price_list(), make_product(sku="A")
    one, two = make_list_price(found, product, "5"), make_list_price(found, product, "4", from_quantity=10)
    seen = Seen(Decimal(5), Decimal(0), None, None)
    put(found, want("A", "6", id=one.id, seen=seen), Wanted(2, "A", id=two.id, removed=True))
    assert prices(found, product) == [(0, 6, None, None)]


def test_two_rows_may_take_each_others_quantities() -> None:
    found, product = make_price_list(), make_product(sku="A")
    one, two = (
        make_list_price(found, product, "5", from_quantity=10),
        make_list_price(found, product, "4", from_quantity=20),
    )
    put(found, want("A", "5", 20, id=one.id), want("A", "4", 10, row=2, id=two.id))
    assert prices(found, product) == [(10, 4, None, None), (20, 5, None, None)]


def test_every_fault_is_told_with_its_row() -> None:
    found, other = make_price_list(), make_product(sku="B")
    item = make_list_price(found, make_product(sku="A"), "5")
    long_gone = make_list_price(found, other, "5").id
    put(found, Wanted(1, "B", id=long_gone, removed=True))
    assert refused(found, want("A", "-1"), want("A", "1", row=2, valid_from=NEW_YEAR, valid_until=TODAY)) == [
        (1, "A net price cannot be negative and has at most 4 decimals."),
        (2, "The last day is before the first, so it would never hold. Change one of the days."),
    ]
    assert refused(
        found,
        want("a", "1"),
        want("B", "1", row=2, id=item.id),
        want("A", "1", 5, row=3),
        want("A", "2", 5, row=4),
        want("B", "2", row=5, id=long_gone),
    ) == [
        (1, "There is no product with the SKU a. Letter case counts."),
        (2, "A price stays with its product, A. Add a row for the other one, and remove this row."),
        (4, "A: row 3 is for the same quantity, on some of the same days. Keep one of them."),
        (5, "B: a colleague has removed this price since you looked. Load the prices anew."),
    ]


def test_what_a_colleague_changed_meanwhile_is_told_and_not_overwritten() -> None:
    found, product = make_price_list(), make_product(sku="A")
    item = make_list_price(found, product, "5")
    seen = Seen(Decimal(5), Decimal(0), None, None)
    put(found, want("A", "5.2", id=item.id, seen=seen))
    late = want("A", "6", id=item.id, seen=seen)
    ((row, sentence),) = refused(found, late)
    assert (row, "changed this price to 5.2" in sentence) == (1, True)
    assert refused(found, Wanted(1, "A", id=item.id, seen=seen, removed=True))
    put(found, want("A", "6", id=item.id, seen=Seen(Decimal("5.2"), Decimal(0), None, None)))
    assert prices(found, product) == [(0, 6, None, None)]


def test_a_price_of_another_list_is_out_of_reach() -> None:
    mine, other = make_price_list(), make_price_list()
    item = make_list_price(other, make_product(sku="A"), "5")
    assert refused(mine, want("A", "1", id=item.id))
    assert prices(other) == [("A", 0, 5, None, None)]


def test_a_price_from_a_day_on_ends_the_one_before_and_one_between_days_parts_it() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "5")
    saved = put(found, want("A", "6", valid_from=NEW_YEAR))
    assert saved.shortened == 1
    assert prices(found, product) == [(0, 5, None, NEW_YEARS_EVE), (0, 6, NEW_YEAR, None)]
    put(found, want("A", "4", valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 10)))
    assert prices(found, product) == [
        (0, 5, None, date(2026, 11, 30)),
        (0, 4, date(2026, 12, 1), date(2026, 12, 10)),
        (0, 5, date(2026, 12, 11), NEW_YEARS_EVE),
        (0, 6, NEW_YEAR, None),
    ]


def test_a_price_on_all_days_of_others_takes_their_place() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "5", valid_from=date(2026, 12, 5), valid_until=date(2026, 12, 6))
    put(found, want("A", "4", valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 10)))
    assert prices(found, product) == [(0, 4, date(2026, 12, 1), date(2026, 12, 10))]


def test_without_days_the_price_of_today_is_meant_and_what_is_planned_stays() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "4", valid_until=date(2026, 10, 31))
    make_list_price(found, product, "5", valid_from=date(2026, 11, 1), valid_until=NEW_YEARS_EVE)
    make_list_price(found, product, "6", valid_from=NEW_YEAR)
    put(found, want("A", "5.5"))
    assert prices(found, product)[1] == (0, Decimal("5.5"), date(2026, 11, 1), NEW_YEARS_EVE)
    assert len(prices(found, product)) == 3


def test_a_price_without_days_fills_the_gap_that_today_is_in() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "4", valid_until=date(2026, 10, 31))
    make_list_price(found, product, "6", valid_from=NEW_YEAR)
    put(found, want("A", "5"))
    assert prices(found, product)[1] == (0, 5, date(2026, 11, 1), NEW_YEARS_EVE)


def test_a_price_and_its_successor_come_in_one_paste() -> None:
    found, product = make_price_list(), make_product(sku="A")
    put(found, want("A", "5"), want("A", "6", row=2, valid_from=NEW_YEAR))
    assert prices(found, product) == [(0, 5, None, NEW_YEARS_EVE), (0, 6, NEW_YEAR, None)]


def test_a_break_that_is_no_cheaper_is_pointed_out_and_found() -> None:
    found = make_price_list()
    make_product(sku="A", list_price=Decimal(8))
    saved = put(found, want("A", "3.10"), want("A", "3.20", 24, row=2))
    assert saved.beaten == ["A"]
    with opened() as session:
        (row,), total = item_page(session, found.id, TODAY, Filters(state="beaten"))
    assert (total, row.from_quantity, row.in_force, row.beaten) == (1, 24, Decimal("3.10"), True)
    assert row.percent == -60
    assert put(found, want("A", "3.00", 24)).beaten == []


def test_a_dry_run_that_no_longer_holds_is_refused() -> None:
    found, product = make_price_list(), make_product(sku="A")
    make_list_price(found, product, "5")
    wanted = [want("A", "6")]
    with opened() as session:
        shown = save(session, found.id, wanted, NOON)
        session.rollback()
    put(found, want("A", "5.5"))
    with pytest.raises(PricesMoved), opened() as session:
        save(session, found.id, wanted, NOON, expected=shown)
    assert prices(found, product) == [(0, Decimal("5.5"), None, None)]


def test_pages_are_found_by_words_category_brand_price_and_time() -> None:
    found = make_price_list()
    one = make_product(sku="CAB-1", name="Țeavă lungă", brand="X", category="A > B")
    two = make_product(sku="ZZ-2", name="Alta", brand="Y")
    make_list_price(found, one, "5", valid_until=TODAY)
    make_list_price(found, one, "6", valid_from=TODAY + timedelta(1))
    make_list_price(found, two, "1", valid_until=TODAY - timedelta(1))

    def nets(filters: Filters) -> list[Decimal]:
        with opened() as session:
            rows, total = item_page(session, found.id, TODAY, filters)
        assert len(rows) == total
        return [row.net for row in rows]

    assert nets(Filters()) == [1, 5, 6]
    assert nets(Filters(order="sku")) == [5, 6, 1]
    assert nets(Filters(search="teava cab")) == [5, 6]
    assert nets(Filters(part=Part(category="A"))) == nets(Filters(part=Part(brand="X"))) == [5, 6]
    assert nets(Filters(part=Part(least=Decimal(5), most=Decimal(5)))) == [5]
    assert [nets(Filters(state=state)) for state in ("valid", "later", "ended", "beaten")] == [[5], [6], [1], []]


def test_changes_of_one_list_at_once_all_hold_and_never_deadlock() -> None:
    found, skus = make_price_list(), [make_product().sku for _ in range(10)]

    def many(seed: int) -> None:
        order = skus if seed % 2 else skus[::-1]
        for n in range(5):
            put(found, *(want(sku, f"{seed}.{n + 1}", row=row) for row, sku in enumerate(order, 1)))

    assert at_once([lambda seed=seed: many(seed) for seed in range(1, 5)]) == [None] * 4
    assert len({net for _, _, net, *_ in prices(found)}) == 1


def test_who_may_not_edit_prices_saves_none() -> None:
    found = make_price_list()
    with pytest.raises(NotAllowed):
        put(found, want(make_product().sku, "1"), who=make_staff(role="analyst"))
