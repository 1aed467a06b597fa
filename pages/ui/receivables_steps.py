"""What the buttons about debts share: a step in a callback, done once however often it is clicked."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from sqlalchemy.orm import Session
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from pages.ui import steps
from pages.ui.guard import require
from pages.ui.text import language

REFUSED_KEY, NEWS_KEY, COUNT_KEY = "debts_refused", "debts_news", "debts_steps"
T = TypeVar("T")


def step_key(name: str, about: int = 0) -> str:
    """The key of a widget about a partner, an invoice or a payment (its id). After every step it is another one:
    popovers close, and forms show what there is now. What was typed stays while a step is refused."""
    return f"debts-{name}-{about}-{language()}-{shown()}"


def shown() -> int:
    """How many steps were done before the page was drawn: a button hands it to `take_step`."""
    return steps.drawn(COUNT_KEY)


def take_step(drawn: int, step: Callable[[Session], T], said: Callable[[T], str] | str) -> None:
    """For callbacks: do the step for the signed-in user in a transaction, and say so for a moment, or say why not.

    `drawn` is what `shown` was when the button was drawn: of two clicks on one button the second does nothing. Who may
    do it is asked by the step itself. `said` is Markdown, or makes it from what the step returned.
    """

    def tell(result: T) -> None:
        steps.say(said if isinstance(said, str) else said(result))

    steps.take_once(require("staff", "documents.see"), COUNT_KEY, drawn, REFUSED_KEY, step, tell)


def show_outcome() -> None:
    """What was refused, and what a step had more to say of than a toast holds."""
    if refused := st.session_state.pop(REFUSED_KEY, None):
        st.warning(refused, icon=":material/block:")
    if news := steps.pop_told(NEWS_KEY):
        st.info(news, icon=":material/info:")


def drawer(name: str, about: int, label: str, icon: str, primary: bool = False) -> PopoverContainer | None:
    """A popover for one theme; None while it is closed: what is in it is only drawn for who opens it."""
    box = st.popover(
        label,
        icon=f":material/{icon}:",
        type="primary" if primary else "secondary",
        key=step_key(name, about),
        on_change="rerun",
    )
    return box if box.open else None
