"""The partner's own price list: what stands in it, as XLSX, CSV and PDF."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pypdf
import pytest

from core.db import transaction
from core.errors import NotAllowed
from core.exports import price_list
from core.exports.price_list import (
    BATCH,
    FLAGS,
    Listing,
    TooLongForPaper,
    begin,
    filters_in_words,
    lay_out,
    lines,
    query_of,
)
from core.exports.price_list_book import PriceListBook
from core.exports.price_list_csv import csv_head, csv_lines
from core.exports.price_list_paper import price_list_pdf
from core.orders.browsing import CatalogRow
from core.orders.search_conditions import Filters
from core.pricing.quoting import PricesHidden
from core.principal import Principal
from tests.core.exports.workbooks import FORMULA, read_book
from tests.core.orders import steps
from tests.factories import (
    make_buyer,
    make_company,
    make_partner,
    make_price_list,
    make_product,
    make_promotion,
    make_staff,
    make_user,
    principal_of,
    set_own_price,
)

NOON = steps.NOON


def listing(who: Principal, as_of: datetime = NOON, **filters: object) -> tuple[Listing, list[CatalogRow]]:
    with transaction(who) as session:
        found = lay_out(session, Filters(**filters), as_of)
        return found, [row for batch in found.batches() for row in lines(session, found, batch)]


def skus(who: Principal, **filters: object) -> list[str]:
    return [row.sku for row in listing(who, **filters)[1]]


def csv_of(who: Principal, language: str = "en", **filters: object) -> list[dict[str, str]]:
    found, rows = listing(who, **filters)
    written = csv_head(found, language) + csv_lines(found, rows, language)
    return list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline=""), delimiter=";"))


def book_of(who: Principal, **filters: object) -> dict[str, list[list[object]]]:
    """Sheet → its rows, head included; numbers as numbers, days as days."""
    found, rows = listing(who, **filters)
    file = io.BytesIO()
    book = PriceListBook(file, found, "en", None)
    book.add(rows)
    book.close()
    return read_book(file)


def pdf_of(who: Principal, language: str = "en", **filters: object) -> pypdf.PdfReader:
    found, rows = listing(who, **filters)
    return pypdf.PdfReader(io.BytesIO(price_list_pdf(found, rows, language)))


@pytest.fixture
def buyer(database: str) -> Principal:
    """With 10 % off, a price of its own and a price from 24 on."""
    make_company()
    prices = make_price_list()
    buyer = make_buyer(discount=Decimal(10), price_list_id=prices.id, name="Electro Ardelia SRL")
    cable = make_product(
        stock=250, sku="CAB-1", name="Cablu țeavă", category="Electrice > Cabluri", brand="Nexans", unit="m",
        ean="5941234567899", pack=Decimal(100), least_quantity=Decimal(5), multiple=Decimal("2.5"),
        list_price=Decimal("3.4567"), rrp=Decimal("4.5"),
    )  # fmt: skip
    make_product(sku="LED-1", name="Bec LED", list_price=Decimal(20), expected_on=date(2026, 12, 1))
    set_own_price(buyer.partner_id, cable.id, "2.5")
    make_promotion(cable, net=Decimal("2.1"), from_quantity=Decimal(24))
    return buyer


def test_the_list_has_every_product_by_category_and_name_at_the_partners_prices(buyer: Principal) -> None:
    led, cable = csv_of(buyer)[::-1]
    assert cable == {
        "SKU": "CAB-1", "EAN": "5941234567899", "Name": "Cablu țeavă", "Brand": "Nexans",
        "Category": "Electrice > Cabluri", "Unit": "m", "Pack": "100", "Least quantity": "5", "In multiples of": "2.5",
        "List price, net lei": "3.4567", "Discount, %": "27.7", "Your price, net lei": "2.5",
        "From a quantity on": "24: 2.10", "Recommended price, net lei": "4.5", "VAT, %": "21", "In stock": "250",
        "Expected on": "",
    }  # fmt: skip
    assert (led["SKU"], led["Your price, net lei"], led["In stock"], led["Expected on"]) == (
        "LED-1", "18", "0", "2026-12-01",
    )  # fmt: skip


def test_in_romanian_the_csv_has_a_decimal_comma(buyer: Principal) -> None:
    cable = list(csv_of(buyer, "ro")[0].values())
    assert "3,4567" in cable
    assert "24: 2,10" in cable


def test_the_sheets_hold_real_numbers_and_days(buyer: Principal) -> None:
    book = book_of(buyer)
    head, cable, led = book["Prices"]
    row = dict(zip(head, cable, strict=True))
    assert (row["List price, net lei"], row["Your price, net lei"], row["In stock"], row["VAT, %"]) == (
        3.4567, 2.5, 250.0, 21.0,
    )  # fmt: skip
    assert dict(zip(head, led, strict=True))["Expected on"] == date(2026, 12, 1)
    assert row["EAN"] == "5941234567899"
    assert book["From a quantity on"][1:] == [["CAB-1", "Cablu țeavă", 24.0, 2.1]]


FORMULAS = ("=1+1", "+40", "-3", "@cmd", "\tx", '=HYPERLINK("http://x")')


@pytest.mark.parametrize("words", FORMULAS)
def test_no_cell_is_a_formula(database: str, words: str) -> None:
    make_product(sku="EVIL", name=words, brand=words, unit=words)
    buyer = make_buyer()
    row = csv_of(buyer)[0]
    assert (row["Name"], row["Brand"], row["Unit"]) == (f"'{words}",) * 3
    cells = book_of(buyer)["Prices"][1]
    assert cells.count(words) == 3
    assert FORMULA not in cells


def test_a_link_in_a_name_stays_a_text(database: str) -> None:
    make_product(name="https://elsewhere.example/")
    assert "https://elsewhere.example/" in book_of(make_buyer())["Prices"][1]


@pytest.mark.parametrize(("display", "shown"), [
    ("quantity", "250"), ("capped", "10+"), ("yes_no", "in stock"), ("light", "in stock"),
])  # fmt: skip
def test_stock_stands_there_as_the_partner_is_told_it(database: str, display: str, shown: str) -> None:
    make_product(stock=250)
    assert csv_of(make_buyer(stock_display=display))[0]["In stock"] == shown


def test_who_is_told_nothing_of_the_stock_has_no_columns_for_it(database: str) -> None:
    make_product(stock=250, expected_on=date(2026, 12, 1))
    buyer = make_buyer(stock_display="nothing")
    assert not {"In stock", "Expected on"} & csv_of(buyer)[0].keys()
    assert "250" not in "".join(csv_of(buyer)[0].values())
    assert "In stock" not in book_of(buyer)["Prices"][0]
    assert "In stock" not in pdf_of(buyer).pages[0].extract_text()


def test_who_is_told_nothing_of_the_stock_cannot_choose_by_it(database: str) -> None:
    make_product()
    found, rows = listing(make_buyer(stock_display="nothing"), in_stock=True)
    assert (len(rows), found.query) == (1, "")


def test_the_filters_of_the_catalogue_choose_what_is_in_it(buyer: Principal) -> None:
    assert skus(buyer, category="Electrice") == ["CAB-1"]
    assert skus(buyer, brand="Nexans") == ["CAB-1"]
    assert skus(buyer, in_stock=True) == ["CAB-1"]
    assert skus(buyer, search="bec") == ["LED-1"]
    assert skus(buyer, mine=True) == []
    assert skus(buyer, promotions=True) == ["CAB-1"]
    assert skus(buyer, category="Electrice", search="bec") == []


def test_the_head_of_a_list_names_every_filter_that_it_was_taken_with(buyer: Principal) -> None:
    chosen = {"search": "cablu", "category": "Electrice", "brand": "Nexans", "in_stock": True, "promotions": True}
    words = "Filters: Words: cablu · Category: Electrice · Brand: Nexans · In stock · Promotions"
    found, rows = listing(buyer, **chosen)
    above, head, *_lines = (csv_head(found, "en") + csv_lines(found, rows, "en")).removeprefix("\ufeff").splitlines()
    assert (above, head.split(";")[0]) == (words, "SKU")
    (said, *_none), (sku, *_heads), (cable, *_cells) = book_of(buyer, **chosen)["Prices"]
    assert (said, sku, cable) == (words, "SKU", "CAB-1")
    printed = " ".join(pdf_of(buyer, **chosen).pages[0].extract_text().split())
    assert words.removeprefix("Filters: ") in printed
    assert "Filters" not in csv_head(listing(buyer)[0], "en")
    every = {name: True for name in FLAGS}
    assert len(filters_in_words(Filters(**every), "en").split(" · ")) == len(FLAGS)


def test_a_list_of_many_batches_has_every_product_once(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_list, "BATCH", 3)
    made = [make_product(name=f"Product {n:02}").sku for n in range(10)]
    assert skus(make_buyer()) == made
    assert BATCH <= 1000


def test_prices_are_those_of_the_day_the_list_was_begun(database: str) -> None:
    product, buyer = make_product(), make_buyer()
    make_promotion(product, net=Decimal(1), valid_from=date(2026, 11, 24))
    assert listing(buyer)[1][0].unit_price == 10
    assert listing(buyer, datetime(2026, 11, 23, 22, 30, tzinfo=UTC))[1][0].unit_price == 1  # 00:30 in Bucharest


def test_the_pdf_has_the_distributors_head_the_day_and_the_prices(buyer: Principal) -> None:
    reader = pdf_of(buyer)
    words = " ".join(reader.pages[0].extract_text().split())
    for said in ("Depozitul Țării SRL", "Electro Ardelia SRL", "23 Nov 2026", "Electrice > Cabluri", "2.50", "24: 2.10",
                 "CAB-1", "18.00"):  # fmt: skip
        assert said in words, said
    assert reader.metadata.title == "Price list 23 Nov 2026"
    assert reader.trailer["/Root"]["/Lang"] == "en"


def test_names_in_the_pdf_are_never_markup(database: str) -> None:
    make_company()
    make_product(name="<b>fat</b><script>x</script>")
    assert "<b>fat</b><script>x</script>" in pdf_of(make_buyer()).pages[0].extract_text()


def test_a_list_too_long_for_paper_is_refused_in_words(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_list, "MOST_ON_PAPER", 2)
    for _ in range(3):
        make_product()
    with transaction(make_buyer()) as session:
        with pytest.raises(TooLongForPaper) as refused:
            begin(session, Filters(), "pdf", NOON)
        assert begin(session, Filters(), "csv", NOON).product_ids
    assert "A PDF holds 2 products at most, and this list has 3." in refused.value.text("en")


def test_taking_a_list_out_is_in_the_audit_with_its_format_and_filters(buyer: Principal) -> None:
    with transaction(buyer) as session:
        begin(session, Filters(brand="Nexans", in_stock=True, sort="price"), "xlsx", NOON)
    data = steps.scalar(
        "select data from event where kind = 'price_list_taken' and partner_id = :p", p=buyer.partner_id
    )
    assert data == {"format": "xlsx", "lines": "1", "filters": "brand=Nexans&in_stock=1"}


def test_the_order_of_the_list_is_no_filter() -> None:
    assert query_of(Filters(sort="price")) == query_of(Filters()) == ""


def test_only_who_sees_the_catalogue_and_its_prices_takes_a_list_out(database: str) -> None:
    partner = make_partner()
    accountant = principal_of(make_user(partner, role="accountant"))
    for who, refusal in ((accountant, NotAllowed), (make_staff(), NotAllowed),
                         (make_buyer(prices_hidden=True), PricesHidden)):  # fmt: skip
        with transaction(who) as session, pytest.raises(refusal):
            begin(session, Filters(), "csv", NOON)
    assert steps.scalar("select count(*) from event") == 0
