"""A new product that staff enter by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from core import clock
from core.catalog.editing import create_product
from core.catalog.facts import LARGEST_SKU, Facts
from core.catalog.queries import product
from core.db import transaction
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.product_fields import known, read_fields, show_fields
from pages.ui.product_list import look_for, shared_ean
from pages.ui.text import _

OPEN_KEY = "new_product"
ABOUT = "product-new"
NOTHING = Facts(name="", list_price=Decimal("NaN"))
"""No price at all: one of 0 would be sold for nothing by who forgets the field."""


def new_product_button() -> None:
    """Opens the form."""
    if st.button(_("New product"), icon=":material/add:", type="primary", key="new_product_open"):
        st.session_state[OPEN_KEY] = True


def new_product(principal: Principal, today: date) -> None:
    """The form, while it is open; the list is led to the new product."""
    if not st.session_state.get(OPEN_KEY):
        return
    form, choices = form_key(ABOUT), known(principal, today)
    with st.container(border=True, key="new_product_form"):
        st.markdown("#### " + _("New product"))
        with st.form(form, border=False, enter_to_submit=False):
            sku = st.text_input(
                _("SKU: your own code of it, which stays"), max_chars=LARGEST_SKU, width=320, key=f"{form}-sku"
            )
            typed = show_fields(form, NOTHING, choices)
            with st.container(horizontal=True):
                create = st.form_submit_button(_("Enter the product"), type="primary")
                cancel = st.form_submit_button(_("Cancel"), type="tertiary")
        if cancel:
            st.session_state.pop(OPEN_KEY, None)
            st.rerun()
        if create:
            _create(principal, sku, typed, today)


def _create(principal: Principal, sku: str, typed: dict[str, Any], today: date) -> None:
    with refusals():
        facts = Facts(**read_fields(typed))
        with transaction(principal) as session:
            made = product(session, create_product(session, sku, facts, clock.now()).id, today)
            look_for(made.sku)
            words = _("{sku} was entered. Open it in the list for pictures, files and its stock.")
            end_form(f"{words.format(sku=plain(made.sku))} {shared_ean(made)}", form=ABOUT)
        st.session_state.pop(OPEN_KEY, None)
        st.rerun()
