"""What the buttons about messages and conversations share: a step in a callback, done once however often it is
clicked."""

from collections.abc import Callable
from typing import Literal, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from core.db import transaction
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY
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
    count: int = st.session_state.get(COUNT_KEY, 0)
    return count


def take_step(
    side: Literal["partner", "staff"], at: int, step: Callable[[Session], T], said: Callable[[T], str] | str
) -> None:
    """For callbacks: do the step for the signed-in user in a transaction, and say so for a moment, or say why not.

    `at` is what `drawn` was when the button was drawn: of two clicks on one button the second does nothing. Who may do
    it is asked by the step itself. `said` is Markdown, or makes it from what the step returned; nothing is said if it
    is empty.
    """
    if at != drawn():
        return
    with refusals(REFUSED_KEY), transaction(require(side, "messages.see")) as session:
        result = step(session)
        # Before the commit: a second click ends this run where it touches the state, and then all of it is undone.
        if words := said if isinstance(said, str) else said(result):
            st.session_state[SAID_KEY] = words
        st.session_state[COUNT_KEY] = at + 1


def show_refused() -> None:
    """What was refused, once."""
    if refused := st.session_state.pop(REFUSED_KEY, None):
        st.warning(refused, icon=":material/block:")
