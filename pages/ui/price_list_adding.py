"""Putting many products in a list: a category, a brand, everything, or what another list has."""

import streamlit as st

from core import clock
from core.db import transaction
from core.imports import fields
from core.pricing.filling import EXAMPLES, Filled, Start, fill_list
from core.pricing.lists import PriceListRow, price_lists
from core.pricing.selecting import Part
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key, read
from pages.ui.frame import plain
from pages.ui.price_list_fields import part_fields, rounding_fields
from pages.ui.price_words import from_words
from pages.ui.text import _, counted, price, quantity


def show_adding(principal: Principal, row: PriceListRow) -> None:
    """The form, what it would do, and the button that does it."""
    form = form_key(about := f"fill-{row.id}")
    with transaction(principal) as session:
        others = {found.id: found.name for found in price_lists(session) if found.id != row.id}
    with st.form(form):
        st.caption(
            _(
                "Active products that have no price in this list get one; prices that are there stay as they are. "
                "With neither category nor brand: the whole assortment."
            )
        )
        part = part_fields(principal, form)
        places = st.columns(4, vertical_alignment="bottom")
        source = places[0].selectbox(
            _("Starting price"), list(others), None, placeholder=_("base list price"), key=f"{form}-source",
            format_func=lambda other: _("as in {name}").format(name=others[other]),
        )  # fmt: skip
        less = places[1].text_input(_("Less, %"), placeholder="0", max_chars=10, key=f"{form}-less")
        rounding = rounding_fields(places[2:], form)
        if st.form_submit_button(_("Show what would be added"), icon=":material/preview:"):
            st.session_state[f"{form}-shown"] = True
    if not st.session_state.get(f"{form}-shown"):
        return
    with refusals():
        start = Start(read(_("Less, %"), less or "0", fields.discount), rounding, source)
        _offer(principal, row, about, part, start)


def _offer(principal: Principal, row: PriceListRow, about: str, part: Part, start: Start) -> None:
    with transaction(principal) as session:
        outcome = fill_list(session, row.id, part, start, clock.now())
        session.rollback()
    words = _("Products: {products}, prices: {prices}. In the list already, and left alone: {there}.")
    counts = {"products": quantity(outcome.products), "prices": quantity(outcome.prices)}
    st.markdown(words.format(**counts, there=quantity(outcome.there)))
    label = _("Add {count:product|products}").format(count=counted(outcome.products))
    # The key belongs to what is shown: a click cannot add something else that was chosen meanwhile.
    if st.button(label, type="primary", key=f"fill-{row.id}-{hash((part, start, outcome.prices))}"):
        with transaction(principal) as session:
            done = fill_list(session, row.id, part, start, clock.now())
            words = _("Products added to {name}: {count}.")
            end_form(words.format(name=plain(row.name), count=quantity(done.products)), form=about)
        st.rerun()
    _show_examples(row, outcome)


def _show_examples(row: PriceListRow, outcome: Filled) -> None:
    rows = [
        {
            "sku": example.sku, "name": example.name, "from": from_words(example.from_quantity),
            "base": price(example.list_price), "net": price(example.net, row.currency),
        }
        for example in outcome.examples
    ]  # fmt: skip
    config = {
        "sku": st.column_config.TextColumn(_("SKU"), width=120),
        "name": st.column_config.TextColumn(_("Name"), width="medium"),
        "from": st.column_config.TextColumn(_("Quantity"), width=100),
        "base": st.column_config.TextColumn(_("Base list price"), alignment="right"),
        "net": st.column_config.TextColumn(_("Price in this list"), alignment="right"),
    }
    st.dataframe(rows, column_config=config, hide_index=True)
    if outcome.prices > EXAMPLES:
        st.caption(_("The first {count} are shown.").format(count=EXAMPLES))
