"""The entries of bank statements: found, narrowed, a page at a time; what is certain is booked with one click."""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

import streamlit as st

from core import clock
from core.banking.booking import Booked, book_all
from core.banking.listing import PAGE_SIZE, State, entries
from core.banking.proposing import Proposal
from core.db import transaction
from core.principal import Principal
from pages.ui.bank_entry import show_entry
from pages.ui.clicks import hold_clicks
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.receivables_steps import COUNT_KEY, NEWS_KEY, REFUSED_KEY, shown, step_key
from pages.ui.steps import is_answered, note_done
from pages.ui.text import _, amount, counted, language, quantity

MOST_TOLD = 3


def show_entries(principal: Principal, counts: Mapping[str, int], proposals: Mapping[int, Proposal]) -> None:
    """The filter, the button for all that is certain, and a page of the list."""
    certain = {entry_id: found for entry_id, found in proposals.items() if found.certain}
    state, search = _filters(counts, len(certain))
    if certain and state in ("open", "certain"):
        _offer_all(certain)
    only = list(certain) if state == "certain" else None
    key = f"bank-page {state} {search}"
    page = st.session_state.get(key, 1)
    wanted = cast(State, "open" if state == "certain" else state)
    with transaction(principal) as session:
        rows, total = entries(session, wanted, search, page, only)
        if not rows and page > 1:  # the list has become shorter
            st.session_state.pop(key, None)
            rows, total = entries(session, wanted, search, 1, only)
    if not rows:
        words = _("Nothing matches. Clear the search.") if search else _("Nothing is here.")
        st.info(words, icon=":material/search_off:" if search else ":material/done_all:")
        return
    for row in rows:
        with st.container(border=True, key=f"bank-entry-{row.id}"):
            show_entry(principal, row, proposals.get(row.id))
    if total > PAGE_SIZE:
        st.pagination(-(-total // PAGE_SIZE), key=key)


def _filters(counts: Mapping[str, int], certain: int) -> tuple[str, str]:
    names = {"open": _("To book"), "certain": _("Certain"), "booked": _("Booked"), "set_aside": _("Put aside")}
    numbers = {**counts, "certain": certain}
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    state = left.segmented_control(
        _("Show"), list(names), default="open", required=True, key="bank-state", wrap=True,
        format_func=lambda name: f"{names[name]} ({quantity(Decimal(numbers.get(name, 0)))})",
    )  # fmt: skip
    search = right.text_input(
        _("Search"), placeholder=_("Payer, text, amount or partner"), icon=":material/search:", key="bank-search"
    )
    return state or "open", search


def _offer_all(certain: Mapping[int, Proposal]) -> None:
    # In the order of the days, as the money came in.
    marks = {entry_id: certain[entry_id].mark for entry_id in reversed(list(certain))}
    with st.container(horizontal=True, vertical_alignment="center"):
        label = _("Book {count:certain one|certain ones}").format(count=counted(len(marks)))
        st.button(label, type="primary", icon=":material/done_all:", key=step_key("bank-all"), on_click=_book_all,
                  args=(shown(), marks))  # fmt: skip
        st.caption(_("Their text names the invoice, and the amount is exactly what is open."), width="stretch")


def _book_all(drawn: int, marks: dict[int, str]) -> None:
    """A callback."""
    if is_answered(COUNT_KEY, drawn, _book_all):
        return
    staff = require("staff", "payments.record")
    with refusals(REFUSED_KEY), st.spinner(_("The payments are booked …")):
        done = hold_clicks(lambda: book_all(staff, marks, clock.now()))

        def tell() -> None:
            st.session_state[NEWS_KEY] = _told(done)
            note_done(COUNT_KEY, _book_all)

        hold_clicks(tell)


def _told(done: Booked) -> str:
    words = _("{count:payment|payments} booked, {amount} in all.")
    told = [words.format(count=counted(done.count), amount=plain(amount(done.amount)))]
    if done.refused:
        told.append(_("{count:entry was|entries were} not booked:").format(count=counted(len(done.refused))))
        reasons = dict.fromkeys(refusal.text(language()) for refusal in done.refused)
        told += [plain(reason) for reason in list(reasons)[:MOST_TOLD]]
    return " ".join(told)
