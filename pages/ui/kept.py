"""What was kept under a name, to start from: exports and pivots."""

from collections.abc import Iterable

import streamlit as st

from core.exports.models import SavedExport
from core.principal import Principal
from pages.ui.text import _

NEW = 0
"""Stands for something new among the ids of what was kept."""


def choose_kept(principal: Principal, kept: Iterable[tuple[SavedExport, str]], key: str) -> SavedExport | None:
    """One of these (with whose it is); None for something new, and where nothing was kept yet."""
    found = {row.id: (row, whose) for row, whose in kept}
    if not found:
        return None

    def named(number: int) -> str:
        if number == NEW:
            return _("Something new")
        row, whose = found[number]
        return row.name if row.user_id == principal.user_id else f"{row.name} ({whose})"

    chosen = st.selectbox(_("Start from"), [NEW, *found], format_func=named, key=key)
    return found[chosen][0] if chosen in found else None


def key_of(start: SavedExport | None) -> int:
    """Tells the fields of what was kept from those of another, and from those of something new."""
    return start.id if start else NEW
