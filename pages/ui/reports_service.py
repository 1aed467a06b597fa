"""How well orders are served: lapses, the wait for the claim, and how much is delivered."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from core.db import reading
from core.principal import Principal
from core.reports.periods import Period
from core.reports.service import FateRow, Fates, Service, by_month, fates, lapsing_partners, service
from pages.ui.frame import plain
from pages.ui.orders import STATES
from pages.ui.reports_charts import show_trend
from pages.ui.reports_rows import export_button, turn_pages
from pages.ui.reports_words import change, days_of, lei, metric, points, share, show_table, signed, waited
from pages.ui.text import _, day

PAGE = 50


def show_service(principal: Principal, period: Period) -> None:
    """Everything of the tab."""
    with reading(principal) as session:
        now, before = service(session, period), service(session, period.year_before)
        months, lapsing = by_month(session, period), lapsing_partners(session, period)
    if not now.placed:
        st.info(_("No order was placed in these days. Choose another period."), icon=":material/event_busy:")
        return
    _show_figures(now, before)
    of = _choose_month(months, period) if len(months) > 1 else None
    _show_orders(principal, of or period, now, _choose_partner(lapsing))


def _choose_month(months: pd.DataFrame, period: Period) -> Period | None:
    """The rates of the months; the days of the one that was chosen, as far as they are of the period."""
    rates = {
        _("Lapsed, % of orders"): list(months["lapse_rate"]),
        _("Delivered, % of value"): list(months["fill_rate"]),
    }
    about = _("Lapse rate and fill rate by month")
    chosen = show_trend(list(months["month"]), rates, f"service-rates-{period}", about, unit="\N{NO-BREAK SPACE}%")
    st.caption(_("Click a month to see only its orders."))
    return None if chosen is None else within_month(months.iloc[chosen]["month"], period)


def within_month(month: date, period: Period) -> Period:
    """The days of the period that are in the month that begins on `month`."""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(max(month, period.first), min(last, period.last))


def _choose_partner(lapsing: pd.DataFrame) -> tuple[int, str] | None:
    """The partners whose orders lapse; id and name of the chosen one."""
    if lapsing.empty:
        return None
    title = _("Whose orders lapse")
    st.markdown(f"**{title}**")
    frame = lapsing.assign(rate=100 * lapsing["lapsed"] / lapsing["placed"])
    column = st.column_config
    config = {
        "name": column.TextColumn(_("Partner"), width="medium"), "lapsed": column.NumberColumn(_("Lapsed")),
        "placed": column.NumberColumn(_("Orders")), "rate": column.NumberColumn(_("Lapse rate")),
    }  # fmt: skip
    row = show_table(frame, config, "service-lapsing", {"rate": share}, about=title, most=6)
    st.caption(_("Select a row to see only its orders."))
    return None if row is None else (int(frame.iloc[row]["partner_id"]), str(frame.iloc[row]["name"]))


def _show_figures(now: Service, before: Service) -> None:
    lapse = _("Of the orders placed in these days, so many lapsed: not claimed, or not paid, in time.")
    half = _("Half of the orders were claimed in this time.")
    filled = _(
        "Of what was ordered in orders that are shipped or cancelled, so much was delivered, by value. Substitutes do "
        "not count."
    )
    with st.container(horizontal=True):
        metric(
            _("Lapse rate"), share(now.lapse_rate), points(now.lapse_rate, before.lapse_rate), good=False, hint=lapse
        )
        metric(_("Time to claim"), waited(now.median), signed(change(now.median or 0, before.median or 0)), good=False,
               hint=half)  # fmt: skip
        metric(_("Nine of ten claimed in"), waited(now.slowest), signed(change(now.slowest or 0, before.slowest or 0)),
               good=False)  # fmt: skip
        metric(_("Fill rate"), share(now.fill_rate), points(now.fill_rate, before.fill_rate), hint=filled)


def _show_orders(principal: Principal, period: Period, now: Service, whose: tuple[int, str] | None) -> None:
    orders = _("Orders")
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        status = st.segmented_control(
            f"{plain(whose[1]) if whose else orders} · {days_of(period)}", list(STATES), wrap=True,
            key=f"service-status-{now.lapsed > 0}", persist_state="session",
            default="lapsed" if now.lapsed else None, format_func=lambda name: _(STATES[name]),
        )  # fmt: skip
        of = Fates(period, status, whose[0] if whose else None)
        export_button("orders", _asked(of), "service")
    key = f"service-page {of}"
    page = st.session_state.get(key, 1)
    with reading(principal) as session:
        rows = fates(session, of, PAGE + 1, (page - 1) * PAGE)
    if not rows:
        st.info(_("No order stands so. Choose another state."), icon=":material/inbox:")
        return
    _show_fates(rows[:PAGE])
    turn_pages(key, page, "service", more=len(rows) > PAGE)


def _asked(of: Fates) -> dict[str, str]:
    asked = {"first": of.period.first.isoformat(), "last": of.period.last.isoformat(), "status": of.status or ""}
    asked["partner"] = str(of.partner_id or "")
    return {name: value for name, value in asked.items() if value}


def _show_fates(rows: list[FateRow]) -> None:
    column = st.column_config
    frame = pd.DataFrame({
        "order_id": row.order_id, "day": row.day, "partner": row.partner, "state": _(STATES[row.status]),
        "claim": row.claim_seconds, "ordered": row.ordered, "shipped": row.shipped,
    } for row in rows)  # fmt: skip
    config = {
        "order_id": column.NumberColumn(_("Order"), format="%d", pinned=True),
        "day": column.Column(_("Placed")),
        "partner": column.TextColumn(_("Partner"), width="medium"),
        "state": column.TextColumn(_("State")),
        "claim": column.NumberColumn(_("Time to claim")),
        "ordered": column.NumberColumn(_("Ordered, lei")),
        "shipped": column.NumberColumn(_("Delivered, lei")),
    }
    formats = {"day": _day, "claim": _wait, "ordered": lei, "shipped": lei}
    chosen = show_table(frame, config, "service-orders", formats, about=_("Orders, newest first"))
    st.caption(_("Select a row to open its order."))
    if chosen is not None:
        st.switch_page("pages/staff/orders.py", query_params={"order": str(rows[chosen].order_id)})


def _day(value: date) -> str:
    return day(value)


def _wait(value: float | None) -> str:
    return waited(None if pd.isna(value) else int(value or 0))
