"""The demo company as a guest: it comes where nothing is, with passwords of its own, and leaves no trace."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from core import clock
from core.auth.passwords import hash_password
from core.auth.signing_in import check_password
from core.check import run_checks
from core.company import change_company
from core.db import is_behind, transaction
from core.demo import visiting
from core.demo.load import KNOWN, DemoLogin
from core.demo.moving import move_clock
from core.demo.visiting import NoGuest, NotEmpty, is_guest, leave_before_upgrade, load, remove
from core.errors import NotAllowed
from core.principal import SYSTEM, Principal
from tests.core.orders.steps import scalar
from tests.factories import make_partner, make_product, make_staff, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")
PASSWORD = "three odd words together"


@pytest.fixture
def admin() -> Principal:
    """Of an installation that was begun: the company has a name, and its administrator has logged in."""
    user = make_user(email="ana@firma.example", password_hash=hash_password(PASSWORD))
    me = principal_of(user)
    with transaction(me) as session:
        change_company(session, name="Firma mea SRL", min_order=5000, logo=b"\x00\\x\n\t")  # a logo is bytes
    return me


def everything() -> dict[str, list[str]]:
    """All rows of all tables, and where the sequences go on."""
    with transaction(SYSTEM) as session:
        tables = session.execute(text(_TABLES)).scalars()
        rows = {
            table: sorted(session.execute(text(f'select row_to_json(t)::text from "{table}" t')).scalars())
            for table in tables
        }
        names = session.execute(text("select sequencename from pg_sequences where schemaname = 'public'")).scalars()
        rows["sequences"] = [f"{name} {session.scalar(text(_GOES_ON.format(name)))}" for name in sorted(names)]
    return rows


_TABLES = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
_GOES_ON = 'select case when is_called then last_value + 1 else last_value end from "{}"'


def come(principal: Principal) -> list[DemoLogin]:
    with transaction(principal) as session:
        return load(session)


def enabled_triggers() -> list[tuple[str, str]]:
    with transaction(SYSTEM) as session:
        found = session.execute(text("select tgname::text, tgenabled::text from pg_trigger order by oid"))
        return [tuple(row) for row in found]


def test_it_comes_once_with_passwords_of_its_own_and_removing_it_brings_back_every_row_of_every_table(
    admin: Principal,
) -> None:
    """One stay for all of it: to load the demo company takes seconds."""
    colleague = make_staff(role="sales")
    before, triggers = everything(), enabled_triggers()
    with pytest.raises(NoGuest):
        remove(admin)
    with pytest.raises(NotAllowed):
        come(colleague)
    nobody_has_the_known_passwords(come(admin))
    assert {rule: found for rule, found in run_checks().items() if found} == {}
    assert scalar("select name from company") == "Ramparia Distribuție Tehnică S.R.L."
    assert scalar("select count(*) from app_user where email = 'ana@firma.example'") == 1
    with pytest.raises(NotEmpty):
        come(admin)
    with pytest.raises(NotAllowed):
        remove(colleague)
    with transaction(admin) as session:
        assert is_guest(session)
    assert scalar("select count(*) from partner") == 12

    with transaction(admin) as session:
        change_company(session, name="Something else")
        move_clock(session, timedelta(days=2))
    make_product(stock=5)
    make_partner()
    remove(admin)
    after = everything()
    assert {table: rows for table, rows in after.items() if rows != before[table]} == {}
    assert after.keys() == before.keys()
    assert enabled_triggers() == triggers
    assert not clock.in_demo()
    assert make_product(stock=5).id == 1
    with transaction(SYSTEM) as session:
        assert check_password(session, "ana@firma.example", PASSWORD)
    assert not any(run_checks().values())


def nobody_has_the_known_passwords(demo: list[DemoLogin]) -> None:
    for log_in in demo:
        with transaction(SYSTEM) as session:
            assert check_password(session, log_in.email, log_in.password), log_in
            assert not check_password(session, log_in.email, KNOWN.staff)
            assert not check_password(session, log_in.email, KNOWN.partners)


@pytest.mark.parametrize("make", [make_product, make_partner, lambda: make_user(email="admin@rampa.example")])
def test_it_does_not_come_where_something_is(admin: Principal, make: Callable[[], object]) -> None:
    make()
    before = everything()
    with pytest.raises(NotEmpty):
        come(admin)
    assert everything() == before


@pytest.mark.parametrize("behind", [True, False])
def test_it_leaves_before_the_schema_changes_and_not_otherwise(
    admin: Principal, monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    monkeypatch.setattr(visiting, "load_company", lambda *_arguments: None)
    come(admin)
    make_product()
    monkeypatch.setattr(visiting, "is_behind", lambda: behind)
    assert leave_before_upgrade() is behind
    assert scalar("select count(*) from product") == (0 if behind else 1)
    assert scalar("select name from company") == ("Firma mea SRL" if behind else "")


def test_an_up_to_date_schema_is_not_behind() -> None:
    assert not is_behind()
