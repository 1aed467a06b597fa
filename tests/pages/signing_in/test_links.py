"""What mailed links open, and how one asks for them."""

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.auth.links import Purpose
from core.auth.models import Throttle, User
from core.db import transaction
from core.events import Event
from core.principal import SYSTEM
from pages.ui.text import LANGUAGE_KEY
from tests.factories import make_user
from tests.pages.conftest import shown_error
from tests.pages.signing_in.steps import NEW, PASSWORD, ask_reset, logs_in, open_link, read, set_password, token


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
