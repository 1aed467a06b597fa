"""Who sees which people, and how they stand."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, text

from core.auth.models import User
from core.auth.people import Person, people_of
from core.auth.sessions import end_sessions, open_session
from core.auth.signing_in import count_attempt
from core.auth.throttling import TooManyTries
from core.auth.users import create_user, invite, revoke_invitation, set_active
from core.db import engine, transaction
from core.errors import NotAllowed
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.auth.conftest import NOW
from tests.factories import make_partner, make_staff, make_user, principal_of


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner()


def seen_by(principal: Principal, partner_id: int | None, as_of: datetime = NOW) -> list[Person]:
    with transaction(principal, wall=False) as session:
        return people_of(session, partner_id, as_of)


def one(user: User, as_of: datetime = NOW) -> Person:
    return next(person for person in seen_by(SYSTEM, user.partner_id, as_of) if person.id == user.id)


def log_in(user: User, as_of: datetime) -> None:
    with transaction(SYSTEM) as session:
        open_session(session, user.id, as_of)


def test_an_owner_sees_the_own_colleagues_by_name_and_nobody_else(partner: Partner) -> None:
    owner = make_user(partner, name="Șerban")
    make_user(partner, name="Ștefan", role="buyer", spending_limit=Decimal("500.00"), active=False)
    make_user(partner, name="Ana", role="accountant", password_hash="", totp_secret="x", language="en")
    make_user(make_partner())
    make_user()
    people = seen_by(principal_of(owner), partner.id)
    assert [(person.name, person.role, person.active) for person in people] == [
        ("Ana", "accountant", True), ("Șerban", "owner", True), ("Ștefan", "buyer", False),
    ]  # fmt: skip
    assert [person.spending_limit for person in people] == [None, None, Decimal("500.00")]
    assert [person.has_password for person in people] == [False, True, True]
    assert [person.has_second_factor for person in people] == [True, False, False]
    assert [person.language for person in people] == ["en", "ro", "ro"]


def test_an_admin_sees_the_staff_without_the_partners_people(partner: Partner) -> None:
    make_user(partner)
    admin, sales = make_staff(name="Ana"), make_staff(name="Bogdan", role="sales")
    assert [person.id for person in seen_by(admin, None)] == [admin.user_id, sales.user_id]


@pytest.mark.parametrize("role", ["admin", "sales"])
def test_staff_who_manage_partners_people_see_them(partner: Partner, role: str) -> None:
    user = make_user(partner)
    assert [person.id for person in seen_by(make_staff(role=role), partner.id)] == [user.id]


def test_an_owner_is_refused_the_people_of_others(partner: Partner) -> None:
    owner, other = principal_of(make_user(partner)), make_partner()
    for whose in (other.id, None):
        with pytest.raises(NotAllowed):
            seen_by(owner, whose)


@pytest.mark.parametrize("role", ["buyer", "accountant"])
def test_colleagues_who_are_no_owner_are_refused(partner: Partner, role: str) -> None:
    with pytest.raises(NotAllowed):
        seen_by(principal_of(make_user(partner, role=role)), partner.id)


@pytest.mark.parametrize(
    ("role", "refused"), [("sales", "staff"), ("warehouse", "both"), ("accounting", "both"), ("analyst", "both")]
)
def test_staff_are_refused_whom_they_do_not_manage(partner: Partner, role: str, refused: str) -> None:
    staff = make_staff(role=role)
    for whose in [None] if refused == "staff" else [None, partner.id]:
        with pytest.raises(NotAllowed):
            seen_by(staff, whose)


def test_a_viewer_is_refused(partner: Partner) -> None:
    viewer = Principal("partner", make_user().id, partner.id, role="viewer", viewing_until=NOW + timedelta(minutes=30))
    with pytest.raises(NotAllowed):
        seen_by(viewer, partner.id)


def test_an_invitation_shows_until_it_is_over_revoked_or_the_person_blocked(partner: Partner) -> None:
    with transaction(SYSTEM) as session:
        user = create_user(session, "ana@partner.example", "Ana", "buyer", NOW, partner_id=partner.id)
    assert (one(user).has_password, one(user).invited_until) == (False, None)
    end = NOW + timedelta(days=7)
    with transaction(SYSTEM) as session:
        invite(session, user.id, NOW)
    assert one(user).invited_until == one(user, end - timedelta(seconds=1)).invited_until == end
    assert one(user, end).invited_until is None
    with transaction(SYSTEM) as session:
        revoke_invitation(session, user.id, NOW)
    assert one(user).invited_until is None
    with transaction(SYSTEM) as session:
        invite(session, user.id, NOW)
        set_active(session, user.id, False, NOW)
    assert (one(user).active, one(user).invited_until) == (False, None)


def test_wrong_passwords_show_until_the_next_try_is_allowed(partner: Partner) -> None:
    user, other = make_user(partner, email="ană@partner.example"), make_user(partner)
    until = None
    while until is None:
        try:
            with transaction(SYSTEM) as session:
                count_attempt(session, user.email, NOW)
        except TooManyTries as error:
            until = error.params["until"]
    assert one(user).locked_until == until
    assert one(user, until).locked_until is None
    assert one(other).locked_until is None


def test_the_last_log_in_and_the_open_browsers_show(partner: Partner) -> None:
    user = make_user(partner)
    assert (one(user).last_signed_in, one(user).last_seen_at, one(user).sessions) == (None, None, 0)
    for at in (NOW, NOW + timedelta(hours=1)):
        log_in(user, at)
    log_in(make_user(partner), NOW + timedelta(hours=2))
    last = NOW + timedelta(hours=1)
    assert (one(user, last).last_signed_in, one(user, last).last_seen_at, one(user, last).sessions) == (last, last, 2)
    assert one(user, NOW + timedelta(hours=72)).sessions == 1
    with transaction(SYSTEM) as session:
        end_sessions(session, user.id, last)
    assert (one(user, last).last_signed_in, one(user, last).last_seen_at, one(user, last).sessions) == (last, None, 0)


def test_among_ten_thousand_people_one_partner_costs_one_query_that_reads_its_own_rows_only(partner: Partner) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(_TEN_THOUSAND), {"partner": make_partner().id})
    make_user(partner)
    statements: list[str] = []
    with transaction(SYSTEM, wall=False) as session:
        session.execute(text("analyze"))
        event.listen(engine(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert len(people_of(session, partner.id, NOW)) == 1
        [asked] = statements
        params = {"partner": partner.id, "as_of": NOW}
        plan = session.connection().exec_driver_sql(f"explain (format text) {asked}", params).scalars()
        assert "Seq Scan on event" not in "\n".join(plan)


_TEN_THOUSAND = """
    with made as (
        insert into app_user (email, name, kind, role, partner_id, password_hash)
        select 'n' || n || '@many.example', 'N ' || n, 'partner', 'buyer', :partner, '-'
        from generate_series(1, 10000) n
        returning id
    )
    insert into event (at, kind, user_id, partner_id)
    select now(), 'user_signed_in', id, :partner from made, generate_series(1, 5)
"""
