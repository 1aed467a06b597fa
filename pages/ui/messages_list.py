"""The list of messages to partners, as the staff see it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import N_
from core.messages.listing import PAGE_SIZE, MessageRow, messages_page
from core.principal import Principal
from pages.ui.message_card import LEVELS
from pages.ui.text import _, day, language

STATES = {"shown": N_("Shown"), "planned": N_("Planned"), "over": N_("Over"), "withdrawn": N_("Withdrawn")}
COLOURS = {"shown": "green", "planned": "blue", "over": "gray", "withdrawn": "red"}


def show_messages(staff: Principal) -> None:
    """Search, the table, and the way to one of them."""
    search = st.text_input(_("Search"), placeholder=_("Words of the title"), icon=":material/search:",
                           key="message_search")  # fmt: skip
    key = f"messages_page {search}"
    with transaction(staff) as session:
        rows, total = messages_page(session, clock.now(), search, st.session_state.get(key, 1))
    if not rows:
        words = _("No message matches.") if search else _("No messages yet. Write the first one under “New message”.")
        st.info(words, icon=":material/campaign:")
        return
    st.caption(_("Choose a row to see who has read it."))
    chosen = _show_table(rows)
    if total > PAGE_SIZE:
        st.pagination(-(-total // PAGE_SIZE), key=key)
    if chosen:
        st.query_params["message"] = str(chosen)
        st.rerun()


def audience(row: MessageRow) -> str:
    """Whom it is for, in words."""
    return _("Everyone") if row.audience == "everyone" else row.names or _("Nobody any more")


def share(done: int, people: int) -> str:
    """`3 of 12`."""
    return _("{done} of {all}").format(done=done, all=people)


def _show_table(rows: Sequence[MessageRow]) -> int | None:
    picked = st.dataframe(
        pd.DataFrame([_cells(row) for row in rows]),
        hide_index=True,
        row_height=40,
        height="content",
        on_select="rerun",
        selection_mode="single-row",
        # Other words need other widths, which the browser keeps; other rows must not take over a choice by number.
        key=f"messages {language()} {hash(tuple(row.id for row in rows))}",
        column_config=_columns(),
        alt=_("Messages, newest first"),
    )["selection"]["rows"]
    return rows[picked[0]].id if picked else None


def _cells(row: MessageRow) -> dict[str, object]:
    return {
        "title": row.title,
        "state": [_(STATES[row.state])],
        "level": _(LEVELS[row.level]),
        "audience": audience(row),
        "from": day(row.valid_from),
        "until": day(row.valid_until) if row.valid_until else "",
        "read": share(row.read, row.people) if row.announced_at else "",
        "confirmed": share(row.confirmed, row.people) if row.announced_at and row.level == "confirm" else "",
    }


def _columns() -> dict[str, object]:
    column = st.column_config
    return {
        "title": column.TextColumn(_("Title"), width="medium"),
        "state": column.MultiselectColumn(
            _("State"), options=[_(STATES[name]) for name in COLOURS], color=list(COLOURS.values()), width="small"
        ),
        "level": column.TextColumn(_("Importance")),
        "audience": column.TextColumn(_("For whom"), width="medium"),
        "from": column.TextColumn(_("First day")),
        "until": column.TextColumn(_("Last day")),
        "read": column.TextColumn(_("Read by")),
        "confirmed": column.TextColumn(_("Confirmed by")),
    }
