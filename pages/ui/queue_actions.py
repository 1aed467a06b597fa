"""What members of staff do in the claim queue, and what they are told of it.

The verbs are callbacks: they run before the list is drawn again, so that the list is right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.orders import claiming, lifecycle
from pages.ui import steps
from pages.ui.clicks import leave
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language

SAID_KEY = "queue_said"
PLACES_KEY = "queue_places"
COUNT_KEY, TICKED = "queue_steps", "ticked"
MOST_EMPTY = 50
SAID_FOR = timedelta(seconds=45)
"""How long an answer stays: the list refreshes itself under the reader's eyes."""


@dataclass(frozen=True, slots=True)
class Said:
    """`done` and `refused` are Markdown; `orders` are those that are the reader's now."""

    at: datetime
    done: str = ""
    refused: tuple[str, ...] = ()
    orders: tuple[int, ...] = ()


def drawn(about: int | str) -> int:
    """How many steps were done with this order, or with `TICKED`, before it was drawn: a button hands it to what it
    does."""
    return steps.drawn(f"{COUNT_KEY} {about}")


def tick_key(order_id: int) -> str:
    return f"tick {order_id}"


def claim(at: int, order_id: int) -> None:
    """`at`, here and below, is what `drawn` was when the button was drawn."""

    def step(session: Session) -> Said:
        lifecycle.claim(session, order_id, clock.now())
        return Said(clock.now(), _("Order {number} is yours.").format(number=order_id), orders=(order_id,))

    _take(at, order_id, step)


def claim_ticked(at: int, shown: Sequence[int]) -> None:
    """Those of the shown orders that are ticked."""

    def step(session: Session) -> Said:
        ticked = [order_id for order_id in shown if st.session_state.get(tick_key(order_id))]
        results = claiming.claim_many(session, ticked, clock.now())
        mine = tuple(order_id for order_id, refusal in results if refusal is None)
        refused = tuple(plain(refusal.text(language())) for _id, refusal in results if refusal)
        return Said(
            clock.now(), _("Claimed: {count} of {all}.").format(count=len(mine), all=len(ticked)), refused, mine
        )

    _take(at, TICKED, step, shown)


def tick(order_ids: Sequence[int], ticked: bool) -> None:
    for order_id in order_ids:
        st.session_state[tick_key(order_id)] = ticked


def assign(at: int, order_id: int, key: str, names: dict[int, str]) -> None:
    """`key` is that of the menu in which the colleague was chosen."""

    def step(session: Session) -> Said:
        colleague = st.session_state[key]
        claiming.assign(session, order_id, colleague, clock.now())
        words = _("Order {number} is for {name} now; a message has been sent.")
        return Said(clock.now(), words.format(number=order_id, name=plain(names[colleague])))

    _take(at, order_id, step)


def give_back(at: int, order_id: int, key: str) -> None:
    """`key` is that of the field with the reason."""

    def step(session: Session) -> Said:
        claiming.give_back(session, order_id, clock.now(), st.session_state.get(key, ""))
        return Said(clock.now(), _("Order {number} waits in the queue again.").format(number=order_id))

    _take(at, order_id, step)


def places(page: str, shown: list[int]) -> list[int]:
    """The orders shown, in their order, and between them those that were there and are gone: their places stay empty,
    or are taken by new ones, until the reader does something. A card that moves is drawn anew: what is open in it
    would close under the reader's hands.
    """
    of, before = st.session_state.get(PLACES_KEY, ("", []))
    now: list[int] = []
    if of == page:
        passed = new = 0
        for order_id in shown:
            if order_id in before[passed:]:
                at = before.index(order_id)
                now += [gone for gone in before[passed:at] if gone not in shown][new:]
                passed, new = at + 1, 0
            else:
                new += 1
            now.append(order_id)
    if len(now) > len(shown) + MOST_EMPTY or not now:
        now = shown
    st.session_state[PLACES_KEY] = (page, now)
    return now


def show_answer() -> None:
    """What became of the last click, for a while."""
    said: Said | None = st.session_state.get(SAID_KEY)
    if said is None or clock.now() - said.at > SAID_FOR:
        return
    if said.done:
        st.success(said.done, icon=":material/check_circle:")
    if said.refused:
        st.warning("  \n".join(said.refused), icon=":material/block:")
    if len(said.orders) == 1:
        order = {"order": str(said.orders[0])}
        icon = ":material/arrow_forward:"
        st.page_link("pages/staff/orders.py", label=_("Open the order"), query_params=order, icon=icon)


def _take(at: int, about: int | str, step: Callable[[Session], Said], ticked: Sequence[int] = ()) -> None:
    """What the step says, or is refused, is the answer. Who has done something has nothing else open, nor ticked."""

    def tell(said: Said) -> None:
        st.session_state[SAID_KEY] = said
        tick(ticked, False)

    st.session_state.pop(PLACES_KEY, None)
    staff, count = require("staff", "orders.claim"), f"{COUNT_KEY} {about}"
    steps.take_once(staff, count, at, "claim_refused", step, tell)
    if refused := st.session_state.pop("claim_refused", None):
        leave(SAID_KEY, Said(clock.now(), refused=(refused,)))
