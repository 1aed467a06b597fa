"""The log-in form and the second step after it."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
from sqlalchemy import select, text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import Throttle, User
from core.auth.sessions import end_sessions
from core.db import transaction
from core.principal import SYSTEM
from pages.ui.login import TICKET_KEY
from pages.ui.text import LANGUAGE_KEY
from tests.core.auth.conftest import somebody_waits
from tests.pages.conftest import shown_error
from tests.pages.signing_in.steps import PASSWORD, WRONG, headings, submit, tickets, type_code


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


def test_known_and_unknown_addresses_get_the_same_sequence_of_answers(app: AppTest, user: User) -> None:
    def answers(email: str) -> list[list[str]]:
        return [[error.value for error in submit(app.run(), email, "wrong").error] for _ in range(5)]

    known, unknown = answers(user.email), answers("nobody@nowhere.example")
    assert known == unknown
    assert [len(shown) for shown in known] == [1] * 5
    assert [shown[0][: len(WRONG)] == WRONG for shown in known] == [True, True, True, False, False]
    assert known[3][0].startswith("Too many attempts")
    assert submit(app, user.email, PASSWORD).error[0].value == known[3][0]
    assert tickets() == []


def test_each_attempt_is_charged_to_the_address_the_browser_comes_from(app: AppTest, user: User) -> None:
    submit(app.run(), user.email, "wrong")
    submit(app, "nobody@nowhere.example", "wrong")
    with transaction(SYSTEM) as session:
        assert sorted(session.scalars(select(Throttle.tries))) == [1, 1, 2]
    submit(app, user.email, PASSWORD)
    with transaction(SYSTEM) as session:
        assert sorted(session.scalars(select(Throttle.tries))) == [1, 2]


def test_the_wait_is_in_the_database_and_not_in_the_browser(app: AppTest, user: User) -> None:
    for _ in range(3):
        submit(app.run(), user.email, "wrong")
    fresh = AppTest.from_file(app._script_path, default_timeout=30)
    fresh.session_state[LANGUAGE_KEY] = "en"
    assert submit(fresh.run(), user.email, PASSWORD).error[0].value.startswith("Too many attempts")


def test_a_browser_that_refuses_cookies_is_told_so(app: AppTest, user: User, cookies: dict[str, str]) -> None:
    cookies.clear()
    page = submit(app.run(), user.email, PASSWORD)
    assert shown_error(page).startswith("Your browser refuses cookies")
    assert tickets() == []


def test_an_empty_form_counts_as_nothing(app: AppTest, user: User) -> None:
    for email, password in ((user.email, ""), ("", ""), ("", "x")):
        submit(app.run(), email, password)
    with transaction(SYSTEM) as session:
        assert session.scalars(select(Throttle)).all() == []


def test_who_took_too_long_is_told_to_log_in_once_more(app: AppTest, user: User) -> None:
    app.query_params["login"] = "again"
    assert app.run().warning[0].value.startswith("The log-in took too long")
    submit(app, user.email, PASSWORD)
    assert [ticket.next_path for ticket in tickets()] == ["/"]


def test_with_a_second_factor_the_password_leads_to_the_second_step_only(app: AppTest, user: User, secret: str) -> None:
    page = submit(app.run(), user.email, PASSWORD)
    assert not page.exception
    assert headings(page) == ["One more step"]
    assert [ticket.needs_code for ticket in tickets()] == [True]


def test_the_right_code_makes_the_ticket_good(app: AppTest, user: User, secret: str) -> None:
    app.query_params["next"] = "/documents/1.pdf"
    submit(app.run(), user.email, PASSWORD)
    page = type_code(app, pyotp.TOTP(secret).at(clock.now()))
    assert not page.error
    assert [(ticket.needs_code, ticket.next_path) for ticket in tickets()] == [(False, "/documents/1.pdf")]
    assert TICKET_KEY not in app.session_state


def test_wrong_codes_are_refused_and_then_slowed(app: AppTest, user: User, secret: str) -> None:
    submit(app.run(), user.email, PASSWORD)
    answers = [type_code(app, "no code").error[0].value for _ in range(4)]
    assert [answer[:12] for answer in answers] == ["This code is"] * 3 + ["Too many att"]
    assert headings(app) == ["One more step"]
    assert [ticket.needs_code for ticket in tickets()] == [True]


def test_one_can_start_again_with_the_password(app: AppTest, user: User, secret: str) -> None:
    submit(app.run(), user.email, PASSWORD)
    assert headings(app.button(key="start_again").click().run()) == ["Log in"]


def test_a_log_in_that_is_over_starts_again_with_the_password(app: AppTest, user: User, secret: str) -> None:
    submit(app.run(), user.email, PASSWORD)
    with transaction(SYSTEM) as session:
        end_sessions(session, user.id, clock.now())
    page = type_code(app, pyotp.TOTP(secret).at(clock.now()))
    assert shown_error(page).startswith("The log-in took too long")
    assert headings(page.run()) == ["Log in"]
