"""The component behind the order grid: assets/ as they are, no build step, served by Streamlit from our own origin."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

MANIFEST = ComponentManifest("rampa", "1", [ComponentConfig("order_grid", "assets")])
NAME = "rampa.order_grid"


def mount(role: str, key: str, data: dict[str, Any], **callbacks: Any) -> Any:
    """Show the component in one of its roles, "grid" or "totals"; `data` become JSON for assets/grid.js."""
    return _renderer(get_bidi_component_manager())(key=key, data={"role": role, **data}, **callbacks)


@lru_cache(maxsize=4)
def _renderer(manager: BidiComponentManager) -> ComponentRenderer:
    """The component as this runtime knows it; a test has a runtime of its own.

    Streamlit finds components by the manifests of installed packages. Rampa runs from its folder and is none, so it
    hands over the manifest itself. Given as text instead, the script would need a hole in the content security policy.
    """
    manager.register_from_manifest(MANIFEST, Path(__file__).parent)
    return st.components.v2.component(NAME, js="grid.js", css="grid.css", html="<div class=rampa hidden></div>")
