"""What a click does is done once and said, wherever a second click ends its run."""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from sqlalchemy.orm import Session

from core.db import transaction
from core.errors import NotAllowed
from core.events import record
from core.principal import SYSTEM
from pages.ui import forms, steps
from tests.core.orders.steps import NOON, scalar

pytestmark = pytest.mark.usefixtures("database")
COUNT, REFUSED = "some_steps", "some_refused"


class Ended(BaseException):
    """As Streamlit ends a run: no Exception."""


class State(dict[str, Any]):
    """A session state of which one touch, counted from now, ends the run."""

    left = -1

    def _touch(self) -> None:
        self.left -= 1
        if self.left == -1:
            raise Ended

    def __getitem__(self, key: str) -> Any:
        self._touch()
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._touch()
        super().__setitem__(key, value)

    def get(self, key: str, default: Any = None) -> Any:
        self._touch()
        return super().get(key, default)


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> State:
    state = State()
    monkeypatch.setattr(st, "session_state", state)
    return state


def done() -> int:
    return int(scalar("select count(*) from event where kind = 'settings_changed'"))


def act(session: Session) -> str:
    record(session, "settings_changed", NOON)
    return "It is done."


def click(at: int = 0, refused: bool = False) -> None:
    def step(session: Session) -> str:
        if refused:
            raise NotAllowed
        return act(session)

    steps.take_once(SYSTEM, COUNT, at, REFUSED, step, steps.say)


def is_ended(state: State, touch: int, run: Callable[[], None]) -> bool:
    """Does this touch of the state end the run, or is it over before?"""
    state.left = touch
    try:
        run()
    except Ended:
        return True
    finally:
        state.left = -1
    return False


@pytest.mark.parametrize("touch", range(8))
def test_a_step_is_done_once_and_said_wherever_a_second_click_ends_the_first(state: State, touch: int) -> None:
    ended = is_ended(state, touch, click)
    assert done() == (0 if ended else 1)
    click()
    assert (done(), dict(state)[forms.SAID_KEY], steps.drawn(COUNT)) == (1, "It is done.", 1)


def test_a_step_that_is_refused_counts_for_nothing_and_may_be_tried_again(state: State) -> None:
    click(refused=True)
    assert (done(), steps.drawn(COUNT), forms.SAID_KEY in state) == (0, 0, False)
    assert state[REFUSED]
    click()
    assert (done(), steps.drawn(COUNT)) == (1, 1)


def test_what_was_shown_of_a_step_is_shown_again_when_its_second_click_ends_the_run_that_showed_it(
    state: State,
) -> None:
    click()
    state["news"] = "Read this."
    assert steps.pop_told("news") == "Read this."
    assert steps.pop_told("news") is None
    click()
    assert steps.pop_told("news") == "Read this."
    click(at=1)  # the next step: its page tells nothing of the one before
    click(at=1)
    assert steps.pop_told("news") is None


@pytest.mark.parametrize("touch", range(4))
def test_a_form_is_over_with_what_it_asked_for_or_not_at_all(state: State, touch: int) -> None:
    key = forms.form_key("a form")

    def submit() -> None:
        with transaction(SYSTEM) as session:
            forms.end_form(act(session), "a form")

    if is_ended(state, touch, submit):
        assert (done(), forms.form_key("a form")) == (0, key)
    else:
        assert (done(), forms.form_key("a form") != key, state[forms.SAID_KEY]) == (1, True, "It is done.")
