"""The router, the log-in form and the frame around the pages."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import LoginTicket, User
from core.auth.passwords import hash_password
from core.auth.sessions import end_sessions
from core.db import transaction
from core.principal import SYSTEM
from tests.core.auth.conftest import somebody_waits
from tests.factories import make_partner, make_user
from tests.pages.conftest import shown_error

PASSWORD = "a right password"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def user(database: str, password_hash: str) -> User:
    return make_user(make_partner(name="Firma [x](y) SRL"), name="*Ana*", password_hash=password_hash)


def submit(app: AppTest, email: str, password: str) -> AppTest:
    app.text_input[0].set_value(email)
    app.text_input[1].set_value(password)
    return app.button[0].click().run()


def tickets() -> list[LoginTicket]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(LoginTicket)))


def test_the_right_password_gets_a_ticket_to_the_page_asked_for(app: AppTest, user: User) -> None:
    app.query_params["q"] = "șurub"
    submit(app.run().switch_page("pages/partner/orders.py").run(), user.email, PASSWORD)
    assert [(ticket.user_id, ticket.next_path.split("?")[0]) for ticket in tickets()] == [(user.id, "/orders")]


def test_no_new_password_comes_between_the_check_and_the_ticket(app: AppTest, user: User) -> None:
    app.run()
    free = select(User.id).where(User.id == user.id).with_for_update(skip_locked=True)
    with ThreadPoolExecutor(1) as threads:
        with transaction(SYSTEM) as session:
            session.execute(text("lock table login_ticket in exclusive mode"))
            page = threads.submit(submit, app, user.email, PASSWORD)
            assert somebody_waits()
            assert session.scalar(free) is None
        page.result()
    assert len(tickets()) == 1


def test_a_document_that_was_asked_for_comes_after_the_login(app: AppTest, user: User) -> None:
    app.query_params["next"] = "/documents/1.pdf"
    submit(app.run(), user.email, PASSWORD)
    assert [ticket.next_path for ticket in tickets()] == ["/documents/1.pdf"]


def test_wrong_unknown_and_locked_get_the_same_answer(app: AppTest, user: User) -> None:
    answers = [submit(app.run(), "nobody@nowhere.example", PASSWORD).error[0].value]
    answers += [submit(app, user.email, "wrong").error[0].value for _ in range(5)]
    answers += [submit(app, user.email, PASSWORD).error[0].value]
    assert len(set(answers)) == 1
    assert tickets() == []


def test_a_browser_that_refuses_cookies_is_told_so(app: AppTest, user: User, cookies: dict[str, str]) -> None:
    cookies.clear()
    page = submit(app.run(), user.email, PASSWORD)
    assert shown_error(page).startswith("Browserul refuză cookie-urile")


def test_an_empty_form_counts_as_nothing(app: AppTest, user: User) -> None:
    submit(app.run(), user.email, "")
    with transaction(SYSTEM) as session:
        assert session.get_one(User, user.id).failed_logins == 0


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
    with transaction(SYSTEM) as session:
        assert session.get_one(User, user.id).language == "en"


def test_logging_out_ends_the_session_and_the_next_run_shows_the_login(
    app: AppTest, user: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(user)
    app.run().button(key="log_out").click().run()
    assert [heading.value for heading in app.run().subheader] == ["Autentificare"]


def test_a_session_ended_elsewhere_shows_the_login_at_the_next_interaction(
    app: AppTest, user: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(user)
    page = app.run()
    with transaction(SYSTEM) as session:
        end_sessions(session, user.id, clock.now())
    page.sidebar.segmented_control[0].set_value("en").run()
    assert [heading.value for heading in page.subheader] == ["Autentificare"]
    with transaction(SYSTEM) as session:
        assert session.get_one(User, user.id).language == "ro"
