"""Products as a partner sees them: what the search finds, and what stands in a row."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.catalog.models import Product
from core.db import transaction
from core.orders import browsing, cart, searching
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_buyer, make_discount, make_group, make_product

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shelf():
    make_product(sku="SRB-16", name="Șurub autoforant 4,8x16 zincat", category="Fixare > Șuruburi", stock=5)
    make_product(sku="srb-16", name="Șurub gips-carton 3,5x25", category="Fixare > Șuruburi", stock=0)
    make_product(sku="CAB-3X25", name="Cablu CYY-F 3x2,5", category="Electrice > Cabluri", stock=9, ean="5949990000017")
    make_product(sku="ELEC", name="Doză 100%_etanșă", category="Electrice vechi", stock=1)


def found(buyer, **filters):
    with transaction(buyer) as session:
        return searching.search_page(session, searching.Filters(**filters), steps.NOON).rows


def sql(statement):
    with transaction(SYSTEM) as session:
        session.execute(text(statement))


def key(buyer):
    with transaction(buyer) as session:
        return browsing.offer_key(session)


def names(buyer, **filters):
    return [row.sku for row in found(buyer, **filters)]


@pytest.mark.parametrize("search", ["%", "\\", "  ", "''", "& | !"])
def test_signs_alone_are_no_search(shelf, search):
    assert len(names(make_buyer(), search=search)) == 4


def test_a_category_holds_its_sub_categories_but_not_its_namesakes(shelf):
    buyer = make_buyer()
    assert names(buyer, category="Electrice") == ["CAB-3X25"]
    assert names(buyer, category="Fixare > Șuruburi") == ["SRB-16", "srb-16"]
    with transaction(buyer) as session:
        assert browsing.category_paths(session) == [
            "Electrice", "Electrice > Cabluri", "Electrice vechi", "Fixare", "Fixare > Șuruburi",
        ]  # fmt: skip


def test_only_what_can_be_had_is_shown_when_asked(shelf):
    assert "srb-16" not in names(make_buyer(), in_stock=True)


def test_a_product_that_is_not_sold_is_not_in_the_catalogue(shelf):
    with transaction(SYSTEM) as session:
        session.query(Product).filter_by(sku="ELEC").one().active = False
    assert names(make_buyer(), search="etansa") == []


def test_the_quantity_in_ones_own_cart_is_shown_and_nobody_elses():
    product, one, other = make_product(stock=5), make_buyer(), make_buyer()
    steps.fill(one, {product.id: "2.5"})
    assert [found(buyer)[0].in_cart for buyer in (one, other)] == [Decimal("2.5"), 0]


def test_the_cart_is_totalled_as_the_order_will_be():
    buyer = make_buyer(discount=Decimal("7.77"))
    products = [
        make_product(stock=99, list_price=Decimal("3.3333"), vat_class=c) for c in ("standard", "reduced", "zero")
    ]
    token = steps.fill(buyer, {p.id: n + 7 for n, p in enumerate(products)})
    with transaction(buyer) as session:
        shown = cart.view_cart(session, steps.NOON).totals
    order_id = steps.place(buyer, token).order_id
    charged = steps.scalar("select array[net, vat, gross] from orders where id = :id", id=order_id)
    assert charged == [shown.net, shown.vat, shown.gross]


def test_the_key_of_the_offer_changes_with_what_is_offered_to_whom_and_with_nothing_else():
    group, other = make_group(), make_group()
    make_product(sku="K", category="A > B")
    shared = make_product(sku="S", restricted=True)
    buyer = make_buyer(group_id=group.id)
    keys = [key(buyer)]
    for change in (
        "update product set restricted = true where sku = 'K'",
        "update product set active = false where sku = 'K'",
        "update product set brand = 'Fix' where sku = 'K'",
        "update product set category_id = null where sku = 'K'",
        "update category set path = 'A > C' where path = 'A > B'",
        "insert into category (path) values ('D')",
        f"insert into product_audience (product_id, group_id) values ({shared.id}, {group.id})",
        f"insert into product_audience (product_id, partner_id) values ({shared.id}, {buyer.partner_id})",
        "delete from product_audience where partner_id is not null",
        f"update partner set group_id = {other.id} where id = {buyer.partner_id}",
    ):
        sql(change)
        keys.append(key(buyer))
    assert len(set(keys)) == len(keys)
    sql("update product set list_price = list_price + 1, name = 'X', expected_on = '2027-01-01'")
    assert key(buyer) == key(make_buyer(group_id=other.id)) == keys[-1]


def test_who_changes_the_offer_waits_for_nobody_else_who_does_and_is_counted_when_it_is_seen():
    slow, quick = make_product(), make_product()
    buyer = make_buyer()
    hide = text("update product set restricted = true where id = :id")
    with transaction(SYSTEM) as session:
        session.execute(hide, {"id": slow.id})
        with transaction(SYSTEM) as other:
            other.execute(hide, {"id": quick.id})
        before = key(buyer)
    assert key(buyer) != before


def test_a_day_that_has_passed_is_not_told_as_the_one_when_it_is_expected():
    today = steps.NOON.date()
    make_product(sku="LATE", name="A", expected_on=today - timedelta(days=1))
    make_product(sku="DUE", name="B", expected_on=today)
    assert [row.expected_on for row in found(make_buyer())] == [None, today]
    assert [row.expected_on for row in found(make_buyer(stock_display="nothing"))] == [None, None]


def test_the_price_shown_is_that_of_the_first_quantity_that_can_be_ordered():
    product = make_product(least_quantity=Decimal(5), multiple=Decimal(3))
    make_discount("20", product_id=product.id, from_quantity=Decimal(6))
    (row,) = found(make_buyer())
    assert (row.unit_price, row.more) == (Decimal("8.0000"), [])


def test_less_than_one_is_counted_at_its_own_price_though_that_of_one_is_shown():
    make_discount("40", product_id=make_product(unit="kg").id, from_quantity=Decimal(1))
    (row,) = found(make_buyer())
    prices = [(step.from_quantity, step.unit_price) for step in row.breaks]
    assert (row.unit_price, row.more) == (Decimal(6), [])
    assert prices == [(Decimal("0.001"), 10), (1, 6)]
