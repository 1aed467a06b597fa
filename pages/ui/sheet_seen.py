"""Rows of a sheet as they were seen, so that what a colleague did meanwhile is told before it is overwritten."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st

from core.pricing.seen import Row, SeenOtherwise
from pages.ui.forms import as_shown, show_now
from pages.ui.sheet import Edits, edited

R = TypeVar("R", bound=Row)


def rows_to_show(sheet: str, kept: list[R]) -> list[R]:
    """The rows that stand there now; while something is unsaved, those that were there before it."""
    if not edited(sheet):
        show_now(sheet, kept)
        st.session_state[f"told-{sheet}"] = {}
    return as_shown(sheet, kept)


def seen_rows(sheet: str, edits: Edits, shown: Sequence[R]) -> list[R]:
    """The rows that were changed or taken out, as they were seen last: shown, or told by a refusal."""
    places = [typed.at for typed in edits.typed if typed.at is not None] + edits.removed
    told = st.session_state.get(f"told-{sheet}", {})
    found = [told.get(shown[at].id, shown[at]) for at in places]
    return [row for row in found if row is not None]


@contextmanager
def remember_told(sheet: str) -> Iterator[None]:
    """Put it inside `refusals`: who was told what a colleague did saves the same once more by their own decision."""
    try:
        yield
    except SeenOtherwise as refused:
        st.session_state.setdefault(f"told-{sheet}", {}).update(refused.now)
        raise
