"""Numbers typed into forms, and words that outlive a rerun."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import streamlit as st
from babel.numbers import format_decimal

from core.errors import Refusal
from core.i18n import N_
from core.imports.fields import Reading
from core.imports.problems import Fault
from pages.ui.text import _, language

SAID_KEY = "said"
DECIMAL_MARKS = {"ro": ",", "en": "."}
T = TypeVar("T")


class WrongInput(Refusal):
    """A form field that cannot be read; the reason is translated already."""

    message = N_("{field}: {reason}")


def read(field: str, typed: str, reader: Callable[[str, Reading], T]) -> T:
    """What was typed into the field with this (translated) name, as one of the readers of core.imports.fields has it.

    `1.234` is read as the user's language writes it. Raises WrongInput, also for an empty field.
    """
    if not typed.strip():
        raise WrongInput(field=field, reason=_("Enter a value."))
    try:
        return reader(typed.strip(), Reading(decimal_mark=DECIMAL_MARKS[language()]))
    except Fault as fault:
        raise WrongInput(field=field, reason=fault.at().text(language())) from fault


def editable(value: Decimal, decimals: int = 0) -> str:
    """A number to put into a text field: the user's decimal mark, no thousands, at least `decimals` decimals."""
    return format_decimal(value, "0." + "0" * decimals + "#" * (4 - decimals), locale=language())


def say_and_rerun(words: str) -> None:
    """Show `words` for a moment on the page as it is after what was just done. Never call it inside a transaction."""
    st.session_state[SAID_KEY] = words
    st.rerun()


def show_said() -> None:
    """Call once at the top of a page that uses `say_and_rerun`."""
    if words := st.session_state.pop(SAID_KEY, None):
        st.toast(words, icon=":material/check_circle:")
