"""What the user reads when something cannot be done or goes wrong. Never a traceback."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
import structlog
from psycopg.errors import DeadlockDetected, LockNotAvailable, ReadOnlySqlTransaction
from sqlalchemy.exc import InternalError, OperationalError

from core.errors import Refusal
from pages.ui.clicks import hold_clicks, leave
from pages.ui.frame import plain
from pages.ui.text import _, language

log = structlog.get_logger(__name__)


@contextmanager
def refusals(keep: str | None = None) -> Iterator[None]:
    """Show what the block was refused, and go on after it. Put it around the transaction, so that nothing is changed.

    A callback has no place of its own to show it: with `keep` the sentence is left in the session state under that
    name, as Markdown, and the page shows it.

    with refusals(), transaction(principal) as session:
        claim(session, order_id, clock.now())
    """
    try:
        yield
    except (Refusal, OperationalError, InternalError) as error:
        refusal = error
        sentence = hold_clicks(lambda: _sentence(refusal))
        if sentence is None:
            raise
        if keep:
            leave(keep, plain(sentence))
        else:
            st.error(plain(sentence), icon=":material/block:")


def unexpected(error: Exception) -> bool:
    """Streamlit's handler for what a page did not expect: a sentence with a number that finds the error in the log."""
    if sentence := _sentence(error):
        st.error(plain(sentence), icon=":material/block:")
        return True
    reference = secrets.token_hex(3).upper()
    log.error("page failed", reference=reference, exc_info=error)
    text = _("Something went wrong on our side. Try again; if it stays so, tell us the number {reference}.")
    st.error(text.format(reference=reference), icon=":material/error:")
    return True


def _sentence(error: Exception) -> str | None:
    """What the user reads; None for an error that is no refusal."""
    if isinstance(error, Refusal):
        return error.text(language())
    if isinstance(error, OperationalError) and isinstance(error.orig, LockNotAvailable | DeadlockDetected):
        return _("Somebody else is changing this right now. Nothing was changed: try again in a moment.")
    if isinstance(error, InternalError) and isinstance(error.orig, ReadOnlySqlTransaction):
        return _("You are looking at the portal as a partner: nothing can be changed here.")
    return None
