"""The settings about orders: how long they wait, on which clock, the limits, and who is told of new ones."""

from typing import Any

import streamlit as st
from babel.dates import get_day_names

from core import clock
from core.company import Company
from core.imports import fields
from core.orders.deadlines import Clock, deadline
from pages.ui.forms import read
from pages.ui.rule_fields import HOURS_TO, MONEY, OPEN, SHARES, SIZES, read_rule, rule_fields
from pages.ui.settings_form import title
from pages.ui.text import _, language, moment

WAITING = HOURS_TO
PERIOD = (*SHARES, "share_days")


def show_orders(row: Company, form: str) -> dict[str, Any]:
    """The fields about deadlines, the clock and mails; what was typed, by name of the column."""
    title(_("How long orders wait"))
    typed: dict[str, Any] = rule_fields(form, WAITING, row)
    title(_("Which hours count"))
    typed |= _show_clock(row, form)
    title(_("New orders"))
    typed["order_emails"] = st.text_area(
        _("Who is told of new orders: e-mail addresses, one a line"),
        "\n".join(row.order_emails),
        key=f"{form}-order_emails",
        help=_("More addresses for the goods of a brand stand under Mails."),
    )
    zones = sorted({"Europe/Bucharest", row.time_zone})
    typed["time_zone"] = st.selectbox(
        _("Time zone"), zones, zones.index(row.time_zone), key=f"{form}-time_zone",
        help=_("Days and hours on documents, in reports and in deadlines are those of this place."),
    )  # fmt: skip
    return typed


def show_limits(row: Company, form: str) -> dict[str, Any]:
    """The fields of the general limits; what was typed, by name of the column."""
    st.caption(
        _(
            "They hold for every partner that has no limit of its own: those are set under Partners, “Limits and "
            "terms”. 0 means no limit. An order above a limit cannot be placed, and the partner reads by how much; "
            "there you can also let one order through."
        )
    )
    typed: dict[str, Any] = {}
    groups = (
        (_("Size of an order"), SIZES),
        (_("Orders at the same time"), OPEN),
        (_("Credit and overdue invoices"), MONEY),
        (_("A fair share of each product"), PERIOD),
    )
    for heading, names in groups:
        title(heading)
        typed |= rule_fields(form, names, row)
    return typed


def _show_clock(row: Company, form: str) -> dict[str, Any]:
    typed: dict[str, Any] = {
        "working_clock": st.toggle(_("Count working hours only"), row.working_clock, key=f"{form}-working_clock")
    }
    st.caption(
        _(
            "Off: every hour counts, also at night and on Sundays. On: the hours above count only on these days and "
            "between these times, and never on public holidays in Romania."
        )
    )
    names = get_day_names("abbreviated", locale=language())
    days = st.pills(
        _("Working days"),
        range(1, 8),
        selection_mode="multi",
        default=row.work_days,
        format_func=lambda day: names[day - 1].rstrip("."),
        key=f"{form}-work_days",
    )
    left, right = st.columns(2)
    typed["work_days"] = sorted(days)
    typed["work_from"] = left.time_input(_("Work begins at"), row.work_from, key=f"{form}-work_from")
    typed["work_to"] = right.time_input(_("Work ends at"), row.work_to, key=f"{form}-work_to")
    _show_example(row)
    return typed


def _show_example(row: Company) -> None:
    """What the saved settings mean for an order of now."""
    lapses = deadline(Clock.of(row), clock.now(), row.claim_hours)
    if lapses is None:
        st.caption(_("As saved now, an order never lapses unclaimed."))
    else:
        st.caption(_("As saved now, an order placed at this moment lapses on {moment}.").format(moment=moment(lapses)))


def read_limits(typed: dict[str, Any]) -> dict[str, Any]:
    """The values to keep. Raises WrongInput for the first field that cannot be read."""
    return {name: read_rule(name, typed[name]) for name in (*SIZES, *OPEN, *MONEY, *PERIOD)}


def read_orders(typed: dict[str, Any]) -> dict[str, Any]:
    """The values to keep. Raises WrongInput for the first field that cannot be read."""
    rules = {name: read_rule(name, typed[name]) for name in WAITING}
    lines = [line.strip() for line in typed["order_emails"].splitlines() if line.strip()]
    emails = list(dict.fromkeys(read(_("Order e-mails"), line, fields.email) for line in lines))
    return typed | rules | {"order_emails": emails}
