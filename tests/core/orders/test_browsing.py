"""Products as a partner sees them: what the search finds, and what stands in a row."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.catalog.models import Product
from core.db import transaction
from core.orders import browsing, cart, searching
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import make_buyer, make_product

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


def names(buyer, **filters):
    return [row.sku for row in found(buyer, **filters)]


@pytest.mark.parametrize(("search", "expected"), [
    ("surub", ["SRB-16", "srb-16"]), ("ȘURUB", ["SRB-16", "srb-16"]), ("zincat surub", ["SRB-16"]),
    ("cyy-f", ["CAB-3X25"]), ("5949990000017", ["CAB-3X25"]), ("3x25 cab", ["CAB-3X25"]), ("100%_", ["ELEC"]),
    ("'; drop table product; --", []), ("nothing", []),
])  # fmt: skip
def test_words_are_found_in_any_order_and_without_diacritics(shelf, search, expected):
    assert names(make_buyer(), search=search) == expected


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


def test_what_others_hold_is_not_in_stock():
    product = make_product(stock=5)
    steps.order(make_buyer(), {product.id: 5})
    assert names(make_buyer(), in_stock=True) == []


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


def test_a_day_that_has_passed_is_not_told_as_the_one_when_it_is_expected():
    today = steps.NOON.date()
    make_product(sku="LATE", name="A", expected_on=today - timedelta(days=1))
    make_product(sku="DUE", name="B", expected_on=today)
    assert [row.expected_on for row in found(make_buyer())] == [None, today]
