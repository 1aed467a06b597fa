"""What a partner owes, as its owner says it: now, late, and what it has with the distributor."""

from datetime import date
from decimal import Decimal

import pandas as pd
import streamlit as st

from core.i18n import N_
from core.receivables.balances import Balance
from pages.ui.text import _, amount, day
from pages.ui.theme import small_words

AGES = (
    ("not_due", N_("Not due yet"), "#14b8a6"),
    ("to_30", N_("1–30 days late"), "#f59e0b"),
    ("to_60", N_("31–60 days late"), "#f97316"),
    ("to_90", N_("61–90 days late"), "#ef4444"),
    ("over_90", N_("Over 90 days late"), "#be123c"),
)
"""Fields of Balance in order of age, with a colour that is seen on white and on black."""

NextDue = tuple[date, Decimal] | None


def show_balance(sums: Balance, following: NextDue) -> None:
    """A sentence, the three sums that matter, how much of everything is paid, and how late the rest is."""
    kind, icon = ("error", "priority_high") if sums.overdue else ("info", "account_balance_wallet")
    if sums.balance <= 0 and not sums.overdue:
        kind, icon = "success", "check_circle"
    getattr(st, kind)(_owed(sums, following), icon=f":material/{icon}:")
    left, right = st.columns([3, 2], gap="medium") if sums.unpaid else (st.container(), None)
    with left:
        _show_sums(sums)
    if right is not None:
        with right, st.expander(_("How old is what you owe"), icon=":material/hourglass_bottom:", expanded=True):
            _show_ages(sums)


def _show_sums(sums: Balance) -> None:
    with st.container(horizontal=True):
        st.metric(_("To pay"), amount(sums.unpaid), border=True, width="content")
        st.metric(_("Of it overdue"), amount(sums.overdue), border=True, width="content")
        credit = sums.credit + sums.ahead
        hint = _(
            "Paid too much, paid ahead on orders, brought by stornos or over from the previous program. It pays"
            " invoices that come."
        )
        st.metric(_("Your credit"), amount(credit), border=True, width="content", help=hint)
    if sums.to_pay > 0:
        words = _("Paid: {paid} of {total} to pay") if sums.brought else _("Paid: {paid} of {invoiced} invoiced")
        share = min(max(float(sums.paid / sums.to_pay), 0.0), 1.0)
        total = amount(sums.to_pay)
        st.progress(share, words.format(paid=amount(sums.paid), invoiced=total, total=total))


def _owed(sums: Balance, following: NextDue) -> str:
    parts = []
    if not sums.unpaid:
        parts.append(_("All your invoices are paid. Thank you!"))
    elif sums.overdue:
        words = _("You owe {unpaid}. Of it {overdue} is past its due day: please pay that now.")
        parts.append(words.format(unpaid=f"**{amount(sums.unpaid)}**", overdue=f"**{amount(sums.overdue)}**"))
    else:
        parts.append(_("You owe {unpaid}; nothing of it is late.").format(unpaid=f"**{amount(sums.unpaid)}**"))
    if following:
        words = _("Next to pay: {amount}, by {day}.")
        parts.append(words.format(amount=amount(following[1]), day=day(following[0])))
    credit = sums.credit + sums.ahead
    if credit and sums.balance > 0:
        words = _("You have {credit} in credit; when it is set off, {rest} is left to pay.")
        parts.append(words.format(credit=amount(credit), rest=amount(sums.balance)))
    elif credit:
        parts.append(_("You have {credit} in credit for what comes.").format(credit=amount(credit)))
    return " ".join(parts)


def _show_ages(sums: Balance) -> None:
    rows = pd.DataFrame(
        {
            "age": _(name),
            "value": float(getattr(sums, field)),  # only the length of a bar
            "text": amount(getattr(sums, field)),
            "colour": colour,
        }
        for field, name, colour in AGES
    )
    y = {"field": "age", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 0, "ticks": False,
         "domain": False, "grid": False}}  # fmt: skip
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 4, "height": 16},
        "encoding": {"color": {"field": "colour", "type": "nominal", "scale": None}},
    }
    words = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 12, "fontWeight": 600, "color": small_words()},
        "encoding": {"text": {"field": "text", "type": "nominal"}},
    }
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domainMax": float(sums.unpaid) * 1.35}}
    spec = {
        "encoding": {"y": y, "x": x, "tooltip": [
            {"field": "age", "title": _("How late")}, {"field": "text", "title": _("Still open")},
        ]},
        "layer": [bars, words],
        "height": 140,
    }  # fmt: skip
    said = "; ".join(f"{row.age}: {row.text}" for row in rows.itertuples())
    st.vega_lite_chart(rows, spec, alt=said)
