"""Days sales outstanding month by month, and the invoices that the figure of a month is made of."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.db import reading
from core.i18n import N_
from core.principal import Principal
from core.reports.money import DSO_DAYS, OpenInvoice
from core.reports.outstanding import Issued, Outstanding, invoiced_before, open_then
from pages.ui.reports_charts import show_trend
from pages.ui.reports_rows import export_button, turn_pages
from pages.ui.reports_words import lei, show_table
from pages.ui.text import _, amount, day, quantity

PAGE = 50
PARTS = {"invoices": N_("Unpaid then"), "issued": N_("Invoiced in the days before")}


def show_outstanding(trend: Sequence[Outstanding]) -> Outstanding | None:
    """The figure at the end of each month; the one that was chosen."""
    title = _("Days sales outstanding")
    lines = {title: [None if one.days is None else float(one.days) for one in trend]}
    st.markdown(f"**{title}**")
    about = _("Days sales outstanding at the end of each month")
    chosen = show_trend([one.day for one in trend], lines, f"money-dso-{trend[-1].day}", about)
    st.caption(_("Click a month to see its invoices."))
    return None if chosen is None else trend[chosen]


def show_outstanding_rows(principal: Principal, of: Outstanding) -> None:
    """What was unpaid on the day, and what was invoiced before it: both parts of the figure, each with a file."""
    with st.container(border=True):
        words = _("{day}: {unpaid} unpaid, {invoiced} invoiced in {days} days, so {figure} days sales outstanding")
        st.markdown(words.format(
            day=f"**{day(of.day)}**", unpaid=amount(of.unpaid), invoiced=amount(of.invoiced), days=DSO_DAYS,
            figure="–" if of.days is None else quantity(round(of.days, 1)),
        ))  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            part = st.segmented_control(
                _("Show"), list(PARTS), default="invoices", required=True, format_func=lambda each: _(PARTS[each]),
                key="money-dso-part", persist_state="session",
            )  # fmt: skip
            export_button("issued" if part == "issued" else "invoices", {"on": of.day.isoformat()}, "money-dso")
        key = f"money-dso-page {part} {of.day}"
        page = st.session_state.get(key, 1)
        with reading(principal) as session:
            ask = invoiced_before if part == "issued" else open_then
            rows = ask(session, of.day, PAGE + 1, (page - 1) * PAGE)
        if not rows:
            st.info(_("No invoices here."), icon=":material/inbox:")
            return
        about = _("Invoices, newest first") if part == "issued" else _("Open invoices, the latest first")
        show_invoices(rows[:PAGE], f"money-dso-{part}", about)
        turn_pages(key, page, "money-dso", more=len(rows) > PAGE)


def show_invoices(rows: Sequence[OpenInvoice | Issued], key: str, about: str) -> None:
    """A table of invoices; choosing one opens it."""
    column = st.column_config
    frame = pd.DataFrame({
        "number": row.number, "partner": row.partner, "due_on": row.due_on, "issued_on": row.issued_on,
        "gross": row.gross, **({"open": row.open, "days": max(row.days, 0)} if isinstance(row, OpenInvoice) else {}),
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
    config = {name: each for name, each in config.items() if name in frame}
    formats = {"open": lei, "gross": lei, "due_on": day, "issued_on": day}
    formats = {name: each for name, each in formats.items() if name in frame}
    chosen = show_table(frame, config, key, formats, about=about)
    st.caption(_("Select a row to open the document."))
    if chosen is not None:
        st.switch_page("pages/staff/invoices.py", query_params={"document": str(rows[chosen].document_id)})
