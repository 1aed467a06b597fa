"""Pictures of every page, taken from a running demo: `.venv/bin/python docs/screenshots/take.py [ADDRESS]`.

Needs Chromium. Printed documents: documents.py. Every picture is Romanian unless its name ends in `-en`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501"
FOLDER = Path(__file__).parent
STAFF = ("admin@rampa.example", "rampa-birou-24")
PARTNER = ("comenzi@electro-ardelia.example", "rampa-partener-24")
PROPOSED = ("aprovizionare@casa-zidarului.example", "rampa-partener-24")
PRODUCT, SKU = 30, "SIG-C25-1P"
LINES = "SIG-C25-1P 12\n24 x CON-FY-15-NG\nACU-18-4AH; 900\nCAB-TYIR-2X61 100\n2 buc intrerupator"
WIDE, PHONE = {"width": 1360, "height": 850}, {"width": 390, "height": 844}


def main() -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        with visit(chromium, None) as page:
            shoot(page, "login", "/")
            shoot(page, "ask-access", "/ask-access")
        with visit(chromium, PARTNER) as page:
            partner_pages(page)
        with visit(chromium, PARTNER, PHONE) as page:
            shoot(page, "partner-catalog-phone", "/catalog")
            shoot(page, "partner-product-phone", f"/product?product={PRODUCT}")
            quick_order(page, "-phone")
            shoot(page, "partner-documents-phone", "/documents")
            shoot(page, "account-phone", "/account")
        with visit(chromium, PROPOSED) as page:
            shoot(page, "partner-proposal", f"/orders?order={newest_order(page)}")
        with visit(chromium, STAFF) as page:
            staff_pages(page)
        chromium.close()


def partner_pages(page: Page) -> None:
    shoot(page, "partner-catalog", "/catalog")
    page.locator(".st-key-open_cart button:visible").click()
    shoot(page, "partner-cart")
    shoot(page, "partner-product", f"/product?product={PRODUCT}")
    quick_order(page)
    shoot(page, "partner-lists", "/lists")
    shoot(page, "partner-orders", "/orders")
    shoot(page, "partner-order", f"/orders?order={newest_order(page)}")
    shoot(page, "partner-documents", "/documents")
    shoot(page, "partner-messages", "/messages")
    shoot(page, "partner-exports", "/exports")
    shoot(page, "partner-colleagues", "/colleagues")
    shoot(page, "account", "/account")
    shoot(page, "partner-no-access", "/staff-orders")
    page.get_by_text("English").click()
    settle(page)
    shoot(page, "partner-catalog-en", "/catalog")
    quick_order(page, "-en")
    page.get_by_text("Română").click()
    settle(page)


def staff_pages(page: Page) -> None:
    for name in (
        "queue",
        "orders",
        "invoices",
        "receivables",
        "reports",
        "messages",
        "exports",
        "products",
        "prices",
        "price-rules",
        "partners",
        "imports",
        "mails",
        "users",
        "audit",
        "settings",
    ):
        shoot(page, f"staff-{name}", f"/staff-{name}")
    page.goto(f"{ADDRESS}/staff-mails")
    settle(page)
    page.get_by_role("tab", name="Texte").click()
    shoot(page, "staff-mail-texts")
    shoot(page, "staff-price-list", "/staff-prices?list=1")
    shoot(page, "staff-price-check", f"/staff-price-check?partner=P1001&sku={SKU}&quantity=24")
    page.goto(f"{ADDRESS}/staff-products?search={SKU}")
    settle(page)
    page.get_by_test_id("stDataFrame").click(position={"x": 16, "y": 55})
    shoot(page, "staff-product")
    shoot(page, "staff-order", f"/staff-orders?order={newest_order(page)}")
    shoot(page, "staff-document", "/staff-invoices?document=5")
    shoot(page, "staff-new-document", "/staff-invoices?document=new")
    page.get_by_text("English").click()
    settle(page)
    shoot(page, "staff-price-list-en", "/staff-prices?list=1")
    page.get_by_text("Română").click()
    settle(page)


def quick_order(page: Page, name: str = "") -> None:
    """Lines as people write them, some of which are to be mended."""
    page.goto(ADDRESS + "/quick-order")
    settle(page)
    page.locator("textarea").fill(LINES)
    page.locator(".st-key-quick_check button").click()
    shoot(page, f"partner-quick-order{name}")


def newest_order(page: Page) -> int:
    """The number in the first row of the list of orders that is shown, or was shown last."""
    page.goto(ADDRESS + ("/staff-orders" if "staff" in page.url else "/orders"))
    settle(page)
    return int(page.get_by_test_id("glide-cell-1-0").last.inner_text())  # a cart to approve may stand above


@contextmanager
def visit(chromium: Browser, who: tuple[str, str] | None, size: dict[str, int] = WIDE) -> Iterator[Page]:
    context = chromium.new_context(viewport=size, locale="ro-RO")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(ADDRESS)
    form = page.get_by_test_id("stForm")
    form.wait_for()
    settle(page)
    if who:
        form.locator("input[type=text]").fill(who[0])
        form.locator("input[type=password]").fill(who[1])
        form.locator("input[type=password]").press("Enter")
        page.get_by_test_id("stSidebarUserContent").wait_for(state="attached")
        settle(page)
    yield page
    context.close()


def shoot(page: Page, name: str, path: str | None = None) -> None:
    if path:
        page.goto(ADDRESS + path)
    settle(page)
    page.screenshot(path=FOLDER / f"{name}.png")


def settle(page: Page) -> None:
    page.wait_for_timeout(800)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=20_000)
    page.wait_for_timeout(500)


main()
