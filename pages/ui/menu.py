"""All pages, and who finds which of them in the menu."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from core.i18n import N_
from core.permissions import may
from core.principal import Principal
from pages.ui.text import _

Side = Literal["partner", "staff", "both", "public"]


class Entry(NamedTuple):
    """A page for those on `side` who may do one of `actions` (keys of core.permissions.PERMISSIONS).

    One that is not `listed` is reached from others: it shows one thing, which the address names.
    """

    side: Side
    file: str
    url: str
    title: str
    icon: str
    actions: tuple[str, ...] = ()
    listed: bool = True


FIRST_STEPS = "staff-start"
"""Opens always, and stands in the menu only while the first steps are open."""

PAGES = (
    Entry("partner", "pages/partner/catalog.py", "catalog", N_("Catalog"), "storefront", ("catalog.see",)),
    Entry("partner", "pages/partner/product.py", "product", N_("Product"), "package_2", ("catalog.see",), listed=False),
    Entry("partner", "pages/partner/quick_order.py", "quick-order", N_("Quick order"), "bolt", ("orders.place",)),
    Entry("partner", "pages/partner/lists.py", "lists", N_("My lists"), "bookmarks", ("catalog.see",)),
    Entry("partner", "pages/partner/orders.py", "orders", N_("Orders"), "shopping_cart", ("orders.see",)),
    Entry("partner", "pages/partner/documents.py", "documents", N_("Documents"), "description", ("documents.see",)),
    Entry("partner", "pages/partner/purchases.py", "purchases", N_("My purchases"), "bar_chart", ("orders.see",)),
    Entry("partner", "pages/partner/messages.py", "messages", N_("Messages"), "forum", ("messages.see",)),
    Entry("partner", "pages/partner/exports.py", "exports", N_("Exports"), "download", ("exports.make",)),
    Entry("partner", "pages/partner/colleagues.py", "colleagues", N_("Colleagues"), "group", ("colleagues.manage",)),
    Entry("staff", "pages/staff/start.py", "staff-start", N_("First steps"), "flag", ("settings.edit",)),
    Entry(
        "staff", "pages/staff/claim_queue.py", "staff-queue", N_("Orders to claim"), "pending_actions",
        ("orders.claim",),
    ),
    Entry("staff", "pages/staff/orders.py", "staff-orders", N_("Orders"), "list_alt", ("orders.see",)),
    Entry("staff", "pages/staff/invoices.py", "staff-invoices", N_("Documents"), "receipt_long", ("documents.see",)),
    Entry(
        "staff", "pages/staff/receivables.py", "staff-receivables", N_("Receivables"), "account_balance",
        ("documents.see",),
    ),
    Entry("staff", "pages/staff/reports.py", "staff-reports", N_("Reports"), "monitoring", ("reports.see",)),
    Entry("staff", "pages/staff/messages.py", "staff-messages", N_("Messages"), "forum", ("messages.see",)),
    Entry("staff", "pages/staff/products.py", "staff-products", N_("Products"), "inventory_2", ("products.see",)),
    Entry("staff", "pages/staff/partners.py", "staff-partners", N_("Partners"), "handshake", ("partners.see",)),
    Entry("staff", "pages/staff/prices.py", "staff-prices", N_("Price lists"), "sell", ("prices.see",)),
    Entry(
        "staff", "pages/staff/price_rules.py", "staff-price-rules", N_("Discounts and promotions"), "percent",
        ("prices.see",),
    ),
    Entry("staff", "pages/staff/price_check.py", "staff-price-check", N_("Why this price"), "help_center",
          ("prices.see",)),
    Entry("staff", "pages/staff/exports.py", "staff-exports", N_("Exports"), "download", ("exports.make",)),
    Entry("staff", "pages/staff/imports.py", "staff-imports", N_("Import"), "upload_file", ("imports.run",)),
    Entry("staff", "pages/staff/mails.py", "staff-mails", N_("Mails"), "mail", ("mails.see",)),
    Entry("staff", "pages/staff/users.py", "staff-users", N_("Staff"), "badge", ("staff.manage",)),
    Entry("staff", "pages/staff/audit.py", "staff-audit", N_("Audit"), "history", ("audit.see",)),
    Entry("staff", "pages/staff/settings.py", "staff-settings", N_("Settings"), "settings", ("settings.edit",)),
    # Whoever sees orders: everybody.
    Entry("both", "pages/both/guides.py", "guides", N_("Guides"), "menu_book", ("orders.see",)),
    Entry("both", "pages/both/account.py", "account", N_("My account"), "manage_accounts", ("account.own",)),
    Entry("public", "pages/public/set_up.py", "set-up", N_("Set up the portal"), "flag"),
    Entry("public", "pages/public/set_password.py", "set-password", N_("Set a password"), "key"),
    Entry("public", "pages/public/forgot_password.py", "forgot-password", N_("Forgot your password?"), "key"),
    Entry("public", "pages/public/confirm_email.py", "confirm-email", N_("Confirm an e-mail address"), "mail"),
    Entry("public", "pages/public/ask_access.py", "ask-access", N_("Ask for access"), "handshake"),
)  # fmt: skip


def opens(entry: Entry, principal: Principal | None) -> bool:
    """May the principal (None: nobody is signed in) open this page?"""
    if entry.side == "public":
        return True
    if principal is None or entry.side not in ("both", principal.kind):
        return False
    return may(principal, *entry.actions)


def menu_title(entry: Entry, counts: Mapping[str, int | None]) -> str:
    """A page's name in the menu, with how much waits there: `counts` are by address, None or 0 to go without."""
    waiting = counts.get(entry.url)
    return f"{_(entry.title)} ({waiting})" if waiting else _(entry.title)


def start_page(principal: Principal, *, steps_open: bool = False) -> Entry:
    """Where the principal begins: the first page that opens; everybody has an account, and viewers have more.

    At the first steps while these are open (`steps_open`).
    """
    return next(entry for entry in PAGES if opens(entry, principal) and (steps_open or entry.url != FIRST_STEPS))
