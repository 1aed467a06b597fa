"""A partner's own rules beside the general ones, and which numbers either may be."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.company import Company, change_company
from core.company_rules import COMPANY_RULES, RULES, BadRule, LeastAboveLargest, NoWorkingTime
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.partners.models import Partner
from core.partners.rules import OwnRule, change_rules, rules
from core.principal import SYSTEM
from tests.factories import make_partner, make_staff

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def change(partner_id: int, prepay: bool = False, role: str = "accounting", **values: object) -> None:
    with transaction(make_staff(role=role)) as session:
        change_rules(session, partner_id, prepay, values, NOW)  # type: ignore[arg-type]


def change_general(role: str = "admin", **values: object) -> None:
    with transaction(make_staff(role=role)) as session:
        change_company(session, **values)


def changes() -> list[object]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(text("select data -> 'changes' from event order by id")))


def test_own_rules_stand_beside_the_general_ones_and_go_before_them() -> None:
    partner = make_partner()
    change_general(credit_limit=Decimal(500), max_open_orders=3)
    change(partner.id, prepay=True, credit_limit=Decimal("20000.50"), max_open_orders=0)
    with transaction(make_staff(role="sales")) as session:
        found = rules(session, partner.id)
    assert found.prepay
    assert list(found.rules) == list(RULES)
    assert found.rules["credit_limit"] == OwnRule(Decimal("20000.50"), Decimal(500))
    assert found.rules["max_open_orders"].effective == 0
    assert found.rules["claim_hours"] == OwnRule(None, Decimal(24))
    assert found.rules["claim_hours"].effective == 24


def test_what_changed_is_written_down_once() -> None:
    partner = make_partner()
    change(partner.id, prepay=True, credit_limit=Decimal(20000))
    change(partner.id, prepay=True, credit_limit=Decimal(20000))
    change(partner.id, credit_limit=None)
    assert changes() == [
        {"prepay": ["False", "True"], "credit_limit": ["", "20000"]},
        {"prepay": ["True", "False"], "credit_limit": ["20000.00", ""]},
    ]


def test_rules_that_are_not_given_stay() -> None:
    partner = make_partner()
    change(partner.id, claim_hours=Decimal("1.5"))
    change(partner.id, max_per_order=Decimal("0.125"))
    with transaction(SYSTEM) as session:
        row = session.get_one(Partner, partner.id)
        assert (row.claim_hours, row.max_per_order) == (Decimal("1.5"), Decimal("0.125"))


@pytest.mark.parametrize("role", ["sales", "warehouse", "analyst"])
def test_who_does_not_manage_limits_changes_none(role: str) -> None:
    partner = make_partner()
    with pytest.raises(NotAllowed):
        change(partner.id, role=role, credit_limit=Decimal(1))


def test_the_rules_of_nobody_are_not_found() -> None:
    with pytest.raises(NotFound):
        change(999_999, credit_limit=Decimal(1))
    with pytest.raises(NotFound), transaction(make_staff()) as session:
        rules(session, 999_999)


BAD = {
    "claim_hours": ["-1", "0.001", "8761"], "unpaid_hours": ["-0.01"], "min_order": ["-1", "0.001", "NaN"],
    "max_order": ["1e12", "Infinity"], "max_open_orders": ["-1", "0.5", "100001"], "max_open_value": ["-1"],
    "credit_limit": ["-0.01", "0.005"], "overdue_block": ["-1"], "overdue_block_days": ["1.5", "3651"],
    "max_per_order": ["-1", "0.0001"], "max_per_period": ["1e9"], "share_days": ["0", "-1"],
    "cash_limit": ["-1", "0.001"],
    "purge_days": ["-1", "0.5"], "stock_cap": ["0", "-1"], "idle_hours": ["0", "721"], "session_days": ["0", "91"],
    "export_days": ["0", "91"], "mail_days": ["-1", "0.5"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_number_that_a_rule_cannot_be_is_refused_with_a_sentence(name: str, value: str) -> None:
    with pytest.raises(BadRule) as refusal:
        change_general(**{name: Decimal(value)})
    assert refusal.value.text("en").startswith(f"{COMPANY_RULES[name].name}: enter a number from")
    if name in RULES:
        with pytest.raises(BadRule):
            change(make_partner().id, **{name: Decimal(value)})
    assert changes() == []


def test_every_rule_has_a_case_and_a_column_on_both_sides() -> None:
    assert set(BAD) == set(COMPANY_RULES) <= set(Company.__table__.c.keys())
    assert set(RULES) <= set(Partner.__table__.c.keys())


def test_a_least_value_above_the_largest_is_refused() -> None:
    with pytest.raises(LeastAboveLargest):
        change_general(min_order=Decimal(200), max_order=Decimal(100))
    change_general(min_order=Decimal(200))
    with pytest.raises(LeastAboveLargest):
        change_general(max_order=Decimal(199))
    partner = make_partner()
    with pytest.raises(LeastAboveLargest):
        change(partner.id, max_order=Decimal(150))
    change(partner.id, max_order=Decimal(150), min_order=Decimal(0))
    with pytest.raises(LeastAboveLargest):
        change(partner.id, min_order=None)


@pytest.mark.parametrize("values", [
    {"work_days": []}, {"work_days": [0]}, {"work_days": [1, 8]}, {"work_from": time(17)},
    {"work_from": time(18), "work_to": time(9)}, {"work_to": time(9, 59)},
])  # fmt: skip
def test_a_clock_on_which_no_time_would_pass_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(NoWorkingTime):
        change_general(**values)
    assert changes() == []


def test_the_working_clock_is_changed_and_written_down() -> None:
    change_general(working_clock=True, work_days=[1, 2, 3, 4, 5, 6], work_from=time(8), work_to=time(16, 30))
    assert changes() == [
        {"working_clock": ["False", "True"], "work_days": ["[1, 2, 3, 4, 5]", "[1, 2, 3, 4, 5, 6]"],
         "work_from": ["09:00:00", "08:00:00"], "work_to": ["17:00:00", "16:30:00"]}
    ]  # fmt: skip


def test_what_the_form_lets_through_the_database_takes() -> None:
    """The largest numbers that are allowed fit their columns."""
    largest = {name: rule.largest for name, rule in COMPANY_RULES.items()}
    change_general(**largest)
    change(make_partner().id, **{name: largest[name] for name in RULES})


def test_every_refusal_here_has_words_in_both_languages() -> None:
    refusals: list[Refusal] = [BadRule(name) for name in COMPANY_RULES] + [LeastAboveLargest(), NoWorkingTime()]
    for refusal in refusals:
        for language in ("ro", "en"):
            assert "{" not in refusal.text(language)
