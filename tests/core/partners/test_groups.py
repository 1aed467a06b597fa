from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.partners.groups import (
    BadGroupName,
    GroupExists,
    GroupInUse,
    add_group,
    assign_prices,
    change_group,
    delete_group,
    groups,
    partners_by_group,
    put_in_group,
)
from core.pricing.quoting import explain
from core.principal import SYSTEM, Principal
from tests.factories import (
    make_buyer,
    make_group,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_promotion,
    make_staff,
)

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def staff(database: str) -> Principal:
    return make_staff(role="sales")


def events(kind: str) -> list[dict]:
    with transaction(SYSTEM) as session:
        found = text("select data from event where kind = :kind order by id")
        return list(session.scalars(found, {"kind": kind}))


def test_a_group_gives_its_partners_the_prices_of_its_list(staff: Principal) -> None:
    buyer, product, shared = make_buyer(), make_product(), make_price_list(name="Electrice")
    make_list_price(shared, product, "8")
    with transaction(staff) as session:
        made = add_group(session, "  Electricieni ", shared.id, NOON)
        assert put_in_group(session, [buyer.partner_id], made, NOON) == 1
        (row,) = groups(session)
    assert (row.name, row.price_list, row.partners) == ("Electricieni", "Electrice", 1)
    with transaction(buyer) as session:
        assert explain(session, product.id, Decimal(1), date(2026, 11, 23)).unit_price == 8
    assert events("group_added") == [{"group": "Electricieni", "price_list": "Electrice"}]
    assert events("partner_changed") == [{"changes": {"group": ["", "Electricieni"]}}]


def test_a_change_of_name_or_list_is_told_once(staff: Principal) -> None:
    shared, group = make_price_list(name="Electrice"), make_group(name="Unu")
    for _ in range(2):
        with transaction(staff) as session:
            change_group(session, group.id, "Doi", shared.id, NOON)
    assert events("group_changed") == [
        {"group": "Unu", "changes": {"name": ["Unu", "Doi"], "price_list": ["", "Electrice"]}}
    ]


def test_many_partners_are_put_in_at_once_and_only_those_that_moved_are_told(staff: Principal) -> None:
    group, other = make_group(name="Unu"), make_group(name="Doi")
    partners = [make_partner(group_id=other.id), make_partner(group_id=group.id), make_partner()]
    with transaction(staff) as session:
        assert put_in_group(session, [partner.id for partner in partners], group.id, NOON) == 2
        assert {member.partner_group for member in partners_by_group(session)} == {"Unu"}
    assert events("partner_changed") == [{"changes": {"group": ["Doi", "Unu"]}}, {"changes": {"group": ["", "Unu"]}}]
    with transaction(staff) as session:
        put_in_group(session, [partners[0].id], None, NOON)
    assert events("partner_changed")[-1] == {"changes": {"group": ["Unu", ""]}}


@pytest.mark.parametrize("fill", [
    lambda group: make_partner(group_id=group.id), lambda group: make_promotion(group_id=group.id),
])  # fmt: skip
def test_a_group_that_something_uses_stays(staff: Principal, fill: Any) -> None:
    group = make_group()
    fill(group)
    with transaction(staff) as session, pytest.raises(GroupInUse):
        delete_group(session, group.id, NOON)


def test_an_empty_group_can_go(staff: Principal) -> None:
    group = make_group(name="Unu")
    with transaction(staff) as session:
        delete_group(session, group.id, NOON)
        assert groups(session) == []
    assert events("group_removed") == [{"group": "Unu"}]


def test_names_are_needed_and_each_is_given_once(staff: Principal) -> None:
    make_group(name="Unu")
    two = make_group(name="Doi")
    for name, refusal in (("Unu", GroupExists), (" Unu ", GroupExists), ("", BadGroupName), ("x" * 101, BadGroupName)):
        with transaction(staff) as session, pytest.raises(refusal):
            add_group(session, name, None, NOON)
        with transaction(staff) as session, pytest.raises(refusal):
            change_group(session, two.id, name, None, NOON)


def test_what_is_not_there_is_refused(staff: Principal) -> None:
    partner = make_partner()
    refused: list[Any] = [
        lambda session: add_group(session, "x", 999_999, NOON),
        lambda session: change_group(session, 999_999, "x", None, NOON),
        lambda session: put_in_group(session, [partner.id], 999_999, NOON),
        lambda session: put_in_group(session, [999_999], None, NOON),
        lambda session: assign_prices(session, partner.id, 999_999, None, False, NOON),
        lambda session: assign_prices(session, partner.id, None, 999_999, False, NOON),
        lambda session: assign_prices(session, 999_999, None, None, False, NOON),
    ]
    for act in refused:
        with transaction(staff) as session, pytest.raises(NotFound):
            act(session)


def test_a_partners_list_group_and_sight_of_prices_are_told_by_name(staff: Principal) -> None:
    partner, shared, group = make_partner(), make_price_list(name="Electrice"), make_group(name="Unu")
    for _ in range(2):
        with transaction(staff) as session:
            assign_prices(session, partner.id, shared.id, group.id, True, NOON)
    assert events("partner_changed") == [{"changes": {
        "price_list": ["", "Electrice"], "group": ["", "Unu"], "prices_hidden": ["False", "True"],
    }}]  # fmt: skip


@pytest.mark.parametrize("role", ["accounting", "analyst", "warehouse"])
def test_who_may_not_change_prices_changes_no_group(database: str, role: str) -> None:
    partner, group, other = make_partner(), make_group(), make_staff(role=role)
    refused: list[Any] = [
        lambda session: add_group(session, "x", None, NOON),
        lambda session: change_group(session, group.id, "x", None, NOON),
        lambda session: delete_group(session, group.id, NOON),
        lambda session: put_in_group(session, [partner.id], group.id, NOON),
        lambda session: assign_prices(session, partner.id, None, None, True, NOON),
    ]
    for act in refused:
        with transaction(other) as session, pytest.raises(NotAllowed):
            act(session)
