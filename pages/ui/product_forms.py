"""What staff change on one product: its data, and the stock that was counted."""

from datetime import date
from typing import Any

import streamlit as st

from core import clock
from core.catalog.editing import change_product
from core.catalog.queries import ProductRow, vat_rates
from core.db import transaction
from core.i18n import N_
from core.imports import fields
from core.permissions import may
from core.principal import Principal
from core.stock.receiving import StockMoved, count
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, editable, form_key, read, say_and_rerun, show_now, touched
from pages.ui.frame import plain
from pages.ui.text import _, quantity


def show_forms(principal: Principal, row: ProductRow, today: date) -> None:
    """What the principal may change on the product."""
    edits, counts = may(principal, "products.edit"), may(principal, "stock.count")
    columns = iter(st.columns([2, 1] if edits else [1, 2]))
    if edits:
        with next(columns):
            edit_product(principal, row, today)
    if counts:
        with next(columns):
            count_stock(principal, row)


def edit_product(principal: Principal, row: ProductRow, today: date) -> None:
    """The form of a product's data; saving starts the page over."""
    with transaction(principal) as session:
        rates = vat_rates(session, today)
    form = form_key(about := f"product-{row.id}")
    shown = as_shown(f"{form}-name", row)
    with st.form(form):
        name = st.text_input(_("Name"), shown.name, max_chars=200, key=f"{form}-name")
        price_box, vat_box = st.columns(2)
        label = _("List price, lei per {unit}, without VAT").format(unit=plain(row.unit))
        price = price_box.text_input(label, editable(shown.list_price, 2), key=f"{form}-price")
        classes = list(rates)
        vat = vat_box.selectbox(
            _("VAT"),
            classes,
            classes.index(shown.vat_class),
            format_func=lambda key: f"{quantity(rates[key])} %",
            key=f"{form}-vat",
        )
        active = st.toggle(_("Active: partners see it and can order it"), shown.active, key=f"{form}-active")
        supply = _supply_fields(form, shown)
        if not st.form_submit_button(_("Save"), type="primary"):
            return
    with refusals():
        with transaction(principal) as session:
            net = read(_("List price"), price, fields.price)
            typed = {"name": name, "list_price": net, "vat_class": vat, "active": active} | _read_supply(supply)
            change_product(session, row.id, clock.now(), **touched(typed, shown, row))
        say_and_rerun(_("{sku} was saved.").format(sku=plain(row.sku)), form=about)


MOST = {"max_per_order": N_("Most in one order"), "max_per_period": N_("Most per partner and period")}


def _supply_fields(form: str, shown: ProductRow) -> dict[str, Any]:
    """The fields about ordering what is not there, and about limits; what was typed, by name."""
    words = _("Can be ordered before it is in stock: what is missing waits on backorder and is held when it comes")
    typed: dict[str, Any] = {"backorder": st.toggle(words, shown.backorder, key=f"{form}-backorder")}
    for place, name in zip(st.columns(2), MOST, strict=True):
        value = getattr(shown, name)
        label = _("{name}, {unit}").format(name=_(MOST[name]), unit=plain(shown.unit))
        typed[name] = place.text_input(
            label, "" if value is None else editable(value), placeholder=_("as agreed in general"), key=f"{form}-{name}"
        )
    st.caption(
        _(
            "For short goods. Empty: the partner's own limit counts, or the general one from the settings, where the "
            "length of the period stands too. 0: no limit for this product."
        )
    )
    return typed


def _read_supply(typed: dict[str, Any]) -> dict[str, Any]:
    return typed | {
        name: read(_(MOST[name]), typed[name], fields.stock) if typed[name].strip() else None for name in MOST
    }


def count_stock(principal: Principal, row: ProductRow) -> None:
    """The form for what was counted on the shelves; recording starts the page over."""
    form = form_key(about := f"count-{row.id}")
    seen = as_shown(field := f"{form}-counted", row).on_hand
    with st.form(form):
        label = _("Counted on hand, {unit}").format(unit=plain(row.unit))
        explained = _("Everything on the shelves, held goods included.")
        counted = st.text_input(label, editable(seen), help=explained, key=field)
        st.caption(_("Held for orders: {held}").format(held=quantity(row.held)))
        if not st.form_submit_button(_("Record the count")):
            return
    with refusals():
        try:
            with transaction(principal) as session:
                typed = read(_("Counted on hand"), counted, fields.stock)
                count(session, {row.id: typed}, clock.now(), seen={row.id: seen})
        except StockMoved:
            show_now(field, row)  # they are told: recording the same count again is their decision
            raise
        say_and_rerun(_("The count of {sku} was recorded.").format(sku=plain(row.sku)), form=about)
