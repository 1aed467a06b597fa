"""The mails that people may switch off for themselves. Those about the own access always come, and
those that ask for something: a payment, or an answer to a proposed change."""

from core.i18n import N_
from core.permissions import ACCOUNTANT, BUYER, OWNER
from core.principal import Principal

CHOICES = {
    "order_confirmed": N_("My order was received"),
    "order_claimed": N_("My order was taken over"),
    "order_cancelled": N_("My order was cancelled"),
    "order_lapsed": N_("My order lapsed"),
    "order_waiting": N_("My order is not taken over yet"),
    "order_shipped": N_("Goods of my order are on their way"),
    "backorder_filled": N_("Goods that were on backorder have come"),
    "stock_back": N_("Goods that I wait for are in stock"),
    "approval_asked": N_("A colleague asks me to approve an order"),
    "approval_refused": N_("My order was not approved"),
    "invoice_issued": N_("A new invoice, proforma or storno"),
    "statement_sent": N_("The monthly statement is ready"),
    "payment_received": N_("A payment was received"),
    "message_posted": N_("A new message from the distributor"),
    "thread_written": N_("An answer in a conversation"),
}
"""Template (a folder in templates/) → what a person reads beside the switch; translated where it is shown."""

_ORDERS = (
    "order_confirmed", "order_claimed", "order_waiting", "order_shipped", "backorder_filled", "order_cancelled",
    "order_lapsed", "stock_back",
)  # fmt: skip
_MESSAGES = ("message_posted", "thread_written")
_OF_ROLE = {
    OWNER: (*_ORDERS, "approval_asked", "invoice_issued", "payment_received", "statement_sent", *_MESSAGES),
    BUYER: (*_ORDERS, "approval_refused", *_MESSAGES),
    ACCOUNTANT: ("invoice_issued", "payment_received", "statement_sent", *_MESSAGES),
}


_LIKE = {"proforma_issued": "invoice_issued", "storno_issued": "invoice_issued"}


def choice_of(template: str) -> str:
    """The switch (a key of CHOICES) that a mail obeys; '' for one that always comes."""
    choice = _LIKE.get(template, template)
    return choice if choice in CHOICES else ""


def choices(principal: Principal) -> dict[str, str]:
    """Template → label of the mails that the principal may switch off or have once a day; none for staff."""
    return {template: CHOICES[template] for template in _OF_ROLE.get(principal.role, ())}
