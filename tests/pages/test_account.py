"""One's own account, as everybody finds it in their menu."""

from collections.abc import Callable

import pyotp
import pytest
from sqlalchemy import select, text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth import passwords
from core.auth.models import LoginSession, LoginTicket, RecoveryCode, User
from core.auth.second_factor import turn_on
from core.auth.sessions import open_session
from core.db import transaction
from core.principal import SYSTEM
from pages.ui.account_sessions import browser_name
from tests.factories import make_partner, make_user, principal_of
from tests.pages.conftest import shown_error

PASSWORD = "trifoi lampa verde"
NEW = "scaun ploaie atlas"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

OpenAccount = Callable[[User], AppTest]


@pytest.fixture(scope="module")
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


@pytest.fixture
def user(database: str, password_hash: str) -> User:
    """An owner; somebody who reads English."""
    return make_user(make_partner(), name="Ana Pop", language="en", password_hash=password_hash)


@pytest.fixture
def accounting(database: str, password_hash: str) -> User:
    """One of the staff, in a role that has to have a second factor."""
    with transaction(SYSTEM) as session:
        session.execute(text("update company set two_factor_roles = '{accounting}'"))
    return make_user(role="accounting", language="en", password_hash=password_hash)


@pytest.fixture
def open_account(app: AppTest, sign_in: Callable[[User], None]) -> OpenAccount:
    def _open(user: User) -> AppTest:
        sign_in(user)
        return app.run().switch_page("pages/both/account.py").run()

    return _open


def now_of(user: User) -> User:
    with transaction(SYSTEM) as session:
        return session.get_one(User, user.id)


def rows(model: type, user: User) -> list:
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(model).filter_by(user_id=user.id)))


def give_second_factor(user: User) -> str:
    """Its secret."""
    secret = pyotp.random_base32()
    with transaction(principal_of(user), wall=False) as session:
        turn_on(session, secret, code_of(secret), clock.now())
    return secret


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def fill(app: AppTest, label: str, value: str, place: int = 0) -> None:
    """Type into the field with this label; into which of them, where a page has several."""
    [field for field in app.text_input if field.label == label][place].set_value(value)


def press(app: AppTest, label: str, place: int = 0) -> AppTest:
    [button for button in app.button if button.label == label][place].click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def ask_for_address(app: AppTest, address: str, password: str = PASSWORD) -> AppTest:
    fill(app, "New e-mail address", address)
    fill(app, "Your present password", password)
    return press(app, "Send the link")


def change_password(app: AppTest, present: str, new: str, again: str | None = None) -> AppTest:
    app.text_input(key="present_password").set_value(present)
    app.text_input(key="new_password").set_value(new)
    app.text_input(key="same_again").set_value(new if again is None else again)
    return press(app, "Change the password")


def shown_secret(app: AppTest) -> str:
    return app.code[0].value.replace(" ", "")


def confirm_setup(app: AppTest, code: str) -> AppTest:
    app.text_input(key="second_factor_setup_code").set_value(code)
    return press(app, "Turn on the second step")


def with_password(app: AppTest, name: str, label: str, password: str = PASSWORD) -> AppTest:
    """Type the present password where it is asked for before one does something to the second step."""
    next(field for field in app.text_input if f"second-factor-{name}" in field.key).set_value(password)
    return press(app, label)


def test_a_new_name_and_language_are_kept_and_seen_at_once(open_account: OpenAccount, user: User) -> None:
    app = open_account(user)
    fill(app, "Your name", "Ana Popescu")
    app.selectbox[0].set_value("ro")
    press(app, "Save")
    assert (now_of(user).name, now_of(user).language) == ("Ana Popescu", "ro")
    assert "Ana Popescu" in app.sidebar.markdown[0].value
    assert app.sidebar.segmented_control[0].value == "ro"


def test_an_empty_name_is_refused(open_account: OpenAccount, user: User) -> None:
    app = open_account(user)
    fill(app, "Your name", " ")
    press(app, "Save")
    assert shown_error(app).startswith("Enter the person's name")
    assert now_of(user).name == "Ana Pop"


def test_another_address_is_asked_for_by_a_link_and_until_then_the_old_one_stays(
    open_account: OpenAccount, user: User
) -> None:
    app = ask_for_address(open_account(user), "Ana.Nou@firma.example")
    said = app.info[0].value.replace("\\", "").replace(":small[]", "")
    assert said.startswith("A link was mailed to ana.nou@firma.example and works for 24 hours.")
    assert user.email in said
    assert now_of(user).email == user.email
    with transaction(SYSTEM) as session:
        assert session.scalar(text("select new_email from access_link")) == "ana.nou@firma.example"


def test_no_link_goes_out_for_a_wrong_password_and_the_address_is_still_there(
    open_account: OpenAccount, user: User
) -> None:
    app = ask_for_address(open_account(user), "ana.nou@firma.example", "wrong")
    assert shown_error(app) == "Your present password is not right."
    assert next(field for field in app.text_input if field.label == "New e-mail address").value
    with transaction(SYSTEM) as session:
        assert not session.scalar(text("select count(*) from access_link"))


def test_a_new_password_ends_every_session_and_this_browser_gets_a_new_one_without_a_code(
    open_account: OpenAccount, user: User
) -> None:
    give_second_factor(user)
    with transaction(SYSTEM) as session:
        open_session(session, user.id, clock.now())
    change_password(open_account(user), PASSWORD, NEW)
    assert passwords.matches(NEW, now_of(user).password_hash)
    assert rows(LoginSession, user) == []
    tickets = [(ticket.needs_code, ticket.next_path.split("?")[0]) for ticket in rows(LoginTicket, user)]
    assert tickets == [(False, "/account")]


def test_after_a_new_password_the_page_says_so_once(open_account: OpenAccount, app: AppTest, user: User) -> None:
    open_account(user)
    app.query_params["changed"] = "password"
    assert [toast.value for toast in app.run().toast] == ["Your new password is in force."]
    assert not app.run().toast


def test_a_wrong_present_password_changes_nothing(open_account: OpenAccount, user: User) -> None:
    app = change_password(open_account(user), "wrong", NEW)
    assert shown_error(app) == "Your present password is not right."
    assert passwords.matches(PASSWORD, now_of(user).password_hash)
    assert len(rows(LoginSession, user)) == 1


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [(NEW, "other", "The two are not the same"), ("short", None, "too short"), ("parola12345", None, "guessed")],
)
def test_a_new_password_that_will_not_do_is_no_try_at_the_present_one(
    open_account: OpenAccount, user: User, new: str, again: str | None, words: str
) -> None:
    app = open_account(user)
    for _ in range(4):
        change_password(app, PASSWORD, new, again)
    assert words in shown_error(app)
    change_password(app, PASSWORD, NEW)
    assert passwords.matches(NEW, now_of(user).password_hash)


def test_who_guesses_at_the_present_password_has_to_wait_even_with_the_right_one(
    open_account: OpenAccount, user: User
) -> None:
    app = open_account(user)
    for _ in range(3):
        change_password(app, "wrong", NEW)
    assert shown_error(change_password(app, PASSWORD, NEW)).startswith("Too many attempts.")
    assert passwords.matches(PASSWORD, now_of(user).password_hash)


def test_the_second_step_is_on_once_the_telephone_shows_the_right_code(open_account: OpenAccount, user: User) -> None:
    app = with_password(open_account(user), "begin", "Set it up")
    secret = shown_secret(app)
    assert not now_of(user).totp_secret
    codes = confirm_setup(app, code_of(secret)).code[0].value.split()
    assert now_of(user).totp_secret
    assert len(codes) == len(rows(RecoveryCode, user)) == 10
    press(app, "I have kept them")
    assert not app.code
    assert "10" in next(caption.value for caption in app.caption if "Recovery codes" in caption.value)


def test_nobody_who_finds_the_browser_open_sets_up_a_second_step(open_account: OpenAccount, user: User) -> None:
    app = with_password(open_account(user), "begin", "Set it up", "not the password")
    assert app.error
    assert "second_factor_setup" not in app.session_state


def test_a_wrong_code_leaves_the_second_step_off_and_the_same_key_to_try_again(
    open_account: OpenAccount, user: User
) -> None:
    app = with_password(open_account(user), "begin", "Set it up")
    secret = shown_secret(app)
    wrong = f"{(int(code_of(secret)) + 1) % 1_000_000:06}"
    assert shown_error(confirm_setup(app, wrong)).startswith("This code is wrong")
    assert shown_secret(app) == secret
    assert not now_of(user).totp_secret


def test_a_setup_that_was_put_off_begins_anew_with_another_key(open_account: OpenAccount, user: User) -> None:
    app = with_password(open_account(user), "begin", "Set it up")
    first = shown_secret(app)
    with_password(press(app, "Not now"), "begin", "Set it up")
    assert shown_secret(app) != first


def test_the_code_that_turned_the_second_step_on_is_refused_at_the_log_in(
    open_account: OpenAccount, user: User, cookies: dict[str, str]
) -> None:
    app = with_password(open_account(user), "begin", "Set it up")
    code = code_of(shown_secret(app))
    confirm_setup(app, code)
    del cookies["sid"]
    app.run()
    fill(app, "E-mail", user.email)
    fill(app, "Password", PASSWORD)
    press(app, "Log in")
    app.text_input(key="second_factor_code").set_value(code)
    assert shown_error(press(app, "Log in")).startswith("This code is wrong or was used already.")
    assert [ticket.needs_code for ticket in rows(LoginTicket, user)] == [True]


def test_new_recovery_codes_replace_all_old_ones(open_account: OpenAccount, user: User) -> None:
    give_second_factor(user)
    old = {code.code_hash for code in rows(RecoveryCode, user)}
    app = with_password(open_account(user), "codes", "Make new codes")
    assert len(app.code[0].value.split()) == 10
    assert not old & {code.code_hash for code in rows(RecoveryCode, user)}


def test_the_second_step_is_turned_off_with_the_password_only(open_account: OpenAccount, user: User) -> None:
    give_second_factor(user)
    app = with_password(open_account(user), "off", "Turn it off", "wrong")
    assert shown_error(app) == "Your present password is not right."
    assert now_of(user).totp_secret
    with_password(app, "off", "Turn it off")
    assert not now_of(user).totp_secret
    assert rows(RecoveryCode, user) == []
    assert "Set it up" in labels(app)


def test_the_old_telephone_works_until_the_new_one_is_set_up(open_account: OpenAccount, user: User) -> None:
    give_second_factor(user)
    before = now_of(user).totp_secret
    app = with_password(open_account(user), "telephone", "Go on")
    assert now_of(user).totp_secret == before
    confirm_setup(app, code_of(shown_secret(app)))
    assert now_of(user).totp_secret not in ("", before)


def test_a_role_that_has_to_have_a_second_step_finds_its_setup_and_nothing_else(
    open_account: OpenAccount, accounting: User
) -> None:
    app = open_account(accounting)
    assert app.info[0].value.startswith("Your role asks for a second step at log-in.")
    assert labels(app) == ["Turn on the second step", "Log out"]
    app.switch_page("pages/staff/orders.py").run()
    assert app.subheader[0].value == "You have no access to this page"
    app.switch_page("pages/both/account.py").run()
    confirm_setup(app, code_of(shown_secret(app)))
    press(app, "I have kept them")
    assert "Change the password" in labels(app)
    assert "Turn it off" not in labels(app)
    app.switch_page("pages/staff/orders.py").run()
    assert app.title[0].value == "Orders"


def test_another_browser_is_named_and_ended_and_this_one_stays(open_account: OpenAccount, user: User) -> None:
    with transaction(SYSTEM) as session:
        open_session(session, user.id, clock.now(), FIREFOX)
    app = open_account(user)
    assert any("Firefox, Windows" in markdown.value for markdown in app.markdown)
    press(app, "End")
    assert [row.browser for row in rows(LoginSession, user)] == [""]
    assert "End" not in labels(app)


def test_logging_out_ends_every_session(open_account: OpenAccount, user: User) -> None:
    with transaction(SYSTEM) as session:
        open_session(session, user.id, clock.now(), FIREFOX)
    press(open_account(user), "Log out")
    assert rows(LoginSession, user) == []


def test_how_each_mail_comes_is_chosen_and_what_another_role_is_offered_stays_so(
    open_account: OpenAccount, user: User
) -> None:
    with transaction(SYSTEM) as session:
        session.get_one(User, user.id).muted = ["approval_refused"]
    app = open_account(user)
    choose(app, "A new invoice, proforma or storno", "never")
    choose(app, "My order was received", "daily")
    press(app, "Save", place=1)
    assert sorted(now_of(user).muted) == ["approval_refused", "invoice_issued"]
    assert now_of(user).gathered == ["order_confirmed"]
    choose(app, "A new invoice, proforma or storno", "now")
    press(app, "Save", place=1)
    assert now_of(user).muted == ["approval_refused"]
    assert now_of(user).gathered == ["order_confirmed"]


def choose(app: AppTest, label: str, how: str) -> None:
    next(group for group in app.segmented_control if group.label == label).set_value(how)


def test_who_cannot_be_mailed_is_told_when_they_are_here(open_account: OpenAccount, user: User) -> None:
    with transaction(SYSTEM) as session:
        row = session.get_one(User, user.id)
        row.bounced_at, row.bounce = clock.now(), "no such <b>user</b>"
    told = [warning.value for warning in open_account(user).warning]
    assert any("no such" in words and "<b>" not in words for words in told)


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        (CHROME, "Chrome, Linux"),
        (CHROME + " Edg/140.0.0.0", "Edge, Linux"),
        (CHROME.replace("X11; Linux x86_64", "Linux; Android 10; K"), "Chrome, Android"),
        (IPHONE, "Safari, iPhone"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_browsers_are_named_as_people_say_it(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
