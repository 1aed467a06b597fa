"""A company's saved lists: choose one, order all of it, and make, rename, fill or delete one."""

from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from core import clock
from core.db import transaction
from core.orders.browsing import CatalogRow
from core.orders.filling import BadQuantity, LineAnswer, UnknownProduct, orderable
from core.orders.lists import (
    LONGEST_NAME,
    ListHead,
    delete_list,
    put_at_least,
    put_on_list,
    rename_list,
)
from core.permissions import may
from core.principal import Principal
from pages.ui.cart import cart_changed, note_question
from pages.ui.catalog_grid import PROBLEM
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.line_answers import keep_answers
from pages.ui.list_new import LIST
from pages.ui.steps import drawn, say, take_once
from pages.ui.text import _, counted, language, quantity

NOT_SAVED = "list_not_saved"
COUNT = "list_steps"


def choose_list(heads: list[ListHead]) -> ListHead | None:
    """The list that the address names, else the first; the choice goes into the address."""
    if not heads:
        return None
    asked = st.query_params.get(LIST)
    chosen = next((head for head in heads if str(head.id) == asked), heads[0])
    st.session_state["saved_list"] = chosen.id
    names = {head.id: f"{head.name} ({quantity(head.products)})" for head in heads}
    st.selectbox(_("List"), list(names), format_func=lambda one: names.get(one, ""), key="saved_list",
                 on_change=_follow, label_visibility="collapsed")  # fmt: skip
    return chosen


def show_list_actions(principal: Principal, chosen: ListHead, rows: list[CatalogRow], kept: dict[int, Decimal]) -> None:
    """What can be done with a list that is shown with these products."""
    if not may(principal, "orders.place"):
        return
    with st.container(horizontal=True, key="list_actions"):
        priced = any(row.unit_price is not None for row in rows)
        if priced:
            st.button(_("Put the whole list in the cart"), type="primary", icon=":material/add_shopping_cart:",
                      key="list_to_cart", on_click=to_cart,
                      args=(drawn(COUNT), kept, {row.product_id: row.name for row in rows}),
                      help=_("What is in the cart already and is more stays."))  # fmt: skip
        if rows and st.button(_("Change the quantities"), icon=":material/edit:", key="list_quantities"):
            _edit(chosen, rows, kept)
        with st.popover(_("Rename"), icon=":material/edit_note:"):
            key = f"rename_list {chosen.id} {chosen.name}"
            st.text_input(_("Name"), chosen.name, max_chars=LONGEST_NAME, key=key)
            st.button(_("Rename the list"), type="primary", key="rename_list", on_click=_rename, args=(chosen.id, key))
        with st.popover(_("Delete"), icon=":material/delete:"):
            words = _(
                "The list “{name}” with {count:product|products} goes for everybody in your company. The cart stays."
            )
            st.write(words.format(name=plain(chosen.name), count=counted(chosen.products)))
            st.button(_("Delete the list"), type="primary", key="delete_list", on_click=_delete,
                      args=(drawn(COUNT), chosen))  # fmt: skip


def to_cart(at: int, wanted: dict[int, Decimal], names: dict[int, str]) -> None:
    """A callback: products (by id) go to the cart at these quantities at least, each with an answer of its own.

    `at` is what `drawn(COUNT)` was when the button was drawn.
    """

    def tell(done: tuple[list[LineAnswer], bool]) -> None:
        keep_answers(done[0], names)
        note_question(done[1])

    cart_changed()
    principal = require("partner", "orders.place")
    take_once(principal, COUNT, at, PROBLEM, lambda session: put_at_least(session, wanted, clock.now()), tell)


def _edit(chosen: ListHead, rows: list[CatalogRow], kept: dict[int, Decimal]) -> None:
    st.session_state.pop(NOT_SAVED, None)
    title = _("Quantities on the list “{name}”").format(name=plain(chosen.name))
    st.dialog(title, width="large")(_show_editor)(chosen, rows, kept)


def _show_editor(chosen: ListHead, rows: list[CatalogRow], kept: dict[int, Decimal]) -> None:
    require("partner", "orders.place")
    if SAID_KEY in st.session_state:
        st.rerun()
    # It stands until the next try: were it to go at the next cell, the button would jump away under the pointer.
    if problem := st.session_state.get(NOT_SAVED):
        st.error(problem, icon=":material/block:")
    st.caption(_("An empty quantity, or 0, takes a product off the list."))
    frame = pd.DataFrame(
        {
            "quantity": [float(kept[row.product_id]) for row in rows],
            "unit": [row.unit for row in rows],
            "name": [row.name for row in rows],
            "sku": [row.sku for row in rows],
        }
    )
    column = st.column_config
    editor = f"list_editor {chosen.id}"
    st.data_editor(
        frame,
        hide_index=True,
        key=editor,
        disabled=["unit", "name", "sku"],
        column_config={
            "quantity": column.NumberColumn(_("Quantity"), min_value=0, format="localized", width="small"),
            "unit": column.TextColumn(_("Unit"), width="small"),
            "name": column.TextColumn(_("Product"), width="large"),
            "sku": column.TextColumn(_("SKU")),
        },
    )
    st.button(_("Save the quantities"), type="primary", key="save_quantities", on_click=_save,
              args=(chosen.id, rows, kept, editor))  # fmt: skip


def _quantity(typed: Any) -> Decimal:
    """What stands in a cell; an empty one is not a number."""
    return Decimal(0) if pd.isna(typed) else Decimal(str(round(typed, 6)))


def take_off(list_id: int, product_id: int) -> None:
    """A callback: the list is without this product, be it sold still or not."""
    with refusals(PROBLEM), transaction(require("partner", "orders.place")) as session:
        put_on_list(session, list_id, {product_id: Decimal(0)})


def _follow() -> None:
    """A callback."""
    st.query_params[LIST] = str(st.session_state["saved_list"])


def _rename(list_id: int, key: str) -> None:
    """A callback."""
    with refusals(PROBLEM), transaction(require("partner", "orders.place")) as session:
        rename_list(session, list_id, st.session_state[key])
        say(_("The list has its new name."))


def _delete(at: int, chosen: ListHead) -> None:
    """A callback."""

    def tell(_done: None) -> None:
        st.query_params.pop(LIST, None)
        say(_("The list “{name}” is deleted.").format(name=plain(chosen.name)))

    principal = require("partner", "orders.place")
    take_once(principal, COUNT, at, PROBLEM, lambda session: delete_list(session, chosen.id), tell)


def _save(list_id: int, rows: list[CatalogRow], kept: dict[int, Decimal], editor: str) -> None:
    """A callback. What cannot be saved is told in the dialog, where all that was typed still stands."""
    st.session_state.pop(NOT_SAVED, None)
    names = {row.product_id: plain(row.name) for row in rows}
    edits = st.session_state[editor]["edited_rows"].items()
    typed = {rows[int(at)].product_id: _quantity(cells["quantity"]) for at, cells in edits if "quantity" in cells}
    if wrong := {product: BadQuantity(quantity=q) for product, q in typed.items() if not orderable(q)}:
        reasons = [f"- {names[product]}: {plain(why.text(language()))}" for product, why in wrong.items()]
        st.session_state[NOT_SAVED] = "\n".join(reasons)
        return
    with refusals(NOT_SAVED):
        try:
            with transaction(require("partner", "orders.place")) as session:
                put_on_list(session, list_id, {product: q for product, q in typed.items() if q != kept[product]})
                say(_("The quantities are kept."))
        except UnknownProduct as unknown:
            words = _("No longer sold: {names}. Put 0 there to take it off the list, and save again.")
            gone = ", ".join(names[product] for product in unknown.params["products"])
            st.session_state[NOT_SAVED] = words.format(names=gone)
