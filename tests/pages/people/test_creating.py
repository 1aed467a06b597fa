"""New people, and how they get in."""

from collections.abc import Callable
from decimal import Decimal

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.account import use_link
from core.auth.models import User
from core.config import settings
from core.db import transaction
from core.i18n import translate
from core.partners.models import Partner
from core.principal import visitor
from pages.ui.person_forms import SHOWN_KEY
from pages.ui.text import LANGUAGE_KEY
from tests.core.auth.conftest import everything_kept
from tests.factories import make_partner, make_user
from tests.pages.conftest import shown_error
from tests.pages.people.steps import (
    COLLEAGUES,
    SECRET,
    click,
    count,
    create,
    field,
    gets_in,
    labels,
    one,
    said,
    shown_passwords,
)


def test_an_owner_invites_a_buyer_by_a_link_that_is_mailed(colleagues: AppTest, partner: Partner) -> None:
    create(colleagues, "link", "Radu@Partner.Example")
    user, role, theirs, password = one(
        "select id, role, partner_id, password_hash from app_user where email = 'radu@partner.example'"
    )
    assert (role, theirs, password) == ("buyer", partner.id, "")
    assert one("select user_id, purpose from access_link") == (user, "invite")
    assert one("select count(*) from outbox join event on event.id = event_id where kind = 'user_invited'") == (1,)
    assert said(colleagues) == "The link is on its way to radu@partner.example and works for 7 days."
    assert "Create" not in labels(colleagues)


def test_where_no_mail_leaves_the_link_is_shown_once_to_be_handed_over(
    colleagues: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "smtp_host", None)
    create(colleagues, "link", "radu@partner.example")
    assert said(colleagues) == "The link for radu@partner.example is ready and works for 7 days."
    [link] = shown_passwords(colleagues)
    with transaction(visitor("192.0.2.7")) as session:
        use_link(session, link.split("/set-password?t=")[1], SECRET, clock.real_now())
    assert gets_in("radu@partner.example", SECRET)
    assert not shown_passwords(colleagues.run())
    assert link.split("?t=")[1] not in everything_kept()


def test_where_mails_leave_nobody_sees_the_link(colleagues: AppTest) -> None:
    create(colleagues, "link", "radu@partner.example")
    assert not shown_passwords(colleagues)


def test_a_buyer_begins_with_a_limit_written_as_the_language_has_it(
    open_page: Callable[[str, User], AppTest], partner: Partner
) -> None:
    st.session_state[LANGUAGE_KEY] = "ro"
    app = open_page(COLLEAGUES, make_user(partner, language="ro"))
    app.button(key=f"new-{partner.id}").click().run()
    form = f"person-{partner.id}-ro-0"
    for name, value in {"email": "radu@partner.example", "name": "Radu", "limit": "1.250,50"}.items():
        app.text_input(key=f"{form}-{name}").set_value(value)
    click(app, translate("Create", "ro"))
    assert one("select spending_limit from app_user where name = 'Radu'") == (Decimal("1250.50"),)


def test_a_generated_password_is_shown_once_and_kept_nowhere(colleagues: AppTest) -> None:
    create(colleagues, "generated", "radu@partner.example")
    [password] = shown_passwords(colleagues)
    assert gets_in("radu@partner.example", password)
    assert SHOWN_KEY not in colleagues.session_state
    assert password not in everything_kept()
    colleagues.run()
    assert shown_passwords(colleagues) == []


def test_a_typed_password_lets_the_person_in_and_is_not_shown(colleagues: AppTest) -> None:
    create(colleagues, "typed", "radu@partner.example", Password=SECRET)
    assert gets_in("radu@partner.example", SECRET)
    assert shown_passwords(colleagues) == []
    assert count("access_link") == 0
    assert SECRET not in everything_kept()


@pytest.mark.parametrize(
    ("way", "email", "typed", "refusal"),
    [
        ("link", "radu", {}, "“radu” is not an e-mail address."),
        ("link", "radu@partner.ro", {"Largest_order_without_approval,_lei_with_VAT": "ten"}, "Largest order"),
        ("typed", "radu@partner.ro", {"Password": "short"}, "The password is too short"),
    ],
)
def test_after_a_mistake_nobody_is_made_and_what_was_typed_is_still_there(
    colleagues: AppTest, way: str, email: str, typed: dict[str, str], refusal: str
) -> None:
    create(colleagues, way, email, **typed)
    assert shown_error(colleagues).startswith(refusal)
    assert (count("app_user"), count("access_link")) == (1, 0)
    assert field(colleagues, "How does the person get in?").value == way
    typed = {"E-mail": email, "The person's name": "Radu Nou"} | typed
    assert {label: field(colleagues, label.replace("_", " ")).value for label in typed} == typed


def test_after_one_was_made_the_form_is_empty_for_the_next(colleagues: AppTest) -> None:
    create(colleagues, "typed", "radu@partner.example", Password=SECRET)
    click(colleagues, "New person")
    assert field(colleagues, "E-mail").value == field(colleagues, "The person's name").value == ""
    assert field(colleagues, "How does the person get in?").value == "link"


def test_an_address_that_somebody_has_is_refused(colleagues: AppTest) -> None:
    taken = make_user(make_partner()).email
    assert shown_error(create(colleagues, "link", taken)).startswith("There is already a user with the address")
