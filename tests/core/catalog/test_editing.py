"""Products entered and changed by hand: every fact, what cannot be, and what is written down about it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core import clock
from core.catalog import codes, facts
from core.catalog.editing import (
    ReplacedByItself,
    SkuMissing,
    SkuTaken,
    UnknownReplacement,
    change_product,
    change_products,
    create_product,
    facts_of,
)
from core.catalog.facts import Facts
from core.catalog.models import Product
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff

EVERYTHING = Facts(
    name="Cablu CYY-F", list_price=Decimal("12.3456"), ean="5941234567899", description="Trei fire\nde cupru",
    brand="Electro", category="Electrice > Cabluri", unit="m", pack=Decimal(100), least_quantity=Decimal(5),
    multiple=Decimal("2.5"), vat_class="reduced", weight=Decimal("0.125"), nc_code="85444995", rrp=Decimal("15.9"),
    expected_on=date(2026, 12, 31), active=False, backorder=True, max_per_order=Decimal(50),
    max_per_period=Decimal(0), replaced_by="OLD",
)  # fmt: skip


@pytest.fixture
def sales(database: str) -> Principal:
    make_product(sku="OLD")
    return make_staff(role="sales")


def change(who: Principal, product: Product, **values: Any) -> None:
    with transaction(who) as session:
        now = facts_of(session, session.get_one(Product, product.id))
        change_product(session, product.id, replace(now, **values), clock.now())


def kept(product_id: int) -> Facts:
    with transaction(SYSTEM) as session:
        return facts_of(session, session.get_one(Product, product_id))


def events(kind: str) -> list[dict[str, Any]]:
    with transaction(SYSTEM) as session:
        query = text("select data from event where kind = :kind order by id")
        return list(session.scalars(query, {"kind": kind}))


def test_a_product_is_entered_with_everything_and_can_be_counted_and_found(sales: Principal) -> None:
    with transaction(sales) as session:
        made = create_product(session, " CB-1 ", EVERYTHING, clock.now()).id
    assert kept(made) == EVERYTHING
    assert steps.scalar(f"select on_hand from stock where product_id = {made}") == 0
    assert steps.scalar("select count(*) from product where words @@ 'cabl:*'") == 1
    assert events("product_created") == [{"product": made, "sku": "CB-1", "name": "Cablu CYY-F"}]


@pytest.mark.parametrize(("unit", "given", "multiple"), [
    ("buc", None, 1), ("Cutie.", None, 1), ("Rolă", None, 1), ("buc", Decimal("0.5"), Decimal("0.5")),
    ("m", None, None), ("kg", None, None), ("plachetă", None, None),
])  # fmt: skip
def test_of_what_is_counted_a_new_product_has_whole_units_until_staff_clear_it(
    sales: Principal, unit: str, given: Decimal | None, multiple: Decimal | None
) -> None:
    with transaction(sales) as session:
        told = Facts(name="x", list_price=Decimal(1), unit=unit, multiple=given)
        made = create_product(session, "CB-1", told, clock.now())
    assert kept(made.id).multiple == multiple
    change(sales, made, multiple=None)
    assert kept(made.id).multiple is None


@pytest.mark.parametrize(("sku", "refusal"), [
    ("", SkuMissing), ("  ", SkuMissing), ("x" * 65, SkuMissing), ("A\nB", SkuMissing), ("OLD", SkuTaken),
])  # fmt: skip
def test_a_product_needs_an_sku_of_its_own(sales: Principal, sku: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal), transaction(sales) as session:
        create_product(session, sku, Facts(name="x", list_price=Decimal(1)), clock.now())
    assert steps.scalar("select count(*) from product") == 1


def test_every_fact_can_be_changed_and_taken_back(sales: Principal) -> None:
    product = make_product()
    before = kept(product.id)
    for facts_now in (EVERYTHING, before):
        with transaction(sales) as session:
            change_product(session, product.id, facts_now, clock.now())
        assert kept(product.id) == facts_now
    assert len(events("product_changed")) == 2


def test_what_changed_is_written_down_with_the_old_and_the_new_values(sales: Principal) -> None:
    product = make_product(category="Scule", sku="A1")
    change(sales, product, category="Scule>Noi", rrp=Decimal("9.5"), replaced_by="OLD", expected_on=date(2026, 12, 1))
    change(sales, product, rrp=None)
    change(sales, product)
    first, second = events("product_changed")
    assert first["sku"] == "A1"
    assert first["changes"] == {
        "category": ["Scule", "Scule>Noi"], "rrp": ["", "9.5"], "expected_on": ["", "2026-12-01"],
        "replaced_by": ["", "OLD"],
    }  # fmt: skip
    assert second["changes"] == {"rrp": ["9.5000", ""]}
    assert kept(product.id).category == "Scule > Noi"


@pytest.mark.parametrize(("values", "refusal"), [
    ({"name": " "}, facts.NameMissing), ({"unit": ""}, facts.UnitMissing), ({"name": "x" * 201}, facts.TextTooLong),
    ({"description": "x" * 4001}, facts.TextTooLong), ({"list_price": Decimal("-0.01")}, facts.BadListPrice),
    ({"list_price": Decimal("0.00001")}, facts.BadListPrice), ({"list_price": Decimal("NaN")}, facts.BadListPrice),
    ({"rrp": Decimal(-1)}, facts.BadRrp), ({"pack": Decimal(0)}, facts.BadPack),
    ({"least_quantity": Decimal(0)}, facts.BadSteps), ({"multiple": Decimal("-1")}, facts.BadSteps),
    ({"multiple": Decimal("0.0001")}, facts.BadSteps), ({"weight": Decimal(-1)}, facts.BadWeight),
    ({"max_per_order": Decimal(10) ** 9}, facts.BadMost), ({"vat_class": "none"}, facts.UnknownVatClass),
    ({"ean": "594123456789X"}, codes.EanNotDigits), ({"ean": "12345"}, codes.EanLength),
    ({"ean": "5941234567898"}, codes.EanCheckDigit), ({"nc_code": "8544"}, codes.BadNcCode),
    ({"replaced_by": "NONE"}, UnknownReplacement),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(
    sales: Principal, values: dict[str, Any], refusal: type[Refusal]
) -> None:
    product = make_product()
    with pytest.raises(refusal) as refused:
        change(sales, product, **values)
    assert refused.value.text("ro")
    assert refused.value.text("en")
    assert events("product_changed") == []


@pytest.mark.parametrize(("typed", "digits"), [
    ("5941234567899", "5941234567899"), ("594 1234-567899", "5941234567899"), ("96385074", "96385074"),
    ("036000291452", "036000291452"), ("98412345678908", "98412345678908"), ("", ""), ("  ", ""),
])  # fmt: skip
def test_an_ean_of_8_12_13_or_14_digits_is_kept_as_digits(typed: str, digits: str) -> None:
    assert codes.check_ean(typed) == digits


def test_a_wrong_ean_says_which_digit_would_be_right() -> None:
    with pytest.raises(codes.EanCheckDigit) as refused:
        codes.check_ean("5941234567891")
    assert "the last one would be 9" in refused.value.text("en")


def test_a_wrong_ean_of_old_does_not_stand_in_the_way_of_another_change(sales: Principal) -> None:
    product = make_product(ean="123")
    change(sales, product, name="New")
    assert (kept(product.id).name, kept(product.id).ean) == ("New", "123")


def test_products_cannot_replace_each_other_in_a_circle(sales: Principal) -> None:
    first, second, third = (make_product(sku=sku) for sku in "ABC")
    change(sales, first, replaced_by="B")
    change(sales, second, replaced_by="C")
    for product, other in ((third, "A"), (third, "B"), (third, "C")):
        with pytest.raises(ReplacedByItself):
            change(sales, product, replaced_by=other)
    change(sales, third, replaced_by="OLD")


def test_a_change_of_price_and_facts_leaves_placed_orders_as_they_are(sales: Principal) -> None:
    product = make_product(stock=5, name="Before", list_price=Decimal(10))
    order = steps.order(make_buyer(), {product.id: 2})
    query = (
        f"select row(product_id, name, sku, unit, unit_price, vat_rate)::text from order_line where order_id = {order}"
    )
    before = steps.scalar(query)
    change(sales, product, name="After", list_price=Decimal(99), vat_class="zero", unit="m", active=False)
    assert steps.scalar(query) == before


def test_several_products_are_changed_at_once_or_none(sales: Principal) -> None:
    products = [make_product(brand="Old"), make_product(brand="Old"), make_product(brand="New")]
    ids = [product.id for product in products]
    with transaction(sales) as session:
        assert change_products(session, ids, clock.now(), brand="New", active=False) == 3
    assert {(kept(id).brand, kept(id).active) for id in ids} == {("New", False)}
    with pytest.raises(NotFound), transaction(sales) as session:
        change_products(session, [*ids, 999_999], clock.now(), brand="Other")
    assert {kept(id).brand for id in ids} == {"New"}


@pytest.mark.parametrize("role", ["warehouse", "accounting", "analyst"])
def test_who_does_not_edit_products_changes_none(database: str, role: str) -> None:
    product, who = make_product(), make_staff(role=role)
    with pytest.raises(NotAllowed), transaction(who) as session:
        change_products(session, [product.id], clock.now(), active=False)
    with pytest.raises(NotAllowed), transaction(who) as session:
        create_product(session, "X", EVERYTHING, clock.now())
