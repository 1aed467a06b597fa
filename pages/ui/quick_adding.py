"""What is fine goes into the cart with one click; what was put there is shown in the order grid."""

import streamlit as st

from core import clock
from core.db import transaction
from core.orders.browsing import rows_of
from core.orders.filling import add
from core.principal import Principal
from core.quick.checking import Answer, Check, check
from core.quick.drafts import Draft
from core.quick.mending import only
from pages.ui.cart import cart_changed, note_question
from pages.ui.catalog_grid import show_products
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY
from pages.ui.guard import require
from pages.ui.quick_text import MARK, PROBLEM, change, current
from pages.ui.text import _, amount, quantity

ADDED = "quick_added"
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
            stay = _("Add {count} lines to the cart; {wrong} stay here to be mended")
            label = stay.format(count=quantity(fine), wrong=quantity(wrong))
        st.button(label, type="primary", icon=":material/add_shopping_cart:", key="quick_add",
                  on_click=_add, args=(pasted,))  # fmt: skip


def show_added(principal: Principal) -> None:
    """The products that were added and are in the cart still, in the order grid."""
    added: dict[int, str] = st.session_state.get(ADDED, {})
    with transaction(principal) as session:
        rows = [row for row in rows_of(session, list(added)[-MOST_SHOWN:], clock.now()) if row.in_cart]
    if rows:
        st.subheader(_("Just added to the cart"), anchor=False)
        with st.container(key="quick_added_grid"):
            show_products(rows, "quick_added_rows", {row.product_id: added[row.product_id] for row in rows})


def _add(shown: Draft) -> None:
    """A callback: everything that is fine goes into the cart, on top of what is there. The text that was shown is bound
    to the button: a second click finds another text, and does nothing."""
    principal = require("partner", "orders.place")
    if current(principal) != shown:
        return
    with refusals(PROBLEM):
        checked = look(principal, shown)
        with transaction(principal) as session:
            answers, ended = add(session, checked.wanted, clock.now())
        note_question(ended)
        there = {answer.product_id for answer in answers if answer.quantity > 0}
        _tell(checked, there)
        # The columns stay as they were guessed: from the lines that are left nobody could tell.
        columns = checked.columns
        change(
            text=only(answer.line for answer in checked.answers if _stays(checked, answer, there)),
            code_column=columns.code if columns else None,
            quantity_column=columns.quantity if columns else None,
        )
    cart_changed()


def _stays(checked: Check, answer: Answer, there: set[int]) -> bool:
    """What has to be mended stays, with the names of the columns above it."""
    if answer.fine:
        return answer.goods is None or answer.goods.product_id not in there
    return answer.to_mend or (answer.kind == "titles" and bool(checked.to_mend))


def _tell(checked: Check, there: set[int]) -> None:
    goods = [answer.goods for answer in checked.fine if answer.goods and answer.goods.product_id in there]
    before = _("{quantity} were in the cart already")
    notes = {one.product_id: before.format(quantity=quantity(one.in_cart)) if one.in_cart else "" for one in goods}
    st.session_state[ADDED] = st.session_state.get(ADDED, {}) | notes
    words = _("Products added to the cart: {count}.").format(count=quantity(len(notes)))
    if raised := sum(map(bool, notes.values())):
        again = _("Of {count} there were some in the cart already: they were added up.")
        words = f"{words} {again.format(count=quantity(raised))}"
    st.session_state[SAID_KEY] = words
