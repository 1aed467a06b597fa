"""How a member of staff hears of new orders: a number in the menu, a sound on the page of the queue, or not at all."""

import io
import math
import struct
import wave
from datetime import timedelta
from functools import lru_cache

import streamlit as st

from core import clock
from core.auth.account import NEW_ORDER_ALERTS, new_order_alert, set_new_order_alert
from core.db import transaction
from core.i18n import N_
from core.orders import queue
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.guard import require
from pages.ui.text import _

ALERTS = {"none": N_("Nothing"), "badge": N_("A number in the menu"), "sound": N_("A number in the menu and a sound")}
CHOICE_KEY = "new_order_alert"
BADGE_KEY = "orders_waiting"
NEWEST_KEY = "newest_order"
RING_KEY = "order_ring"
RING_FOR = timedelta(seconds=8)
"""How long the player of the sound stays on the page: a click meanwhile does not cut it short."""
RATE = 22_050
TONES = ((784.0, 0.16), (1046.5, 0.4))
"""Two notes, in hertz, and for how many seconds each."""


def count_waiting(principal: Principal | None) -> int | None:
    """How many orders wait to be claimed, for the menu of who may claim them and wants to know."""
    count = None
    if principal and may(principal, "orders.claim"):
        with transaction(principal) as session:
            count = queue.badge(session, clock.now())
    st.session_state[BADGE_KEY] = count
    return count


def menu_is_old(waiting: int) -> bool:
    """Does the menu show another number of waiting orders than there are by now?"""
    return st.session_state.get(BADGE_KEY) not in (None, waiting)


def show_alert_choice(staff: Principal) -> str:
    """The choice of the signed-in member of staff, saved at once; returns it."""
    with transaction(staff) as session:
        chosen = new_order_alert(session)
    st.session_state[CHOICE_KEY] = chosen
    icon = {"none": "notifications_off", "badge": "notifications", "sound": "notifications_active"}[chosen]
    with st.popover(_("New orders"), icon=f":material/{icon}:", key="alert_choice"):
        st.radio(
            _("When a new order comes in"),
            NEW_ORDER_ALERTS,
            format_func=lambda alert: _(ALERTS[alert]),
            key=CHOICE_KEY,
            on_change=_keep_choice,
        )
        st.caption(_("The sound plays while this page is open. This choice is yours alone."))
    return chosen


def ring_for_new(newest: int, alert: str) -> None:
    """Play a sound where an order has come in since the page was last drawn; `newest` is its number."""
    seen = st.session_state.setdefault(NEWEST_KEY, newest)
    if newest > seen:
        st.session_state[NEWEST_KEY] = newest
        _ring(_("Order {number} has come in").format(number=newest))
    with st.container(key="queue_sound"):
        label, at = st.session_state.get(RING_KEY, ("", None))
        if alert == "sound" and at and clock.now() - at < RING_FOR:
            # Another text is another player, and plays again.
            st.audio(chime(), format="audio/wav", autoplay=True, alt=label)


def _ring(label: str) -> None:
    st.session_state[RING_KEY] = (label, clock.now())


def _keep_choice() -> None:
    """A callback. Who chooses the sound hears it."""
    alert = st.session_state[CHOICE_KEY]
    with refusals("claim_refused"), transaction(require("staff", "orders.claim")) as session:
        set_new_order_alert(session, alert)
    if alert == "sound":
        _ring(_("So a new order sounds"))


@lru_cache(maxsize=1)
def chime() -> bytes:
    """Two soft notes as a WAV file."""
    samples = [sample for pitch, seconds in TONES for sample in _note(pitch, seconds)]
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def _note(pitch: float, seconds: float) -> list[int]:
    """One note that fades away."""
    length = int(RATE * seconds)
    return [int(9_000 * math.sin(math.tau * pitch * n / RATE) * (1 - n / length) ** 2) for n in range(length)]
