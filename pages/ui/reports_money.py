"""What is unpaid, how old it is, and how long partners take to pay."""

from datetime import date
from typing import cast

import streamlit as st

from core.db import reading
from core.principal import Principal
from core.reports.money import DSO_DAYS, Age, Ageing, ageing, open_invoices
from core.reports.outstanding import month_ends, outstanding
from pages.ui.receivables_totals import AGES, show_ages
from pages.ui.reports_outstanding import show_invoices, show_outstanding, show_outstanding_rows
from pages.ui.reports_rows import export_button
from pages.ui.reports_words import metric, share
from pages.ui.text import _, amount, quantity

MOST = 200
AGE_KEY, CLICKED_KEY = "money-age", "money-age-clicked"


def show_money(principal: Principal, today: date) -> None:
    """Everything of the tab."""
    with reading(principal) as session:
        sums, trend = ageing(session, today), outstanding(session, month_ends(today))
    _show_figures(sums)
    if not sums.unpaid:
        st.info(_("Every invoice is paid."), icon=":material/done_all:")
    left, right = st.columns(2, gap="medium")
    with left:
        if sums.unpaid:
            title = _("What is unpaid, by its age")
            st.markdown(f"**{title}**")
            _follow(show_ages({name: getattr(sums, name) for name in AGES}, clickable=True))
            st.caption(_("Click a bar to see its invoices."))
    with right:
        chosen = show_outstanding(trend) if any(one.days is not None for one in trend) else None
    if chosen is not None:
        show_outstanding_rows(principal, chosen)
    if sums.unpaid:
        _show_open(principal, today)


def _show_figures(sums: Ageing) -> None:
    with st.container(horizontal=True):
        metric(_("Unpaid total"), amount(sums.unpaid))
        metric(_("Overdue total"), amount(sums.overdue))
        if sums.unpaid:
            metric(_("Of it overdue"), share(100 * sums.overdue / sums.unpaid))
        days = sums.days_outstanding
        hint = _("What is unpaid, as days of what was invoiced in the last {days} days: how long money takes to come.")
        metric(_("Days sales outstanding"), "–" if days is None else quantity(round(days, 1)),
               hint=hint.format(days=DSO_DAYS))  # fmt: skip


def _follow(clicked: str | None) -> None:
    """The bar that was clicked just now is the age whose invoices show; another can be chosen after it."""
    if clicked != st.session_state.get(CLICKED_KEY):
        st.session_state[CLICKED_KEY] = st.session_state[AGE_KEY] = clicked


def _show_open(principal: Principal, today: date) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        age = cast("Age | None", st.segmented_control(
            _("Open invoices"), list(AGES), format_func=lambda name: _(AGES[name]), key=AGE_KEY, wrap=True,
            persist_state="session",
        ))  # fmt: skip
        export_button("invoices", {"age": age} if age else {}, "money")
    with reading(principal) as session:
        rows = open_invoices(session, today, age, MOST)
    if not rows:
        st.info(_("No open invoice is so old. Choose another age."), icon=":material/inbox:")
        return
    show_invoices(rows, "money-invoices", _("Open invoices, the latest first"))
    if len(rows) == MOST:
        st.caption(_("The {count} that are due longest; the file has all of them.").format(count=MOST))
