"""What the buttons about messages and conversations share: a step in a callback, done once however often it is
clicked."""

from collections.abc import Callable
from typing import Literal, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from pages.ui import steps
from pages.ui.guard import require
from pages.ui.text import language

REFUSED_KEY, COUNT_KEY = "messages_refused", "messages_steps"
T = TypeVar("T")


def step_key(name: str, about: object = "") -> str:
    """The key of a widget: another one after every step, so that forms are empty again. What was typed stays while a
    step is refused."""
    return f"messages-{name}-{about}-{language()}-{drawn()}"


def drawn() -> int:
    """How many steps were done before the page was drawn: a button hands it to `take_step`."""
    return steps.drawn(COUNT_KEY)


def take_step(
    side: Literal["partner", "staff"], at: int, step: Callable[[Session], T], said: Callable[[T], str] | str
) -> None:
    """For callbacks: do the step for the signed-in user in a transaction, and say so for a moment, or say why not.

    `at` is what `drawn` was when the button was drawn: of two clicks on one button the second does nothing. Who may do
    it is asked by the step itself. `said` is Markdown, or makes it from what the step returned; nothing is said if it
    is empty.
    """

    def tell(result: T) -> None:
        if words := said if isinstance(said, str) else said(result):
            steps.say(words)

    steps.take_once(require(side, "messages.see"), COUNT_KEY, at, REFUSED_KEY, step, tell)


def show_refused() -> None:
    """What was refused, once."""
    if refused := st.session_state.pop(REFUSED_KEY, None):
        st.warning(refused, icon=":material/block:")
