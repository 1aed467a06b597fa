from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.catalog.models import Product
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.pricing.conditions import BadFromQuantity, BadPercent, Condition, NoDays
from core.pricing.discount_list import OnEverything, Terms, discount, discount_page
from core.pricing.discounts import (
    DiscountExists,
    NotBegun,
    add_discount,
    change_discount,
    delete_discount,
    end_discount,
)
from core.pricing.overlaps import Met, met_by
from core.pricing.quoting import explain
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import (
    make_buyer,
    make_discount,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_staff,
    set_own_price,
)

pytestmark = pytest.mark.usefixtures("database")
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SHARE = Decimal(5)


@pytest.fixture
def staff(database: str) -> Principal:
    return make_staff(role="sales")


def give(staff: Principal, percent: str = "5", **values: Any) -> int:
    with transaction(staff) as session:
        return add_discount(session, Terms(Decimal(percent), **values), NOON)


def change(staff: Principal, discount_id: int, terms: Terms) -> None:
    with transaction(staff) as session:
        change_discount(session, discount_id, terms, NOON)


def events() -> list[tuple[str, dict]]:
    with transaction(SYSTEM) as session:
        return [tuple(row) for row in session.execute(text("select kind, data from event order by id"))]


def price_of(buyer: Principal, product: Product, quantity: int = 1) -> Decimal:
    with transaction(buyer) as session:
        return explain(session, product.id, Decimal(quantity), TODAY).unit_price


def met(staff: Principal, discount_id: int) -> Met:
    with transaction(staff) as session:
        return met_by(session, discount_id)


def rows(staff: Principal, **filters: Any) -> list[int]:
    with transaction(staff) as session:
        return [row.id for row in discount_page(session, TODAY, **filters)[0]]


def test_a_discount_changes_the_price_and_is_told(staff: Principal) -> None:
    buyer, product = make_buyer(), make_product(sku="CAB-1", brand="Luxovar")
    give(staff, "12.5", partner_id=buyer.partner_id, brand="Luxovar", condition=Condition(Decimal(10)))
    assert (price_of(buyer, product, 9), price_of(buyer, product, 10)) == (10, Decimal("8.75"))
    assert events() == [("discount_added", {"brand": "Luxovar", "discount": "12.5", "from_quantity": "10"})]


def test_a_change_is_told_with_old_and_new_and_an_order_keeps_its_price(staff: Principal) -> None:
    buyer, product = make_buyer(), make_product(sku="CAB-1", stock=5)
    given = give(staff, product_id=product.id)
    order = steps.order(buyer, {product.id: 1})
    change(staff, given, Terms(Decimal(20), Condition(valid_until=date(2026, 12, 31))))
    change(staff, given, Terms(Decimal(20), Condition(valid_until=date(2026, 12, 31))))
    assert price_of(buyer, product) == 8
    assert steps.scalar("select unit_price from order_line where order_id = :id", id=order) == Decimal("9.5")
    assert [event for event in events() if event[0] == "discount_changed"] == [
        ("discount_changed", {"sku": "CAB-1", "changes": {"discount": ["5", "20"], "valid_until": ["", "2026-12-31"]}})
    ]


def test_whose_it_is_and_what_for_stay_when_it_changes(staff: Principal) -> None:
    partner, product = make_partner(), make_product()
    given = give(staff, partner_id=partner.id, product_id=product.id)
    change(staff, given, Terms(Decimal(9)))
    with transaction(staff) as session:
        terms = discount(session, given, TODAY).terms
    assert (terms.partner_id, terms.product_id, terms.percent) == (partner.id, product.id, 9)


def test_its_last_day_is_today_when_it_is_ended(staff: Principal) -> None:
    given = give(staff)
    with transaction(staff) as session:
        end_discount(session, given, TODAY, NOON)
        assert discount(session, given, TODAY).state == "holds"
        assert discount(session, given, TODAY + timedelta(days=1)).state == "past"


def test_one_that_has_not_begun_cannot_end_but_be_deleted(staff: Principal) -> None:
    given = give(staff, condition=Condition(valid_from=TODAY + timedelta(days=1)))
    with transaction(staff) as session, pytest.raises(NotBegun):
        end_discount(session, given, TODAY, NOON)
    with transaction(staff) as session:
        delete_discount(session, given, NOON)
    assert rows(staff) == []
    assert events()[-1] == ("discount_removed", {"discount": "5", "valid_from": "2026-11-24"})


@pytest.mark.parametrize(("terms", "refusal"), [
    (Terms(Decimal("100.01")), BadPercent), (Terms(Decimal(-1)), BadPercent), (Terms(Decimal("1.005")), BadPercent),
    (Terms(Decimal("NaN")), BadPercent),
    (Terms(SHARE, Condition(Decimal(-1))), BadFromQuantity),
    (Terms(SHARE, Condition(Decimal("0.0001"))), BadFromQuantity),
    (Terms(SHARE, Condition(valid_from=TODAY, valid_until=TODAY - timedelta(days=1))), NoDays),
    (Terms(SHARE, partner_id=999_999, brand="X"), NotFound), (Terms(SHARE, price_list_id=999_999), NotFound),
    (Terms(SHARE, product_id=999_999), NotFound), (Terms(SHARE, category_id=999_999), NotFound),
    (Terms(SHARE, brand=""), NotFound), (Terms(SHARE, brand="X", product_id=1), NotFound),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(staff: Principal, terms: Terms, refusal: type[Exception]) -> None:
    with transaction(staff) as session, pytest.raises(refusal):
        add_discount(session, terms, NOON)
    assert rows(staff) == []


def test_a_partners_own_on_everything_stands_among_its_terms(staff: Principal) -> None:
    with transaction(staff) as session, pytest.raises(OnEverything):
        add_discount(session, Terms(SHARE, partner_id=make_partner().id), NOON)


def test_two_for_the_same_from_the_same_day_and_quantity_are_refused(staff: Principal) -> None:
    give(staff, brand="X")
    other = give(staff, brand="X", condition=Condition(Decimal(2)))
    give(staff, brand="X", price_list_id=make_price_list().id)
    with transaction(staff) as session, pytest.raises(DiscountExists):
        add_discount(session, Terms(Decimal(7), brand="X"), NOON)
    with transaction(staff) as session, pytest.raises(DiscountExists):
        change_discount(session, other, Terms(Decimal(7)), NOON)


@pytest.mark.parametrize("role", ["accounting", "analyst", "warehouse"])
def test_who_may_not_change_prices_changes_no_discount(role: str) -> None:
    given = give(make_staff(), brand="X")
    other = make_staff(role=role)
    with transaction(other) as session, pytest.raises(NotAllowed):
        add_discount(session, Terms(SHARE), NOON)
    with transaction(other) as session, pytest.raises(NotAllowed):
        change_discount(session, given, Terms(SHARE), NOON)
    with transaction(other) as session, pytest.raises(NotAllowed):
        delete_discount(session, given, NOON)


def test_discounts_are_found_by_words_by_whose_they_are_and_by_how_they_stand(staff: Principal) -> None:
    partner, shared = make_partner(name="Instal Țurcanu SRL"), make_price_list(name="Electrice 2026")
    product = make_product(sku="CAB-9", name="Cablu", category="Electrice > Cabluri")
    own = give(staff, partner_id=partner.id, product_id=product.id)
    listed = give(staff, price_list_id=shared.id, condition=Condition(valid_from=TODAY + timedelta(days=3)))
    general = give(staff, category_id=product.category_id, condition=Condition(valid_until=TODAY - timedelta(days=1)))
    assert rows(staff, search="turcanu cab-9") == [own]
    assert rows(staff, search="ELECTRICE") == [general, listed]
    assert rows(staff, search="nothing of it") == []
    assert [rows(staff, owner=owner) for owner in ("everybody", "list", "partner")] == [[general], [listed], [own]]
    assert [rows(staff, state=state) for state in ("holds", "coming", "past")] == [[own], [listed], [general]]
    assert rows(staff, partner_id=partner.id) == [own]


def test_what_a_discount_meets_is_named_the_narrower_first(staff: Principal) -> None:
    product = make_product(sku="CAB-9", brand="Luxovar", category="A > B > C")
    make_product(brand="Elsewhere", category="Other")
    on = {path: steps.scalar("select id from category where path = :path", path=path) for path in ("A", "A > B > C")}
    narrow, brand = give(staff, product_id=product.id), give(staff, "12", brand="Luxovar")
    deep, top = give(staff, "7", category_id=on["A > B > C"]), give(staff, "8", category_id=on["A"])
    everything, again = give(staff, "1"), give(staff, "13", brand="Luxovar", condition=Condition(Decimal(5)))
    give(staff, "50", brand="Elsewhere")
    give(staff, "50", brand="Luxovar", price_list_id=make_price_list().id)
    give(staff, "50", brand="Luxovar", condition=Condition(valid_until=TODAY, valid_from=TODAY))
    found = met(staff, brand).overlaps
    assert [(other.id, other.first, other.same) for other in found if other.valid_until is None] == [
        (narrow, True, False), (again, False, True), (deep, False, False), (top, False, False),
        (everything, False, False),
    ]  # fmt: skip
    assert [other.id for other in met(staff, top).overlaps if other.first and other.id != narrow][-1] == deep


def test_days_that_never_meet_are_no_overlap(staff: Principal) -> None:
    ended = give(staff, brand="X", condition=Condition(valid_until=TODAY))
    give(staff, condition=Condition(valid_from=TODAY + timedelta(days=1)))
    assert met(staff, ended).overlaps == []


def test_a_partners_own_discount_meets_that_on_everything_and_its_net_prices(staff: Principal) -> None:
    partner, product = make_partner(discount=Decimal(10)), make_product(brand="X")
    set_own_price(partner.id, product.id, "5")
    set_own_price(partner.id, make_product(brand="Y").id, "5")
    found = met(staff, give(staff, brand="X", partner_id=partner.id))
    assert [(other.id, other.percent, other.first) for other in found.overlaps] == [(None, 10, False)]
    assert (found.own_prices, found.above) == (1, 0)


def test_whom_a_discount_for_a_list_never_reaches_is_counted(staff: Principal) -> None:
    shared, product = make_price_list(), make_product(brand="X")
    make_list_price(shared, product, "5")
    make_partner(price_list_id=shared.id, discount=SHARE)
    make_partner(price_list_id=shared.id)
    make_partner(discount=SHARE)
    found = met(staff, make_discount("5", price_list_id=shared.id, brand="X").id)
    assert (found.own_prices, found.above) == (1, 1)
    assert met(staff, make_discount("5", brand="X").id).above == 2
