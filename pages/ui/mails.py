"""Mails on a staff page: the table, and one of them as its reader sees it."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.i18n import N_
from core.notifications.links import without_link
from core.notifications.models import Mail
from core.notifications.queries import MailRow
from pages.ui.frame import plain
from pages.ui.text import _, moment

STATES = {
    "queued": N_("Waiting"),
    "taken": N_("Being prepared"),
    "sending": N_("Being sent"),
    "sent": N_("Sent"),
    "failed": N_("Failed"),
    "uncertain": N_("Uncertain"),
    "held": N_("For the daily mail"),
    "gathered": N_("In a daily mail"),
}
COLORS = {
    "queued": "blue", "taken": "blue", "sending": "blue", "sent": "green", "failed": "red", "uncertain": "orange",
    "held": "violet", "gathered": "violet",
}  # fmt: skip


def show_mails(rows: Sequence[MailRow]) -> int | None:
    """A table of mails; returns the id of the chosen one."""
    chosen = st.dataframe(
        pd.DataFrame([_cells(row) for row in rows]),
        hide_index=True,
        row_height=40,
        on_select="rerun",
        selection_mode="single-row",
        # The ids in the key: the same row number of another list is another mail.
        key=f"mails {rows[0].id} {rows[-1].id} {len(rows)}",
        column_config=_columns(),
        alt=_("Mails, newest first"),
    )
    picked: list[int] = chosen["selection"]["rows"]
    return rows[picked[0]].id if picked else None


def _cells(row: MailRow) -> dict[str, object]:
    return {
        "at": moment(row.created_at),
        "to": row.recipient,
        "subject": row.subject,
        "state": [_(STATES[row.state])],
        "tries": row.tries,
        "error": _(row.error),
    }


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "at": column.TextColumn(_("Written")),
        "to": column.TextColumn(_("To"), width=215),
        "subject": column.TextColumn(_("Subject"), width=345),
        "state": column.MultiselectColumn(
            _("State"), options=[_(STATES[name]) for name in COLORS], color=list(COLORS.values())
        ),
        "tries": column.NumberColumn(_("Tries"), format="%d", width=70),
        "error": column.TextColumn(_("Server's answer"), width="medium"),
    }


def show_mail(mail: Mail, again: Callable[[int], None]) -> None:
    """One mail, its state, and for one that failed or is uncertain a button that calls `again` with its id."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(mail.subject), anchor=False, width="content")
        st.badge(_(STATES[mail.state]), color=COLORS[mail.state])  # type: ignore[arg-type]
        if mail.state in ("failed", "uncertain"):
            label = _("Send again")
            st.button(label, type="primary", icon=":material/send:", on_click=again, args=(mail.id,), key="send_again")
    st.caption(_when(mail))
    if mail.error:
        st.error(plain(_(mail.error)), icon=":material/error:")
    text, html = without_link(mail, _("(the link is only in the mail itself)"))
    formatted, plain_text = st.tabs([_("As sent"), _("Plain text")])
    formatted.html(html)
    plain_text.code(text, language=None, wrap_lines=True)


def _when(mail: Mail) -> str:
    written, recipient = moment(mail.created_at), plain(mail.recipient)
    if mail.sent_at is None:
        return _("To {recipient}, written {written}").format(recipient=recipient, written=written)
    sent = moment(mail.sent_at)
    return _("To {recipient}, written {written}, sent {sent}").format(recipient=recipient, written=written, sent=sent)
