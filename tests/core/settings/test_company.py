"""The general settings: what each changes, what it refuses, and how a change is taken back."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.auth.sessions import open_session, principal_of_cookie
from core.auth.users import create_user
from core.company import Company, change_company, company
from core.company_history import ChangedSince, changes, undo
from core.company_rules import BadColour, BadRule, UnknownDisplay, UnknownLanguage, UnknownTimeZone
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.exports.asking import TABLES, columns_for
from core.exports.running import life
from core.orders.browsing import rows_of
from core.principal import SYSTEM, Principal
from tests.factories import make_partner, make_product, make_staff, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
OTHER: dict[str, Any] = {
    "name": "Alt SRL", "cui": "18547290", "vat_payer": False, "reg_com": "J1", "share_capital": Decimal("200.00"),
    "address": "Str. 1", "city": "Iași", "county": "IS", "worksite": "Depozit 2", "iban": "RO49AAAA1B31007593840000",
    "bank": "Banca", "more_accounts": ["RO49AAAA1B31007593840000 Trezoreria, Iași"], "phone": "0232", "email": "a@x.ro",
    "order_emails": ["b@x.ro"], "claim_hours": Decimal("12.00"), "unpaid_hours": Decimal("5.50"), "purge_days": 9,
    "min_order": Decimal("10.00"), "max_order": Decimal("99.00"), "max_open_orders": 3,
    "max_open_value": Decimal("8.00"),
    "credit_limit": Decimal("7.00"), "overdue_block": Decimal("6.00"), "overdue_block_days": 5,
    "max_per_order": Decimal("4.000"), "max_per_period": Decimal("3.000"), "share_days": 2, "working_clock": True,
    "work_days": [1, 6], "work_from": time(8, 30), "work_to": time(16), "stock_display": "light",
    "stock_cap": Decimal("20.000"), "prices_with_vat": True, "show_list_price": False, "show_rrp": False,
    "vat_on_payment": True, "efactura": False, "cash_limit": Decimal("1000.00"), "cash_limit_blocks": False,
    "reminders": True, "colour": "#b91c1c",
    "two_factor_roles": ["admin"], "idle_hours": 8, "session_days": 1, "export_days": 2,
    "mail_days": 30, "default_language": "en", "time_zone": "Europe/Chisinau",
}  # fmt: skip
"""Every setting → a value that it does not have at first."""


def admin() -> Principal:
    return make_staff(role="admin")


def change(who: Principal, **values: Any) -> None:
    with transaction(who) as session:
        change_company(session, **values)


def now_is() -> dict[str, Any]:
    with transaction(SYSTEM) as session:
        row = company(session)
        return {name: getattr(row, name) for name in OTHER}


def test_every_setting_can_be_changed_and_the_change_taken_back() -> None:
    assert OTHER.keys() == {column.name for column in Company.__table__.columns} - {"id", "logo"}
    who, first = admin(), now_is()
    assert [name for name in OTHER if first[name] == OTHER[name]] == []
    change(who, **OTHER)
    assert now_is() == OTHER
    with transaction(who) as session:
        last = changes(session)[0]
        assert last.changes.keys() == OTHER.keys()
        assert last.undoable
        undo(session, last.id)
    assert now_is() == first


def test_a_change_of_which_something_was_changed_since_is_not_taken_back() -> None:
    who = admin()
    change(who, claim_hours=Decimal(12), city="Iași")
    change(who, city="Cluj")
    with transaction(who) as session:
        second, first = changes(session)
        assert (second.undoable, first.undoable) == (True, False)
        with pytest.raises(ChangedSince):
            undo(session, first.id)
    with transaction(who) as session:
        undo(session, second.id)
        undo(session, first.id)
    assert (now_is()["city"], now_is()["claim_hours"]) == ("", 24)


def test_only_changes_of_settings_can_be_taken_back_and_only_by_who_may_change_them() -> None:
    who = admin()
    change(who, city="Iași")
    with transaction(who) as session:
        event = changes(session)[0].id
        with pytest.raises(NotFound):
            undo(session, event + 1000)
    for role in ("sales", "analyst"):
        with transaction(make_staff(role=role)) as session:
            with pytest.raises(NotAllowed):
                changes(session)
            with pytest.raises(NotAllowed):
                undo(session, event)
    assert now_is()["city"] == "Iași"


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"default_language": "de"}, UnknownLanguage),
        ({"time_zone": "Europe/Nowhere"}, UnknownTimeZone),
        ({"colour": "red"}, BadColour),
        ({"stock_display": "all"}, UnknownDisplay),
        ({"idle_hours": 0}, BadRule),
        ({"session_days": 91}, BadRule),
        ({"export_days": 0}, BadRule),
        ({"mail_days": -1}, BadRule),
    ],
)
def test_what_no_setting_may_be_is_refused_and_nothing_is_changed(
    values: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        change(admin(), city="Iași", **values)
    assert now_is()["city"] == ""


def test_a_session_ends_after_the_hours_without_use_and_the_days_that_are_set() -> None:
    change(admin(), idle_hours=8, session_days=2)
    user = make_user()
    with transaction(SYSTEM) as session:
        cookie = open_session(session, user.id, NOW)

    def known(at: datetime) -> bool:
        with transaction(SYSTEM) as session:
            return principal_of_cookie(session, cookie, at) is not None

    assert known(NOW + timedelta(hours=7, minutes=59))
    assert not known(NOW + timedelta(hours=16, minutes=1))
    with transaction(SYSTEM) as session:
        cookie = open_session(session, user.id, NOW)
    assert all(known(NOW + timedelta(hours=hours)) for hours in range(0, 48, 7))
    assert not known(NOW + timedelta(hours=48))


def test_new_people_begin_with_the_language_and_the_prices_that_are_set() -> None:
    who, partner = admin(), make_partner()
    change(who, default_language="en", prices_with_vat=True)
    with transaction(who, wall=False) as session:
        user = create_user(session, "new@x.example", "New", "buyer", NOW, partner_id=partner.id)
        assert (user.language, user.show_gross) == ("en", True)
        other = create_user(session, "nou@x.example", "Nou", "buyer", NOW, partner_id=partner.id, language="ro")
        assert other.language == "ro"


def test_partners_see_list_and_recommended_prices_only_where_that_is_set() -> None:
    who, buyer = admin(), make_user(make_partner())
    product = make_product(list_price=Decimal(10), rrp=Decimal(15))

    def seen() -> tuple[Any, ...]:
        with transaction(principal_of(buyer)) as session:
            row = rows_of(session, [product.id], NOW)[0]
            columns = {column.name for column in columns_for(session, TABLES["prices"])}
            return row.list_price, row.rrp, {"list_price", "rrp"} & columns

    assert seen() == (Decimal(10), Decimal(15), {"list_price", "rrp"})
    change(who, show_rrp=False)
    assert seen() == (Decimal(10), None, {"list_price"})
    change(who, show_rrp=True, show_list_price=False)
    assert seen() == (None, Decimal(15), {"rrp"})


def test_finished_exports_are_kept_as_long_as_is_set() -> None:
    change(admin(), export_days=3)
    with transaction(SYSTEM) as session:
        assert life(session) == timedelta(days=3)
