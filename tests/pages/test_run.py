"""What a run of a page asks once, and what the next one asks anew."""

from collections.abc import Callable, Iterator
from unittest.mock import Mock, patch

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.auth.sessions import end_sessions, principal_of_cookie
from core.db import transaction
from core.principal import SYSTEM
from pages.ui import guard
from tests.factories import make_partner, make_user


@pytest.fixture
def asked() -> Iterator[Mock]:
    """Counts the questions who the cookie stands for."""
    with patch.object(guard, "principal_of_cookie", wraps=principal_of_cookie) as question:
        yield question


@pytest.fixture
def buyer(database: str) -> User:
    return make_user(make_partner(), language="ro")


@pytest.fixture
def catalogue(app: AppTest, buyer: User, sign_in: Callable[[User], None]) -> AppTest:
    sign_in(buyer)
    app.run()
    assert app.title[0].value == "Catalog"
    return app


def test_who_is_there_is_asked_once_in_each_run(catalogue: AppTest, asked: Mock) -> None:
    for runs in (1, 2):
        catalogue.run()
        assert asked.call_count == runs


def test_a_run_that_takes_long_asks_again(catalogue: AppTest, asked: Mock) -> None:
    with patch.object(guard, "KNOWN_SECONDS", 0.0):
        catalogue.run()
    assert asked.call_count > 1


def test_a_session_that_has_ended_counts_in_the_next_run(catalogue: AppTest, buyer: User) -> None:
    with transaction(SYSTEM) as session:
        end_sessions(session, buyer.id, clock.now())
    catalogue.run()
    assert not catalogue.title or catalogue.title[0].value != "Catalog"
    assert [field.key for field in catalogue.text_input if "catalog" in (field.key or "")] == []


def test_what_a_callback_asked_is_asked_again_by_the_run_after_it(catalogue: AppTest, asked: Mock) -> None:
    catalogue.segmented_control(key="language_switch").set_value("en").run()
    assert asked.call_count == 2
    assert catalogue.button(key="log_out").label == "Log out"
    assert catalogue.text_input(key="catalog_q").label == "Search"


def test_a_page_that_starts_over_knows_nothing_of_the_run_before(database: str) -> None:
    def page() -> None:
        import streamlit as st

        from pages.ui.run import this_run

        run = this_run()
        assert run is not None
        st.session_state.setdefault("seen", []).append(run.get("kept"))
        run["kept"] = True
        assert this_run() is run
        if len(st.session_state.seen) == 1:
            st.rerun()

    assert AppTest.from_function(page).run().session_state.seen == [None, None]
