"""The router, the log-in form, its second step, the pages behind mailed links, and the frame around the pages."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import bcrypt
import pyotp
import pytest
from sqlalchemy import select, text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth import passwords
from core.auth.links import Purpose, address_of_link, make_link
from core.auth.models import LoginSession, LoginTicket, Throttle, User
from core.auth.second_factor import turn_on
from core.auth.sessions import end_sessions, principal_of_cookie
from core.auth.signing_in import check_password
from core.auth.viewing import start_viewing
from core.db import transaction
from core.events import Event
from core.principal import SYSTEM, Principal
from pages.ui.guard import signed_in
from pages.ui.login import TICKET_KEY
from pages.ui.text import LANGUAGE_KEY
from tests.core.auth.conftest import somebody_waits
from tests.factories import make_partner, make_user, principal_of
from tests.pages.conftest import shown_error

PASSWORD = "a right password"
NEW = "three odd words together"
WRONG = "The e-mail address or the password is wrong."


@pytest.fixture(scope="module")
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 4)
    monkeypatch.setattr(passwords, "NOBODY", bcrypt.hashpw(b"nobody knows", bcrypt.gensalt(4)))


@pytest.fixture
def user(database: str, password_hash: str) -> User:
    partner = make_partner(name="Firma [x](y) SRL")
    return make_user(partner, name="*Ana*", email="ana@partner.example", password_hash=password_hash)


@pytest.fixture
def app(app: AppTest) -> AppTest:
    """In a browser whose person has chosen English."""
    app.session_state[LANGUAGE_KEY] = "en"
    return app


def submit(app: AppTest, email: str, password: str) -> AppTest:
    app.text_input[0].set_value(email)
    app.text_input[1].set_value(password)
    return app.button[0].click().run()


def headings(page: AppTest) -> list[str]:
    return [heading.value for heading in page.subheader]


def tickets() -> list[LoginTicket]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(LoginTicket)))


def read(user: User) -> User:
    with transaction(SYSTEM) as session:
        return session.get_one(User, user.id)


def logs_in(user: User, password: str) -> bool:
    with transaction(SYSTEM) as session:
        return check_password(session, user.email, password) is not None


# The log-in form.


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


# The second step.


@pytest.fixture
def secret(user: User) -> str:
    """The user's secret, in force for a while."""
    secret, before = pyotp.random_base32(), clock.now() - timedelta(minutes=5)
    with transaction(principal_of(user), wall=False) as session:
        turn_on(session, secret, pyotp.TOTP(secret).at(before), before)
    return secret


def type_code(app: AppTest, code: str) -> AppTest:
    app.text_input(key="second_factor_code").set_value(code)
    return app.button[0].click().run()


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


# Behind mailed links.


def token(user: User, purpose: Purpose, new_email: str = "") -> str:
    with transaction(SYSTEM) as session:
        link = make_link(session, user.id, purpose, clock.now(), new_email)
        return (address_of_link(session, link, clock.now()) or "").split("?t=")[1]


def open_link(app: AppTest, page: str, value: str) -> AppTest:
    app.query_params["t"] = value
    return app.run().switch_page(f"pages/public/{page}.py").run()


def set_password(page: AppTest, first: str, again: str) -> AppTest:
    page.text_input(key="new_password").set_value(first)
    page.text_input(key="same_again").set_value(again)
    return page.button[0].click().run()


@pytest.mark.parametrize("purpose", ["invite", "reset"])
def test_a_mailed_link_sets_the_password_once(app: AppTest, user: User, purpose: Purpose) -> None:
    value = token(user, purpose)
    page = open_link(app, "set_password", value)
    assert not page.exception
    assert "ana" in "".join(line.value for line in page.markdown)
    page = set_password(page, NEW, NEW)
    assert page.success
    assert logs_in(user, NEW)
    again = AppTest.from_file(app._script_path, default_timeout=30)
    again.session_state[LANGUAGE_KEY] = "en"
    assert shown_error(open_link(again, "set_password", value)).startswith("This link was used already")


def test_looking_at_the_page_uses_nothing_up(app: AppTest, user: User) -> None:
    value = token(user, "invite")
    for _ in range(3):
        assert open_link(app, "set_password", value).text_input(key="new_password")
    assert logs_in(user, PASSWORD)


@pytest.mark.parametrize(
    ("first", "again", "told"),
    [(NEW, f"{NEW}!", "The same once more"), ("short", "short", "The password is too short"), ("", "", "The password")],
)
def test_a_password_that_does_not_do_can_be_typed_again(
    app: AppTest, user: User, first: str, again: str, told: str
) -> None:
    page = set_password(open_link(app, "set_password", token(user, "invite")), first, again)
    assert shown_error(page).startswith(told)
    assert set_password(page, NEW, NEW).success
    assert logs_in(user, NEW)


@pytest.mark.parametrize(("page", "purpose"), [("set_password", "email"), ("confirm_email", "invite")])
def test_a_link_for_something_else_opens_neither_page(app: AppTest, user: User, page: str, purpose: Purpose) -> None:
    value = token(user, purpose, "new@partner.example" if purpose == "email" else "")
    shown = open_link(app, page, value)
    assert shown_error(shown).startswith("This link was used already")
    assert not shown.text_input
    assert not [button for button in shown.button if button.key == "confirm"]


@pytest.mark.parametrize("value", ["", "nonsense", "0" * 96])
def test_a_link_that_is_over_says_so_and_asks_for_nothing(app: AppTest, user: User, value: str) -> None:
    page = open_link(app, "set_password", value)
    assert not page.exception
    assert shown_error(page).startswith("This link was used already")
    assert not page.text_input


def test_a_new_address_is_confirmed_with_a_button(app: AppTest, user: User) -> None:
    page = open_link(app, "confirm_email", token(user, "email", "new_one@partner.example"))
    assert read(user).email == "ana@partner.example"
    page = page.button(key="confirm").click().run()
    assert "new\\_one@" in page.success[0].value
    assert read(user).email == "new_one@partner.example"


def test_an_address_that_somebody_took_meanwhile_is_refused(app: AppTest, user: User) -> None:
    page = open_link(app, "confirm_email", token(user, "email", "new@partner.example"))
    make_user(email="new@partner.example")
    page = page.button(key="confirm").click().run()
    assert shown_error(page).replace(":small[]", "").startswith("There is already a user with the address new")
    assert read(user).email == "ana@partner.example"


def ask_reset(app: AppTest, email: str) -> AppTest:
    app.text_input(key="reset_email").set_value(email)
    return app.button[0].click().run()


def test_asking_for_a_new_password_is_answered_the_same_for_everybody(app: AppTest, user: User) -> None:
    app.run().switch_page("pages/public/forgot_password.py").run()
    shown = []
    for email in (user.email, "nobody@nowhere.example"):
        page = ask_reset(app, email)
        shown.append([element.value for element in (*page.success, *page.error, *page.warning)])
    assert shown[0] == shown[1]
    assert len(shown[0]) == 1
    with transaction(SYSTEM) as session:
        asked = session.scalars(select(Event).where(Event.kind == "password_reset_asked")).all()
    assert [(event.data["user"], event.address) for event in asked] == [(user.id, "192.0.2.7")]


def test_what_is_no_address_is_told_before_anything_is_counted(app: AppTest, user: User) -> None:
    app.run().switch_page("pages/public/forgot_password.py").run()
    assert "is not an e-mail address" in shown_error(ask_reset(app, "ana"))
    with transaction(SYSTEM) as session:
        assert session.scalars(select(Throttle)).all() == []


def test_too_many_questions_from_one_address_have_to_wait(app: AppTest, user: User) -> None:
    app.run().switch_page("pages/public/forgot_password.py").run()
    for n in range(5):
        assert ask_reset(app, f"user{n}@nowhere.example").success
    page = ask_reset(app, user.email)
    assert shown_error(page).startswith("Too many attempts")
    assert not page.success


# The frame around the pages.


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


# A member of staff in a partner's place.


@pytest.fixture
def viewer(user: User, sign_in: Callable[[User], None], cookies: dict[str, str]) -> Principal:
    """At the user's partner."""
    sign_in(make_user(language="en", name="Staff"))
    staff = signed_in()
    assert staff is not None
    with transaction(staff) as session:
        start_viewing(session, user.partner_id or 0, "to see what they see", clock.now())
    found = signed_in()
    assert found is not None
    return found


def test_a_viewer_is_told_whose_eyes_these_are_and_finds_the_way_back(app: AppTest, viewer: Principal) -> None:
    page = app.run()
    banner = next(line.value for line in page.markdown if "You see the portal as" in line.value)
    assert r"Firma \[x\]\(y\) SRL" in banner
    assert re.search(r"until \d\d:\d\d\.", banner.replace("\\", ""))
    page.button(key="end_view").click().run()
    principal = signed_in()
    assert principal is not None
    assert (principal.kind, principal.role) == ("staff", "admin")


def test_a_viewer_can_log_out(app: AppTest, viewer: Principal) -> None:
    page = app.run().button(key="log_out").click().run()
    assert not page.exception
    assert not page.error
    with transaction(SYSTEM) as session:
        assert session.scalars(select(LoginSession)).all() == []


def test_when_the_view_is_over_the_page_of_the_partner_is_refused(app: AppTest, viewer: Principal) -> None:
    page = app.run().switch_page("pages/partner/orders.py").run()
    with transaction(SYSTEM) as session:
        session.execute(text("update login_session set viewing_until = now() - interval '1 second'"))
    page = page.run()
    assert headings(page) == ["You have no access to this page"]
    assert not [line for line in page.markdown if "You see the portal as" in line.value]


def test_an_account_page_is_none_of_a_viewers(app: AppTest, viewer: Principal) -> None:
    page = app.run().switch_page("pages/both/account.py").run()
    assert "You have no access to this page" in headings(page)
