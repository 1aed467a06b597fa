"""Steps in callbacks, each done once however often its button is clicked.

A second click starts a run of its own, and ends the first where that touches the session state next. So what a step
leaves in the state is written before the commit: a step that is ended there is undone, and the second click does it.
And a button knows how many steps of its kind were done when it was drawn: where there are more by now, the click was
answered already.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from core.db import transaction
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY

SHOWN_KEY = "steps_shown"
T = TypeVar("T")


def drawn(count: str) -> int:
    """How many steps were done before the page was drawn: a button hands it to `take_once`.

    `count` is the key that counts them, one for all that is drawn together.
    """
    done: int = st.session_state.get(count, 0)
    return done


def take_once(
    principal: Principal,
    count: str,
    at: int,
    refused: str,
    step: Callable[[Session], T],
    tell: Callable[[T], object],
) -> None:
    """For callbacks: do the step in a transaction of the principal, or leave under `refused` why not.

    `at` is what `drawn(count)` was when the button was drawn: of two clicks on one button the second does nothing.
    `tell` writes into the session state what came of the step. `step` reads the fields: their keys may be new ones
    after it.
    """
    if is_answered(count, at):
        return
    with refusals(refused), transaction(principal) as session:
        tell(step(session))
        st.session_state[count] = at + 1  # last: from here to the commit nothing ends the run


def is_answered(count: str, at: int) -> bool:
    """Was this click's step done? Then what was shown of it is shown again: the run that did may have been ended."""
    if at == drawn(count):
        st.session_state[SHOWN_KEY] = {}
        return False
    for key, value in st.session_state.get(SHOWN_KEY, {}).items():
        st.session_state[key] = value
    return True


def pop_told(key: str) -> Any:
    """What a step left under `key`, to be shown once; None where there is nothing."""
    value = st.session_state.get(key)
    if value is not None:
        st.session_state.setdefault(SHOWN_KEY, {})[key] = value
        del st.session_state[key]
    return value


def say(words: str) -> None:
    """For `tell`: show `words`, Markdown, for a moment."""
    st.session_state[SAID_KEY] = words
