"""Who manages whom, on which page."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.partners.models import Partner
from core.permissions import PERMISSIONS, ROLES
from pages.ui.roles import ACTION_NAMES, ROLE_MEANINGS, ROLE_NAMES
from tests.factories import make_partner, make_user
from tests.pages.people.steps import (
    COLLEAGUES,
    STAFF,
    change,
    click,
    create,
    field,
    gets_in,
    labels,
    one,
    open_partner,
    shown_passwords,
    sql,
)


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
    people = set(ROLES) - {"viewer", "agent"}  # those are staff in a partner's place
    assert set(ROLE_NAMES) == set(ROLE_MEANINGS) == people
    assert set(ACTION_NAMES) == set(PERMISSIONS)


def test_the_table_of_roles_shows_what_the_program_decides(staff: AppTest) -> None:
    table = staff.dataframe[0].value.set_index("action")
    assert table.loc["Record payments"].to_dict() == {
        "admin": "✓", "sales": "", "warehouse": "", "accounting": "✓", "analyst": "",
    }  # fmt: skip
    assert "Place orders" not in table.index
