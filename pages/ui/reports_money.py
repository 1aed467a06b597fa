"""What is unpaid, how old it is, and how long partners take to pay."""

from datetime import date
from typing import cast

import pandas as pd
import streamlit as st

from core.db import reading
from core.principal import Principal
from core.reports.money import DSO_DAYS, Age, OpenInvoice, ageing, open_invoices
from pages.ui.receivables_totals import AGES, show_ages
from pages.ui.reports_rows import export_button
from pages.ui.reports_words import lei, metric, share, show_table
from pages.ui.text import _, amount, day, quantity

MOST = 200


def show_money(principal: Principal, today: date) -> None:
    """Everything of the tab."""
    with reading(principal) as session:
        sums = ageing(session, today)
    with st.container(horizontal=True):
        metric(_("Unpaid total"), amount(sums.unpaid))
        metric(_("Overdue total"), amount(sums.overdue))
        if sums.unpaid:
            metric(_("Of it overdue"), share(100 * sums.overdue / sums.unpaid))
        days = sums.days_outstanding
        hint = _("What is unpaid, as days of what was invoiced in the last {days} days: how long money takes to come.")
        metric(_("Days sales outstanding"), "–" if days is None else quantity(round(days, 1)),
               hint=hint.format(days=DSO_DAYS))  # fmt: skip
    if not sums.unpaid:
        st.info(_("Every invoice is paid."), icon=":material/done_all:")
        return
    show_ages({name: getattr(sums, name) for name in AGES})
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        age = cast("Age | None", st.segmented_control(
            _("Open invoices"), list(AGES), format_func=lambda name: _(AGES[name]), key="money-age", wrap=True,
            persist_state="session",
        ))  # fmt: skip
        export_button("invoices", {"age": age} if age else {}, "money")
    with reading(principal) as session:
        rows = open_invoices(session, today, age, MOST)
    if not rows:
        st.info(_("No open invoice is so old. Choose another age."), icon=":material/inbox:")
        return
    _show_invoices(rows)


def _show_invoices(rows: list[OpenInvoice]) -> None:
    column = st.column_config
    frame = pd.DataFrame({
        "number": row.number, "partner": row.partner, "open": row.open, "days": max(row.days, 0), "due_on": row.due_on,
        "issued_on": row.issued_on, "gross": row.gross,
    } for row in rows)  # fmt: skip
    config = {
        "number": column.TextColumn(_("Document"), pinned=True),
        "partner": column.TextColumn(_("Partner"), width="medium"),
        "open": column.NumberColumn(_("Open, lei")),
        "days": column.NumberColumn(_("Days late")),
        "due_on": column.Column(_("Due")),
        "issued_on": column.Column(_("Issued")),
        "gross": column.NumberColumn(_("Total, lei")),
    }
    formats = {"open": lei, "gross": lei, "due_on": day, "issued_on": day}
    chosen = show_table(frame, config, "money-invoices", formats, about=_("Open invoices, the latest first"))
    words = _("The {count} that are due longest; the file has all of them.") + " " if len(rows) == MOST else ""
    st.caption(words.format(count=MOST) + _("Select a row to open the document."))
    if chosen is not None:
        st.switch_page("pages/staff/invoices.py", query_params={"document": str(rows[chosen].document_id)})
