"""What a click does is done once and said, whenever another click comes meanwhile."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from sqlalchemy.orm import Session
from streamlit import config
from streamlit.runtime.scriptrunner import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

from core.db import transaction
from core.errors import NotAllowed
from core.events import record
from core.principal import SYSTEM
from pages.ui import clicks, forms, steps
from tests.core.orders.steps import NOON, scalar

pytestmark = pytest.mark.usefixtures("database")
COUNT, REFUSED = "some_steps", "some_refused"


class State(dict[str, Any]):
    """A session state as Streamlit's: a click that came ends the run where it is touched next. `click_at` counts the
    touches until somebody clicks."""

    click_at, clicked = -1, False

    def __init__(self) -> None:
        super().__init__()
        self.script_requests = ScriptRequests()

    def _touch(self) -> None:
        self.click_at -= 1
        if self.click_at == -1:
            self.clicked = True
            self.script_requests.request_rerun(RerunData(page_name="the other button"))
        if request := self.script_requests.on_scriptrunner_yield():
            raise RerunException(request.rerun_data)

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
    monkeypatch.setattr(clicks, "get_script_run_ctx", lambda: SimpleNamespace(script_requests=state.script_requests))
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
    """Does a click at this touch of the state end the run, or is it held until the run is over? It is never lost."""
    state.click_at = touch
    try:
        run()
    except RerunException:
        return True
    state.click_at = -1
    held = state.script_requests.on_scriptrunner_yield()
    assert (held is not None) == state.clicked
    assert held is None or held.rerun_data.page_name == "the other button"
    return False


def test_a_second_click_from_the_old_address_is_led_where_the_first_was(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    address: dict[str, str] = {"order": "1"}
    monkeypatch.setattr(st, "query_params", address)

    def ordered() -> None:
        steps.take_once(SYSTEM, COUNT, 0, REFUSED, act, lambda _said: steps.lead_to("order", "2"))

    ordered()
    assert address == {"order": "2"}
    address["order"] = "1"  # what the browser sends with the second click
    ordered()
    assert (address, done()) == ({"order": "2"}, 1)
    address["order"] = "3"
    click(at=1)
    assert address == {"order": "3"}


@pytest.mark.parametrize("touch", range(8))
def test_a_step_is_done_once_and_said_whenever_the_same_button_is_clicked_again(state: State, touch: int) -> None:
    is_ended(state, touch, click)
    click()
    assert (done(), dict(state)[forms.SAID_KEY], steps.drawn(COUNT)) == (1, "It is done.", 1)


@pytest.mark.parametrize("touch", range(2, 8))
def test_a_click_on_another_button_undoes_nothing_and_takes_no_words_away(state: State, touch: int) -> None:
    assert not is_ended(state, touch, click)
    assert (done(), dict(state)[forms.SAID_KEY], steps.drawn(COUNT)) == (1, "It is done.", 1)


@pytest.mark.parametrize("touch", range(2, 6))
def test_what_a_step_was_refused_is_said_whenever_another_button_is_clicked(state: State, touch: int) -> None:
    assert not is_ended(state, touch, lambda: click(refused=True))
    assert (done(), REFUSED in state) == (0, True)


def test_a_step_that_is_refused_counts_for_nothing_and_may_be_tried_again(state: State) -> None:
    click(refused=True)
    assert (done(), steps.drawn(COUNT), forms.SAID_KEY in state) == (0, 0, False)
    assert state[REFUSED]
    click()
    assert (done(), steps.drawn(COUNT)) == (1, 1)


def test_a_step_whose_button_was_drawn_before_another_step_is_done_and_finds_its_own_fields(state: State) -> None:
    click()
    found = []

    def step(session: Session) -> str:
        found.append(steps.drawn(COUNT))
        return act(session)

    steps.take_once(SYSTEM, COUNT, 0, REFUSED, step, steps.say)
    assert (done(), found, steps.drawn(COUNT)) == (2, [0], 2)
    click()  # the first button once more, still as it was drawn
    assert done() == 2


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
def test_a_click_on_another_button_undoes_no_form(state: State, touch: int) -> None:
    key = forms.form_key("a form")

    def submit() -> None:
        with transaction(SYSTEM) as session:
            forms.end_form(act(session), "a form")

    assert not is_ended(state, touch, submit)
    assert (done(), forms.form_key("a form") != key, state[forms.SAID_KEY]) == (1, True, "It is done.")


def test_one_tab_has_one_run_at_a_time() -> None:
    """With it two clicks on one button both find that nothing was done yet, and both do it."""
    assert config.get_option("runner.fastReruns") is False
