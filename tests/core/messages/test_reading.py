"""Reading and confirming: each person for themselves, once, and only what is for them."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.permissions import VIEWER
from core.principal import SYSTEM, Principal
from tests.core.messages import steps
from tests.core.messages.steps import DAY, NOON
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def staff(database: str) -> Principal:
    return make_staff(role="sales")


def test_what_waits_is_counted_for_each_person(staff: Principal) -> None:
    one = make_buyer()
    other = steps.colleague_of(one, role="accountant")
    plain, important, must = (steps.post(staff, level=level) for level in ("plain", "important", "confirm"))
    assert steps.waiting(one).count == 3
    assert steps.waiting(one).to_confirm == [must]
    assert [steps.read(one, plain), steps.read(one, plain), steps.read(one, important)] == [True, False, True]
    assert [row.id for row in steps.waiting(one).messages] == [must]
    assert steps.waiting(other).count == 3


def test_reading_is_not_confirming(staff: Principal) -> None:
    buyer = make_buyer()
    message = steps.post(staff, level="confirm")
    steps.read(buyer, message)
    assert steps.waiting(buyer).to_confirm == [message]
    assert steps.confirm(buyer, message, NOON + DAY)
    assert steps.waiting(buyer).count == 0
    receipt = steps.receipts_of(staff, message)[buyer.user_id]
    assert (receipt.read_at, receipt.confirmed_at, receipt.done) == (NOON, NOON + DAY, True)


def test_six_clicks_at_once_confirm_once_and_are_one_event(staff: Principal) -> None:
    buyer = make_buyer()
    message = steps.post(staff, level="confirm")
    answers = at_once([lambda: steps.confirm(buyer, message)] * 6)
    assert sorted(answers) == [False] * 5 + [True]
    assert steps.rows("select count(*) from event where kind = 'message_confirmed'") == [(1,)]
    assert not steps.confirm(buyer, message, NOON + DAY)
    assert steps.receipts_of(staff, message)[buyer.user_id].confirmed_at == NOON


def test_a_clock_that_is_behind_keeps_nobody_from_confirming(staff: Principal) -> None:
    buyer = make_buyer()
    message = steps.post(staff, level="confirm")
    steps.read(buyer, message, NOON + DAY)
    assert steps.confirm(buyer, message, NOON + DAY / 2)


def test_what_is_not_for_somebody_is_as_if_it_were_not_there(staff: Principal) -> None:
    inside, outside = make_buyer(), make_buyer()
    message = steps.post(staff, level="confirm", audience="partners", chosen=frozenset({inside.partner_id}))
    plain = steps.post(staff)
    for step, about in ((steps.read, message), (steps.confirm, message), (steps.read, 999), (steps.confirm, plain)):
        with pytest.raises(NotFound):
            step(outside, about)


def test_staff_who_look_as_a_partner_see_all_and_leave_no_trace(staff: Principal) -> None:
    buyer = make_buyer()
    message = steps.post(staff, level="confirm")
    viewer = Principal("partner", make_staff().user_id, buyer.partner_id, role=VIEWER)
    assert steps.shown(viewer) == ["Stocktaking"]
    for step in (steps.read, steps.confirm):
        with pytest.raises(NotAllowed):
            step(viewer, message)
    assert steps.rows("select count(*) from message_read") == [(0,)]


def test_what_somebody_confirmed_they_find_again_when_it_is_over(staff: Principal) -> None:
    one = make_buyer()
    other = steps.colleague_of(one)
    message = steps.post(staff, level="confirm", valid_until=NOON.date())
    steps.confirm(one, message)
    assert steps.shown(one, NOON + DAY) == ["Stocktaking"]
    assert steps.shown(other, NOON + DAY) == []
    assert steps.waiting(other, NOON + DAY).count == 0


@pytest.mark.parametrize("change", [
    "update message_read set confirmed_at = null", "update message_read set confirmed_at = now()",
    "update message_read set read_at = now()", "delete from message_read",
])  # fmt: skip
def test_a_confirmation_is_never_taken_back(staff: Principal, change: str) -> None:
    buyer = make_buyer()
    steps.confirm(buyer, steps.post(staff, level="confirm"))
    with pytest.raises(DBAPIError, match="stays so"), transaction(SYSTEM) as session:
        session.execute(text(change))
