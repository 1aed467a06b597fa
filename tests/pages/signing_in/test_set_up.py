"""The page behind the link that the terminal shows at the very first start."""

from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.auth.models import LoginTicket, User
from core.auth.setting_up import new_set_up_link
from core.db import transaction
from core.principal import SYSTEM
from tests.factories import make_staff
from tests.pages.conftest import shown_error
from tests.pages.signing_in.steps import NEW, open_link


def shown() -> str:
    """The token in the link that the terminal shows."""
    with transaction(SYSTEM) as session:
        return (new_set_up_link(session) or "").split("?t=")[1]


def fill_in(page: AppTest, name: str, again: str = NEW) -> AppTest:
    page.text_input(key="set_up_name").set_value(name)
    page.text_input(key="set_up_email").set_value("Ana@Firma.example")
    page.text_input(key="new_password").set_value(NEW)
    page.text_input(key="same_again").set_value(again)
    return page.button[0].click().run()


def administrators() -> list[tuple[str, str]]:
    with transaction(SYSTEM) as session:
        return [tuple(row) for row in session.execute(select(User.email, User.role))]


def test_the_form_makes_the_administrator_and_lets_them_in_at_once(app: AppTest) -> None:
    page = fill_in(open_link(app, "set_up", shown()), "Ana Pop")
    assert not page.error
    assert administrators() == [("ana@firma.example", "admin")]
    with transaction(SYSTEM) as session:
        assert session.scalars(select(LoginTicket.next_path)).all() == ["/"]


def test_what_does_not_do_can_be_typed_again(app: AppTest) -> None:
    page = open_link(app, "set_up", shown())
    assert shown_error(fill_in(page, "")).startswith("Enter the person")
    assert shown_error(fill_in(page, "Ana", "something else")).startswith("The same once more")
    assert not administrators()
    assert not fill_in(page, "Ana Pop").error


def test_a_link_that_is_over_shows_no_form(app: AppTest) -> None:
    token = shown()
    make_staff()
    page = open_link(app, "set_up", token)
    assert shown_error(page).startswith("This link opens nothing")
    assert not page.text_input


def test_the_log_in_form_says_where_the_link_is_while_there_is_nobody(app: AppTest) -> None:
    assert "Open the link that the terminal shows" in app.run().info[0].value
    make_staff()
    assert not app.run().info
