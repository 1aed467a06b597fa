"""Posting: to whom, from when to when, and that what somebody may have read stays as it was."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.catalog.normalising import normalised
from core.db import transaction
from core.errors import NotFound
from core.messages import posting
from core.messages.drafts import DaysWrong, Draft, NobodyChosen, NothingSaid
from core.messages.listing import messages_page, written
from core.messages.posting import AlreadyAnnounced, AlreadyWithdrawn
from core.messages.queries import my_message, picture_of
from core.partners.groups import delete_group
from core.pricing.promotions import delete_promotion
from core.principal import SYSTEM, Principal
from tests.core.catalog.files import picture
from tests.core.messages import steps
from tests.core.messages.steps import DAY, NOON
from tests.factories import make_buyer, make_group, make_product, make_promotion, make_staff

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def staff(database: str) -> Principal:
    return make_staff(role="sales")


def test_a_message_reaches_everyone_a_group_or_single_partners(staff: Principal) -> None:
    group = make_group()
    inside, outside = make_buyer(group_id=group.id), make_buyer()
    steps.post(staff, title="All")
    steps.post(staff, title="Group", audience="groups", chosen=frozenset({group.id}))
    steps.post(staff, title="One", audience="partners", chosen=frozenset({outside.partner_id}))
    assert steps.shown(inside) == ["Group", "All"]
    assert steps.shown(outside) == ["One", "All"]


def test_who_joins_a_group_sees_what_is_for_it_and_who_leaves_does_not(staff: Principal) -> None:
    group = make_group()
    buyer = make_buyer()
    steps.post(staff, audience="groups", chosen=frozenset({group.id}))
    for group_id, seen in ((group.id, ["Stocktaking"]), (None, [])):
        with transaction(SYSTEM) as session:
            session.execute(text("update partner set group_id = :group"), {"group": group_id})
        assert steps.shown(buyer) == seen


def test_it_is_shown_from_its_first_local_day_to_its_last(staff: Principal) -> None:
    buyer = make_buyer()
    steps.post(staff, valid_from=TODAY + DAY, valid_until=TODAY + 2 * DAY)
    midnight = NOON.replace(hour=22)  # of the 24th in Bucharest
    assert steps.announce(midnight - timedelta(seconds=1)) == 0
    assert steps.shown(buyer, midnight) == []
    assert [steps.announce(midnight), steps.announce(midnight)] == [1, 0]
    assert steps.shown(buyer, midnight) == ["Stocktaking"]
    assert steps.shown(buyer, midnight + 2 * DAY - timedelta(seconds=1)) == ["Stocktaking"]
    assert steps.shown(buyer, midnight + 2 * DAY) == []
    assert steps.rows("select kind from event where kind like 'message%' order by id") == [
        ("message_planned",), ("message_posted",),
    ]  # fmt: skip


def test_what_was_over_before_anybody_announced_it_is_told_to_nobody(staff: Principal) -> None:
    steps.post(staff, valid_from=TODAY + DAY, valid_until=TODAY + DAY)
    assert steps.announce(NOON + 3 * DAY) == 0


@pytest.mark.parametrize(("draft", "refusal"), [
    ({"title": " \n "}, NothingSaid), ({"body": " "}, NothingSaid), ({"title": "x" * 151}, NothingSaid),
    ({"body": "x" * 10_001}, NothingSaid), ({"audience": "groups"}, NobodyChosen),
    ({"audience": "partners"}, NobodyChosen), ({"level": "urgent"}, NotFound), ({"audience": "nobody"}, NotFound),
    ({"valid_until": TODAY - DAY}, DaysWrong),
    ({"valid_from": TODAY + 2 * DAY, "valid_until": TODAY + DAY}, DaysWrong),
    ({"audience": "groups", "chosen": frozenset({999})}, NotFound), ({"product_id": 999}, NotFound),
    ({"promotion_id": 999}, NotFound), ({"promotion_id": 1, "product_id": 1}, NotFound),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(staff: Principal, draft: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        steps.post(staff, **draft)
    assert steps.rows("select count(*) from message") == [(0,)]


def test_until_it_is_shown_it_can_be_changed_in_everything(staff: Principal) -> None:
    group = make_group()
    buyer = make_buyer(group_id=group.id)
    message = steps.post(
        staff, NOON, normalised(picture(50, 50)), valid_from=TODAY + DAY, audience="partners",
        chosen=frozenset({buyer.partner_id}),
    )  # fmt: skip
    draft = Draft("Other", "Words", "important", "groups", frozenset({group.id}), TODAY + DAY)
    with transaction(staff) as session:
        posting.change(session, message, draft, None, True, NOON)
        now = written(session, message, NOON)
    assert (now.draft, now.picture) == (draft, True)
    with transaction(staff) as session:
        posting.change(session, message, draft, None, False, NOON)
        assert not written(session, message, NOON).picture
        posting.change(session, message, Draft("Now", "Words"), normalised(picture(60, 50)), False, NOON)
    assert steps.shown(buyer) == ["Now"]


def test_once_it_is_shown_it_stays_as_it_is_in_the_database_too(staff: Principal) -> None:
    message = steps.post(staff, NOON, normalised(picture(50, 50)), audience="partners",
                         chosen=frozenset({make_buyer().partner_id}))  # fmt: skip
    with transaction(staff) as session, pytest.raises(AlreadyAnnounced):
        posting.change(session, message, Draft("Other", "Words"), None, True, NOON)
    for change in (
        "update message set body = 'I never said so'", "update message set announced_at = null", "delete from message",
        "update message_audience set partner_id = partner_id", "delete from message_audience",
        "delete from message_picture", "update message_picture set content = ''",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="stays as it is"), transaction(SYSTEM) as session:
            session.execute(text(change))


def test_a_withdrawn_message_is_shown_to_nobody_and_comes_back_no_more(staff: Principal) -> None:
    buyer = make_buyer()
    message = steps.post(staff, level="confirm")
    assert steps.waiting(buyer).to_confirm == [message]
    with transaction(staff) as session:
        posting.withdraw(session, message, NOON)
    assert steps.shown(buyer) == []
    assert steps.waiting(buyer).count == 0
    with transaction(staff) as session, pytest.raises(AlreadyWithdrawn):
        posting.withdraw(session, message, NOON)
    with pytest.raises(DBAPIError, match="stays as it is"), transaction(SYSTEM) as session:
        session.execute(text("update message set withdrawn_at = null"))
    planned = steps.post(staff, valid_from=TODAY + DAY)
    with transaction(staff) as session:
        posting.withdraw(session, planned, NOON)
    assert steps.announce(NOON + DAY) == 0


def test_a_group_or_a_promotion_that_is_deleted_leaves_its_message(staff: Principal) -> None:
    group, promotion, buyer = make_group(), make_promotion(), make_buyer()
    steps.post(staff, title="Group", audience="groups", chosen=frozenset({group.id}))
    steps.post(staff, title="Offer", promotion_id=promotion.id)
    with transaction(staff) as session:
        delete_group(session, group.id, NOON)
        delete_promotion(session, promotion.id, NOON)
    assert steps.shown(buyer) == ["Offer"]
    with transaction(staff) as session:
        assert [row.title for row in messages_page(session, NOON)[0]] == ["Offer", "Group"]


def test_it_leads_only_to_what_its_reader_may_see(staff: Principal) -> None:
    offered, hidden = make_product(), make_product(active=False)
    buyer = make_buyer()
    accountant = steps.colleague_of(buyer, role="accountant")
    ids = [steps.post(staff, product_id=offered.id), steps.post(staff, product_id=hidden.id),
           steps.post(staff, promotion_id=make_promotion().id)]  # fmt: skip
    for who, leads in ((buyer, ["product", None, "promotion"]), (accountant, [None, None, None])):
        with transaction(who) as session:
            views = [my_message(session, message, NOON) for message in ids]
        assert [view and view.leads_to for view in views] == leads


def test_the_picture_is_for_those_whom_the_message_is_for(staff: Principal) -> None:
    inside, outside = make_buyer(), make_buyer()
    message = steps.post(staff, NOON, normalised(picture(50, 50)), audience="partners",
                         chosen=frozenset({inside.partner_id}))  # fmt: skip
    for who, sees in ((inside, True), (outside, False), (staff, True)):
        with transaction(who) as session:
            assert bool(picture_of(session, message, NOON)) is sees


def test_the_list_tells_how_far_each_message_has_come(staff: Principal) -> None:
    group = make_group(name="Installers")
    buyer = make_buyer(group_id=group.id)
    steps.colleague_of(buyer)
    steps.colleague_of(buyer, active=False)
    message = steps.post(staff, title="Terms", level="confirm", audience="groups", chosen=frozenset({group.id}))
    steps.post(staff, title="Later", valid_from=TODAY + DAY)
    steps.confirm(buyer, message)
    with transaction(staff) as session:
        (later, terms), total = messages_page(session, NOON)
        assert [row.title for row in messages_page(session, NOON, "terms")[0]] == ["Terms"]
    assert total == 2
    assert (later.state, terms.state, terms.names) == ("planned", "shown", "Installers")
    assert (terms.people, terms.read, terms.confirmed) == (2, 1, 1)
