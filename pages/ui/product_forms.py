"""What staff change on one product: its data, and the stock that was counted."""

from datetime import date

import streamlit as st

from core import clock
from core.catalog.editing import change_product
from core.catalog.queries import ProductRow, vat_rates
from core.db import transaction
from core.imports import fields
from core.principal import Principal
from core.stock.receiving import count
from pages.ui.errors import refusals
from pages.ui.forms import editable, read, say_and_rerun
from pages.ui.frame import plain
from pages.ui.text import _, quantity


def edit_product(principal: Principal, row: ProductRow, today: date) -> None:
    """The form of a product's data; saving starts the page over."""
    with transaction(principal) as session:
        rates = vat_rates(session, today)
    with st.form(f"product-{row.id}"):
        name = st.text_input(_("Name"), row.name, max_chars=200)
        price_box, vat_box = st.columns(2)
        label = _("List price, lei per {unit}, without VAT").format(unit=plain(row.unit))
        price = price_box.text_input(label, editable(row.list_price, 2))
        classes = list(rates)
        vat = vat_box.selectbox(
            _("VAT"), classes, classes.index(row.vat_class), format_func=lambda key: f"{quantity(rates[key])} %"
        )
        active = st.toggle(_("Active: partners see it and can order it"), row.active)
        if not st.form_submit_button(_("Save"), type="primary"):
            return
    with refusals():
        with transaction(principal) as session:
            net = read(_("List price"), price, fields.price)
            change_product(session, row.id, clock.now(), name=name, list_price=net, vat_class=vat, active=active)
        say_and_rerun(_("{sku} was saved.").format(sku=plain(row.sku)))


def count_stock(principal: Principal, row: ProductRow) -> None:
    """The form for what was counted on the shelves; recording starts the page over."""
    with st.form(f"count-{row.id}"):
        label = _("Counted on hand, {unit}").format(unit=plain(row.unit))
        counted = st.text_input(label, editable(row.on_hand), help=_("Everything on the shelves, held goods included."))
        st.caption(_("Held for orders: {held}").format(held=quantity(row.held)))
        if not st.form_submit_button(_("Record the count")):
            return
    with refusals():
        with transaction(principal) as session:
            count(session, {row.id: read(_("Counted on hand"), counted, fields.stock)}, clock.now())
        say_and_rerun(_("The count of {sku} was recorded.").format(sku=plain(row.sku)))
