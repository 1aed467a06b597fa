"""Audit entries on the staff's page: the table, and one of them with all that was written down."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st
from babel.dates import format_datetime

from core.audit import AuditRow
from core.audit_fields import FIELDS
from core.audit_words import GROUP_NAMES, KINDS, SYSTEM, VISITOR, Detail, details
from core.company_rules import COMPANY_RULES
from core.i18n import LANGUAGES, N_
from core.imports.files import LABELS
from core.notifications.choices import CHOICES
from core.notifications.names import NAME_OF
from core.orders.limits import AMOUNTS
from pages.ui.frame import plain
from pages.ui.import_feeds import EVERY_NAMES
from pages.ui.partner_status import STATUS_NAMES
from pages.ui.roles import ROLE_NAMES
from pages.ui.stock_display import NAMES as STOCK_NAMES
from pages.ui.text import _, day, language, moment, price, quantity, time_zone
from pages.ui.vat_classes import NAMES as VAT_NAMES

YES_NO = {"True": N_("Yes"), "False": N_("No")}
WEEKDAYS = {
    "1": N_("Monday"), "2": N_("Tuesday"), "3": N_("Wednesday"), "4": N_("Thursday"), "5": N_("Friday"),
    "6": N_("Saturday"), "7": N_("Sunday"),
}  # fmt: skip
VALUES: dict[str, Mapping[str, str]] = {
    "active": YES_NO,
    "backorder": YES_NO,
    "every": EVERY_NAMES,
    "first": YES_NO,
    "groups": GROUP_NAMES,
    "imported": LABELS,
    "language": LANGUAGES,
    "gathered": CHOICES,
    "muted": CHOICES,
    "new_password": YES_NO,
    "template": NAME_OF,
    "default_language": LANGUAGES,
    "prepay": YES_NO,
    "prices_with_vat": YES_NO,
    "reminders": YES_NO,
    "show_list_price": YES_NO,
    "show_rrp": YES_NO,
    "vat_on_payment": YES_NO,
    "efactura": YES_NO,
    "cash_limit_blocks": YES_NO,
    "smtp_security": {name: name.upper() for name in ("starttls", "tls", "none")},
    "stock_display": STOCK_NAMES,
    "prices_hidden": YES_NO,
    "role": ROLE_NAMES,
    "status": STATUS_NAMES,
    "two_factor_roles": ROLE_NAMES,
    "vat_class": VAT_NAMES,
    "vat_payer": YES_NO,
    "work_days": WEEKDAYS,
    "working_clock": YES_NO,
}
"""Fields whose values, or lists of values, have names."""

MONEY = frozenset({"amount", "gross", "limit", "list_price", "net", "share_capital", "unit_price", "up_to"}) | AMOUNTS
NUMBERS = frozenset({"changed", "created", "discount", "payment_days", "unchanged"}) | COMPANY_RULES.keys() - AMOUNTS
DAYS = frozenset({"since", "until"})
MOMENTS = frozenset({"lapsed", "placed", "until"})
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def show_audit(rows: Sequence[AuditRow]) -> int | None:
    """A table of entries; returns the place in `rows` of the chosen one."""
    chosen = st.dataframe(
        pd.DataFrame([_cells(row) for row in rows]),
        hide_index=True,
        row_height=36,
        height="content" if len(rows) <= 11 else 430,
        on_select="rerun",
        selection_mode="single-row",
        # Other words need other widths, which the browser keeps; other rows must not take over a choice by number.
        key=f"audit {language()} {rows[0].id} {rows[-1].id} {len(rows)}",
        column_config=_columns(),
        alt=_("Audit entries, newest first"),
    )
    picked: list[int] = chosen["selection"]["rows"]
    return picked[0] if picked else None


def _cells(row: AuditRow) -> dict[str, str]:
    return {
        "at": moment(row.at),
        "who": who(row),
        "what": what(row),
        "about": " · ".join(about(row)),
        "partner": row.partner,
        "address": row.address,
    }


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "at": column.TextColumn(_("When"), width=122),
        "who": column.TextColumn(_("Who"), width=122),
        "what": column.TextColumn(_("What"), width=190),
        "about": column.TextColumn(_("About"), width=190),
        "partner": column.TextColumn(_("Partner"), width=155),
        "address": column.TextColumn(_("From where"), width=103),
    }


def who(row: AuditRow) -> str:
    """The name of who did it."""
    nobody = VISITOR if row.address else SYSTEM
    return row.who or _(nobody)


def what(row: AuditRow) -> str:
    """What happened; a kind that has no words (any more) by its own name."""
    return _(KINDS.get(row.kind, row.kind))


def about(row: AuditRow) -> list[str]:
    """Order, document, product, person, file or address that it happened to; the partner has a column of its own."""
    order = _("Order {number}").format(number=row.order_id) if row.order_id else ""
    person = row.about if row.about_email != row.who_email else ""
    others = [str(row.data.get(name, "")) for name in ("file", "recipient")]
    return [piece for piece in (order, row.number, row.sku, person, *others) if piece]


def show_entry(row: AuditRow) -> None:
    """One entry with everything that was written down."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(plain(what(row)), anchor=False)
            _show_links(row)
        exactly = format_datetime(row.at, "dd.MM.yyyy, HH:mm:ss", tzinfo=time_zone(), locale=language())
        st.caption(_("Entry {number}, {moment}").format(number=row.id, moment=exactly))
        facts, told = st.columns(2)
        facts.markdown(_lines(_facts(row)))
        told.markdown(_lines(_told(row)))


def _show_links(row: AuditRow) -> None:
    if row.order_id:
        label = _("Order {number}").format(number=row.order_id)
        st.link_button(label, f"/staff-orders?order={row.order_id}", icon=":material/list_alt:")
    if row.document_id:
        address = f"/staff-invoices?document={row.document_id}"
        st.link_button(plain(row.number) or _("Document"), address, icon=":material/receipt_long:")


def _facts(row: AuditRow) -> list[tuple[str, str]]:
    facts = [
        (_("Who"), _named(who(row), row.who_email)),
        (_("From where"), row.address),
        (_("Person"), _named(row.about, row.about_email)),
        (_("Partner"), _named(row.partner, row.partner_code)),
        (_("SKU"), row.sku),
    ]
    return [(name, value) for name, value in facts if value]


def _told(row: AuditRow) -> list[tuple[str, str]]:
    told = [detail for detail in details(row.kind, row.data) if detail.field != "sku"]
    return [(_(FIELDS.get(detail.field, detail.field)), _change(detail)) for detail in told]


def _named(name: str, mark: str) -> str:
    return f"{name} ({mark})" if mark else name


def _lines(pairs: Sequence[tuple[str, str]]) -> str:
    return "  \n".join(f":gray[{plain(name)}:] {plain(value)}" for name, value in pairs)


def changed_in_words(changes: Mapping[str, tuple[str, str]]) -> str:
    """`City: – → Cluj`, a line each, as Markdown."""
    found = details("settings_changed", {"changes": changes})
    return _lines([(_(FIELDS.get(detail.field, detail.field)), _change(detail)) for detail in found])


def _change(detail: Detail) -> str:
    new = shown(detail.field, detail.new) or "–"
    return new if detail.old is None else f"{shown(detail.field, detail.old) or '–'} → {new}"


def shown(field: str, value: str) -> str:
    """A value as people read it: names for what has names, numbers, amounts and days as the user writes them."""
    if field in VALUES:
        names = VALUES[field]
        return re.sub(r"\w+", lambda found: _(names.get(found[0], found[0])), value)
    if field in MOMENTS and "T" in value:
        return moment(datetime.fromisoformat(value))
    if field in DAYS and value:
        return day(date.fromisoformat(value))
    if not NUMBER.fullmatch(value):
        return value
    if field in MONEY:
        return price(Decimal(value))
    return quantity(Decimal(value)) if field in NUMBERS else value
