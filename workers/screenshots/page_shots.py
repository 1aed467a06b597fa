"""The pictures of whole pages in docs/screenshots."""

from playwright.sync_api import Page

from workers.screenshots.camera import Shot, settle

PRODUCT, SKU = "/product?product=30", "SIG-C25-1P"
LINES = f"{SKU} 12\n24 x CON-FY-15-NG\nACU-18-4AH; 900\nCAB-TYIR-2X61 100\n2 buc intrerupator"
STAFF_PAGES = (
    "queue", "orders", "invoices", "receivables", "reports", "messages", "exports", "products", "prices",
    "price-rules", "partners", "imports", "mails", "users", "audit", "settings",
)  # fmt: skip


def open_cart(page: Page) -> None:
    """The cart, from the foot of the page."""
    page.locator(".st-key-open_cart button:visible").click()


def check_lines(page: Page) -> None:
    """Lines as people write them, some of which are to be mended."""
    page.locator("textarea").fill(LINES)
    page.locator(".st-key-quick_check button").click()
    settle(page)


def open_newest(page: Page) -> None:
    """The order in the first row of the list; a cart to approve may stand above."""
    number = page.get_by_test_id("glide-cell-1-0").last.inner_text()
    page.goto(page.url.partition("?")[0] + f"?order={number}")


def open_first_product(page: Page) -> None:
    page.get_by_test_id("stDataFrame").click(position={"x": 16, "y": 55})


def second_tab(page: Page) -> None:
    page.get_by_role("tab").nth(1).click()


PAGE_SHOTS = (
    Shot("login", "nobody", "/"),
    Shot("ask-access", "nobody", "/ask-access"),
    Shot("partner-catalog", "partner", "/catalog"),
    Shot("partner-cart", "partner", "/catalog", open_cart),
    Shot("partner-product", "partner", PRODUCT),
    Shot("partner-quick-order", "partner", "/quick-order", check_lines),
    Shot("partner-lists", "partner", "/lists"),
    Shot("partner-orders", "partner", "/orders"),
    Shot("partner-order", "partner", "/orders", open_newest),
    Shot("partner-documents", "partner", "/documents"),
    Shot("partner-messages", "partner", "/messages"),
    Shot("partner-exports", "partner", "/exports"),
    Shot("partner-colleagues", "partner", "/colleagues"),
    Shot("partner-no-access", "partner", "/staff-orders"),
    Shot("partner-guide", "partner", "/guides?guide=first-order"),
    Shot("account", "partner", "/account"),
    Shot("partner-catalog-phone", "partner", "/catalog", size="phone"),
    Shot("partner-product-phone", "partner", PRODUCT, size="phone"),
    Shot("partner-quick-order-phone", "partner", "/quick-order", check_lines, size="phone"),
    Shot("partner-documents-phone", "partner", "/documents", size="phone"),
    Shot("partner-help-phone", "partner", "/documents", lambda page: page.locator(".how").click(), size="phone"),
    Shot("account-phone", "partner", "/account", size="phone"),
    Shot("partner-proposal", "proposed", "/orders", open_newest),
    *(Shot(f"staff-{name}", "staff", f"/staff-{name}") for name in STAFF_PAGES),
    Shot("staff-mail-texts", "staff", "/staff-mails", second_tab),
    Shot("staff-price-list", "staff", "/staff-prices?list=1"),
    Shot("staff-price-check", "staff", f"/staff-price-check?partner=P1001&sku={SKU}&quantity=24"),
    Shot("staff-product", "staff", f"/staff-products?search={SKU}", open_first_product),
    Shot("staff-order", "staff", "/staff-orders", open_newest),
    Shot("staff-document", "staff", "/staff-invoices?document=5"),
    Shot("staff-new-document", "staff", "/staff-invoices?document=new"),
    Shot("staff-guides", "staff", "/guides"),
    Shot("partner-catalog-en", "partner", "/catalog"),
    Shot("partner-quick-order-en", "partner", "/quick-order", check_lines),
    Shot("partner-guide-en", "partner", "/guides?guide=quick-order"),
    Shot("staff-price-list-en", "staff", "/staff-prices?list=1"),
    Shot("staff-queue-en", "staff", "/staff-queue"),
)
