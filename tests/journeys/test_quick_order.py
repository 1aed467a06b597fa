"""A mail of 30 lines becomes an order: 5 of them are mended on the way, on a large screen and on a phone."""

import io
import re
from decimal import Decimal

import pytest
import xlsxwriter
from playwright.sync_api import Locator, Page, expect

from core.db import transaction
from core.i18n import fill
from core.orders.queries import order_detail
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.core.quick.test_files import cells, ods
from tests.factories import make_company, make_partner, make_product
from tests.journeys.conftest import Portal, Profiles, ro
from tests.journeys.test_main_job import place_cart

pytestmark = pytest.mark.browser

GOOD = 25
SHAPES = ("{sku} {q}", "{q} x {sku}", "{sku}\t{q}", "{q} buc {sku}", "{sku}; {q}")


DESK, PHONE = (1280, 800), (390, 844)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def screen(profiles: Profiles, request: pytest.FixtureRequest) -> Page:
    return profiles.take(*request.param).new_page()


@pytest.fixture
def phone(profiles: Profiles) -> Page:
    return profiles.take(*PHONE).new_page()


def fresh(page: Page, what: str) -> Locator:
    """What the last run has drawn: what was in another place before stays beside it until the run is over."""
    return page.locator(f"[data-stale=false] {what}")


@pytest.fixture(scope="module")
def assortment(portal: Portal) -> None:
    make_company()
    for number in range(GOOD):
        make_product(sku=f"SKU-{number:03}", name=f"Produs {number}", stock=500)
    make_product(sku="CAB-5X6", name="Cablu aluminiu armat", stock=500)
    make_product(sku="PR-20", name="Priză dublă albă", stock=500)
    make_product(sku="ADZ-STD-25", unit="sac", multiple=Decimal(1), stock=500)


def mail(scarce: str) -> str:
    lines = [SHAPES[number % 5].format(sku=f"SKU-{number:03}", q=number + 1) for number in range(GOOD)]
    wrong = ["CAB5X6 3", "priza dubla alaba 4", f"{scarce} 20", "SKU-001", "TOTAL 999 lei"]
    return "\n".join(lines[:10] + wrong[:3] + lines[10:] + wrong[3:])


def mend(portal: Portal, page: Page) -> None:
    """One after the other: two suggestions are taken, what is there is taken, one is typed anew, one is taken out."""
    cards = page.locator("[class*=st-key-mend-]")
    for count, act in enumerate(
        [
            lambda: click(page, "CAB-5X6 Cablu aluminiu"),
            lambda: click(page, "PR-20 Priză dublă"),
            lambda: click(page, ro("Take {quantity}").format(quantity="8 buc")),
            lambda: retype(page, "SKU-001 6"),
            lambda: cards.get_by_role("button").last.click(),
        ]
    ):
        expect(cards).to_have_count(5 - count)
        act()
        portal.settle(page)
        if count == 0:
            expect(cards.first).to_be_focused()
        if count == 3:
            expect(cards.locator("input").first).to_be_focused()
    expect(cards).to_have_count(0)
    expect(page.locator(".st-key-quick_add")).to_be_focused()


def click(page: Page, name: str) -> None:
    button = page.locator("[class*=st-key-mend-]").get_by_role("button", name=name)
    expect(button).to_have_count(1)
    button.click()


def retype(page: Page, line: str) -> None:
    field = page.locator("[class*=st-key-mend-] input").first
    field.fill(line)
    field.press("Enter")


@pytest.mark.usefixtures("assortment")
def test_thirty_lines_of_a_mail_are_mended_and_ordered(portal: Portal, screen: Page) -> None:
    page, scarce = screen, make_product(name="Doză aparat", stock=8).sku
    portal.sign_in(page, *portal.add_user(make_partner()), path="/quick-order")
    lines = page.locator("textarea").first  # the new one, where the old one is still going
    lines.fill(mail(scarce))
    page.locator(".st-key-quick_check button").click()
    expect(fresh(page, ".quick-lines tbody tr")).to_have_count(30)
    expect(fresh(page, ".quick-lines tr.fine")).to_have_count(GOOD)
    add = page.locator(".st-key-quick_add button")
    expect(add).to_contain_text(
        fill("Add {count:line|lines} to the cart; to be mended here: {wrong}", "ro", {"count": 25, "wrong": 5})
    )
    add.dblclick()
    expect(page.locator(".st-key-quick_added tbody tr")).to_have_count(GOOD)
    portal.settle(page)
    assert lines.input_value().splitlines() == [
        "CAB5X6 3", "priza dubla alaba 4", f"{scarce} 20", "SKU-001", "TOTAL 999 lei",
    ]  # fmt: skip
    page.reload()
    expect(page.locator("[class*=st-key-mend-]")).to_have_count(5)
    portal.settle(page)
    mend(portal, page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    add.click()
    expect(lines).to_have_value("")
    row = page.locator(".st-key-quick_added tbody tr").filter(has_text="SKU-001")
    expect(row.locator("input")).to_have_value("8")
    order_id = place_cart(portal, page)
    with transaction(SYSTEM) as session:
        ordered = {line.sku: line.quantity for line in order_detail(session, order_id).lines}
    wanted = {f"SKU-{number:03}": Decimal(number + 1) for number in range(GOOD)}
    wanted |= {"SKU-001": Decimal(8), "CAB-5X6": Decimal(3), "PR-20": Decimal(4), scarce: Decimal(8)}
    assert ordered == wanted
    steps.assert_invariants()


def upload(portal: Portal, page: Page, name: str, data: bytes) -> None:
    field = page.locator("input[type=file]")
    if not field.count():
        page.get_by_role("button", name=ro("From a file")).click()
    expect(field).to_have_count(1)  # the one of the file before is gone
    field.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})  # type: ignore[arg-type]
    portal.settle(page)


@pytest.mark.usefixtures("assortment")
def test_files_are_read_a_line_typed_anew_teaches_and_whole_units_are_kept(portal: Portal, phone: Page) -> None:
    page = phone  # the large screen reads a file in the test below
    portal.sign_in(page, *portal.add_user(make_partner()), path="/quick-order")
    lines, cards = page.locator("textarea").first, page.locator("[class*=st-key-mend-]")
    expect(lines).to_be_visible()
    upload(portal, page, "comanda.csv", "Cod;Cantitate\r\nSKU-001;3\r\nZIDAR-0077;6\r\n".encode("cp1250"))
    expect(lines).to_have_value("Cod\tCantitate\nSKU-001\t3\nZIDAR-0077\t6")
    upload(portal, page, "comanda.ods", ods(cells("SKU-002", "4") + cells("ADZ-STD-25", "250 kg")))
    expect(lines).to_have_value(re.compile("SKU-002\t4\nADZ-STD-25\t250 kg$"))
    page.keyboard.press("Escape")
    expect(cards).to_have_count(2)
    retype(page, "ADZ-STD-25\t6")
    expect(page.locator(".st-key-quick_learned")).to_contain_text("zidar-0077")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text(ro("“{typed}”: how many {unit}?").format(typed="250 kg", unit="sac"))
    retype(page, "zidar-0077\t2,5")
    expect(cards).to_have_count(0)
    expect(fresh(page, ".quick-lines")).to_contain_text(ro("whole units only: {quantity}").format(quantity="9"))
    page.locator(".st-key-quick_add button").click()
    expect(page.locator(".st-key-quick_added tbody tr").first).to_be_visible()
    portal.settle(page)
    expect(lines).to_have_value("")
    row = page.locator(".st-key-quick_added tbody tr").filter(has_text="ADZ-STD-25")
    expect(row.locator("input")).to_have_value("9")
    row.locator("input").fill("2,5")
    row.locator("input").press("Enter")
    expect(row.locator("input")).to_have_value("3")
    expect(row).to_contain_text(ro("whole units only: {quantity}").format(quantity="3"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.usefixtures("assortment")
def test_a_workbook_is_read_and_its_columns_are_shown(portal: Portal, page: Page) -> None:
    portal.sign_in(page, *portal.add_user(make_partner()), path="/quick-order")
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([["Cod", "Denumire", "Cantitate"], ["SKU-001", "Unu", 3], ["SKU-002", "Doi", None]]):
            sheet.write_row(at, 0, row)
    page.get_by_role("button", name=ro("From a file")).click()
    file = {"name": "comanda.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": target.getvalue()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("textarea").first).to_have_value("Cod\tDenumire\tCantitate\nSKU-001\tUnu\t3")
    expect(page.locator(".st-key-quick_columns")).to_contain_text("Cantitate")
    expect(fresh(page, ".quick-lines tr.fine")).to_have_count(1)
