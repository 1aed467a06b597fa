"""Streamlit's own widgets speak English only: here is what they say, and the reader's words for it.

The browser puts them in place of what Streamlit has drawn (assets/streamlit_words.js). What can be given to a widget
(`placeholder=`) is given to it; what is seen all the time is hidden and written anew by pages/ui/style.css.
"""

from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

from core.i18n import LANGUAGES, N_, translate
from pages.ui.text import language

MANIFEST = ComponentManifest("rampa_streamlit_words", "1", [ComponentConfig("streamlit_words", "assets")])
SAID = (
    # A column's menu
    N_("Copy column name"), N_("Sort ascending"), N_("Sort descending"), N_("Statistics"), N_("Format"), N_("Autosize"),
    N_("Pin column"), N_("Unpin column"), N_("Hide column"),
    # What a column is like
    N_("Count"), N_("Empty"), N_("Distinct"), N_("Values"), N_("Minimum"), N_("Maximum"), N_("Average"), N_("Median"),
    N_("Standard deviation"), N_("Sum"), N_("Range"), N_("Minimum length"), N_("Average length"), N_("Maximum length"),
    N_("Based on sample"),
    # How it is written
    N_("Automatic"), N_("Localized"), N_("Plain"), N_("Compact"), N_("Dollar"), N_("Euro"), N_("Yen"), N_("Percent"),
    N_("Scientific"), N_("Accounting"), N_("Distance"), N_("Calendar"), N_("Duration"),
    # Above a table
    N_("Show/hide columns"), N_("Select all"), N_("Clear selection"), N_("Add row"), N_("Delete row(s)"), N_("Search"),
    N_("Download as CSV"), N_("Fullscreen"), N_("Close fullscreen"), N_("Type to search"), N_("Previous Result"),
    N_("Next Result"), N_("Close Search"), N_("{} results"), N_("1 result"),
    # Charts
    N_("Show data"), N_("Show chart"), N_("Download as PNG"), N_("Copy Vega-Lite spec"),
    # Lists to choose from
    N_("No results"), N_("Selectbox options"), N_("Multiselect options"), N_("Selected values"), N_("Clear value"),
    N_("Clear all"), N_("Remove {}"), N_("Open"), N_("Choose an option"), N_("Choose options"),
    # Fields
    N_("Show password"), N_("Hide password"), N_("Clear entry"), N_("Increment"), N_("Decrement"),
    N_("Number is above the allowed range. Please enter a value less than or equal to {}."),
    N_("Number is below the allowed range. Please enter a value greater than or equal to {}."),
    # Days
    N_("Choose date"), N_("Clear date"), N_("dd"), N_("mm"), N_("yyyy"), N_("day, {}"), N_("month, {}"), N_("year, {}"),
    N_("Use arrow keys to navigate dates. Enter to select. Escape to close."),
    # Files
    N_("File must be {} or smaller."), N_("{} files are not allowed."), N_("Only one file is allowed."),
    N_("File size is too small."),
    # Pages, tabs, dialogs, the menu at the side
    N_("Next page"), N_("Previous page"), N_("Page {}"), N_("Scroll tabs left"), N_("Scroll tabs right"),
    N_("Collapse sidebar"), N_("Expand sidebar"), N_("Skip to main content"), N_("Help"),
    N_("Help for {}"), N_("Pagination"), N_("Navigate to home page"), N_("Sidebar"), N_("App pages"),
    N_("Logo"), N_("Shortcut {}"), N_("Copy to clipboard"),
    # When the portal cannot be reached, or a page does not exist
    N_("Connection error"), N_("Page not found"),
)  # fmt: skip
MEANT = {"Close": N_("Close the window")}
"""Where the same word of the portal's means something else."""


def show_streamlit_words() -> None:
    """Out of sight: it draws nothing, and stays in the page from one run to the next."""
    data = {"language": language(), "words": words(language())}
    _renderer(get_bidi_component_manager())(key="streamlit_words", data=data)


@lru_cache(maxsize=len(LANGUAGES))
def words(into: str) -> list[tuple[str, str]]:
    """What a widget may say, in whichever language it stands there now, and the same in the reader's."""
    said = {translate(text, code): translate(text, into) for code in LANGUAGES for text in (*SAID, *MEANT.values())}
    said |= {text: translate(meant, into) for text, meant in MEANT.items()}
    return [(text, ours) for text, ours in said.items() if text != ours]


@lru_cache(maxsize=4)
def _renderer(manager: BidiComponentManager) -> ComponentRenderer:
    """As for the order grid: a file of our own origin, since the content security policy allows no other script."""
    manager.register_from_manifest(MANIFEST, Path(__file__).parent)
    return st.components.v2.component(
        "rampa_streamlit_words.streamlit_words", js="streamlit_words.js", html="<div hidden></div>"
    )
