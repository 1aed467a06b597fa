"""What partners owe in all, and how old it is: numbers and a chart."""

from decimal import Decimal

import altair as alt
import pandas as pd
import streamlit as st

from core.i18n import N_
from core.receivables.balances import Balance
from pages.ui.text import _, amount
from pages.ui.theme import small_words

AGES = {
    "not_due": N_("Not due yet"),
    "to_30": N_("1–30 days late"),
    "to_60": N_("31–60 days late"),
    "to_90": N_("61–90 days late"),
    "over_90": N_("Over 90 days late"),
}
COLOURS = {"not_due": "#0f766e", "to_30": "#eab308", "to_60": "#f97316", "to_90": "#ef4444", "over_90": "#be123c"}


def show_totals(sums: Balance) -> None:
    """What is open, what of it is late, and what partners have in credit."""
    with st.container(horizontal=True):
        st.metric(_("Unpaid total"), amount(sums.unpaid), border=True, width="content")
        st.metric(_("Overdue total"), amount(sums.overdue), border=True, width="content")
        st.metric(_("Credit of partners"), amount(sums.credit), border=True, width="content",
                  help=_("Paid too much, or brought by stornos: it pays other invoices, or goes back."))  # fmt: skip
        if sums.ahead:
            st.metric(_("Paid ahead on orders"), amount(sums.ahead), border=True, width="content")
    if sums.unpaid:
        show_ages({name: getattr(sums, name) for name in AGES})


def show_ages(sums: dict[str, Decimal], *, clickable: bool = False) -> str | None:
    """What is unpaid by its age (keys of AGES), in lei, as bars with their sums beside them. `clickable`: a bar can be
    clicked, and its age is returned."""
    frame = pd.DataFrame(
        {"name": name, "age": _(AGES[name]), "sum": float(value), "words": amount(value), "colour": COLOURS[name]}
        for name, value in sums.items()
    )
    across = alt.X("sum:Q", axis=None, scale=alt.Scale(domain=[0, max(1.0, float(frame["sum"].max())) * 1.6]))
    down = alt.Y("age:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=200))
    base = alt.Chart(frame).encode(x=across, y=down, tooltip=[alt.Tooltip("words:N", title=_("Open"))])
    cursor = "pointer" if clickable else "default"
    bars = base.mark_bar(cornerRadiusEnd=3, height=18, cursor=cursor).encode(color=alt.Color("colour:N", scale=None))
    # On a telephone the words need room.
    words = base.mark_text(align="left", dx=6, color=small_words(), fontWeight=600).encode(text="words:N")
    if clickable:
        bars = bars.add_params(alt.selection_point(name="chosen", fields=["name"]))
    chart = (bars + words).properties(height=len(sums) * 30).configure_view(strokeWidth=0)
    about = _("What is unpaid, by its age")
    if not clickable:
        st.altair_chart(chart, width="stretch", key="ages", alt=about)
        return None
    picked = st.altair_chart(
        chart, width="stretch", key="ages-chosen", on_select="rerun", selection_mode="chosen", alt=about
    )
    points = picked["selection"].get("chosen") or []
    return str(points[0]["name"]) if points else None
