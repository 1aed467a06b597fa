"""The pictures of the guides, in the order of their steps: some do what the guide tells, and the next one shows it.

Nothing here is found by its words: they differ in the two languages.
"""

from collections.abc import Callable

from playwright.sync_api import Page

from workers.screenshots.camera import Shot, Who, nothing, settle
from workers.screenshots.page_shots import LINES, SKU, check_lines, open_cart, open_newest

TITLE_TO_TABLE = "h1, h2, [data-testid=stDataFrame]"
CLAIMED = "/staff-orders?order=1234"
AMOUNT = "5000"
TITLE, TEXT = "Program de sărbători", "În **24–27 decembrie** nu livrăm. Ultimele comenzi pleacă pe 23 decembrie."


def later(page: Page) -> None:
    """Put off the message that stands above every page of the partner."""
    button = page.locator("[class*=st-key-later-] button")
    if button.count():
        button.first.click()
        settle(page)


def search_catalog(page: Page) -> None:
    later(page)
    page.locator(".st-key-catalog_q input").fill("priza")
    settle(page)


def type_quantity(page: Page) -> None:
    search_catalog(page)
    page.locator(".st-key-catalog input").first.fill("12")
    page.keyboard.press("Tab")


def place_order(page: Page) -> None:
    later(page)
    open_cart(page)
    settle(page)
    page.locator(".st-key-place_order button").click()
    settle(page)


def look_at_cart(page: Page) -> None:
    later(page)
    open_cart(page)


def look_at_newest(page: Page) -> None:
    later(page)
    open_newest(page)


def paste_lines(page: Page) -> None:
    later(page)
    page.locator("textarea").fill(LINES)


def check(page: Page) -> None:
    later(page)
    check_lines(page)


def add_lines(page: Page) -> None:
    check(page)
    page.locator(".st-key-quick_add button").click()


def show_overdue(page: Page) -> None:
    later(page)
    page.locator(".st-key-my_state button").nth(2).click()


def show_tab(number: int) -> Callable[[Page], None]:
    """Opens the tab of this number, counted from 0."""

    def show(page: Page) -> None:
        later(page)
        page.get_by_role("tab").nth(number).click()

    return show


def tick_two(page: Page) -> None:
    for number in (0, 1):
        page.locator("[class*=st-key-tick-1] label").nth(number).click()
        settle(page)


def ask_colleague(page: Page) -> None:
    page.locator("[class*=st-key-assign_] button").first.click()


def ask_raise(page: Page) -> None:
    page.locator(".st-key-section-1 button").nth(3).click()
    settle(page)
    page.locator("[data-testid=stForm] [class*=-value] input").fill("3")
    page.locator("[data-testid=stForm] [class*=st-key-FormSubmitter] button").click()


def show_promotions(page: Page) -> None:
    page.locator(".st-key-rules_tab button").nth(1).click()


def enter_partner(page: Page) -> None:
    page.locator(".st-key-new_partner_open button").click()


def type_payment(page: Page) -> None:
    page.locator("[class*=st-key-debts-pay-] button").first.click()
    settle(page)
    page.locator("[data-testid=stPopoverBody] input").first.fill(AMOUNT)
    page.evaluate("document.activeElement.blur()")


def write_message(page: Page) -> None:
    page.get_by_role("tab").nth(2).click()
    settle(page)
    page.get_by_role("tabpanel").locator("input[type=text]").first.fill(TITLE)
    page.get_by_role("tabpanel").locator("textarea").first.fill(TEXT)
    page.keyboard.press("Tab")


def shot(name: str, who: Who, path: str, part: str, prepare: Callable[[Page], None] = nothing, height: int = 0) -> Shot:
    """A picture of a guide."""
    return Shot(name, who, path, prepare, part, "guide", height)


GUIDE_SHOTS = (
    shot("first-order-search", "partner", "/catalog", ".st-key-catalog_filters, .st-key-catalog", search_catalog, 470),
    shot("first-order-quantity", "partner", "/catalog", ".st-key-catalog", type_quantity, 190),
    shot("first-order-cart", "partner", "/catalog", "[role=dialog]", look_at_cart, 900),
    shot("first-order-placed", "partner", "/catalog", "[data-testid=stAlertContainer]", place_order),
    shot("first-order-order", "partner", "/orders", TITLE_TO_TABLE, look_at_newest),
    shot("quick-order-paste", "partner", "/quick-order", ".st-key-quick_field, .st-key-quick_actions", paste_lines),
    shot("quick-order-checked", "partner", "/quick-order", ".st-key-quick_actions, .st-key-quick_sum", check),
    shot("quick-order-mend", "partner", "/quick-order", "[class*=st-key-mend-]", check, 300),
    shot("quick-order-added", "partner", "/quick-order", ".st-key-quick_added", add_lines),
    shot(
        "documents-balance",
        "partner",
        "/documents",
        "h1, [data-testid=stMetric], [data-testid=stExpander], [data-testid=stProgress]",
        later,
    ),
    shot("documents-list", "partner", "/documents", ".st-key-my_filters, [data-testid=stDataFrame]", show_overdue, 560),
    shot("documents-paying", "partner", "/documents", "[role=tabpanel]", show_tab(2)),
    shot("documents-statement", "partner", "/documents", "[role=tabpanel]", show_tab(1), 520),
    shot("claim-queue-row", "staff", "/staff-queue", "[class*=st-key-queue_order_]", height=128),
    shot(
        "claim-queue-tick",
        "staff",
        "/staff-queue",
        ".st-key-queue_bulk, [class*=st-key-queue_order_]",
        tick_two,
        360,
    ),
    shot("claim-queue-hold", "staff", "/staff-queue", "[class*=st-key-queue_order_]", ask_colleague, 340),
    shot("claim-queue-order", "staff", CLAIMED, TITLE_TO_TABLE),
    shot("prices-lists", "staff", "/staff-prices", TITLE_TO_TABLE),
    shot("prices-sheet", "staff", "/staff-prices?list=1", ".st-key-section-1, [class*=st-key-sheet-1]", height=620),
    shot(
        "prices-raise",
        "staff",
        "/staff-prices?list=1",
        ".st-key-section-1, [data-testid=stForm], [data-testid=stMetric]",
        ask_raise,
    ),
    shot("prices-promotions", "staff", "/staff-price-rules", TITLE_TO_TABLE, show_promotions),
    shot(
        "prices-why",
        "staff",
        f"/staff-price-check?partner=P1001&sku={SKU}&quantity=24",
        "h1, .st-key-price_figures, .st-key-price_rule_links",
    ),
    shot("partners-list", "staff", "/staff-partners", TITLE_TO_TABLE, height=480),
    shot("partners-new", "staff", "/staff-partners", "[data-testid=stForm]", enter_partner),
    shot("partners-terms", "staff", "/staff-partners?partner=1", ".st-key-partner_status, .st-key-tab", height=640),
    shot("partners-users", "staff", "/staff-partners?partner=1", ".st-key-tab", show_tab(3), 460),
    shot("invoices-order", "staff", CLAIMED, TITLE_TO_TABLE, height=230),
    shot("invoices-document", "staff", "/staff-invoices?document=5", TITLE_TO_TABLE),
    shot("invoices-many", "staff", "/staff-invoices?document=many", "h1, [class*=st-key-FormSubmitter]"),
    shot("invoices-payment", "staff", "/staff-receivables?partner=1", "[data-testid=stPopoverBody]", type_payment),
    shot("invoices-receivables", "staff", "/staff-receivables", TITLE_TO_TABLE, height=760),
    shot("messages-new", "staff", "/staff-messages", "[role=tabpanel]", write_message, 372),
    shot("messages-importance", "staff", "/staff-messages", "[data-testid=stRadio]", write_message),
    shot("messages-receipts", "staff", "/staff-messages?message=1", TITLE_TO_TABLE),
    shot("messages-conversations", "staff", "/staff-messages", ".st-key-messages_tab", show_tab(1), 420),
)
