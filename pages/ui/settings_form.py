"""What the forms of the settings share: each saves its own fields, and only what was typed into."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.company import Company, change_company, company
from core.db import transaction
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, touched
from pages.ui.text import _

Show = Callable[[Company, str], dict[str, Any]]
Read = Callable[[dict[str, Any]], dict[str, Any]]


def settings_form(principal: Principal, name: str, show: Show, read: Read) -> None:
    """A form of some of the company's columns.

    `show` draws the fields, whose keys begin with what it is given, and returns what was typed, by name of the column;
    `read` makes of it the values to keep.
    """
    with transaction(principal) as session:
        row = company(session)
    form = form_key(about := f"settings-{name}")
    shown = as_shown(f"{form}-shown", row)
    with st.form(about, border=False):
        typed = show(shown, form)
        if not st.form_submit_button(_("Save"), type="primary", icon=":material/check:", key=f"{about}-save"):
            return
    with refusals():
        with transaction(principal) as session:
            change_company(session, **touched(read(typed), shown, row))
            end_form(_("The settings were saved. They hold from now on."), form=about)
        st.rerun()


def title(words: str) -> None:
    """Above a group of fields; a heading would be too large in a tab."""
    st.markdown(f"**{words}**")
