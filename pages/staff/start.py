"""First steps: what a new portal needs until its first order, each with the way to it; and a demo to look at."""

import streamlit as st

from core import clock
from core.db import transaction
from core.demo.visiting import is_guest
from core.onboarding.steps import Step, are_open, put_away, steps
from core.principal import Principal
from pages.ui.demo_guest import offer_demo, show_guest
from pages.ui.first_steps import COUNT, REFUSED, show_refused, show_step
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.steps import drawn, say, take_once
from pages.ui.text import _


def leave_steps(at: int) -> None:
    """A callback: the first steps leave the menu."""
    me = require("staff", "settings.edit")
    said = _("The first steps are put away. The settings bring them back.")
    take_once(me, COUNT, at, REFUSED, lambda session: put_away(session, clock.now()), lambda _done: say(said))


def show_steps(found: list[Step], still_open: bool) -> None:
    done = sum(step.done for step in found)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(done / len(found), text=_("Done: {done} of {all}").format(done=done, all=len(found)))
        if still_open:
            st.button(
                _("Put the first steps away"), icon=":material/inventory_2:", type="tertiary", key="steps_away",
                on_click=leave_steps, args=(drawn(COUNT),),
            )  # fmt: skip
    first_open = next((step for step in found if not step.done), None)
    for number, step in enumerate(found, 1):
        show_step(number, step, step is first_open)


def main(principal: Principal) -> None:
    show_said()
    show_refused()
    st.title(_("First steps"), anchor=False)
    with transaction(principal) as session:
        guest, found, still_open = is_guest(session), steps(session, clock.real_now()), are_open(session)
        if still_open and not guest and all(step.done for step in found):
            put_away(session, clock.now())
            still_open = False
    if guest:
        show_guest()
        return
    if all(step.done for step in found):
        words = _("Everything is set up. The first steps leave the menu; the settings bring them back.")
        st.success(words, icon=":material/check_circle:")
    else:
        st.caption(_("From the empty portal to the first order of a partner. You can leave this and go on later."))
    offer_demo(principal)
    show_steps(found, still_open)


main(require("staff", "settings.edit"))
