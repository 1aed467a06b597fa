"""What is done with people who are there: links, passwords, blocks, roles."""

from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core.auth import passwords
from core.auth.models import User
from core.partners.models import Partner
from tests.factories import make_partner, make_user
from tests.pages.conftest import shown_error
from tests.pages.people.steps import (
    SECRET,
    change,
    click,
    count,
    field,
    gets_in,
    labels,
    one,
    said,
    shown_passwords,
    sql,
)


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
