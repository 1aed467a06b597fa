"""What is done with several ticked products at once, after a question."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core import clock
from core.catalog.audiences import Audience, choices, set_audience
from core.catalog.editing import change_products
from core.catalog.queries import all_brands, all_category_paths
from core.db import transaction
from core.i18n import N_
from core.imports import fields
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, read
from pages.ui.guard import require
from pages.ui.product_audience import audience_fields
from pages.ui.text import _, counted, quantity

ACTIONS = {
    "activate": (N_("Activate"), "visibility"),
    "deactivate": (N_("Deactivate"), "visibility_off"),
    "category": (N_("Category"), "category"),
    "brand": (N_("Brand"), "sell"),
    "audience": (N_("Who sees them"), "group"),
}


OPEN_KEY = "bulk_open"
"""The action whose dialog is open."""


def show_bulk(ticked: tuple[int, ...]) -> None:
    """The row of buttons for these products, and the dialog of the one that was clicked."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="product_bulk"):
        st.markdown(_("**Ticked: {count}**").format(count=quantity(len(ticked))), width="content")
        for action, (label, icon) in ACTIONS.items():
            st.button(_(label), icon=f":material/{icon}:", key=f"bulk-{action}", on_click=_open, args=(action,))
    if action := st.session_state.get(OPEN_KEY):
        label, icon = ACTIONS[action]
        st.dialog(_(label), icon=f":material/{icon}:", width="medium", on_dismiss=forget_bulk)(_ask)(action, ticked)


def _open(action: str) -> None:
    st.session_state[OPEN_KEY] = action


def forget_bulk() -> None:
    """From here on no dialog is open."""
    st.session_state.pop(OPEN_KEY, None)


def _ask(action: str, ticked: tuple[int, ...]) -> None:
    """What the change is to be, and whether it is meant."""
    principal = require("staff", "products.edit")
    change = _ASKING[action](principal)
    label = _("Change {count:product|products}").format(count=counted(len(ticked)))
    if not st.button(label, type="primary", icon=":material/done_all:", key=f"bulk-do-{action}"):
        return
    with refusals():
        values = change()
        with transaction(principal) as session:
            if action == "audience":
                count = set_audience(session, ticked, values, clock.now())
            else:
                count = change_products(session, ticked, clock.now(), **values)
            end_form(_("Products changed: {count}").format(count=quantity(count)))
        forget_bulk()
        st.rerun()


Change = Callable[[], Any]
"""What was chosen, read from the fields when it is needed: it may be refused then."""


def _ask_active(_principal: Principal) -> Change:
    st.write(_("Partners will find them again, with their prices and stock."))
    return lambda: {"active": True}


def _ask_inactive(_principal: Principal) -> Change:
    st.write(_("No partner will find them any more or can order them. Orders already placed stay as they are."))
    return lambda: {"active": False}


def _ask_category(principal: Principal) -> Change:
    with transaction(principal) as session:
        paths = all_category_paths(session)
    chosen = st.selectbox(
        _("Category"), paths, None, accept_new_options=True, key="bulk-category-path",
        placeholder=_("Choose, or type a new one with > between the levels"),
    )  # fmt: skip
    st.caption(_("Discounts on a category hold for what is in it, and so for these from now on."))
    return lambda: {"category": read(_("Category"), chosen or "", fields.category)}


def _ask_brand(principal: Principal) -> Change:
    with transaction(principal) as session:
        brands = all_brands(session)
    chosen = st.selectbox(
        _("Brand"), brands, None, accept_new_options=True, placeholder=_("Choose, or type a new one"),
        key="bulk-brand-name",
    )  # fmt: skip
    st.caption(_("Discounts on a brand hold for what bears it, and so for these from now on."))
    return lambda: {"brand": read(_("Brand"), chosen or "", fields.long_text)}


def _ask_audience(principal: Principal) -> Change:
    with transaction(principal) as session:
        offered = choices(session)
    wanted = audience_fields("bulk-audience-of", Audience(), offered)
    return lambda: wanted


_ASKING: dict[str, Callable[[Principal], Change]] = {
    "activate": _ask_active,
    "deactivate": _ask_inactive,
    "category": _ask_category,
    "brand": _ask_brand,
    "audience": _ask_audience,
}
