"""Above every page of the staff while the demo company is here: its clock, and the way to be rid of it."""

from datetime import timedelta

import streamlit as st

from core import clock
from core.db import transaction
from core.demo.moving import back_to_real_time, go_to_next_deadline, move_clock
from core.demo.visiting import is_guest, remove
from core.permissions import may
from core.principal import Principal
from pages.ui.clicks import hold_clicks
from pages.ui.errors import refusals
from pages.ui.guard import redirect, require
from pages.ui.steps import drawn, pop_told, take_once
from pages.ui.text import _, moment

COUNT, REFUSED, MOVED = "demo_clock", "demo_clock_refused", "demo_clock_moved"
LOG_INS = "demo_log_ins"
"""Who can log in to a demo that was just loaded: in the session of who loaded it, until they have noted it down."""


def show_demo(principal: Principal) -> None:
    """The bar, for staff; what it can do, for who may change the settings."""
    if not clock.in_demo() or principal.kind != "staff":
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="demo_bar"):
        name, time = _("Demo company"), moment(clock.now())
        st.markdown(f":material/science: **{name}** · {time}", width="stretch")
        if may(principal, "settings.edit"):
            _show_clock(drawn(COUNT))
            _show_removal(principal)
    if told := pop_told(REFUSED):
        st.error(told, icon=":material/block:")
    if told := pop_told(MOVED):
        st.toast(told, icon=":material/schedule:")


def _show_clock(at: int) -> None:
    st.button(_("+1 hour"), key="demo_hour", on_click=_hour, args=(at,))
    st.button(_("+1 day"), key="demo_day", on_click=_day, args=(at,))
    hint = _("To one minute before the next order lapses unclaimed: then watch it in the claim queue.")
    st.button(_("To the next deadline"), key="demo_deadline", help=hint, on_click=_deadline, args=(at,))
    hint = _("What happened ahead of it keeps its date: an invoice cannot be issued before the last one.")
    st.button(
        _("Back to real time"), key="demo_real", help=hint, on_click=_real, args=(at,), disabled=not clock.moved()
    )


def _hour(at: int) -> None:
    me = require("staff", "settings.edit")
    take_once(me, COUNT, at, REFUSED, lambda session: move_clock(session, timedelta(hours=1)), _tell)


def _day(at: int) -> None:
    me = require("staff", "settings.edit")
    take_once(me, COUNT, at, REFUSED, lambda session: move_clock(session, timedelta(days=1)), _tell)


def _deadline(at: int) -> None:
    take_once(require("staff", "settings.edit"), COUNT, at, REFUSED, go_to_next_deadline, _tell)


def _real(at: int) -> None:
    take_once(require("staff", "settings.edit"), COUNT, at, REFUSED, back_to_real_time, _tell)


def _tell(_done: None) -> None:
    st.session_state[MOVED] = _("For the demo it is {time} now.").format(time=moment(clock.now()))


def _show_removal(principal: Principal) -> None:
    """Only where it is a guest: what `./rampa demo` loaded has nothing to go back to."""
    with transaction(principal) as session:
        if not is_guest(session):
            return
    with st.popover(_("Remove it"), icon=":material/delete:", key="demo_removal"):
        st.markdown(
            _(
                "Everything becomes as it was before the demo company was loaded. What was entered since then is gone, "
                "also what is not of the demo: settings, people, passwords. Whoever was here before logs in as before."
            )
        )
        if not st.button(_("Remove the demo company"), type="primary", key="demo_remove"):
            return
        with refusals():
            with st.spinner(_("The demo company is being removed")):
                hold_clicks(lambda: remove(principal))
            forget_all()
            redirect("/staff-start")


def forget_all() -> None:
    """What this process remembers of the database is another company's now."""
    st.session_state.pop(LOG_INS, None)
    st.cache_data.clear()
    st.cache_resource.clear()
