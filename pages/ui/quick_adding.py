"""What is fine goes into the cart with one click; what was put there is shown in the order grid."""

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.browsing import rows_of
from core.principal import Principal
from core.quick.adding import add_lines
from core.quick.checking import Check, check
from core.quick.drafts import Draft
from core.quick.goods import Goods
from pages.ui.cart import cart_changed, note_question
from pages.ui.catalog_grid import show_products
from pages.ui.errors import refusals
from pages.ui.guard import require
from pages.ui.quick_text import MARK, PROBLEM, here, this_tab
from pages.ui.steps import say
from pages.ui.text import _, amount, counted, quantity

MOST_SHOWN = 200


def look(principal: Principal, pasted: Draft) -> Check:
    """The answers to what is pasted, as of now."""
    with transaction(principal) as session:
        return check(session, pasted.text, clock.now(), code_column=pasted.code_column,
                     quantity_column=pasted.quantity_column, decimal_mark=st.session_state.get(MARK))  # fmt: skip


def offer_adding(checked: Check, pasted: Draft) -> None:
    """How many lines are fine, what they come to, and the button that puts them in the cart."""
    fine, wrong = len(checked.fine), len(checked.to_mend)
    with st.container(horizontal=True, vertical_alignment="center", key="quick_sum"):
        words = _("Lines that are fine: **{fine}**. To mend: **{wrong}**. Net: **{net}**")
        st.markdown(words.format(fine=quantity(fine), wrong=quantity(wrong), net=amount(checked.net)), width="content")
        st.space("stretch")
        if not fine:
            return
        label = _("Add the lines to the cart: {count}").format(count=quantity(fine))
        if wrong:
            stay = _("Add {count:line|lines} to the cart; to be mended here: {wrong}")
            label = stay.format(count=counted(fine), wrong=quantity(wrong))
        st.button(label, type="primary", icon=":material/add_shopping_cart:", key="quick_add",
                  on_click=_add, args=(pasted,))  # fmt: skip


def show_added(principal: Principal) -> None:
    """The products that were added and are in the cart still, in the order grid."""
    added = this_tab().added
    with transaction(principal) as session:
        rows = [row for row in rows_of(session, list(added)[-MOST_SHOWN:], clock.now()) if row.in_cart]
    if rows:
        st.subheader(_("Just added to the cart"), anchor=False)
        words = _("{quantity} were in the cart already")
        before = {product: words.format(quantity=quantity(held)) for product, held in added.items() if held}
        with st.container(key="quick_added_grid"):
            show_products(rows, "quick_added_rows", {row.product_id: before.get(row.product_id, "") for row in rows})


def _add(shown: Draft) -> None:
    """A callback: everything that is fine goes into the cart, on top of what is there. The draft that was shown is
    bound to the button: a second click finds another one, and does nothing."""
    principal, tab = require("partner", "orders.place"), this_tab()
    cart_changed()
    if here() != shown:
        return
    with refusals(PROBLEM):
        with transaction(principal) as session:
            added = add_lines(session, shown, clock.now(), st.session_state.get(MARK))
            note_question(added.asked)
            _tell(added.goods)
        tab.take(added.left)
        tab.added |= {goods.product_id: goods.in_cart for goods in added.goods}


def _tell(goods: list[Goods]) -> None:
    words = _("Products added to the cart: {count}.").format(count=quantity(len(goods)))
    if raised := sum(bool(one.in_cart) for one in goods):
        again = _("Of {count} there were some in the cart already: they were added up.")
        words = f"{words} {again.format(count=quantity(raised))}"
    say(words)
