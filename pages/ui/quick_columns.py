"""How a pasted table was understood, and the choices that change it."""

import streamlit as st

from core.quick.checking import Check
from core.quick.columns import Columns
from core.quick.drafts import Draft
from pages.ui.frame import plain
from pages.ui.quick_text import MARK, change
from pages.ui.text import _


def show_understanding(checked: Check, pasted: Draft) -> None:
    """The columns of a table, what counts as one, and whether `1.250` is a thousand, where it cannot be told."""
    if checked.columns and checked.rows > 1:
        _show_columns(checked.columns, pasted)
    if checked.counted:
        st.info(_("No line has a quantity: each one counts as 1."), icon=":material/barcode_scanner:")
    if checked.unsure or st.session_state.get(MARK):
        marks = {
            ",": _("1.250 is a thousand and more, 1,250 is one and a bit"),
            ".": _("1.250 is one and a bit, 1,250 is a thousand and more"),
        }
        label = _("How are the quantities written?")
        st.radio(label, list(marks), index=None, format_func=lambda mark: marks[mark], key=MARK)


def _show_columns(columns: Columns, pasted: Draft) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="quick_columns"):
        words = _("Read as a table")
        st.markdown(f":material/table: {words}", width="content")
        for label, value, name in (
            (_("Code"), columns.code, "code_column"),
            (_("Quantity"), columns.quantity, "quantity_column"),
        ):
            key = f"{name} {hash(pasted.text)} {value}"
            st.selectbox(label, range(columns.width), index=value, format_func=lambda at: _title(columns, at), key=key,
                         on_change=_choose, args=(name, key), width=240)  # fmt: skip


def _title(columns: Columns, at: int) -> str:
    """`B: Cantitate`, as a sheet names its columns."""
    title = columns.titles[at] if at < len(columns.titles) else ""
    letter = _("Column {letter}").format(letter=chr(ord("A") + at % 26))
    return f"{letter}: {plain(title)}" if title else letter


def _choose(name: str, key: str) -> None:
    """A callback."""
    change(**{name: st.session_state[key]})
