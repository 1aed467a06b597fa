"""One product as staff see and change it, each part in a tab of its own."""

from datetime import date
from html import escape

import streamlit as st

from core import clock
from core.catalog.editing import change_product
from core.catalog.facts import NAMES, Facts
from core.catalog.queries import ProductRow
from core.db import transaction
from core.imports import fields
from core.permissions import may
from core.principal import Principal
from core.stock.receiving import StockMoved, count
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, editable, end_form, form_key, read, show_now, touched
from pages.ui.frame import plain
from pages.ui.product_audience import show_audience
from pages.ui.product_fields import known, read_fields, show_fields
from pages.ui.product_files import show_files
from pages.ui.product_list import shared_ean, state_of
from pages.ui.product_pictures import show_pictures
from pages.ui.product_reading import show_reading
from pages.ui.text import _, quantity


def show_product(principal: Principal, row: ProductRow, today: date) -> None:
    """The product, and what the principal may change on it."""
    _show_head(row)
    edits, counts = may(principal, "products.edit"), may(principal, "stock.count")
    if not edits:
        show_reading(principal, row)
        if counts:
            count_stock(principal, row)
        return
    names = [_("Data"), _("Pictures"), _("Files"), _("Who sees it"), *([_("Stock")] if counts else [])]
    data, pictures, attached, audience, *stock = st.tabs(names, key="product_tab")
    with data:
        edit_product(principal, row, today)
    with pictures:
        show_pictures(principal, row)
    with attached:
        show_files(principal, row)
    with audience:
        show_audience(principal, row)
    if stock:
        with stock[0]:
            count_stock(principal, row)


def _show_head(row: ProductRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="product_head"):
        if row.picture:
            alt = escape(row.name, quote=True)
            st.html(f'<img src="/images/{row.picture}/small" alt="{alt}" style="max-height: 3.5rem">', width="content")
        with st.container(gap="xxsmall"):
            st.subheader(f"{plain(row.sku)} · {plain(row.name)}", anchor=False)
            told = [state_of(row)]
            if row.replaced_by:
                told.append(_("replaced by {sku}").format(sku=row.replaced_by))
            if row.replaces:
                told.append(_("replaces {skus}").format(skus=", ".join(row.replaces)))
            if line := " · ".join(plain(part) for part in told if part):
                st.caption(line)
    if words := shared_ean(row):
        st.warning(words, icon=":material/barcode:")


def edit_product(principal: Principal, row: ProductRow, today: date) -> None:
    """The form of a product's data; saving starts the page over."""
    choices = known(principal, today)
    form = form_key(about := f"product-{row.id}")
    shown = as_shown(f"{form}-name", row)
    with st.form(form, enter_to_submit=False):
        typed = show_fields(form, shown, choices)
        if not st.form_submit_button(_("Save"), type="primary"):
            return
    with refusals():
        values = touched(read_fields(typed), shown, row)
        with transaction(principal) as session:
            change_product(session, row.id, Facts(**{name: values[name] for name in NAMES}), clock.now())
            end_form(_("{sku} was saved.").format(sku=plain(row.sku)), form=about)
        st.rerun()


def count_stock(principal: Principal, row: ProductRow) -> None:
    """The form for what was counted on the shelves; recording starts the page over."""
    form = form_key(about := f"count-{row.id}")
    seen = as_shown(field := f"{form}-counted", row).on_hand
    with st.form(form, width=420):
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
                end_form(_("The count of {sku} was recorded.").format(sku=plain(row.sku)), form=about)
        except StockMoved:
            show_now(field, row)  # they are told: recording the same count again is their decision
            raise
        st.rerun()
