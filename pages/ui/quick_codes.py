"""The partner's own codes, as they were learned: looked at, and forgotten."""

import pandas as pd
import streamlit as st

from core.db import transaction
from core.principal import Principal
from core.quick.learning import OwnCode, count_codes, forget, own_codes, unlearn
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.quick_text import PROBLEM, this_tab
from pages.ui.text import _, quantity


def offer_codes(principal: Principal) -> None:
    """A button that opens the list, with how many there are; nothing where there are none."""
    with transaction(principal) as session:
        count = count_codes(session)
    label = _("Our own codes: {count}").format(count=quantity(count))
    if count and st.button(label, icon=":material/bookmark_manager:", type="tertiary", key="own_codes"):
        st.dialog(_("Our own codes"), width="large", on_dismiss="rerun")(_show)()


def show_learned() -> None:
    """What was learned by the last change, and the way back: it counts for the whole company."""
    learned = this_tab().learned
    if learned is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="quick_learned"):
        words = _("We remember: “{code}” is {sku}.").format(code=plain(learned.code), sku=plain(learned.sku))
        st.markdown(f":material/bookmark_added: {words}", width="content")
        st.button(_("Undo"), icon=":material/undo:", type="tertiary", key="unlearn", on_click=_unlearn,
                  args=(learned,))  # fmt: skip


def _unlearn(learned: OwnCode) -> None:
    """A callback."""
    with refusals(PROBLEM):
        with transaction(require("partner", "orders.place")) as session:
            unlearn(session, learned)
        this_tab().learned = None


def _show() -> None:
    with transaction(require("partner", "orders.place")) as session:
        codes = own_codes(session)
    st.write(_("When an unknown code was corrected once, it is remembered for everybody in your company."))
    if problem := st.session_state.get(PROBLEM):
        st.error(problem, icon=":material/block:")
    frame = pd.DataFrame([(one.code, one.sku, _name(one)) for one in codes], columns=["code", "sku", "name"])
    column = st.column_config.TextColumn
    names = {"code": column(_("Our code")), "sku": column(_("SKU")), "name": column(_("Product"), width="large")}
    chosen = st.dataframe(frame, hide_index=True, key=f"codes {len(codes)}", on_select="rerun",
                          selection_mode="multi-row", column_config=names)  # fmt: skip
    marked = [codes[row].code for row in chosen["selection"]["rows"] if row < len(codes)]
    if not marked:
        st.caption(_("Mark the codes that are to be forgotten."))
        return
    label = _("Forget {codes}").format(codes=plain(", ".join(f"“{code}”" for code in marked[:3])))
    st.button(f"{label} …" if len(marked) > 3 else label, icon=":material/delete:", key="forget", on_click=_forget,
              args=(marked,))  # fmt: skip


def _name(one: OwnCode) -> str:
    return one.name if one.offered else _("no longer sold")


def _forget(codes: list[str]) -> None:
    """A callback."""
    with refusals(PROBLEM), transaction(require("partner", "orders.place")) as session:
        for code in codes:
            forget(session, code)
