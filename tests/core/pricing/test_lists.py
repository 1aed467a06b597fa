"""Price lists themselves: made, changed, deleted, copied."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

from core.errors import NotAllowed, NotFound, Refusal
from core.pricing.conditions import NoDays
from core.pricing.copying import copy_list
from core.pricing.filling import DownToNothing
from core.pricing.lists import (
    BadCurrency,
    BadRate,
    ListData,
    ListInUse,
    ListNameMissing,
    ListNameTaken,
    change_list,
    create_list,
    delete_list,
    locked_list,
    price_list,
    price_lists,
)
from core.pricing.raising import Raise
from core.pricing.rounding import Rounding
from tests.core.orders.steps import somebody_waits_for
from tests.core.pricing.list_steps import NEW_YEAR, NEW_YEARS_EVE, NOON, TODAY, events, opened, prices, scalar
from tests.factories import (
    make_discount,
    make_group,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_staff,
)
from tests.threads import at_once
from workers.locks import wait_until

_WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
pytestmark = pytest.mark.usefixtures("database")


def create(**values: object) -> int:
    with opened() as session:
        return create_list(session, ListData(**{"name": "Export"} | values), NOON)  # type: ignore[arg-type]


def test_a_list_tells_its_products_partners_and_groups() -> None:
    found = make_price_list(name="Instalatori Șerban")
    one, two = make_product(), make_product()
    for product, quantity in ((one, 0), (one, 10), (two, 0)):
        make_list_price(found, product, "5", from_quantity=quantity)
    make_partner(price_list_id=found.id)
    make_group(price_list_id=found.id)
    make_price_list(name="Altele")
    with opened() as session:
        (row,) = price_lists(session, "serban insta")
        assert [listed.name for listed in price_lists(session)] == ["Altele", "Instalatori Șerban"]
    assert (row.products, row.partners, row.groups) == (2, 1, 1)


def test_a_list_is_made_and_changed_and_both_are_recorded() -> None:
    made = create(name="  Export ", currency="eur", lei_rate=Decimal("4.97"))
    with opened() as session:
        change_list(session, made, ListData("Export UE", "EUR", Decimal("5.01"), TODAY, NEW_YEAR), NOON)
        change_list(session, made, ListData("Export UE", "EUR", Decimal("5.01"), TODAY, NEW_YEAR), NOON)
        row = price_list(session, made)
    assert row.data == ListData("Export UE", "EUR", Decimal("5.01"), TODAY, NEW_YEAR)
    assert events("price_list_created") == [{"price_list": "Export", "currency": "EUR"}]
    (changed,) = events("price_list_changed")
    assert changed["changes"]["lei_rate"] == ["4.97", "5.01"]


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"name": " "}, ListNameMissing),
        ({"name": "x" * 101}, ListNameMissing),
        ({"currency": "LEI!"}, BadCurrency),
        ({"currency": "ȘȘȘ"}, BadCurrency),
        ({"currency": "EUR", "lei_rate": Decimal(0)}, BadRate),
        ({"currency": "EUR", "lei_rate": Decimal("4.97001")}, BadRate),
        ({"lei_rate": Decimal(2)}, BadRate),
        ({"valid_from": NEW_YEAR, "valid_until": TODAY}, NoDays),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(values: dict[str, object], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        create(**values)
    assert scalar("select count(*) from price_list") == 0


def test_two_lists_never_have_one_name() -> None:
    create()
    other = create(name="Other")
    with pytest.raises(ListNameTaken):
        create(name="Export ")
    with pytest.raises(ListNameTaken), opened() as session:
        change_list(session, other, ListData("Export"), NOON)


def test_of_four_that_make_a_list_of_one_name_at_once_one_does() -> None:
    results = at_once([create] * 4)
    assert sum(isinstance(result, int) for result in results) == 1
    assert sum(isinstance(result, ListNameTaken) for result in results) == 3


def test_a_list_in_use_is_not_deleted_and_one_that_nobody_has_is_with_all_its_prices() -> None:
    found = make_price_list(name="Old")
    make_list_price(found, make_product(), "5")
    partner = make_partner(price_list_id=found.id)
    with pytest.raises(ListInUse) as refused, opened() as session:
        delete_list(session, found.id, NOON)
    assert "partners: 1" in refused.value.text("en")
    scalar("update partner set price_list_id = null where id = :id returning 1", id=partner.id)
    with opened() as session:
        delete_list(session, found.id, NOON)
    assert scalar("select count(*) from price_list_item") == 0
    assert events("price_list_deleted") == [{"price_list": "Old", "products": 1}]
    with pytest.raises(NotFound), opened() as session:
        price_list(session, found.id)


def test_a_list_deleted_and_changed_at_once_is_not_a_deadlock() -> None:
    found = make_price_list(name="Old")
    at = ListData("New")

    def delete() -> None:
        with opened() as session:
            delete_list(session, found.id, NOON)

    def change() -> None:
        with opened() as session:
            change_list(session, found.id, at, NOON)

    with ThreadPoolExecutor(2) as pool, opened() as session:
        locked_list(session, found.id)
        gone = pool.submit(delete)
        assert somebody_waits_for(session)
        changed = pool.submit(change)
        assert wait_until(lambda: scalar(_WAITING) == 2, 10)
        session.rollback()
        assert gone.result() is None
        assert isinstance(changed.exception(), NotFound)


def test_a_copy_has_the_prices_that_have_not_ended_raised_and_rounded_and_the_discounts() -> None:
    source, product = make_price_list(currency="EUR", lei_rate=Decimal(5)), make_product(sku="A")
    make_list_price(source, product, "1.01", valid_until=date(2026, 11, 1))
    make_list_price(source, product, "2.02", valid_from=date(2026, 11, 2), valid_until=NEW_YEARS_EVE)
    make_list_price(source, product, "3.03", from_quantity=10)
    make_discount("5", price_list_id=source.id, brand="Electro")
    with opened() as session:
        by = Raise(percent=Decimal(10), rounding=Rounding("0.10", "up"))
        copied = copy_list(session, source.id, "Copy", by, NOON)
        made = price_list(session, copied.id)
    assert (copied.prices, copied.discounts, made.currency, made.lei_rate) == (2, 1, "EUR", 5)
    assert prices(made) == [
        ("A", 0, Decimal("2.3"), date(2026, 11, 2), NEW_YEARS_EVE),
        ("A", 10, Decimal("3.4"), None, None),
    ]  # type: ignore[comparison-overlap]
    assert len(prices(source)) == 3


def test_a_copy_may_only_be_rounded_and_makes_nothing_free() -> None:
    source = make_price_list()
    make_list_price(source, make_product(sku="A"), "2.02")
    make_list_price(source, make_product(sku="B"), "0")
    with opened() as session:
        made = price_list(session, copy_list(session, source.id, "Copy", Rounding("0.10"), NOON).id)
    assert [row[2] for row in prices(made)] == [2, 0]  # type: ignore[arg-type]
    for by in (Rounding("1", "down"), Raise(percent=Decimal(-100)), Raise(amount=Decimal("-2.02"))):
        make_list_price(source, make_product(), "0.3")
        with pytest.raises(DownToNothing), opened() as session:
            copy_list(session, source.id, "Free", by, NOON)
    assert [event["rounding"] for event in events("price_list_copied")] == ["0.10 half_up"]


def test_who_only_sees_prices_changes_none() -> None:
    accountant, found = make_staff(role="accounting"), make_price_list()
    with opened(accountant) as session:
        assert price_list(session, found.id).name == found.name
    for attempt in (
        lambda session: create_list(session, ListData("New"), NOON),
        lambda session: change_list(session, found.id, ListData("New"), NOON),
        lambda session: delete_list(session, found.id, NOON),
        lambda session: copy_list(session, found.id, "New", None, NOON),
    ):
        with pytest.raises(NotAllowed), opened(accountant) as session:
            attempt(session)
