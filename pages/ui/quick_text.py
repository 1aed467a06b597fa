"""The text of a quick order: pasted, typed or read from a file, and kept until it is in the cart."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.db import transaction
from core.principal import Principal
from core.quick.drafts import Draft, DraftChanged, draft, keep
from core.quick.files import MOST_MEGABYTES, TYPES, read_file
from core.quick.finding import examples
from core.quick.lines import Line
from core.quick.mending import replaced
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language, quantity

TEXT = "quick_text"
DRAFT = "quick_draft"
PROBLEM = "quick_problem"
BEFORE = "quick_before_text"
"""The text that stood here before it was cleared, or changed in another tab."""
LEARNED = "quick_learned"
"""The code that the last change has taught."""
ROUND = "quick_round"
MARK = "quick_mark"
EXAMPLES = "quick_examples"


def current(principal: Principal) -> Draft:
    """What is pasted now. A tab that has none yet, or comes back to the page, finds what was kept; so does one whose
    lines were changed in another tab: it is told, and may have its own back."""
    with transaction(principal) as session:
        kept = draft(session)
    if TEXT not in st.session_state:
        st.session_state.pop(BEFORE, None)
        show(kept)
    elif kept.version != here().version:
        st.session_state[BEFORE] = st.session_state[TEXT]
        st.session_state[PROBLEM] = plain(DraftChanged().text(language()))
        show(kept)
    return here()


def here() -> Draft:
    """What is pasted in this tab."""
    kept: Draft = st.session_state[DRAFT]
    return replace(kept, text=st.session_state.get(TEXT, ""))


def show(kept: Draft) -> None:
    """For a callback: from here on the page shows what was kept."""
    st.session_state.pop(LEARNED, None)
    st.session_state[DRAFT], st.session_state[TEXT] = kept, kept.text


def change(**values: Any) -> None:
    """For a callback: another text or other columns, kept."""
    with refusals(PROBLEM):
        with transaction(require("partner", "orders.place")) as session:
            kept = keep(session, replace(here(), **values))
        show(kept)


def mend(changes: dict[Line, str | None]) -> None:
    """For a callback: some lines changed, or taken out."""
    change(text=replaced(here().text, changes))


def _examples(principal: Principal) -> str:
    """Looked up once: with another placeholder the field would be another one."""
    known: dict[int | None, str] = st.session_state.setdefault(EXAMPLES, {})
    if principal.partner_id not in known:
        with transaction(principal) as session:
            known[principal.partner_id] = "\n".join(examples(session))
    return known[principal.partner_id]


def show_text(principal: Principal, pasted: Draft) -> None:
    """Where lines are pasted or typed, a file is read, and all is cleared."""
    help = _("A line for each product: its code and how many, in any order. SKU, bar code or your own code.")
    st.text_area(_("Lines of the order"), key=TEXT, height=170, placeholder=_examples(principal), on_change=_typed,
                 help=help)  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", key="quick_actions"):
        st.button(_("Check the lines"), icon=":material/fact_check:", key="quick_check",
                  type="secondary" if pasted.text.strip() else "primary")  # fmt: skip
        with st.popover(_("From a file"), icon=":material/upload_file:"):
            _show_uploader()
        if pasted.text.strip():
            st.button(_("Clear"), icon=":material/delete:", type="tertiary", key="quick_clear", on_click=_clear)
        if st.session_state.get(BEFORE, "").strip() not in ("", pasted.text.strip()):
            st.button(_("Bring back the lines from before"), icon=":material/undo:", type="tertiary",
                      key="quick_before", on_click=_bring_back)  # fmt: skip


def _show_uploader() -> None:
    key = f"quick_file {st.session_state.get(ROUND, 0)}"
    st.file_uploader(_("CSV, Excel or OpenDocument"), type=TYPES, key=key, max_upload_size=MOST_MEGABYTES,
                     on_change=_read, args=(key,))  # fmt: skip
    st.caption(_("The first sheet. Rows without a quantity are left out, so a price list can be filled in and sent."))


def _typed() -> None:
    """A callback: another text has other columns."""
    st.session_state.pop(BEFORE, None)
    change(code_column=None, quantity_column=None)


def _clear() -> None:
    """A callback."""
    st.session_state[BEFORE] = here().text
    change(text="", code_column=None, quantity_column=None)


def _bring_back() -> None:
    """A callback: the lines from before, and those that stand here in their place."""
    before, st.session_state[BEFORE] = st.session_state[BEFORE], here().text
    change(text=before, code_column=None, quantity_column=None)


def _read(key: str) -> None:
    """A callback: the rows of a file come below what is pasted already."""
    require("partner", "orders.place")
    uploaded = st.session_state.get(key)
    if uploaded is None:
        return
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1  # a new key empties the uploader
    with refusals(PROBLEM):
        found = read_file(uploaded.getvalue())
        before = here().text.rstrip("\n")
        change(text=f"{before}\n{found.text}" if before else found.text, code_column=None, quantity_column=None)
        words = _("Rows read: {rows}. Left out, without a quantity: {left_out}.")
        st.session_state[SAID_KEY] = words.format(rows=quantity(found.rows), left_out=quantity(found.left_out))
