"""Rates of VAT are planned from a day on, and what was priced before stays."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.catalog.queries import vat_rates
from core.catalog.vat_rates import BadRate, PastDay, ReasonMissing, all_rates, drop_planned, plan_rate
from core.db import transaction
from core.documents.vat import reasons_of
from core.errors import NotAllowed, NotFound, Refusal
from core.principal import SYSTEM
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # the 24th, where the distributor is
TODAY, LATER = date(2026, 11, 24), date(2027, 1, 1)


def plan(vat_class: str, rate: str, day: date = LATER, reason: str = "", role: str = "admin") -> None:
    with transaction(make_staff(role=role)) as session:
        plan_rate(session, vat_class, Decimal(rate), day, reason, NOW)


def rate_on(day: date, vat_class: str = "standard") -> Decimal:
    with transaction(SYSTEM) as session:
        return vat_rates(session, day)[vat_class]


def test_a_planned_rate_holds_from_its_day_on_and_can_be_taken_back_until_then() -> None:
    before = rate_on(TODAY)
    plan("standard", "23.5")
    assert (rate_on(LATER - timedelta(days=1)), rate_on(LATER)) == (before, Decimal("23.50"))
    with transaction(make_staff(role="admin")) as session:
        planned = [rate for rate in all_rates(session, NOW) if rate.planned]
        assert [(rate.vat_class, rate.valid_from, rate.rate) for rate in planned] == [
            ("standard", LATER, Decimal("23.50"))
        ]
        drop_planned(session, "standard", LATER, NOW)
    assert rate_on(LATER) == before


def test_a_second_plan_for_the_same_day_takes_the_place_of_the_first() -> None:
    plan("standard", "22")
    plan("standard", "23")
    assert rate_on(LATER) == 23


def test_a_planned_reason_is_printed_from_its_day_on() -> None:
    plan("exempt", "0", reason="  Scutit,\n art. 999 ")

    def reason(day: date) -> str:
        with transaction(SYSTEM) as session:
            return reasons_of(session, day)["exempt"]

    assert reason(LATER) == "Scutit, art. 999"
    assert "999" not in reason(LATER - timedelta(days=1))


def test_a_rate_that_holds_already_is_not_taken_back() -> None:
    with transaction(make_staff(role="admin")) as session:
        held = next(rate for rate in all_rates(session, NOW) if rate.vat_class == "standard")
        with pytest.raises(NotFound):
            drop_planned(session, "standard", held.valid_from, NOW)


@pytest.mark.parametrize(
    ("vat_class", "rate", "day", "refusal"),
    [
        ("standard", "101", LATER, BadRate), ("standard", "-1", LATER, BadRate), ("standard", "1.234", LATER, BadRate),
        ("exempt", "5", LATER, BadRate), ("exempt", "0", LATER, ReasonMissing), ("standard", "19", TODAY, PastDay),
        ("luxury", "30", LATER, NotFound),
    ],
)  # fmt: skip
def test_what_is_no_rate_is_refused(vat_class: str, rate: str, day: date, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        plan(vat_class, rate, day)


def test_only_who_may_edit_settings_plans_one() -> None:
    with pytest.raises(NotAllowed):
        plan("standard", "23", role="accounting")
