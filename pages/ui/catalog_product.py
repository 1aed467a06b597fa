"""A product on its page: its price and what makes it, when it comes, the star, and the way onto a list."""

from decimal import Decimal
from typing import NamedTuple

import streamlit as st
from sqlalchemy.orm import Session

from core.db import transaction
from core.money import round_share
from core.orders.awaiting import forget
from core.orders.browsing import CatalogRow
from core.orders.lists import LONGEST_NAME, create_list, put_on_list, quantities_on_lists, saved_lists
from core.orders.product_details import ProductDetails
from core.permissions import may
from core.principal import Principal
from pages.ui.awaited import show_waiting_form
from pages.ui.catalog_grid import PROBLEM, PRODUCT_PAGE, gross_shown, show_gross_switch, star
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.price_why import show_why, with_vat
from pages.ui.steps import drawn, say, take_once
from pages.ui.text import _, day, price, quantity

COUNT = "product_steps"
NEW = 0
"""Stands for a list that is still to be made; no list has this id."""


class _Keys(NamedTuple):
    """The fields of the form that adds a product to a list."""

    new: str
    quantity: str


def show_price(row: CatalogRow) -> None:
    """Own price, list price, recommended price and margin, and what more of it costs. Nothing where it is hidden."""
    if row.unit_price is None:
        st.info(_("Your company sees no prices here. The distributor can tell you this one."),
                icon=":material/visibility_off:")  # fmt: skip
        return
    with st.container(border=True, key="product_price"):
        with st.container(horizontal=True, vertical_alignment="top"):
            off = _("{percent} % off the list price").format(percent=quantity(round_share(row.discount or Decimal(0))))
            st.metric(_("Your price, for one {unit}").format(unit=plain(row.unit)), _shown(row, row.unit_price),
                      delta=off if row.discount else None, delta_color="off", delta_arrow="off",
                      width="content")  # fmt: skip
            if row.list_price is not None and row.discount:
                st.metric(_("List price"), _shown(row, row.list_price), width="content")
            if row.rrp:
                margin = _("margin {percent} %").format(percent=quantity(round_share(row.margin or Decimal(0))))
                st.metric(_("Recommended price"), _shown(row, row.rrp), delta=margin, delta_color="off",
                          delta_arrow="off", width="content")  # fmt: skip
        _show_breaks(row)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(_("Why this price"), icon=":material/help:", type="tertiary", key="why"):
                show_why(row)
            show_gross_switch()


def _show_breaks(row: CatalogRow) -> None:
    if not row.more or not row.unit_price:
        return
    heads = _("From"), _("Price"), _("Saves")
    lines = [f"| {' | '.join(heads)} |", "| ---: | ---: | ---: |"]
    for step in row.more:
        saved = round_share((1 - step.unit_price / row.unit_price) * 100)
        share = f"{quantity(saved)} %" if saved > 0 else ""
        cells = f"{quantity(step.from_quantity)} {plain(row.unit)}", _shown(row, step.unit_price), share
        lines.append(f"| {' | '.join(cells)} |")
    st.markdown("\n".join(lines))


def _shown(row: CatalogRow, net: Decimal) -> str:
    return price(with_vat(net, row.vat_rate) if gross_shown() else net)


def show_standing(details: ProductDetails) -> None:
    """What one should know before ordering it: the last time, what replaces it, when it comes."""
    row = details.row
    if row.bought_on:
        words = _("You bought it last on {day}.").format(day=day(row.bought_on))
        if row.bought_price is not None:
            words = _("You bought it last on {day}, at {price} net.").format(
                day=day(row.bought_on), price=price(row.bought_price)
            )
        st.caption(f":material/history: {words}")
    if row.out and row.expected_on:
        words = _("Expected on {day}.").format(day=day(row.expected_on))
        st.caption(f":material/event: {words}")
    if instead := details.replaced_by:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="replaced_by"):
            words = _("It is being replaced by")
            st.markdown(f":material/swap_horiz: {words}", width="content")
            st.page_link(PRODUCT_PAGE, label=f"{plain(instead.name)} ({plain(instead.sku)})",
                         query_params={"product": str(instead.id)})  # fmt: skip


def show_actions(principal: Principal, details: ProductDetails) -> None:
    """The star, the lists, and the waiting list where there is nothing of it."""
    row = details.row
    with st.container(horizontal=True, key="product_actions"):
        if may(principal, "orders.place"):
            label = _("Take off the favourites") if row.favourite else _("Add to the favourites")
            st.button(label, icon=":material/star:" if row.favourite else ":material/star_border:", key="star",
                      on_click=star, args=(row.product_id, not row.favourite))  # fmt: skip
            _offer_lists(row)
        if details.awaited is not None and may(principal, "stock.await"):
            words = _("You wait for {quantity} {unit}").format(quantity=quantity(details.awaited), unit=plain(row.unit))
            st.button(words, icon=":material/notifications_off:", help=_("Do not wait for it any more"), key="forget",
                      on_click=_forget, args=(row.product_id,))  # fmt: skip
        elif row.out and not row.backorder and may(principal, "stock.await"):
            with st.popover(_("Tell me when it is back"), icon=":material/notification_add:"):
                show_waiting_form(row)


def _offer_lists(row: CatalogRow) -> None:
    with transaction(require("partner", "catalog.see")) as session:
        heads = {head.id: head.name for head in saved_lists(session)}
        on_lists = quantities_on_lists(session, row.product_id)
    with st.popover(_("Add to a list"), icon=":material/bookmark_add:"):
        chosen, new = NEW, f"onto_list new {row.product_id}"
        if heads:
            names, one = heads | {NEW: _("A new list")}, f"onto_list one {row.product_id}"
            chosen = st.selectbox(_("List"), list(names), format_func=lambda one: names.get(one, ""), key=one)
        if chosen == NEW:
            st.text_input(_("Name of the list"), max_chars=LONGEST_NAME, key=new)
        there = on_lists.get(chosen)
        if there:
            words = _("It is on this list: {quantity} {unit}.")
            st.caption(words.format(quantity=quantity(there), unit=plain(row.unit)))
        # A field of its own for each list and what is on it: it begins with that.
        keys = _Keys(new, f"onto_list quantity {row.product_id} {chosen} {there or ''}")
        label = _("Quantity ({unit})").format(unit=plain(row.unit))
        usual = float(there or row.in_cart or row.least or row.multiple or row.pack)
        step = float(row.multiple or 1)
        st.number_input(label, min_value=0.001, value=usual, step=step, format="%g", key=keys.quantity)
        st.button(_("Change the quantity") if there else _("Add"), type="primary", key="onto_list", on_click=_add,
                  args=(drawn(COUNT), row.product_id, chosen, keys))  # fmt: skip


def _add(at: int, product_id: int, list_id: int, keys: _Keys) -> None:
    """A callback: onto this list, or a new one."""

    def step(session: Session) -> None:
        wanted = {product_id: Decimal(str(st.session_state[keys.quantity]))}
        if list_id == NEW:
            create_list(session, st.session_state[keys.new], wanted)
        else:
            put_on_list(session, list_id, wanted)

    def tell(_done: None) -> None:
        say(_("It is on the list."))

    take_once(require("partner", "orders.place"), COUNT, at, PROBLEM, step, tell)


def _forget(product_id: int) -> None:
    """A callback."""
    with refusals(PROBLEM), transaction(require("partner", "stock.await")) as session:
        forget(session, product_id)
