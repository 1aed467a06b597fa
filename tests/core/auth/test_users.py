"""People as others manage them, and who may manage whom."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.auth import passwords, users
from core.auth.models import User
from core.auth.signing_in import check_password
from core.auth.throttling import TooManyTries
from core.auth.users import BadLimit, EmailInvalid, EmailTaken, NameMissing, NotYourself
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.permissions import PARTNER_ROLES, ROLES, STAFF_ROLES
from core.principal import SYSTEM, Principal
from tests.core.auth.conftest import NOW, PASSWORD, events, everything_kept, read, told_of
from tests.core.auth.test_links import mailed, opens
from tests.core.auth.test_second_factor import set_up
from tests.core.auth.test_sessions import enter, who
from tests.factories import make_partner, make_user, principal_of
from tests.threads import at_once

NEW = "three odd words together"


def create(principal: Principal = SYSTEM, **values: Any) -> User:
    usual = {"email": "ana@rampa.example", "name": "Ana", "role": "owner" if values.get("partner_id") else "sales"}
    with transaction(principal, wall=False) as session:
        return users.create_user(session, **usual | {"as_of": NOW} | values)


def logs_in(email: str, password: str) -> bool:
    with transaction(SYSTEM) as session:
        return check_password(session, email, password) is not None


def test_a_new_user_gets_in_with_the_password_that_was_set(database: str) -> None:
    partner = make_partner()
    user = create(email=" Ana@Partner.RO ", name=" Ana\x00 ", partner_id=partner.id, password=PASSWORD)
    assert (user.email, user.name, user.kind, user.role) == ("ana@partner.ro", "Ana", "partner", "owner")
    assert (user.partner_id, user.language, user.active, user.spending_limit) == (partner.id, "ro", True, None)
    assert logs_in("ana@partner.ro", PASSWORD)
    (event,) = events("user_created")
    assert (event.partner_id, event.data["user"], event.data["role"]) == (partner.id, user.id, "owner")


def test_nobody_gets_in_before_a_first_password_was_set(database: str) -> None:
    user = create()
    assert user.password_hash == ""
    assert not any(logs_in(user.email, guess) for guess in ("", "-", PASSWORD))


def test_a_password_is_never_kept_nor_in_an_event(database: str) -> None:
    user = create(password=PASSWORD)
    with transaction(SYSTEM) as session:
        users.set_password(session, user.id, NEW, NOW)
    told = "".join(str(event.data) for event in events())
    assert [event.kind for event in events()] == ["user_created", "user_password_changed"]
    assert not any(secret in everything_kept() for secret in (PASSWORD, NEW))
    assert read(user).password_hash not in told


@pytest.mark.parametrize(
    "email",
    ["", "ana", "ana@", "@partner.ro", "ana@partner", "a na@partner.ro", "a@b@c.ro", "a,b@c.ro", "<a@b.ro>", "a@b..ro"],
)
def test_what_is_not_an_address_is_refused(email: str) -> None:
    with pytest.raises(EmailInvalid):
        users.require_email(email)


@pytest.mark.parametrize(
    "email", ["ana@partner.ro", "ana.maria+rampa@sub.partner.ro", "o'neill@partner.ro", "șef@țară.ro"]
)
def test_what_is_an_address_is_taken(email: str) -> None:
    assert users.require_email(f" {email.upper()}\u200b ") == email


def test_an_address_belongs_to_one_user(buyer: User) -> None:
    with pytest.raises(EmailTaken):
        create(email=buyer.email.upper())


def test_an_address_taken_twice_at_the_same_time_makes_one_user(database: str) -> None:
    outcomes = at_once([create] * 4)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["EmailTaken"] * 3 + ["User"]


def test_a_user_needs_a_name_a_known_partner_a_role_of_its_side_and_a_good_password(database: str) -> None:
    partner_id = make_partner().id
    refused: list[tuple[dict[str, Any], type[Refusal]]] = [
        ({"name": " "}, NameMissing),
        ({"partner_id": 999}, NotFound),
        ({"role": "owner"}, NotFound),
        ({"partner_id": partner_id, "role": "admin"}, NotFound),
        ({"role": "viewer"}, NotFound),
        ({"partner_id": partner_id, "role": "viewer"}, NotFound),
        ({"role": ""}, NotFound),
        ({"password": "short"}, passwords.PasswordTooShort),
        ({"password": "password123"}, passwords.PasswordTooEasy),
    ]
    for values, refusal in refused:
        with pytest.raises(refusal):
            create(**values)
    assert events("user_created") == []


# Who manages whom.

MANAGERS: dict[str, Callable[[str], bool]] = {
    "admin": lambda whom: True,
    "sales": lambda whom: whom != "staff",
    "owner": lambda whom: whom == "colleague",
}
"""Role → may it manage: a colleague (of the own partner), a stranger (of another one), staff?"""

ACTIONS: dict[str, Callable[[Session, int], object]] = {
    "invite": lambda session, user: users.invite(session, user, NOW),
    "revoke_invitation": lambda session, user: users.revoke_invitation(session, user, NOW),
    "set_password": lambda session, user: users.set_password(session, user, NEW, NOW),
    "set_active": lambda session, user: users.set_active(session, user, False, NOW),
    "set_role": lambda session, user: users.set_role(session, user, "accountant", NOW),
    "remove_second_factor": lambda session, user: users.remove_second_factor(session, user, NOW),
}


@dataclass
class People:
    """Everybody who can act, and whom they act on."""

    actors: dict[str, Principal]
    targets: dict[str, User]


@pytest.fixture
def people(database: str) -> People:
    partner, other = make_partner(), make_partner()
    staff = {role: principal_of(make_user(role=role)) for role in STAFF_ROLES}
    ours = {role: principal_of(make_user(partner, role=role)) for role in PARTNER_ROLES}
    in_place = {
        role: Principal("partner", staff["admin"].user_id, partner.id, role=role) for role in ("viewer", "agent")
    }
    targets = {"colleague": make_user(partner, role="buyer"), "stranger": make_user(other), "staff": make_user()}
    return People(staff | ours | in_place, targets)


def outcome(principal: Principal, action: Callable[[Session, int], object], user_id: int) -> type[Refusal] | None:
    """What the attempt is refused with; None when it is done. Nothing of it stays."""
    try:
        with transaction(principal, wall=False) as session, session.begin_nested() as attempt:
            action(session, user_id)
            attempt.rollback()
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize("action", ACTIONS)
def test_everybody_manages_exactly_whom_they_may(people: People, action: str) -> None:
    for user in people.targets.values():
        set_up(user)
        mailed(user)
    for role in ROLES:
        for whom, user in people.targets.items():
            met = outcome(people.actors[role], ACTIONS[action], user.id)
            if MANAGERS.get(role, lambda whom: False)(whom):
                assert met is (NotFound if (action, whom) == ("set_role", "staff") else None), (role, whom)
            else:
                foreign = role in (*PARTNER_ROLES, "viewer", "agent") and whom != "colleague"
                assert met is (NotFound if foreign else NotAllowed), (role, whom)


def test_everybody_makes_exactly_whom_they_may(people: People) -> None:
    places = {whom: user.partner_id for whom, user in people.targets.items()}
    for role in ROLES:
        for whom, partner_id in places.items():
            with transaction(people.actors[role], wall=False) as session:
                manages = users.manages(session, partner_id)
            assert manages is MANAGERS.get(role, lambda whom: False)(whom), (role, whom)
            make = partial(create, people.actors[role], email=f"{role}.{whom}@x.example", partner_id=partner_id)
            if manages:
                assert make().partner_id == partner_id
            else:
                with pytest.raises(NotAllowed):
                    make()


def test_an_absent_user_is_nobodys_to_manage(people: People) -> None:
    for principal in people.actors.values():
        assert outcome(principal, ACTIONS["invite"], 999) is NotFound


@pytest.mark.parametrize("action", ["set_password", "set_active", "set_role", "remove_second_factor"])
def test_nobody_does_to_themselves_what_only_others_may(people: People, action: str) -> None:
    for role in ("owner", "admin", "sales"):
        principal = people.actors[role]
        assert outcome(principal, ACTIONS[action], principal.user_id or 0) is NotYourself


def test_an_owner_may_have_another_owner_beside_them(people: People) -> None:
    owner = people.actors["owner"]
    with transaction(owner, wall=False) as session:
        users.set_role(session, people.targets["colleague"].id, "owner", NOW)
    assert read(people.targets["colleague"]).role == "owner"


# What is done.


def by_sales(action: Callable[..., object], *arguments: Any, **options: Any) -> None:
    with transaction(principal_of(make_user(role="sales")), wall=False) as session:
        action(session, *arguments, **options)


def test_a_new_password_opens_a_wait_and_ends_the_old_one(buyer: User) -> None:
    by_sales(users.set_password, buyer.id, NEW, NOW)
    assert not logs_in(buyer.email, PASSWORD)
    assert logs_in(buyer.email, NEW)
    assert told_of("user_password_changed") == 1


def test_an_invitation_is_mailed_and_can_be_taken_back(buyer: User) -> None:
    by_sales(users.invite, buyer.id, NOW)
    by_sales(users.revoke_invitation, buyer.id, NOW)
    with pytest.raises(NotFound):
        by_sales(users.revoke_invitation, buyer.id, NOW)
    assert [event.kind for event in events()] == ["user_invited", "invitation_revoked"]
    assert told_of("user_invited") == 1


def test_blocking_twice_is_blocking_once(buyer: User) -> None:
    for active in (False, False, True, True):
        by_sales(users.set_active, buyer.id, active, NOW)
    assert [event.kind for event in events()] == ["user_blocked", "user_unblocked"]


def test_a_role_of_the_other_side_cannot_be_given(buyer: User, staff: User) -> None:
    for user, roles in ((buyer, (*STAFF_ROLES, "viewer", "")), (make_user(), (*PARTNER_ROLES, "viewer", ""))):
        for role in roles:
            with transaction(principal_of(staff), wall=False) as session, pytest.raises(NotFound):
                users.set_role(session, user.id, role, NOW)


def test_a_change_of_role_is_recorded_with_both_roles_and_limits(buyer: User) -> None:
    by_sales(users.set_role, buyer.id, "buyer", NOW, spending_limit=Decimal("1000.50"))
    by_sales(users.set_role, buyer.id, "buyer", NOW, spending_limit=Decimal("1000.50"))
    by_sales(users.set_role, buyer.id, "accountant", NOW)
    assert [event.data for event in events("user_role_changed")] == [
        {"user": buyer.id, "role": ["owner", "buyer"], "limit": [None, "1000.50"]},
        {"user": buyer.id, "role": ["buyer", "accountant"], "limit": ["1000.50", None]},
    ]
    user = read(buyer)
    assert (user.role, user.spending_limit) == ("accountant", None)


@pytest.mark.parametrize(
    ("role", "limit"),
    [("owner", "1"), ("accountant", "0"), ("buyer", "-0.01"), ("buyer", "1.005"), ("buyer", "1e12"), ("buyer", "NaN")],
)
def test_a_spending_limit_is_an_amount_and_a_buyers(buyer: User, role: str, limit: str) -> None:
    with pytest.raises(BadLimit):
        by_sales(users.set_role, buyer.id, role, NOW, spending_limit=Decimal(limit))
    assert read(buyer).role == "owner"


@pytest.mark.parametrize("limit", ["0", "0.01", "999999999999.99"])
def test_any_amount_can_be_a_buyers_limit(buyer: User, limit: str) -> None:
    by_sales(users.set_role, buyer.id, "buyer", NOW, spending_limit=Decimal(limit))
    assert read(buyer).spending_limit == Decimal(limit)


def test_removing_a_second_factor_that_is_not_there_is_refused(buyer: User) -> None:
    with pytest.raises(NotFound):
        by_sales(users.remove_second_factor, buyer.id, NOW)


def test_a_blocked_user_is_out_at_once_and_has_no_link_left(buyer: User) -> None:
    cookie, token = enter(buyer), mailed(buyer)
    by_sales(users.set_active, buyer.id, False, NOW)
    assert who(cookie) is None
    assert not opens(token)
    assert not logs_in(buyer.email, PASSWORD)


@pytest.mark.parametrize("change", ["block", "demote"])
def test_of_two_admins_who_end_each_others_rights_at_once_one_stays(database: str, change: str) -> None:
    one, other = make_user(), make_user()

    def block(me: User, whom: User) -> None:
        with transaction(principal_of(me), wall=False) as session:
            if change == "block":
                users.set_active(session, whom.id, False, NOW)
            else:
                users.set_role(session, whom.id, "analyst", NOW)

    outcomes = at_once([partial(block, one, other), partial(block, other, one)])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotAllowed"]
    assert [read(user).active and read(user).role == "admin" for user in (one, other)].count(True) == 1


def test_who_was_demoted_meanwhile_changes_nobody_any_more(database: str) -> None:
    admin, colleague = make_user(), make_user()
    stale = principal_of(admin)
    with transaction(SYSTEM) as session:
        users.set_role(session, admin.id, "analyst", NOW)
    with pytest.raises(NotAllowed), transaction(stale, wall=False) as session:
        users.set_active(session, colleague.id, False, NOW)


def test_nobody_is_mailed_invitations_at_will(buyer: User) -> None:
    for _ in range(3):
        with transaction(SYSTEM) as session:
            users.invite(session, buyer.id, NOW)
    with pytest.raises(TooManyTries), transaction(SYSTEM) as session:
        users.invite(session, buyer.id, NOW)
