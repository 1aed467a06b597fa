"""Steps and words that the tests of this folder share."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.auth.signing_in import check_password
from core.db import transaction
from core.partners.models import Partner
from core.principal import SYSTEM
from tests.factories import make_user

COLLEAGUES, STAFF = "pages/partner/colleagues.py", "pages/staff/users.py"
SECRET = "trei cuvinte lungi 7"


def one(query: str, **params: object) -> Any:
    with transaction(SYSTEM) as session:
        return tuple(session.execute(text(query), params).one())


def sql(query: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(query), params)


def count(table: str) -> int:
    return one(f"select count(*) from {table}")[0]


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def click(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def field(app: AppTest, label: str) -> Any:
    return next(found for found in [*app.text_input, *app.selectbox, *app.radio] if found.label == label)


def change(app: AppTest, user: User) -> AppTest:
    """Open the dialog of this user."""
    app.run().button(key=f"open-{user.id}").click().run()
    return app


def create(app: AppTest, way: str, email: str, **typed: str) -> AppTest:
    """Fill in the form for somebody new, and send it."""
    if "Create" not in labels(app):
        click(app, "New person")
    field(app, "How does the person get in?").set_value(way).run()
    field(app, "E-mail").set_value(email)
    field(app, "The person's name").set_value("Radu Nou")
    for label, value in typed.items():
        field(app, label.replace("_", " ")).set_value(value)
    return click(app, "Create")


def gets_in(email: str, password: str) -> bool:
    with transaction(SYSTEM) as session:
        return check_password(session, email, password) is not None


def shown_passwords(app: AppTest) -> list[str]:
    return [code.value for code in app.code]


def said(app: AppTest) -> str:
    return app.toast[0].value.replace("\\", "").replace(":small[]", "")


def open_partner(open_page: Callable[[str, User], AppTest], role: str, partner: Partner) -> AppTest:
    """The partner as a member of staff with this role sees it. AppTest has no click on a table row."""
    app = open_page("pages/staff/partners.py", make_user(role=role, language="en"))
    app.session_state[f"partners-en-{hash((partner.id,))}"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    return app.run()
