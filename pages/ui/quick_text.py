"""The text of a quick order: pasted, typed or read from a file, and kept until it is in the cart."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import streamlit as st

from core.db import transaction
from core.principal import Principal
from core.quick.drafts import Draft, DraftChanged, draft, keep
from core.quick.files import MOST_MEGABYTES, TYPES, read_file
from core.quick.finding import examples
from core.quick.learning import OwnCode
from core.quick.lines import Line
from core.quick.mending import replaced
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language, quantity

TAB = "quick_tab"
PROBLEM = "quick_problem"
ROUND = "quick_round"
MARK = "quick_mark"
EXAMPLES = "quick_examples"


@dataclass(slots=True)
class Tab:
    """What a tab of the browser shows, and of whom; `before` is the text that stood here until it was cleared or
    changed in another tab, `learned` the code that the last change taught, `added` how much of each product (id) that
    was added the cart held before.

    A plain object: Streamlit may end a run at any touch of its session state, also between the commit of a change and
    what is noted here of it. Every text that was not typed has a field of its own (`fields` counts them): a click that
    was on its way meanwhile brings along what stood in the old one.
    """

    whose: tuple[int | None, int | None]
    draft: Draft
    fields: int = 0
    before: str = ""
    learned: OwnCode | None = None
    added: dict[int, Decimal] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of the field."""
        return f"quick_text {self.fields}"

    def take(self, kept: Draft, *, typed: bool = False) -> None:
        """From here on the page shows what was kept."""
        self.draft, self.learned = kept, None
        self.fields += not typed


def this_tab() -> Tab:
    tab: Tab = st.session_state[TAB]
    return tab


def current(principal: Principal) -> Draft:
    """What is pasted now. A tab that has none yet finds what was kept; so does one whose lines were changed in another
    tab: it is told, and may have its own back."""
    whose = principal.user_id, principal.partner_id
    with transaction(principal) as session:
        kept = draft(session)
    tab: Tab | None = st.session_state.get(TAB)
    if tab is None or tab.whose != whose:
        fields = tab.fields + 1 if tab else 0
        st.session_state[TAB] = Tab(whose, kept, fields)
    elif kept.version != tab.draft.version:
        tab.before = here().text
        tab.take(kept)
        st.session_state[PROBLEM] = plain(DraftChanged().text(language()))
    return here()


def here() -> Draft:
    """What is pasted in this tab."""
    tab = this_tab()
    return replace(tab.draft, text=st.session_state.get(tab.key, tab.draft.text))


def change(*, typed: bool = False, **values: Any) -> None:
    """For a callback: another text or other columns, kept."""
    tab = this_tab()
    with refusals(PROBLEM):
        with transaction(require("partner", "orders.place")) as session:
            kept = keep(session, replace(here(), **values))
        tab.take(kept, typed=typed)


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
    tab = this_tab()
    if tab.key not in st.session_state:
        st.session_state[tab.key] = pasted.text
    with st.container(key="quick_field"):  # a place of its own, in which the new field takes the old one's at once
        st.text_area(_("Lines of the order"), key=tab.key, height=170, placeholder=_examples(principal),
                     on_change=_typed, help=help)  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", key="quick_actions"):
        st.button(_("Check the lines"), icon=":material/fact_check:", key="quick_check",
                  type="secondary" if pasted.text.strip() else "primary")  # fmt: skip
        with st.popover(_("From a file"), icon=":material/upload_file:"):
            _show_uploader()
        if pasted.text.strip():
            st.button(_("Clear"), icon=":material/delete:", type="tertiary", key="quick_clear", on_click=_clear)
        if tab.before.strip() not in ("", pasted.text.strip()):
            st.button(_("Bring back the lines from before"), icon=":material/undo:", type="tertiary",
                      key="quick_before", on_click=_bring_back)  # fmt: skip


def _show_uploader() -> None:
    key = f"quick_file {st.session_state.get(ROUND, 0)}"
    st.file_uploader(_("CSV, Excel or OpenDocument"), type=TYPES, key=key, max_upload_size=MOST_MEGABYTES,
                     on_change=_read, args=(key,))  # fmt: skip
    st.caption(_("The first sheet. Rows without a quantity are left out, so a price list can be filled in and sent."))


def _typed() -> None:
    """A callback: another text has other columns."""
    this_tab().before = ""
    change(typed=True, code_column=None, quantity_column=None)


def _clear() -> None:
    """A callback."""
    this_tab().before = here().text
    change(text="", code_column=None, quantity_column=None)


def _bring_back() -> None:
    """A callback: the lines from before, and those that stand here in their place."""
    tab = this_tab()
    before, tab.before = tab.before, here().text
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
