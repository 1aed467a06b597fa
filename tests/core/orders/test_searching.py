"""What a search of the catalogue finds, and that its pages hold every product once, in the order of what is shown."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.catalog.models import Product, ProductAudience
from core.db import transaction
from core.orders.lists import set_favourite
from core.orders.searching import CatalogPage, Filters, search_page
from core.pricing.refreshing import refresh
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import (
    add,
    make_buyer,
    make_group,
    make_product,
    make_promotion,
    make_user,
    set_own_price,
)

pytestmark = pytest.mark.usefixtures("database")


def search(
    buyer: Principal, after: str | None = None, before: str | None = None, gross: bool = False, **filters: Any
) -> CatalogPage:
    with transaction(buyer) as session:
        return search_page(session, Filters(**filters), steps.NOON, gross=gross, after=after, before=before)


def found(buyer: Principal, **filters: Any) -> list[str]:
    return [row.sku for row in search(buyer, **filters).rows]


def refresh_keys() -> None:
    while True:
        with transaction(SYSTEM) as session:
            if not refresh(session, steps.NOON):
                return


@pytest.fixture
def shelf() -> dict[str, Product]:
    products = [
        make_product(sku="SRB-16", name="Șurub autoforant 4,8x16 zincat", category="Fixare > Șuruburi", stock=5),
        make_product(sku="srb-16", name="Șurub gips-carton 3,5x25", category="Fixare > Șuruburi", brand="Hilti"),
        make_product(sku="CAB-3X25", name="Cablu CYY-F 3x2,5", category="Electrice > Cabluri", stock=9,
                     ean="5949990000018", brand="Hilti"),
        make_product(sku="ELEC", name="Doză 100%_etanșă", category="Electrice vechi", stock=1),
    ]  # fmt: skip
    return {product.sku: product for product in products}


@pytest.mark.parametrize(("typed", "skus"), [
    ("surub", ["SRB-16", "srb-16"]), ("ȘURUB", ["SRB-16", "srb-16"]), ("zincat surub", ["SRB-16"]),
    ("sur zin", ["SRB-16"]), ("cyy-f", ["CAB-3X25"]), ("3x25 cab", ["CAB-3X25"]), ("hilti cab", ["CAB-3X25"]),
    ("srb16", ["SRB-16", "srb-16"]), ("cab3x2", ["CAB-3X25"]),
    ("5949990000018", ["CAB-3X25"]), ("594999", ["CAB-3X25"]), ("594 9990 00001 8", ["CAB-3X25"]),
    ("cab 3", ["CAB-3X25"]), ("100%_", ["ELEC"]),
    ("'; drop table product; --", []), ("nothing", []), ("a\0b'c\\", []),
])  # fmt: skip
def test_words_are_found_in_any_order_by_their_beginnings_and_without_diacritics(
    shelf: dict[str, Product], typed: str, skus: list[str]
) -> None:
    assert found(make_buyer(), search=typed) == skus


@pytest.mark.parametrize("typed", ["wurth", "WÜRTH", "Wu\u0308rth", "bohrer 5mm2"])
def test_marks_of_other_languages_are_no_typos(typed: str) -> None:
    product = make_product(name="Bohrer Würth 5mm²")
    page = search(make_buyer(), search=typed)
    assert [(row.sku, page.corrected) for row in page.rows] == [(product.sku, None)]


def test_what_has_the_very_sku_or_ean_stands_first(shelf: dict[str, Product]) -> None:
    buyer = make_buyer()
    make_product(sku="A1", name="For SRB-16 and 5949990000018")
    for sort in ("name", "new", "price", "price_down"):
        assert set(found(buyer, search="srb-16", sort=sort)[:2]) == {"SRB-16", "srb-16"}, sort
        assert found(buyer, search=" 5949990000018 ", sort=sort)[0] == "CAB-3X25", sort


def test_a_category_holds_its_sub_categories_but_not_its_namesakes(shelf: dict[str, Product]) -> None:
    buyer = make_buyer()
    assert found(buyer, category="Electrice") == ["CAB-3X25"]
    assert found(buyer, category="Fixare > Șuruburi") == ["SRB-16", "srb-16"]
    assert found(buyer, category="Nowhere") == []


def test_filters_narrow_together(shelf: dict[str, Product]) -> None:
    buyer, other = make_buyer(), make_buyer()
    steps.order(buyer, {shelf["CAB-3X25"].id: 1, shelf["SRB-16"].id: 1})
    with transaction(buyer) as session:
        set_favourite(session, shelf["ELEC"].id, True)
    with transaction(SYSTEM) as session:
        session.execute(text("update product set created_at = '2026-11-01' where sku = 'srb-16'"))
        session.execute(text("update product set created_at = '2026-09-01' where sku <> 'srb-16'"))
    assert found(buyer, in_stock=True) == ["CAB-3X25", "ELEC", "SRB-16"]
    assert found(buyer, brand="Hilti") == ["CAB-3X25", "srb-16"]
    assert found(buyer, mine=True) == ["CAB-3X25", "SRB-16"]
    assert found(buyer, mine=True, brand="Hilti", in_stock=True, search="cablu") == ["CAB-3X25"]
    assert found(buyer, favourites=True) == ["ELEC"]
    assert found(buyer, new=True) == ["srb-16"]
    assert found(buyer, sort="new")[0] == "srb-16"
    assert found(other, mine=True) == found(other, favourites=True) == []


def test_what_others_hold_is_not_in_stock() -> None:
    product = make_product(stock=5)
    steps.order(make_buyer(), {product.id: 5})
    assert found(make_buyer(), in_stock=True) == []


def test_promotions_are_those_of_the_partner_and_the_day(shelf: dict[str, Product]) -> None:
    group = make_group()
    member, other = make_buyer(group_id=group.id), make_buyer()
    make_promotion(shelf["SRB-16"], percent=Decimal(10))
    make_promotion(shelf["CAB-3X25"], percent=Decimal(10), group_id=group.id)
    make_promotion(shelf["ELEC"], percent=Decimal(10), partner_id=other.partner_id)
    make_promotion(shelf["srb-16"], percent=Decimal(10), valid_until=steps.NOON.date().replace(day=22))
    assert found(member, promotions=True) == ["CAB-3X25", "SRB-16"]
    assert found(other, promotions=True) == ["ELEC", "SRB-16"]


@pytest.mark.parametrize(("typed", "said"), [
    ("zincta", "zincat"), ("zincatt surub", "zincat surub"), ("zncat sirub", "zincat surub"),
    ("autofroant", "autoforant"),
    ("cbalu", "cablu"), ("hilty", "hilti"), ("zinxct", None), ("su", None), ("12345", None), ("zincat cablu", None),
])  # fmt: skip
def test_one_mistake_in_a_word_is_forgiven(shelf: dict[str, Product], typed: str, said: str | None) -> None:
    page = search(make_buyer(), search=typed)
    if typed != "su":
        assert (page.corrected, bool(page.rows), page.total > 0) == (said, said is not None, said is not None)
    assert said is None or page.rows == search(make_buyer(), search=said).rows


def test_nothing_is_corrected_that_is_found_elsewhere(shelf: dict[str, Product]) -> None:
    make_product(sku="Z", name="Zincta lungă", category="Other")
    page = search(make_buyer(), search="zincta", category="Fixare")
    assert (page.rows, page.corrected) == ([], None)
    assert search(make_buyer(), search="zinxat", category="Fixare").corrected == "zincat"
    assert search(make_buyer(), search="zinxat", category="Electrice").rows == []


def test_a_product_that_is_not_offered_is_found_by_nothing(shelf: dict[str, Product]) -> None:
    hidden = make_product(sku="HID-777", ean="5949990000024", name="Ultrasecret dispozitiv", brand="Ascuns", stock=5,
                          restricted=True, category="Ascunse")  # fmt: skip
    gone = make_product(sku="G-1", name="Ultravechi", stock=5, active=False)
    buyer, knowing = make_buyer(), make_buyer()
    add(ProductAudience(product_id=hidden.id, partner_id=knowing.partner_id))
    for product in (hidden, gone):
        make_promotion(product, percent=Decimal(50))
        set_own_price(buyer.partner_id or 0, product.id, "1")
    refresh_keys()
    for typed in (
        "ultrasecret",
        "HID-777",
        "5949990000024",
        "ascuns",
        "ultrasecert",
        "ultrascret",
        "dispozitvi",
        "ultravechi",
        "ultravehi",
    ):
        page = search(buyer, search=typed)
        assert (page.rows, page.total, page.corrected) == ([], 0, None), typed
    for filters in ({"brand": "Ascuns"}, {"category": "Ascunse"}, {"promotions": True}):
        assert (search(buyer, **filters).total, found(buyer, **filters)) == (0, [])
    for sort in ("name", "new", "price", "price_down"):
        assert (search(buyer, sort=sort).total, len(found(buyer, sort=sort))) == (4, 4)
    assert found(knowing, search="ultrasecert") == found(knowing, brand="Ascuns") == ["HID-777"]


def test_a_hidden_word_changes_no_correction(shelf: dict[str, Product]) -> None:
    buyer = make_buyer()
    before = search(buyer, search="zincbt").corrected
    make_product(sku="H", name="Zincbt zincit zinca", restricted=True)
    assert search(buyer, search="zincbt").corrected == before == "zincat"
    assert search(buyer, search="zinco").corrected is None


def test_who_sees_no_prices_learns_none_by_order_or_filter(shelf: dict[str, Product]) -> None:
    buyer = make_buyer(prices_hidden=True)
    for n, sku in enumerate(["ELEC", "srb-16", "CAB-3X25", "SRB-16"]):
        set_own_price(buyer.partner_id or 0, shelf[sku].id, str(n + 1))
    make_promotion(shelf["ELEC"], percent=Decimal(50))
    refresh_keys()
    by_name = found(buyer)
    assert found(buyer, sort="price") == found(buyer, sort="price_down") == by_name
    assert search(buyer, promotions=True).total == 0
    agent = Principal("partner", make_user().id, buyer.partner_id, role="agent")
    assert found(agent, sort="price") == ["ELEC", "srb-16", "CAB-3X25", "SRB-16"]


def test_who_is_told_nothing_of_the_stock_learns_none_by_the_filter(shelf: dict[str, Product]) -> None:
    buyer = make_buyer(stock_display="nothing")
    agent = Principal("partner", make_user().id, buyer.partner_id, role="agent")
    viewer = Principal("partner", make_user().id, buyer.partner_id, role="viewer")
    for who, total in ((buyer, 4), (viewer, 4), (agent, 3)):
        assert search(who, in_stock=True).total == len(found(who, in_stock=True)) == total
    assert search(buyer, in_stock=True, search="surub").total == 2
    with transaction(SYSTEM) as session:
        session.execute(text("update company set stock_display = 'nothing'"))
    assert search(make_buyer(), in_stock=True).total == 4
    assert search(make_buyer(stock_display="light"), in_stock=True).total == 3


@pytest.mark.parametrize(
    "key", ["", "x", "%%%", "a" * 5000, "é", "bnVsbA", "WzEsMl0", "W10", "\ud800", "\0", "W1tb" * 450]
)
def test_a_mangled_key_gives_the_first_page(shelf: dict[str, Product], key: str) -> None:
    buyer = make_buyer()
    for sort in ("name", "new", "price"):
        assert found(buyer, sort=sort) == [row.sku for row in search(buyer, sort=sort, after=key).rows]
        assert found(buyer, sort=sort) == [row.sku for row in search(buyer, sort=sort, before=key).rows]


def test_a_key_of_another_order_gives_the_first_page(big: None) -> None:
    buyer = make_buyer()
    keys = {sort: search(buyer, sort=sort).after for sort in ("name", "new", "price", "price_down")}
    for sort in keys:
        first = search(buyer, sort=sort)
        for other, key in keys.items():
            assert (search(buyer, sort=sort, after=key).rows == first.rows) == (sort != other), (sort, other)


@pytest.fixture
def big() -> None:
    make_many()


def make_many() -> None:
    """More than four pages of products with few names and prices among them."""
    with transaction(SYSTEM) as session:
        session.execute(
            text("""
            insert into product (sku, name, brand, list_price, vat_class, created_at, restricted, ean)
            select 'S' || n, 'Common ' || n % 7, 'B' || n % 3, 10 + 0.0001 * (n % 11),
                   case when n % 2 = 0 then 'standard' else 'reduced' end,
                   timestamptz '2026-11-01' + n / 40 * interval '1 day', n % 20 = 0,
                   case when n > 160 then '777' else '' end
            from generate_series(1, 230) n
        """)
        )
        session.execute(text("insert into stock (product_id, on_hand) select id, id % 4 from product"))


def test_a_page_whose_products_are_gone_becomes_the_first(big: None) -> None:
    buyer = make_buyer()
    second = search(buyer, after=search(buyer).after)
    with transaction(SYSTEM) as session:
        session.execute(text("update product set active = name = 'Common 0'"))
    assert search(buyer, after=second.after).rows == search(buyer, before=second.before).rows == search(buyer).rows
    assert (search(buyer).before, search(buyer).after) == (None, None)


def test_products_without_keys_yet_are_there_all_the_same(big: None) -> None:
    buyer = make_buyer()
    make_product(sku="NEW", name="New", list_price=Decimal("0.5"))
    assert found(buyer, sort="price")[0] == "NEW"
    assert search(buyer, sort="price").total == 220
