"""Steps and words that the tests of this folder share."""

from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.links import Purpose, address_of_link, make_link
from core.auth.models import LoginTicket, User
from core.auth.signing_in import check_password
from core.db import transaction
from core.principal import SYSTEM

PASSWORD = "a right password"
NEW = "three odd words together"
WRONG = "The e-mail address or the password is wrong."


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


def type_code(app: AppTest, code: str) -> AppTest:
    app.text_input(key="second_factor_code").set_value(code)
    return app.button[0].click().run()


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


def ask_reset(app: AppTest, email: str) -> AppTest:
    app.text_input(key="reset_email").set_value(email)
    return app.button[0].click().run()
