"""The rules of orders in forms and in words: the general ones, and those that a partner has of its own."""

from decimal import Decimal
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.company_rules import COMPANY_RULES
from core.i18n import N_
from core.imports import fields
from core.imports.fields import Reading
from core.imports.problems import Fault
from core.orders.limits import AMOUNTS
from pages.ui.forms import editable, read
from pages.ui.text import _, amount, quantity

EXPLAINED = {
    "claim_hours": N_(
        "0 means that orders never lapse. Changing it does not move the deadline of orders already placed."
    ),
    "unpaid_hours": N_(
        "For partners that pay before delivery, from placing on: an order that is not paid by then lapses. "
        "0 means that none does."
    ),
    "min_order": N_("VAT included. A smaller order is refused. 0: no limit."),
    "max_order": N_("VAT included. A larger order is refused. 0: no limit."),
    "max_open_orders": N_("How many orders may wait or be prepared at the same time. 0: no limit."),
    "max_open_value": N_("What the orders that wait or are prepared come to, VAT included. 0: no limit."),
    "credit_limit": N_(
        "Unpaid invoices, and what is ordered and not invoiced yet, less what was paid on orders. 0: no limit."
    ),
    "overdue_block": N_("From this much in overdue invoices on, no order is taken until they are paid. 0: never."),
    "overdue_block_days": N_(
        "From so many days after the due day of an unpaid invoice on, no order is taken. 0: never."
    ),
    "max_per_order": N_("In the product's unit; a product can have a limit of its own. 0: no limit."),
    "max_per_period": N_(
        "What a partner may order of a product within the period, in the product's unit. Cancelled and lapsed orders "
        "do not count. 0: no limit."
    ),
    "share_days": N_("How long the period of the limit before is: so many days back from now."),
    "stock_cap": N_(
        "For “the quantity up to a cap” and the traffic light: from so much on “10+” or green stands for the rest."
    ),
    "cash_limit": N_("The law sets it: 5,000 lei in 2025. Beyond it, cash is not taken. 0: no limit."),
    "idle_hours": N_("72 hours let a weekend pass. Whoever logs in again finds everything as it was, the cart too."),
    "session_days": N_("The longest that a browser is known without a password, however much it is used."),
    "export_days": N_("From then on a file has to be made again."),
    "mail_days": N_("Then only who got which mail and when can be looked up, not what it said. 0: never."),
    "purge_days": N_(
        "From then on they are gone for good and cannot be placed again; the audit keeps what they were. 0: never."
    ),
}
"""Rule → what it does, and what 0 means."""

HOURS_TO = ("claim_hours", "unpaid_hours")
SIZES = ("min_order", "max_order")
OPEN = ("max_open_orders", "max_open_value")
MONEY = ("credit_limit", "overdue_block", "overdue_block_days")
SHARES = ("max_per_order", "max_per_period")
"""Rules that belong together."""

HOURS = frozenset(HOURS_TO)
PIECES = frozenset((*SHARES, "stock_cap"))
WORDS_FOR_NONE = {
    "claim_hours": N_("never lapses"),
    "unpaid_hours": N_("never lapses"),
    "overdue_block": N_("never"),
    "overdue_block_days": N_("never"),
}
NOT_WHOLE = N_("{value} is not a whole number.")


def label_of(name: str) -> str:
    """What the rule is called above a field, with its unit."""
    rule = _(COMPANY_RULES[name].name)
    return _("{rule}, lei").format(rule=rule) if name in AMOUNTS else rule


def rule_field(place: DeltaGenerator, form: str, name: str, value: Decimal | int) -> str:
    """The field of a general rule with its explanation; what was typed."""
    typed: str = place.text_input(label_of(name), for_field(name, value), max_chars=20, key=f"{form}-{name}")
    place.caption(_(EXPLAINED[name]))
    return typed


def for_field(name: str, value: Decimal | int) -> str:
    """A rule's number as it stands in its field."""
    return editable(Decimal(value), 2 if name in AMOUNTS and value else 0)


def read_rule(name: str, typed: str) -> Decimal | int:
    """The number that was typed for the rule. Raises WrongInput."""
    if name in AMOUNTS:
        return read(label_of(name), typed, fields.amount)
    if name in HOURS:
        return read(label_of(name), typed, fields.hours)
    return read(label_of(name), typed, fields.stock if name in PIECES else whole)


def whole(text: str, reading: Reading) -> int:
    """A whole number."""
    value = fields.stock(text, reading)
    if value != int(value):
        raise Fault(NOT_WHOLE, value=text)
    return int(value)


def rule_in_words(name: str, value: Decimal | int) -> str:
    """A rule's number as people read it: `20.000,00 lei`, `24`, `no limit`."""
    if not value:
        return _(WORDS_FOR_NONE[name]) if name in WORDS_FOR_NONE else _("no limit")
    return amount(Decimal(value)) if name in AMOUNTS else quantity(Decimal(value))


def rule_fields(form: str, names: tuple[str, ...], values: Any) -> dict[str, str]:
    """Fields of general rules beside each other; `values` has them as attributes. What was typed, by name."""
    return {
        name: rule_field(place, form, name, getattr(values, name))
        for place, name in zip(st.columns(len(names)), names, strict=True)
    }
