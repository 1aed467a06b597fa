from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from core.auth import passwords, users
from core.auth.models import User
from core.auth.signing_in import check_password
from core.db import transaction
from core.errors import NotFound
from core.events import Event
from core.principal import SYSTEM
from tests.core.auth.conftest import NOW, PASSWORD
from tests.factories import make_partner, make_staff, principal_of


def test_a_new_user_gets_in_with_the_generated_password(database: str) -> None:
    partner = make_partner()
    with transaction(SYSTEM) as session:
        user, password = users.create_user(session, " Ana@Partner.RO ", " Ana ", "partner", partner.id)
    assert (user.email, user.name, user.kind, user.partner_id) == ("ana@partner.ro", "Ana", "partner", partner.id)
    with transaction(SYSTEM) as session:
        assert check_password(session, "ana@partner.ro", password, NOW) is not None


def test_a_password_is_never_in_an_event(database: str) -> None:
    with transaction(SYSTEM) as session:
        user, password = users.create_user(session, "ana@rampa.example", "Ana", "staff")
        changed = users.change_password(session, user.id)
    with transaction(SYSTEM) as session:
        kinds = session.scalars(select(Event.kind).order_by(Event.id)).all()
        told = session.scalar(text("select string_agg(data::text, ' ') from event"))
    assert kinds == ["user_created", "user_password_changed"]
    assert not any(secret in told for secret in (password, changed, user.password_hash))


@pytest.mark.parametrize("email", ["", "ana", "ana@", "@partner.ro", "ana@partner", "a na@partner.ro", "a@b@c.ro"])
def test_what_is_not_an_address_is_refused(database: str, email: str) -> None:
    with transaction(SYSTEM) as session, pytest.raises(users.EmailInvalid):
        users.create_user(session, email, "Ana", "staff")


def test_an_address_belongs_to_one_user(buyer: User) -> None:
    with transaction(SYSTEM) as session, pytest.raises(users.EmailTaken):
        users.create_user(session, buyer.email.upper(), "Ana", "staff")


def test_an_address_taken_twice_at_the_same_time_makes_one_user(database: str) -> None:
    def create(_number: int) -> bool:
        try:
            with transaction(SYSTEM) as session:
                users.create_user(session, "ana@rampa.example", "Ana", "staff")
        except users.EmailTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(create, range(4))) == [False, False, False, True]


def test_a_user_needs_a_name_a_known_partner_and_a_password_that_is_long_enough(database: str) -> None:
    with transaction(SYSTEM) as session:
        with pytest.raises(users.NameMissing):
            users.create_user(session, "ana@rampa.example", " ", "staff")
        with pytest.raises(NotFound):
            users.create_user(session, "ana@rampa.example", "Ana", "partner", 999)
        with pytest.raises(passwords.PasswordTooShort):
            users.create_user(session, "ana@rampa.example", "Ana", "staff", password="short")


def test_a_new_password_opens_a_lock(buyer: User) -> None:
    with transaction(SYSTEM) as session:
        session.get_one(User, buyer.id).locked_until = NOW
        password = users.change_password(session, buyer.id, "another password")
    assert password == "another password"
    with transaction(SYSTEM) as session:
        assert check_password(session, buyer.email, PASSWORD, NOW) is None
        assert check_password(session, buyer.email, password, NOW) is not None


def test_staff_cannot_block_themselves(database: str) -> None:
    staff = make_staff()
    with transaction(staff) as session, pytest.raises(users.CannotBlockYourself):
        users.set_active(session, staff.user_id or 0, False)


def test_a_partners_user_chooses_their_own_language(buyer: User) -> None:
    with transaction(principal_of(buyer)) as session:
        users.set_language(session, "en")
    with transaction(SYSTEM) as session:
        assert session.get_one(User, buyer.id).language == "en"
