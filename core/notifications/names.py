"""What staff call the mails: grouped by whom they go to."""

from core.i18n import N_

NAMES: dict[str, dict[str, str]] = {
    N_("To partners, about orders"): {
        "order_confirmed": N_("Order received"),
        "order_claimed": N_("Order taken over"),
        "order_waiting": N_("Order not taken over yet"),
        "order_unpaid": N_("Order not paid yet"),
        "order_shipped": N_("Goods on their way"),
        "order_part_cancelled": N_("Part of an order cancelled"),
        "order_cancelled": N_("Order cancelled"),
        "order_lapsed": N_("Order lapsed"),
        "order_revived": N_("Lapsed order taken up again"),
        "change_proposed": N_("Change of an order proposed"),
        "backorder_filled": N_("Goods on backorder have come"),
        "stock_back": N_("Awaited goods are there"),
        "approval_asked": N_("Approval of an order asked for"),
        "approval_refused": N_("Approval of an order refused"),
    },
    N_("To partners, about money"): {
        "invoice_issued": N_("Invoice issued"),
        "proforma_issued": N_("Proforma issued"),
        "storno_issued": N_("Storno issued"),
        "payment_received": N_("Payment received"),
        "reminder_sent": N_("Reminder of overdue invoices"),
        "statement_sent": N_("Monthly statement"),
    },
    N_("Messages and conversations"): {
        "message_posted": N_("New message"),
        "message_to_confirm": N_("Message to be confirmed"),
        "message_reminded": N_("Message not read or confirmed yet"),
        "thread_written": N_("Answer in a conversation, to a partner"),
        "thread_received": N_("Answer in a conversation, to you"),
    },
    N_("About access"): {
        "user_invited": N_("Access given"),
        "partner_refused": N_("Request for access refused"),
        "password_reset_asked": N_("Link for a new password"),
        "user_password_changed": N_("Password changed"),
        "new_sign_in": N_("Log-in from an unknown browser"),
        "login_failures": N_("Several wrong passwords in a row"),
        "email_change_asked": N_("New address to be confirmed"),
        "email_change_notice": N_("Address about to change"),
        "user_email_changed": N_("Address changed"),
        "second_factor_set_up": N_("Second factor set up"),
        "second_factor_removed": N_("Second factor removed"),
    },
    N_("To you"): {
        "order_received": N_("New order"),
        "order_escalation": N_("Order still not claimed"),
        "order_assigned": N_("Order held for a colleague or handed over"),
        "order_back": N_("Lapsed order taken up again"),
        "order_reduced": N_("Partner cancelled a part of an order"),
        "change_answered": N_("Proposed change answered"),
        "partner_proposed": N_("Somebody asks for access"),
        "stock_low": N_("Stock runs low"),
        "import_failed": N_("File that came by itself not loaded"),
        "job_failed": N_("Background job failed"),
        "anaf_refused": N_("Invoice refused by ANAF"),
        "anaf_late": N_("Invoices soon late, or late, at ANAF"),
        "anaf_lost": N_("Connection to ANAF lost"),
    },
    N_("To all"): {
        "export_ready": N_("Export made"),
        "daily_mail": N_("One mail a day"),
    },
}
"""Group → template → its name; both are translated where they are shown."""

NAME_OF = {template: name for mails in NAMES.values() for template, name in mails.items()}
