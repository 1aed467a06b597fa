"""Who manages people, and how: colleagues by an owner, a partner's people and the staff by the staff."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth import passwords
from core.auth.models import User
from core.auth.signing_in import check_password
from core.auth.users import invite
from core.db import transaction
from core.partners.models import Partner
from core.permissions import PERMISSIONS, ROLES
from core.principal import SYSTEM
from pages.ui.person_forms import SHOWN_KEY
from pages.ui.roles import ACTION_NAMES, ROLE_MEANINGS, ROLE_NAMES
from tests.core.auth.conftest import everything_kept
from tests.factories import make_partner, make_user
from tests.pages.conftest import shown_error

COLLEAGUES, STAFF = "pages/partner/colleagues.py", "pages/staff/users.py"
SECRET = "trei cuvinte lungi 7"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is slow on purpose; what the cost is does not matter here."""
    monkeypatch.setattr(passwords, "COST", 4)


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner()


@pytest.fixture
def open_page(app: AppTest, sign_in: Callable[[User], None]) -> Callable[[str, User], AppTest]:
    def _open(file: str, user: User) -> AppTest:
        sign_in(user)
        return app.run().switch_page(file).run()

    return _open


@pytest.fixture
def colleagues(open_page: Callable[[str, User], AppTest], partner: Partner) -> AppTest:
    """The page as an owner sees it who is alone so far."""
    return open_page(COLLEAGUES, make_user(partner, name="Ana Pop", language="en"))


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


def test_a_buyer_begins_with_a_limit_written_as_the_language_has_it(
    open_page: Callable[[str, User], AppTest], partner: Partner
) -> None:
    app = open_page(COLLEAGUES, make_user(partner, language="ro"))
    app.button(key=f"new-{partner.id}").click().run()
    form = f"person-{partner.id}-ro-0"
    for name, value in {"email": "radu@partner.example", "name": "Radu", "limit": "1.250,50"}.items():
        app.text_input(key=f"{form}-{name}").set_value(value)
    click(app, "Create")
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


@pytest.fixture
def invited(partner: Partner) -> User:
    user = make_user(partner, name="Bogdan", role="buyer", password_hash="")
    with transaction(SYSTEM) as session:
        invite(session, user.id, clock.now())
    return user


def test_a_link_is_sent_again_and_revoked(colleagues: AppTest, invited: User) -> None:
    before = one("select id from access_link")
    click(change(colleagues, invited), "Send the link again")
    assert said(colleagues).startswith("The link is on its way")
    assert one("select id from access_link") != before
    click(change(colleagues, invited), "Revoke the link")
    assert count("access_link") == 0
    assert "Revoke the link" not in labels(change(colleagues, invited))


def test_a_link_that_a_colleague_revoked_meanwhile_is_not_sent_by_the_click_on_revoke(
    colleagues: AppTest, invited: User
) -> None:
    change(colleagues, invited)
    sql("delete from access_link")
    click(colleagues, "Revoke the link")
    assert count("access_link") == 0


def test_a_new_password_is_generated_for_somebody_and_the_old_one_ends(colleagues: AppTest, partner: Partner) -> None:
    user = make_user(partner, role="buyer", password_hash=passwords.hash_password(SECRET))
    click(change(colleagues, user), "Generate a password")
    [password] = shown_passwords(colleagues)
    assert (gets_in(user.email, SECRET), gets_in(user.email, password)) == (False, True)
    assert shown_passwords(colleagues.run()) == []


def test_a_bad_password_for_somebody_stays_typed_and_changes_nothing(colleagues: AppTest, partner: Partner) -> None:
    user = make_user(partner, role="buyer", password_hash=passwords.hash_password(SECRET))
    change(colleagues, user)
    field(colleagues, "Password").set_value("short")
    click(colleagues, "Set this password")
    assert shown_error(colleagues).startswith("The password is too short")
    assert field(colleagues, "Password").value == "short"
    assert gets_in(user.email, SECRET)
    field(colleagues, "Password").set_value("alte cuvinte 81 noi")
    click(colleagues, "Set this password")
    assert gets_in(user.email, "alte cuvinte 81 noi")


def test_somebody_is_blocked_and_let_in_again(colleagues: AppTest, partner: Partner) -> None:
    user = make_user(partner, role="buyer")
    click(change(colleagues, user), "Block")
    assert one("select active from app_user where id = :id", id=user.id) == (False,)
    assert "Blocked" in " ".join(markdown.value for markdown in colleagues.markdown)
    assert "Generate a password" not in labels(change(colleagues, user))
    click(colleagues, "Unblock")
    assert one("select active from app_user where id = :id", id=user.id) == (True,)


@pytest.mark.parametrize(("active", "label"), [(True, "Block"), (False, "Unblock")])
def test_a_click_does_not_undo_what_a_colleague_did_first(
    colleagues: AppTest, partner: Partner, active: bool, label: str
) -> None:
    user = make_user(partner, role="buyer", active=active)
    change(colleagues, user)
    sql("update app_user set active = :active where id = :id", active=not active, id=user.id)
    click(colleagues, label)
    assert one("select active from app_user where id = :id", id=user.id) == (not active,)


def test_a_role_changes_and_a_buyer_gets_a_limit(colleagues: AppTest, partner: Partner) -> None:
    user = make_user(partner, role="accountant")
    change(colleagues, user)
    field(colleagues, "Role").set_value("buyer").run()
    field(colleagues, "Largest order without approval, lei with VAT").set_value("500.25")
    click(colleagues, "Save the role")
    assert one("select role, spending_limit from app_user where id = :id", id=user.id) == ("buyer", Decimal("500.25"))
    change(colleagues, user)
    field(colleagues, "Role").set_value("owner").run()
    click(colleagues, "Save the role")
    assert one("select role, spending_limit from app_user where id = :id", id=user.id) == ("owner", None)


def test_a_limit_that_cannot_be_read_stays_typed(colleagues: AppTest, partner: Partner) -> None:
    user = make_user(partner, role="buyer", spending_limit=Decimal(100))
    change(colleagues, user)
    limit = "Largest order without approval, lei with VAT"
    field(colleagues, limit).set_value("1.005")
    click(colleagues, "Save the role")
    assert shown_error(colleagues).startswith("Largest order without approval: ")
    assert field(colleagues, limit).value == "1.005"
    assert one("select spending_limit from app_user where id = :id", id=user.id) == (100,)


def test_a_typed_limit_is_kept_although_a_colleague_changed_it(colleagues: AppTest, partner: Partner) -> None:
    user = make_user(partner, role="buyer", spending_limit=Decimal(100))
    change(colleagues, user)
    sql("update app_user set spending_limit = 200 where id = :id", id=user.id)
    click(colleagues, "Save the role")
    assert one("select spending_limit from app_user where id = :id", id=user.id) == (200,)
    change(colleagues, user)
    field(colleagues, "Largest order without approval, lei with VAT").set_value("300")
    sql("update app_user set spending_limit = 250 where id = :id", id=user.id)
    click(colleagues, "Save the role")
    assert one("select spending_limit from app_user where id = :id", id=user.id) == (300,)


def test_the_second_factor_of_somebody_who_lost_the_telephone_is_removed(colleagues: AppTest, partner: Partner) -> None:
    user = make_user(partner, role="buyer", totp_secret="x")
    click(change(colleagues, user), "Remove the second step")
    assert one("select totp_secret from app_user where id = :id", id=user.id) == ("",)
    assert "Remove the second step" not in labels(change(colleagues, user))


def test_nobody_finds_buttons_for_themselves(colleagues: AppTest) -> None:
    assert "Change" not in labels(colleagues)


def test_an_owner_sees_nobody_of_another_partner(colleagues: AppTest) -> None:
    other, staff = make_user(make_partner(), name="Străin"), make_user(name="Angajat")
    shown = " ".join(markdown.value for markdown in colleagues.run().markdown)
    assert other.name not in shown
    assert staff.name not in shown


def test_an_owner_who_lost_the_role_meanwhile_changes_nothing(colleagues: AppTest, partner: Partner) -> None:
    user = make_user(partner, role="buyer")
    change(colleagues, user)
    sql("update app_user set role = 'buyer' where name = 'Ana Pop'")
    click(colleagues, "Block")
    assert one("select active from app_user where id = :id", id=user.id) == (True,)


def test_a_name_is_shown_as_it_is_and_not_as_markdown(colleagues: AppTest, partner: Partner) -> None:
    make_user(partner, name="*Ana* [x](http://y)")
    assert r"\*Ana\* \[x\]" in " ".join(markdown.value for markdown in colleagues.run().markdown)


@pytest.mark.parametrize("role", ["buyer", "accountant"])
def test_only_an_owner_opens_the_colleagues(
    open_page: Callable[[str, User], AppTest], partner: Partner, role: str
) -> None:
    app = open_page(COLLEAGUES, make_user(partner, role=role, language="en"))
    assert "New person" not in labels(app)
    assert app.subheader[0].value == "You have no access to this page"


@pytest.mark.parametrize("role", ["sales", "warehouse", "accounting", "analyst"])
def test_only_an_admin_opens_the_staff(open_page: Callable[[str, User], AppTest], role: str) -> None:
    app = open_page(STAFF, make_user(role=role, language="en"))
    assert "New person" not in labels(app)
    assert app.subheader[0].value == "You have no access to this page"


def test_many_people_are_found_by_name_and_shown_in_pages(colleagues: AppTest, partner: Partner) -> None:
    for number in range(24):
        make_user(partner, name=f"{'Ștefan' if number < 4 else 'Ion'} {number}", role="buyer")
    colleagues.run()
    assert labels(colleagues).count("Change") == 19  # and oneself
    field(colleagues, "Search").set_value("stefan").run()
    assert labels(colleagues).count("Change") == 4
    field(colleagues, "Search").set_value("nobody").run()
    assert colleagues.info[0].value.startswith("Nobody matches")


@pytest.fixture
def staff(open_page: Callable[[str, User], AppTest]) -> AppTest:
    return open_page(STAFF, make_user(name="Maria", language="en"))


def test_an_admin_makes_a_member_of_staff(staff: AppTest) -> None:
    click(staff, "New person")
    field(staff, "Role").set_value("warehouse").run()
    create(staff, "generated", "dorel@depozit.example")
    [password] = shown_passwords(staff)
    assert gets_in("dorel@depozit.example", password)
    assert one("select kind, role, partner_id from app_user where name = 'Radu Nou'") == ("staff", "warehouse", None)


def test_an_admin_changes_the_role_of_staff_who_have_no_limit(staff: AppTest) -> None:
    user = make_user(role="sales")
    change(staff, user)
    assert "Largest order without approval, lei with VAT" not in [found.label for found in staff.text_input]
    field(staff, "Role").set_value("accounting").run()
    click(staff, "Save the role")
    assert one("select role from app_user where id = :id", id=user.id) == ("accounting",)


def test_an_admin_says_which_roles_need_a_second_factor(staff: AppTest) -> None:
    [roles] = staff.pills
    options = set(roles.options)
    assert len(options) == 8
    assert {"Accountant (at a partner)", "Accounting (staff)"} < options
    roles.set_value(["sales", "owner"])
    click(staff, "Save")
    assert one("select two_factor_roles from company") == (["owner", "sales"],)
    assert one("select count(*) from event where kind = 'settings_changed'") == (1,)


def open_partner(open_page: Callable[[str, User], AppTest], role: str, partner: Partner) -> AppTest:
    """The partner as a member of staff with this role sees it. AppTest has no click on a table row."""
    app = open_page("pages/staff/partners.py", make_user(role=role, language="en"))
    app.session_state[f"partners-en-{hash((partner.id,))}"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    return app.run()


def test_sales_make_the_first_person_of_a_partner_with_what_is_known_of_it(
    open_page: Callable[[str, User], AppTest], database: str
) -> None:
    partner = make_partner(email="office@firma.example", contact_name="Ilie Stan", status="approved")
    app = click(open_partner(open_page, "sales", partner), "New person")
    form = f"person-{partner.id}-en-0"
    assert app.text_input(key=f"{form}-email").value == "office@firma.example"
    assert app.text_input(key=f"{form}-name").value == "Ilie Stan"
    click(app, "Create")
    assert one("select email, name, role, partner_id, language from app_user where kind = 'partner'") == (
        "office@firma.example", "Ilie Stan", "owner", partner.id, "ro",
    )  # fmt: skip
    app.button(key=f"new-{partner.id}").click().run()
    form = f"person-{partner.id}-en-1"
    assert app.text_input(key=f"{form}-email").value == ""
    assert app.selectbox(key=f"{form}-role").value == "buyer"


def test_an_address_typed_for_the_first_person_stays_although_the_partners_own_changed(
    open_page: Callable[[str, User], AppTest], partner: Partner
) -> None:
    app = click(open_partner(open_page, "admin", partner), "New person")
    sql("update partner set email = 'new@partner.example'")
    form = f"person-{partner.id}-en-0"
    app.text_input(key=f"{form}-email").set_value("ana@partner.example")
    app.text_input(key=f"{form}-name").set_value("Ana Pop")
    click(app, "Create")
    assert one("select email from app_user where kind = 'partner'") == ("ana@partner.example",)


@pytest.mark.parametrize("status", ["proposed", "closed"])
def test_nobody_is_let_in_at_a_partner_that_may_not_enter(
    open_page: Callable[[str, User], AppTest], database: str, status: str
) -> None:
    partner = make_partner(status=status)
    user = make_user(partner)
    app = open_partner(open_page, "admin", partner)
    assert any(warning.value.startswith("Nobody of this partner can log in") for warning in app.warning)
    assert "New person" not in labels(app)
    assert {"Generate a password", "Send a link to set a password"}.isdisjoint(labels(change(app, user)))
    click(app, "Block")
    assert one("select active from app_user where id = :id", id=user.id) == (False,)


@pytest.mark.parametrize("role", ["accounting", "analyst"])
def test_staff_who_only_see_partners_change_nobody(
    open_page: Callable[[str, User], AppTest], partner: Partner, role: str
) -> None:
    make_user(partner)
    assert {"New person", "Change"}.isdisjoint(labels(open_partner(open_page, role, partner)))


def test_every_role_and_every_action_has_words() -> None:
    people = set(ROLES) - {"viewer"}
    assert set(ROLE_NAMES) == set(ROLE_MEANINGS) == people
    assert set(ACTION_NAMES) == set(PERMISSIONS)


def test_the_table_of_roles_shows_what_the_program_decides(staff: AppTest) -> None:
    table = staff.dataframe[0].value.set_index("action")
    assert table.loc["Record payments"].to_dict() == {
        "admin": "✓", "sales": "", "warehouse": "", "accounting": "✓", "analyst": "",
    }  # fmt: skip
    assert "Place orders" not in table.index
