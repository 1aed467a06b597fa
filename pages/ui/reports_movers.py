"""What sells best, what rises, falls, is new or lost: products and partners against the year before."""

from typing import cast

import streamlit as st

from core.db import reading
from core.i18n import N_
from core.principal import Principal
from core.reports.movers import MOST, Which, movers
from core.reports.periods import Period
from core.reports.rows import Slice
from core.reports.sales import By
from pages.ui.reports_rows import export_button, show_lines
from pages.ui.reports_sales import show_compared
from pages.ui.text import _

SUBJECTS: dict[By, str] = {"product": N_("Products"), "partner": N_("Partners")}
WHICH: dict[Which, str] = {
    "top": N_("Most sold"), "falling": N_("Falling"), "rising": N_("Rising"), "lost": N_("No longer bought"),
    "new": N_("New"),
}  # fmt: skip
NONE: dict[Which, str] = {
    "top": N_("Nothing was sold in these days. Choose another period."),
    "falling": N_("Nothing sells less than a year before."),
    "rising": N_("Nothing that sold a year before sells more now."),
    "lost": N_("All that was sold a year before is still sold."),
    "new": N_("All that is sold was sold a year before, too."),
}


def show_movers(principal: Principal, period: Period) -> None:
    """Everything of the tab."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = cast(By, st.segmented_control(
            _("List"), list(SUBJECTS), default="product", required=True, format_func=lambda name: _(SUBJECTS[name]),
            key="movers-of", persist_state="session",
        ))  # fmt: skip
        which = cast(Which, st.segmented_control(
            _("Show"), list(WHICH), default="top", required=True, format_func=lambda name: _(WHICH[name]),
            key="movers-which", wrap=True, persist_state="session",
        ))  # fmt: skip
        asked = {"first": period.first.isoformat(), "last": period.last.isoformat(), "by": by}
        export_button("groups", asked, "movers")
    with reading(principal) as session:
        frame = movers(session, period, "partner" if by == "partner" else "product", which)
    if frame.empty:
        st.info(_(NONE[which]), icon=":material/done_all:")
        return
    chosen = show_compared(
        frame, f"movers-{by}-{which}", _("Product") if by == "product" else _("Partner"), whole=False
    )
    st.caption(_("At most {count}. Select a row to see its order lines.").format(count=MOST))
    if chosen is not None:
        row = frame.iloc[chosen]
        of, before = (Slice(each, by, row["key"]) for each in (period, period.year_before))
        if which == "lost":
            of, before = before, of
        show_lines(principal, of, row["name"], f"movers-{by}", before)
