from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.pricing.conditions import BadPrice, Condition, NoDays, TypedTwice, UnknownSku
from core.pricing.own_prices import Agreed, OwnPrice, agree, own_prices, remove_own_price
from core.principal import SYSTEM, Principal
from tests.factories import make_partner, make_product, make_staff, set_own_price

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.fixture
def staff(database: str) -> Principal:
    make_product(sku="A", name="A")
    make_product(sku="B", name="B")
    return make_staff(role="sales")


def set_all(staff: Principal, partner_id: int, *agreed: Agreed, instead_of: list[int] | None = None) -> int:
    with transaction(staff) as session:
        return agree(session, partner_id, agreed, NOON, instead_of or [])


def kept(staff: Principal, partner_id: int) -> list[OwnPrice]:
    with transaction(staff) as session:
        return own_prices(session, partner_id)


def short(rows: list[OwnPrice]) -> list[tuple]:
    return [(row.sku, row.from_quantity, row.net, row.valid_from, row.valid_until) for row in rows]


def events() -> list[tuple[str, dict]]:
    with transaction(SYSTEM) as session:
        rows = session.execute(text("select kind, data - 'product' from event order by id"))
        return [tuple(row) for row in rows]


def test_prices_with_breaks_and_days_are_agreed_at_once(staff: Principal) -> None:
    partner = make_partner()
    dated = Condition(valid_from=DAY, valid_until=DAY)
    agreed = [Agreed("A", Decimal(9)), Agreed("A", Decimal(8), Condition(Decimal(12))), Agreed("B", Decimal(7), dated)]
    assert set_all(staff, partner.id, *agreed) == 3
    assert short(kept(staff, partner.id)) == [
        ("A", 0, 9, None, None), ("A", 12, 8, None, None), ("B", 0, 7, DAY, DAY),
    ]  # fmt: skip
    assert events()[1:] == [
        ("own_price_set", {"sku": "A", "net": "8", "from_quantity": "12"}),
        ("own_price_set", {"sku": "B", "net": "7", "valid_from": "2026-11-23", "valid_until": "2026-11-23"}),
    ]


def test_what_is_so_already_is_neither_written_nor_told(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(9)))
    (row,) = kept(staff, partner.id)
    assert set_all(staff, partner.id, Agreed("A", Decimal("9.0000")), instead_of=[row.id]) == 0
    assert [kind for kind, _ in events()] == ["own_price_set"]


def test_a_change_tells_the_old_price_and_the_new_one(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(9)))
    set_all(staff, partner.id, Agreed("A", Decimal("8.5"), Condition(valid_until=DAY)))
    assert events()[-1] == (
        "own_price_set", {"sku": "A", "changes": {"net": ["9", "8.5"], "valid_until": ["", "2026-11-23"]}},
    )  # fmt: skip


def test_two_prices_may_take_each_others_places(staff: Principal) -> None:
    partner = make_partner()
    low, high = Condition(Decimal(5)), Condition(Decimal(10))
    set_all(staff, partner.id, Agreed("A", Decimal(9), low), Agreed("A", Decimal(8), high))
    ids = [row.id for row in kept(staff, partner.id)]
    set_all(staff, partner.id, Agreed("A", Decimal(8), low), Agreed("A", Decimal(9), high), instead_of=ids)
    assert [(row.from_quantity, row.net) for row in kept(staff, partner.id)] == [(5, 8), (10, 9)]


def test_another_quantity_takes_the_price_away_from_its_old_place(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(9)))
    (row,) = kept(staff, partner.id)
    assert set_all(staff, partner.id, Agreed("A", Decimal(9), Condition(Decimal(3))), instead_of=[row.id]) == 2
    assert short(kept(staff, partner.id)) == [("A", 3, 9, None, None)]
    assert [kind for kind, _ in events()] == ["own_price_set", "own_price_removed", "own_price_set"]


def test_a_removed_price_is_gone_and_told_and_gone_only_once(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(9)))
    (row,) = kept(staff, partner.id)
    with transaction(staff) as session:
        remove_own_price(session, row.id, NOON)
    assert kept(staff, partner.id) == []
    assert events()[-1] == ("own_price_removed", {"sku": "A", "net": "9"})
    with transaction(staff) as session, pytest.raises(NotFound):
        remove_own_price(session, row.id, NOON)


def test_another_partners_price_is_not_touched_by_its_id(staff: Principal) -> None:
    other, product = make_partner(), make_product(sku="C")
    set_own_price(other.id, product.id, "5")
    (row,) = kept(staff, other.id)
    assert set_all(staff, make_partner().id, instead_of=[row.id]) == 0
    assert len(kept(staff, other.id)) == 1


@pytest.mark.parametrize(("agreed", "refusal"), [
    ([Agreed("A", Decimal(-1))], BadPrice), ([Agreed("A", Decimal("1.00001"))], BadPrice),
    ([Agreed("a", Decimal(1))], UnknownSku), ([Agreed("A\0", Decimal(1))], UnknownSku),
    ([Agreed("A", Decimal(1), Condition(valid_from=DAY, valid_until=date(2026, 11, 22)))], NoDays),
    ([Agreed("A", Decimal(1)), Agreed("A", Decimal(2))], TypedTwice),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_of_it_is_kept(staff, agreed, refusal) -> None:
    partner = make_partner()
    with transaction(staff) as session, pytest.raises(refusal):
        agree(session, partner.id, [Agreed("B", Decimal(1)), *agreed], NOON)
    assert kept(staff, partner.id) == []


@pytest.mark.parametrize("role", ["accounting", "analyst", "warehouse"])
def test_who_may_not_change_prices_agrees_none(database: str, role: str) -> None:
    with transaction(make_staff(role=role)) as session, pytest.raises(NotAllowed):
        agree(session, make_partner().id, [], NOON)
