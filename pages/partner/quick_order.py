"""Quick order: lines of a mail or a sheet are pasted, each gets its answer, and what is fine goes into the cart."""

import streamlit as st

from core.config import ROOT
from core.db import transaction
from core.pricing.quoting import PricesHidden, prices_shown
from core.principal import Principal
from core.quick.drafts import Draft
from pages.ui.cart import show_cart_bar
from pages.ui.cart_outcome import show_outcome
from pages.ui.catalog_grid import show_problem
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.quick_adding import look, offer_adding, show_added
from pages.ui.quick_codes import offer_codes, show_learned
from pages.ui.quick_columns import show_understanding
from pages.ui.quick_lines import show_lines
from pages.ui.quick_mending import show_mending
from pages.ui.quick_text import PROBLEM, current, show_text
from pages.ui.text import _, language


def main() -> None:
    principal = require("partner", "orders.place")
    st.html(ROOT / "pages/ui/quick_order.css")
    show_said()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(_("Quick order"), anchor=False)
        offer_codes(principal)
    with transaction(principal) as session:
        shown = prices_shown(session)
    if not shown:
        st.info(PricesHidden().text(language()), icon=":material/visibility_off:")
        return
    show_outcome(principal)
    pasted = current(principal)
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(problem, icon=":material/block:")
    show_problem()
    show_text(principal, pasted)
    results = st.container(key="quick_results")
    with st.container(key="quick_added"):
        show_added(principal)
    with results:
        show_results(principal, pasted)
    with st.bottom:
        show_cart_bar()


def show_results(principal: Principal, pasted: Draft) -> None:
    """What becomes of each line; how it works where there is none yet."""
    if not pasted.text.strip():
        st.caption(_("Paste lines from a mail or a sheet, type them, or read them from a file. Nothing is ordered "
                     "before you have seen what becomes of each line."))  # fmt: skip
        return
    with refusals():
        show_learned()
        checked = look(principal, pasted)
        show_understanding(checked, pasted)
        offer_adding(checked, pasted)
        show_mending(principal, checked)
        if len(checked.to_mend) < len(checked.answers):
            show_lines(checked)


main()
