"""What the buttons of a document's page share: a step in a callback, what is said of it, fresh forms after it."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from sqlalchemy.orm import Session
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from core.documents.models import Document
from core.documents.viewing import DocumentView
from pages.ui import steps
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language

REFUSED_KEY, COUNT_KEY = "document_refused", "document_steps"
T = TypeVar("T")


def key_of(view: DocumentView, name: str) -> str:
    """The key of a widget on a document's page: another one after every step, so that forms show what there is now."""
    return f"{name}-{view.document.id}-{language()}-{drawn()}"


def drawn() -> int:
    """How many steps were done before the page was drawn: a button hands it to `take_document_step`."""
    return steps.drawn(COUNT_KEY)


def popover(view: DocumentView, name: str, label: str, icon: str, primary: bool = False) -> PopoverContainer | None:
    """A popover for one theme; None while it is closed: what is in it is only drawn for who opens it."""
    box = st.popover(
        label, icon=f":material/{icon}:", type="primary" if primary else "secondary", key=key_of(view, name),
        on_change="rerun", width="content",
    )  # fmt: skip
    return box if box.open else None


def take_document_step(
    at: int, step: Callable[[Session], T], said: Callable[[T], str] | str, opens: Callable[[T], int] | None = None
) -> None:
    """For callbacks: do the step for the signed-in member of staff in a transaction, and say so, or say why not.

    `at` is what `drawn` was when the button was drawn: of two clicks on one button the second does nothing. Who may do
    it is asked by the step itself. `opens` tells which document (id) is shown then.
    """

    def tell(result: T) -> None:
        if opens:
            steps.lead_to("document", str(opens(result)))
        steps.say(said if isinstance(said, str) else said(result))

    steps.take_once(require("staff", "documents.see"), COUNT_KEY, at, REFUSED_KEY, step, tell)


def show_refused() -> None:
    """What was refused, once."""
    if refused := st.session_state.pop(REFUSED_KEY, None):
        st.warning(refused, icon=":material/block:")


def issued(document: Document) -> str:
    """What is said when a document was issued, as Markdown."""
    return _("{number} is issued.").format(number=plain(document.full_number))
