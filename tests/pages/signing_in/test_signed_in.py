"""What stands around the pages of somebody who is signed in, and of a viewer."""

import re
from collections.abc import Callable

from sqlalchemy import select, text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import LoginSession, User
from core.auth.sessions import end_sessions, principal_of_cookie
from core.db import transaction
from core.events import Event
from core.principal import SYSTEM, Principal
from tests.factories import make_partner, make_user
from tests.pages.conftest import who_is_there
from tests.pages.signing_in.steps import (
    headings,
    read,
)


def test_names_are_shown_as_they_are_and_not_as_markdown(
    app: AppTest, user: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(user)
    shown = app.run().sidebar.markdown[0].value
    assert r"\*Ana\*" in shown
    assert r"Firma \[x\]\(y\) SRL" in shown


def test_the_language_chosen_is_kept_with_the_user(app: AppTest, user: User, sign_in: Callable[[User], None]) -> None:
    sign_in(user)
    app.run().sidebar.segmented_control[0].set_value("en").run()
    assert read(user).language == "en"


def test_logging_out_ends_the_session_and_the_next_run_shows_the_login(
    app: AppTest, user: User, sign_in: Callable[[User], None], cookies: dict[str, str]
) -> None:
    sign_in(user)
    app.run().button(key="log_out").click().run()
    with transaction(SYSTEM) as session:
        assert principal_of_cookie(session, cookies["sid"], clock.now()) is None
        ended = session.scalars(select(Event).where(Event.kind == "user_signed_out")).one()
    assert (ended.user_id, ended.address) == (user.id, "192.0.2.7")
    assert headings(app.run()) == ["Autentificare"]


def test_a_session_ended_elsewhere_shows_the_login_at_the_next_interaction(
    app: AppTest, user: User, sign_in: Callable[[User], None]
) -> None:
    """The choice of a language is then this browser's only."""
    sign_in(user)
    page = app.run()
    with transaction(SYSTEM) as session:
        end_sessions(session, user.id, clock.now())
    page.sidebar.segmented_control[0].set_value("en").run()
    assert not page.exception
    assert headings(page) == ["Log in"]
    assert read(user).language == "ro"


def test_a_viewer_is_told_whose_eyes_these_are_and_finds_the_way_back(app: AppTest, viewer: Principal) -> None:
    page = app.run()
    banner = next(line.value for line in page.markdown if "You see the portal as" in line.value)
    assert r"Firma \[x\]\(y\) SRL" in banner
    assert re.search(r"until \d\d:\d\d\.", banner.replace("\\", ""))
    page.button(key="end_view").click().run()
    principal = who_is_there()
    assert (principal.kind, principal.role) == ("staff", "admin")


def test_a_viewer_can_log_out(app: AppTest, viewer: Principal) -> None:
    page = app.run().button(key="log_out").click().run()
    assert not page.exception
    assert not page.error
    with transaction(SYSTEM) as session:
        assert session.scalars(select(LoginSession)).all() == []


def test_when_the_view_is_over_nothing_of_the_partner_is_shown_any_more(app: AppTest, viewer: Principal) -> None:
    page = app.run().switch_page("pages/partner/orders.py").run()
    with transaction(SYSTEM) as session:
        session.execute(text("update login_session set viewing_until = now() - interval '1 second'"))
    page = page.run()
    assert headings(page) == []
    assert not [line for line in page.markdown if "You see the portal as" in line.value]
    assert headings(page.run()) == ["You have no access to this page"]


def test_a_tab_that_wakes_up_under_somebody_elses_log_in_has_forgotten_the_first_ones_things(
    app: AppTest, user: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(user)
    page = app.run().switch_page("pages/both/account.py").run()
    page.session_state["second_factor_setup"] = "the first one's secret"
    sign_in(make_user(make_partner(), language="en"))
    page.run()
    assert not page.exception
    assert headings(page) == []
    assert "second_factor_setup" not in page.session_state


def test_an_account_page_is_none_of_a_viewers(app: AppTest, viewer: Principal) -> None:
    page = app.run().switch_page("pages/both/account.py").run()
    assert "You have no access to this page" in headings(page)
