"""Forms about a row that others may change meanwhile, numbers typed into them, and words that outlive a rerun."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import streamlit as st
from babel.numbers import format_decimal

from core.errors import Refusal
from core.i18n import N_
from core.imports.fields import Reading
from core.imports.problems import Fault
from pages.ui.clicks import hold_clicks, leave
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


def form_key(name: str) -> str:
    """The key of a form, and the beginning of the keys of its fields: the same until `say_and_rerun` ends the form.

    A field without a key starts over when the row it shows changes, and what was typed is lost without a word. Another
    language is another form, because it reads the same number otherwise.
    """
    return f"{name}-{language()}-{st.session_state.get(_ended(name), 0)}"


def as_shown(field: str, row: T) -> T:
    """`row` as it was when the field with this key appeared: what an open form shows, whatever changed since."""
    if field not in st.session_state:
        show_now(field, row)
    shown: T = st.session_state[f"shown-{field}"]
    return shown


def show_now(field: str, row: object) -> None:
    """From here on `row` is what the reader of the form with this field has seen."""
    st.session_state[f"shown-{field}"] = row


def touched(typed: dict[str, Any], shown: object, now: object) -> dict[str, Any]:
    """What was typed, but for a field left as it was shown what the row has `now`: a colleague may have changed it."""
    return {name: value if value != getattr(shown, name) else getattr(now, name) for name, value in typed.items()}


def end_form(words: str, form: str | None = None) -> None:
    """Call it last in the transaction of what was asked for, and `st.rerun()` after it: `words` are shown for a moment.

    `form`, the name given to `form_key`, is done with: it starts over from what is there now. This stands before the
    commit, so that nothing comes between: a click meanwhile waits, and one on the same button meets a form that is
    over.
    """
    ended = hold_clicks(lambda: st.session_state.get(_ended(form), 0)) if form else 0
    leave(SAID_KEY, words)
    if form:
        leave(_ended(form), ended + 1)


def say_and_rerun(words: str, form: str | None = None) -> None:
    """Show `words` for a moment on the page as it is now, of what is in no transaction: in one, see `end_form`."""
    end_form(words, form)
    st.rerun()


def show_said() -> None:
    """Call once at the top of a page that uses `say_and_rerun`."""
    if words := st.session_state.get(SAID_KEY):
        st.toast(words, icon=":material/check_circle:")
        # Only now: the next click may end the run before the toast has gone out.
        st.session_state.pop(SAID_KEY, None)


def _ended(name: str) -> str:
    return f"ended-{name}"
