"""What the kinds of event are called, and their data as something that can be read.

Every kind that is recorded anywhere stands here: tests/core/test_audit.py compares.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from core.audit_fields import HIDDEN
from core.i18n import N_

GROUPS = {
    "logins": {
        "user_signed_in": N_("Logged in"),
        "user_signed_out": N_("Logged out"),
        "new_sign_in": N_("Logged in from an unknown browser"),
        "login_failures": N_("Several wrong passwords in a row"),
        "recovery_code_used": N_("Logged in with a recovery code"),
        "second_factor_set_up": N_("Second factor set up"),
        "second_factor_removed": N_("Second factor removed"),
        "recovery_codes_renewed": N_("New recovery codes"),
        "user_password_changed": N_("New password"),
        "password_reset_asked": N_("Link for a new password asked for"),
        "partner_viewed": N_("Saw the portal as the partner"),
        "partner_view_ended": N_("Stopped seeing it as the partner"),
        "ordering_for_started": N_("Began to order for the partner"),
        "ordering_for_ended": N_("Stopped ordering for the partner"),
    },
    "people": {
        "user_created": N_("User created"),
        "user_invited": N_("User invited"),
        "invitation_revoked": N_("Invitation taken back"),
        "user_blocked": N_("User blocked"),
        "user_unblocked": N_("User let in again"),
        "user_role_changed": N_("Role or spending limit changed"),
        "user_renamed": N_("Name changed"),
        "email_change_asked": N_("Another e-mail address asked for"),
        "user_email_changed": N_("E-mail address changed"),
        "user_mails_chosen": N_("Chose which mails to get"),
        "user_erased": N_("Person erased"),
    },
    "partners": {
        "partner_proposed": N_("Asked for access"),
        "partner_proposed_again": N_("Asked for access again"),
        "partner_refused": N_("Request for access refused"),
        "partner_created": N_("Partner entered"),
        "partner_status_changed": N_("Partner's status changed"),
        "partner_changed": N_("Partner changed"),
        "price_list_taken": N_("Own price list taken out"),
        "own_price_set": N_("Own price agreed"),
        "own_price_removed": N_("Own price ended"),
        "limit_pass_granted": N_("One order above the limits allowed"),
        "limit_pass_withdrawn": N_("Order above the limits no longer allowed"),
    },
    "orders": {
        "approval_asked": N_("Approval of an order asked for"),
        "approval_refused": N_("Approval of an order refused"),
        "order_placed": N_("Order placed"),
        "order_assigned": N_("Order held for a colleague"),
        "order_claimed": N_("Order claimed"),
        "order_given_back": N_("Order given back to the queue"),
        "order_extended": N_("More time asked for an order"),
        "order_waiting_long": N_("Order waits long"),
        "change_proposed": N_("Change of an order proposed"),
        "change_answered": N_("Proposed change answered"),
        "change_withdrawn": N_("Proposed change taken back"),
        "backorder_filled": N_("Goods on backorder have come"),
        "order_part_shipped": N_("Part of the goods shipped"),
        "order_shipped": N_("Goods shipped"),
        "order_part_cancelled": N_("Part of an order cancelled"),
        "order_cancelled": N_("Order cancelled"),
        "order_lapsed": N_("Order lapsed"),
        "order_revived": N_("Lapsed order taken up again"),
        "order_purged": N_("Lapsed order removed"),
        "prepayment_waived": N_("Order goes out without payment first"),
    },
    "documents": {
        "invoice_issued": N_("Invoice issued"),
        "proforma_issued": N_("Proforma issued"),
        "storno_issued": N_("Storno issued"),
        "receipt_issued": N_("Receipt issued"),
        "delivery_note_issued": N_("Delivery note issued"),
        "issue_run_started": N_("Invoices of many orders asked for"),
        "opening_recorded": N_("Document from the previous program loaded"),
        "document_annulled": N_("Document annulled"),
        "advance_kept": N_("Advance invoice of an ended order not taken back"),
        "series_added": N_("Series of documents added"),
        "series_changed": N_("Series of documents changed"),
        "payment_recorded": N_("Payment recorded"),
        "payment_undone": N_("Payment taken back"),
        "bank_statement_imported": N_("Bank statement loaded"),
        "bank_mapping_saved": N_("Columns of a bank's table told apart"),
        "bank_entry_booked": N_("Entry of a bank statement booked"),
        "bank_entry_set_aside": N_("Entry of a bank statement set aside"),
        "bank_entry_reopened": N_("Entry of a bank statement taken up again"),
        "credit_used": N_("Credit used"),
        "credit_refunded": N_("Credit paid back"),
        "debt_written_off": N_("Debt written off"),
        "dispute_opened": N_("Invoice disputed"),
        "dispute_ended": N_("Dispute of an invoice ended"),
        "reminder_sent": N_("Reminder of overdue invoices sent"),
        "statement_sent": N_("Monthly statement announced"),
        "anaf_accepted": N_("Accepted by ANAF"),
        "anaf_refused": N_("Refused by ANAF"),
        "anaf_sent_again": N_("Sent to ANAF again"),
        "anaf_late": N_("Invoices soon late, or late, at ANAF"),
    },
    "goods": {
        "product_created": N_("Product entered"),
        "product_changed": N_("Product changed"),
        "picture_added": N_("Picture added to a product"),
        "picture_removed": N_("Picture of a product deleted"),
        "pictures_ordered": N_("Pictures of a product put in another order"),
        "file_added": N_("File added to a product"),
        "file_removed": N_("File of a product deleted"),
        "category_renamed": N_("Category renamed"),
        "category_removed": N_("Category deleted"),
        "stock_back": N_("Awaited goods are there"),
        "stock_low": N_("Stock runs low"),
        "imported": N_("File imported"),
        "import_undone": N_("Import undone"),
        "import_failed": N_("File that came by itself not loaded"),
    },
    "prices": {
        "price_list_created": N_("Price list made"),
        "price_list_changed": N_("Price list changed"),
        "price_list_copied": N_("Price list copied"),
        "price_list_deleted": N_("Price list deleted"),
        "prices_set": N_("Prices of a list changed"),
        "prices_added": N_("Products put in a price list"),
        "prices_raised": N_("Prices of a list raised or lowered"),
        "prices_withdrawn": N_("Planned prices taken back"),
        "group_added": N_("Group of partners made"),
        "group_changed": N_("Group of partners changed"),
        "group_removed": N_("Group of partners deleted"),
        "discount_added": N_("Discount given"),
        "discount_changed": N_("Discount changed"),
        "discount_removed": N_("Discount deleted"),
        "promotion_added": N_("Promotion planned"),
        "promotion_changed": N_("Promotion changed"),
        "promotion_prices_set": N_("Prices of a promotion changed"),
        "promotion_filled": N_("Products put in a promotion"),
        "promotion_removed": N_("Promotion deleted"),
    },
    "settings": {
        "settings_changed": N_("Settings changed"),
        "vat_rate_planned": N_("VAT rate planned"),
        "vat_rate_dropped": N_("Planned VAT rate taken back"),
        "terms_published": N_("Terms and conditions published"),
        "terms_accepted": N_("Terms and conditions accepted"),
        "first_steps_put_away": N_("First steps put away"),
        "first_steps_brought_back": N_("First steps brought back"),
        "demo_loaded": N_("Demo company loaded"),
        "demo_clock_moved": N_("Clock of the demo moved"),
        "import_source_changed": N_("Where files come from by themselves changed"),
        "import_source_removed": N_("Files of a source come by themselves no more"),
        "anaf_connected": N_("Connected to ANAF"),
        "anaf_disconnected": N_("Disconnected from ANAF"),
        "anaf_lost": N_("Connection to ANAF lost"),
        "export_asked": N_("Export asked for"),
        "export_ready": N_("Export made"),
        "job_failed": N_("Background job failed"),
    },
    "messages": {
        "message_planned": N_("Message planned for a later day"),
        "message_changed": N_("Planned message changed"),
        "message_posted": N_("Message shown to partners"),
        "message_withdrawn": N_("Message withdrawn"),
        "message_confirmed": N_("Message confirmed"),
        "message_reminded": N_("Reminded of a message"),
        "thread_written": N_("Written in a conversation"),
    },
    "mails": {
        "mail_sent_again": N_("Mail sent again"),
        "mail_words_changed": N_("Words of a mail changed"),
        "mail_tried": N_("Mail sent to oneself, to look at it"),
        "mails_gathered": N_("Mails of a day put into one"),
    },
}
"""Group → kind of event → what happened, in words."""

GROUP_NAMES = {
    "logins": N_("Log-ins"),
    "people": N_("People"),
    "partners": N_("Partners"),
    "orders": N_("Orders"),
    "documents": N_("Documents"),
    "goods": N_("Products and stock"),
    "prices": N_("Prices"),
    "settings": N_("Settings"),
    "messages": N_("Messages"),
    "mails": N_("Mails"),
}
"""What the groups are called."""
KINDS = {kind: words for kinds in GROUPS.values() for kind, words in kinds.items()}

_CHANGED = {"user_renamed": "name", "user_email_changed": "email", "partner_status_changed": "status"}
"""What `old` and `new` are of an event of this kind."""


SYSTEM = N_("The system")
VISITOR = N_("Somebody not logged in")
"""Who did it, where it was nobody with a name: only of a visitor is there an IP address."""


class Detail(NamedTuple):
    """A field (a key of FIELDS where it is known) and its value; `old` where it took the place of another."""

    field: str
    old: str | None
    new: str


def details(kind: str, data: dict[str, Any]) -> list[Detail]:
    """The data of an event of a kind, without what is empty and what did not change."""
    return [detail for detail in _told(kind, data) if detail.new != (detail.old or "")]


def _told(kind: str, data: dict[str, Any]) -> Iterator[Detail]:
    if "old" in data:
        yield Detail(_CHANGED.get(kind, "old"), _said(data["old"]), _said(data.get("new")))
    for field, value in data.items():
        if field == "changes":
            yield from (Detail(name, _said(old), _said(new)) for name, (old, new) in value.items())
        elif field in ("role", "limit") and isinstance(value, list):
            yield Detail(field, *map(_said, value))
        elif field not in HIDDEN and field not in ("old", "new"):
            yield Detail(field, None, _said(value))


def _said(value: Any) -> str:
    """Lists one after the other, also those that were written down as Python writes them."""
    if isinstance(value, list):
        return ", ".join(_goods(part) if isinstance(part, dict) else str(part) for part in value)
    listed = _LIST.fullmatch(str(value))
    return "" if value is None else listed[1].replace("'", "") if listed else str(value)


def _goods(line: dict[str, Any]) -> str:
    """`SKU: 3 buc`, and `SKU: 2/3 buc` where only two of three wanted were there."""
    amounts = [str(line[name]) for name in ("quantity", "available", "wanted") if name in line]
    return f"{line.get('sku', '')}: {'/'.join(amounts)} {line.get('unit', '')}".strip()


_LIST = re.compile(r"\[((?:'[^']*'(?:, )?)*)\]")
