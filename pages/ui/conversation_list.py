"""The list of conversations, as both sides see it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.db import transaction
from core.i18n import N_
from core.messages.conversations import PAGE_SIZE, ThreadRow, threads_page
from core.messages.threads import About
from core.principal import Principal
from pages.ui.text import _, language, moment

STATES = {"new": N_("Something new"), "unanswered": N_("Waits for an answer")}
COLOURS = {"new": "red", "unanswered": "orange"}
ROW = 40


def show_threads(principal: Principal, search: str = "") -> About | None:
    """The table with its pages; the conversation that was just chosen."""
    key = f"threads_page {search}"
    with transaction(principal) as session:
        rows, total = threads_page(session, search, st.session_state.get(key, 1))
    if not rows:
        words = _("No conversation matches.") if search else _(
            "No conversations yet. Begin one above, or on the page of an order."
        )  # fmt: skip
        st.info(words, icon=":material/forum:")
        return None
    chosen = _show_table(rows, with_partner=principal.kind == "staff")
    if total > PAGE_SIZE:
        st.pagination(-(-total // PAGE_SIZE), key=key)
    return chosen


def _show_table(rows: Sequence[ThreadRow], with_partner: bool) -> About | None:
    about = [(row.partner_id, row.order_id, row.last_at) for row in rows]
    picked = st.dataframe(
        pd.DataFrame([_cells(row, with_partner) for row in rows]),
        hide_index=True,
        row_height=ROW,
        height="content",
        on_select="rerun",
        selection_mode="single-row",
        # Other words need other widths, which the browser keeps; other rows must not take over a choice by number.
        key=f"threads {language()} {hash(tuple(about))}",
        column_config=_columns(),
        alt=_("Conversations, those with something new first"),
    )["selection"]["rows"]
    return About(rows[picked[0]].partner_id, rows[picked[0]].order_id) if picked else None


def _cells(row: ThreadRow, with_partner: bool) -> dict[str, object]:
    about = _("Order {number}").format(number=row.order_id) if row.order_id else _("General")
    line = f"{row.last_author}: " + (" ".join(row.last_body.split())[:120] or _("(files)"))
    names = ["new"] if row.new else ["unanswered"] if with_partner and row.unanswered else []
    partner = {"partner": row.partner} if with_partner else {}
    return partner | {
        "about": about, "state": [_(STATES[name]) for name in names], "at": moment(row.last_at), "last": line,
    }  # fmt: skip


def _columns() -> dict[str, object]:
    column = st.column_config
    return {
        "partner": column.TextColumn(_("Partner"), width="medium"),
        "about": column.TextColumn(_("About"), width=120),
        "state": column.MultiselectColumn(
            _("State"), options=[_(STATES[name]) for name in COLOURS], color=list(COLOURS.values()), width=140
        ),
        "at": column.TextColumn(_("When"), width=140),
        "last": column.TextColumn(_("Written last"), width=420),
    }
