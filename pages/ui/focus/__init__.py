"""The keyboard goes on where the work does: Streamlit leaves it nowhere when what was clicked or typed in is gone."""

from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

MANIFEST = ComponentManifest("rampa_focus", "1", [ComponentConfig("focus", "assets")])
TURN = "focus_turn"
FIELD = "focus_field"


def go_on(*, field: bool) -> None:
    """For a callback: after it the keyboard goes on, in a field where one was typed in."""
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    st.session_state[FIELD] = field


def show_focus(to: str) -> None:
    """Put it behind what it is about: the container or button with the key `to`."""
    if turn := st.session_state.get(TURN, 0):
        data = {"turn": turn, "to": to, "field": st.session_state[FIELD]}
        _renderer(get_bidi_component_manager())(key="focus", data=data)


@lru_cache(maxsize=4)
def _renderer(manager: BidiComponentManager) -> ComponentRenderer:
    """As for the order grid: a file of our own origin, since the content security policy allows no other script."""
    manager.register_from_manifest(MANIFEST, Path(__file__).parent)
    return st.components.v2.component("rampa_focus.focus", js="focus.js", html="<div hidden></div>")
