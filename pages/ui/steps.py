"""Steps in callbacks, each done once however often its button is clicked.

A second click starts a run of its own, and ends the first where that touches the session state next. So it is held
until the first is answered, whether it is of the same button or of another one. And a button knows how many steps
were done when it was drawn: where the same one is among those done since, the click was answered already.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from core.db import transaction
from core.principal import Principal
from pages.ui.clicks import hold_clicks
from pages.ui.errors import refusals
from pages.ui.forms import SAID_KEY

SHOWN_KEY = "steps_shown"
T = TypeVar("T")


class LedTo(NamedTuple):
    """Under SHOWN_KEY: a field of the address that a step set."""

    name: str


_TAKEN: ContextVar[tuple[str, int] | None] = ContextVar("step_taken", default=None)


def drawn(count: str) -> int:
    """How many steps were done before the page was drawn: a button hands it to `take_once`.

    `count` is the key that counts them, one for all that is drawn together. Within a step it is what its own button was
    drawn with, so that it finds the fields that were drawn beside it.
    """
    taken = _TAKEN.get()
    return taken[1] if taken and taken[0] == count else len(_done(count))


def _done(count: str) -> tuple[str, ...]:
    """The steps that were done, each by where it stands in the code."""
    done: tuple[str, ...] = st.session_state.get(count, ())
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

    `at` is what `drawn(count)` was when the button was drawn: of two clicks on one button the second does nothing. A
    button is known by its `step`, a function or lambda that stands where no other one with this `count` does.
    `tell` writes into the session state what came of the step, and nothing else. `step` reads the fields, whose keys
    may be new ones after it, and leaves the state as it is.
    """
    if is_answered(count, at, step):
        return

    def take() -> T:
        taken = _TAKEN.set((count, at))
        try:
            with transaction(principal) as session:
                return step(session)
        finally:
            _TAKEN.reset(taken)

    def write() -> None:
        tell(done)
        note_done(count, step)

    with refusals(refused):
        done = hold_clicks(take)
        hold_clicks(write)


def note_done(count: str, step: Callable[..., object]) -> None:
    """For what is no single step of `take_once`: it is done."""
    st.session_state[count] = (*_done(count), _name(step))


def is_answered(count: str, at: int, step: Callable[..., object]) -> bool:
    """Was this click's step done? Then what was shown of it is shown again: the run that did may have been ended."""
    if _name(step) not in _done(count)[at:]:
        st.session_state[SHOWN_KEY] = {}
        return False
    for key, value in st.session_state.get(SHOWN_KEY, {}).items():
        if isinstance(key, LedTo):
            st.query_params[key.name] = value
        else:
            st.session_state[key] = value
    return True


def _name(step: Callable[..., object]) -> str:
    return f"{step.__module__}.{step.__qualname__}"


def pop_told(key: str) -> Any:
    """What a step left under `key`, to be shown once; None where there is nothing."""
    value = st.session_state.get(key)
    if value is not None:
        st.session_state.setdefault(SHOWN_KEY, {})[key] = value
        del st.session_state[key]
    return value


def lead_to(name: str, value: str) -> None:
    """For `tell`: the page goes on at `?name=value`. So it does after a second click, which the browser sent from the
    address where the first one was."""
    st.query_params[name] = value
    st.session_state.setdefault(SHOWN_KEY, {})[LedTo(name)] = value


def say(words: str) -> None:
    """For `tell`: show `words`, Markdown, for a moment."""
    st.session_state[SAID_KEY] = words
