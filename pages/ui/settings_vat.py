"""The rates of VAT, and planning another one from a day on."""

from datetime import timedelta

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.catalog.models import VAT_CLASSES
from core.catalog.vat_rates import LONGEST_REASON, NO_VAT, Rate, all_rates, drop_planned, plan_rate
from core.db import transaction
from core.imports import fields
from core.principal import Principal
from pages.ui import steps
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key, read
from pages.ui.guard import require
from pages.ui.invoices import today
from pages.ui.text import _, day, quantity
from pages.ui.vat_classes import vat_names

FORM, COUNT, REFUSED = "vat-rate", "vat_steps", "vat_refused"


def show_vat(principal: Principal) -> None:
    """The rates with the days they hold from, those that are planned, and the form for another one."""
    with transaction(principal) as session:
        rates = all_rates(session, clock.now())
    names = vat_names()
    st.caption(
        _("A product has a class; the rate of the day on which it is ordered stands on the order and its invoice.")
    )
    _show_table(rates, names)
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(refused, icon=":material/block:")
    for rate in rates:
        if rate.planned:
            words = _("{name}: {rate} % from {day} on").format(
                name=names[rate.vat_class], rate=quantity(rate.rate), day=day(rate.valid_from)
            )
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":material/event: {words}", width="content")
                st.button(_("Take back"), icon=":material/undo:", key=f"vat-drop-{rate.vat_class}-{rate.valid_from}",
                          on_click=_drop, args=(steps.drawn(COUNT), rate))  # fmt: skip
    _show_planning(principal, names)


def _show_table(rates: list[Rate], names: dict[str, str]) -> None:
    st.dataframe(
        [
            {
                _("VAT class"): names[rate.vat_class],
                _("Rate, %"): quantity(rate.rate),
                _("Holds from"): day(rate.valid_from),
                _("Reason on the invoice"): rate.reason,
                _("State"): _("Planned") if rate.planned else "",
            }
            for rate in rates
        ],
        hide_index=True, height="content", alt=_("VAT rates"),
    )  # fmt: skip


def _show_planning(principal: Principal, names: dict[str, str]) -> None:
    with st.popover(_("Another rate"), icon=":material/add:"):
        form = form_key(FORM)
        with st.form(form, border=False):
            of = st.selectbox(_("VAT class"), VAT_CLASSES, format_func=names.__getitem__, key=f"{form}-class")
            rate = st.text_input(_("Rate, %"), max_chars=6, key=f"{form}-rate")
            first = today() + timedelta(days=1)
            since = st.date_input(
                _("From this day on"), first, min_value=first, format="DD.MM.YYYY", key=f"{form}-since"
            )
            without = ", ".join(names[name] for name in NO_VAT)
            reason = st.text_input(
                _("Reason, for the classes without VAT"), max_chars=LONGEST_REASON, key=f"{form}-reason",
                help=_("Needed for: {classes}").format(classes=without),
            )  # fmt: skip
            if not st.form_submit_button(_("Plan it"), type="primary"):
                return
        with refusals():
            number = read(_("Rate, %"), rate, fields.amount)
            with transaction(principal) as session:
                plan_rate(session, of, number, since, reason, clock.now())
                end_form(_("The rate is planned. Orders placed before stay as they are."), form=FORM)
            st.rerun()


def _drop(at: int, rate: Rate) -> None:
    """A callback."""

    def tell(_done: None) -> None:
        steps.say(_("The planned rate was taken back."))

    def step(session: Session) -> None:
        drop_planned(session, rate.vat_class, rate.valid_from, clock.now())

    steps.take_once(require("staff", "settings.edit"), COUNT, at, REFUSED, step, tell)
