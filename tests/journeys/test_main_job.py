"""The product's main job, from the price list to the invoice, over web, worker and scheduler in a real browser."""

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from core import clock
from core.check import run_checks
from core.config import ROOT, settings
from core.money import format_quantity
from tests.core.orders import steps
from tests.factories import make_company, make_partner
from tests.journeys.conftest import Portal, place_cart, quantity_fields, ro, type_quantities
from workers.locks import wait_until

pytestmark = pytest.mark.browser

PRODUCTS = ROOT / "core" / "demo" / "products.csv"


@pytest.fixture(scope="module")
def background(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Worker and scheduler beside the portal's web process."""
    with (tmp_path_factory.mktemp("log") / "background.log").open("wb") as log:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "workers.run", role], cwd=ROOT, env=dict(os.environ), stdout=log, stderr=log
            )
            for role in ("worker", "scheduler")
        ]
        yield
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


def stock_shown(page: Page, row: int) -> Decimal:
    cell = page.locator("td.stock").nth(row)
    expect(cell).to_have_text(re.compile(r"\d"))
    return Decimal(cell.inner_text().replace(".", "").replace(",", "."))


def expect_stock(page: Page, *amounts: Decimal) -> None:
    """The first rows show these amounts, or soon will."""
    for row, amount in enumerate(amounts):
        expect(page.locator("td.stock").nth(row)).to_have_text(format_quantity(amount, "ro"))


def import_products(portal: Portal, page: Page) -> None:
    page.locator("input[type=file]").set_input_files(PRODUCTS)
    page.get_by_role("button", name=ro("Load the file")).click()
    expect(page.get_by_text(ro("{kind}: the file was loaded as a whole.").split("}")[1])).to_be_visible()
    portal.settle(page)


@pytest.mark.usefixtures("background")
def test_a_partner_orders_from_stock_staff_claim_and_invoice_it_and_what_nobody_claims_goes_back(
    portal: Portal, enter: Callable[..., Page]
) -> None:
    make_company()
    partner = make_partner(
        name="Instalații Brașov SRL", discount=Decimal(10), address="Str. Lungă 5", city="Brașov", county="BV"
    )
    buyer, staff = portal.add_user(partner), portal.add_user()

    office = enter(staff, "/staff-imports", by_form=True)
    import_products(portal, office)
    with PRODUCTS.open(encoding="utf-8", newline="") as source:
        assert steps.scalar("select count(*) from product") == len(list(csv.DictReader(source)))

    shop = enter(buyer, by_form=True)
    expect(quantity_fields(shop).nth(2)).to_be_visible()
    before = [stock_shown(shop, row) for row in range(3)]
    names = shop.locator("a.name").all_inner_texts()[:3]
    assert min(before) >= 3
    type_quantities(shop, 1, 2, 3)
    shop.reload()
    portal.settle(shop)
    expect(quantity_fields(shop).nth(2)).to_have_value("3")
    order = place_cart(portal, shop)
    expect(quantity_fields(shop).first).to_have_value("")
    expect_stock(shop, before[0] - 1, before[1] - 2, before[2] - 3)
    assert steps.scalar("select count(*) from orders") == 1

    mails = Path(settings().data_dir) / "mail"
    assert wait_until(lambda: len(list(mails.glob("*.eml"))) == 2, seconds=40)
    assert {path.name.partition("-")[2] for path in mails.glob("*.eml")} == {
        "comenzi@depozit.example.eml",
        f"{buyer[0]}.eml",
    }

    portal.open(office, "/staff-queue")
    office.get_by_role("button", name=ro("Claim"), exact=True).click()
    expect(office.get_by_text(ro("Order {number} is yours.").format(number=order))).to_be_visible()
    portal.open(office, f"/staff-orders?order={order}")
    office.get_by_role("button", name=ro("Issue the invoice")).click()
    expect(office.get_by_text("FCT 00001").first).to_be_visible()
    office.get_by_role("button", name=ro("Goods have left")).click()
    expect(office.get_by_text(ro("Shipped"), exact=True)).to_be_visible()
    assert steps.status(order) == "shipped"

    portal.open(shop, "/documents")
    expect(shop.get_by_text("FCT 00001").first).to_be_attached()
    document = steps.scalar("select id from document")
    answer = shop.context.request.get(f"{portal.url}/documents/{document}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    read = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.body())).pages)
    for expected in [
        "FCT",
        "00001",
        "Depozitul Țării SRL",
        "Instalații Brașov SRL",
        "Str. Șoimului 1",
        *filter(None, names),
    ]:
        assert " ".join(expected.split()) in " ".join(read.split())
    stranger = enter(portal.add_user(make_partner()))
    assert stranger.context.request.get(f"{portal.url}/documents/{document}.pdf").status == 404

    portal.open(shop, "/catalog")
    type_quantities(shop, 2)
    second = place_cart(portal, shop)
    expect_stock(shop, before[0] - 3)
    assert steps.lapse(clock.now() + timedelta(hours=25)) == 1
    portal.open(shop, f"/orders?order={second}")
    expect(shop.get_by_text(ro("Lapsed"), exact=True)).to_be_visible()
    portal.open(shop, "/catalog")
    expect_stock(shop, before[0] - 1)
    assert {name: found for name, found in run_checks().items() if found} == {}
