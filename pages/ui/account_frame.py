"""What the sections of one's own account have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.auth.account import WrongPassword, count_password_attempt, require_password
from core.db import transaction
from core.principal import Principal
from pages.ui.text import _


@contextmanager
def section(title: str, words: str) -> Iterator[None]:
    """A card with its title and what it is for beside it; on a telephone above it."""
    left, right = st.columns([1, 2])
    left.subheader(title, anchor=False)
    left.caption(words)
    with right.container(border=True):
        yield


def present_password(key: str) -> str:
    """The field for the password that is in force."""
    return st.text_input(
        _("Your present password"), type="password", key=key, autocomplete="current-password", max_chars=200
    )


def count_attempt(principal: Principal, password: str) -> None:
    """Count that this password is about to be tried. Raises TooManyTries, and WrongPassword for none, uncounted."""
    if not password:
        raise WrongPassword
    with transaction(principal, wall=False) as session:
        count_password_attempt(session, clock.real_now())


@contextmanager
def proven(principal: Principal, password: str) -> Iterator[Session]:
    """A transaction of the user, who has typed the present password right; the try is counted first."""
    count_attempt(principal, password)
    with transaction(principal, wall=False) as session:
        require_password(session, password)
        yield session
