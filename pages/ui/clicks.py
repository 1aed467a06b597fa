"""Clicks that come while another one is still being answered."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

T = TypeVar("T")


def hold_clicks(act: Callable[[], T]) -> T:
    """Do it to its end although somebody clicks again meanwhile, and give what it gives.

    A new click ends the run where it touches the session state next, in the middle of what it does. Then it begins
    anew: so `act` is a whole transaction, or writes into the session state and nothing else. The click itself waits and
    ends the run at the first touch after this.
    """
    clicks = []
    while True:
        try:
            done = act()
        except RerunException as click:
            clicks.append(click.rerun_data)
        else:
            break
    run = get_script_run_ctx()
    if run and run.script_requests:
        for click in clicks:
            run.script_requests.request_rerun(click)
    return done


def leave(key: str, value: object) -> None:
    """Write into the session state, also between what was done and its commit: a click meanwhile waits."""

    def write() -> None:
        st.session_state[key] = value

    hold_clicks(write)
