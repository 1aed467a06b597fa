from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.pricing.conditions import BadPrice, Condition, NoDays, TypedTwice, UnknownSku
from core.pricing.own_prices import Agreed, OwnPrice, SameDays, agree, own_prices, remove_own_price
from core.pricing.quoting import explain
from core.pricing.seen import SeenOtherwise
from core.principal import SYSTEM, Principal
from tests.factories import make_partner, make_product, make_staff, set_own_price

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.fixture
def staff(database: str) -> Principal:
    make_product(sku="A", name="A")
    make_product(sku="B", name="B")
    return make_staff(role="sales")


def set_all(staff: Principal, partner_id: int, *agreed: Agreed, instead_of: list[OwnPrice] | None = None) -> int:
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
    assert set_all(staff, partner.id, Agreed("A", Decimal("9.0000")), instead_of=[row]) == 0
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
    seen = kept(staff, partner.id)
    set_all(staff, partner.id, Agreed("A", Decimal(8), low), Agreed("A", Decimal(9), high), instead_of=seen)
    assert [(row.from_quantity, row.net) for row in kept(staff, partner.id)] == [(5, 8), (10, 9)]


def test_another_quantity_takes_the_price_away_from_its_old_place(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(9)))
    (row,) = kept(staff, partner.id)
    assert set_all(staff, partner.id, Agreed("A", Decimal(9), Condition(Decimal(3))), instead_of=[row]) == 2
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
    with pytest.raises(SeenOtherwise):
        set_all(staff, make_partner().id, instead_of=[row])
    assert len(kept(staff, other.id)) == 1


@pytest.mark.parametrize(("agreed", "refusal"), [
    ([Agreed("A", Decimal(-1))], BadPrice), ([Agreed("A", Decimal("1.00001"))], BadPrice),
    ([Agreed("a", Decimal(1))], UnknownSku), ([Agreed("A\0", Decimal(1))], UnknownSku),
    ([Agreed("A", Decimal(1), Condition(valid_from=DAY, valid_until=date(2026, 11, 22)))], NoDays),
    ([Agreed("A", Decimal(1)), Agreed("A", Decimal(2))], TypedTwice),
    ([Agreed("A", Decimal(n), c) for n, c in enumerate([Condition(valid_until=DAY), Condition(valid_from=DAY)])],
     SameDays),
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


NEW_YEAR, NEW_YEARS_EVE = date(2027, 1, 1), date(2026, 12, 31)
FROM_NEW_YEAR = Condition(valid_from=NEW_YEAR)


def test_a_planned_raise_holds_from_its_day_on(staff: Principal) -> None:
    partner, product = make_partner(), make_product(sku="C")
    set_all(staff, partner.id, Agreed("C", Decimal(5)))
    assert set_all(staff, partner.id, Agreed("C", Decimal(6), FROM_NEW_YEAR)) == 2
    for day, net in ((NEW_YEARS_EVE, 5), (NEW_YEAR, 6)):
        with transaction(staff) as session:
            assert explain(session, product.id, Decimal(1), day, partner.id).unit_price == net
    assert ("own_price_set", {"sku": "C", "changes": {"valid_until": ["", "2026-12-31"]}}) in events()


def test_a_season_leaves_the_days_before_and_after_it(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(5)), Agreed("A", Decimal(4), Condition(Decimal(10))))
    set_all(staff, partner.id, Agreed("A", Decimal(6), Condition(valid_from=DAY, valid_until=NEW_YEARS_EVE)))
    assert short(kept(staff, partner.id)) == [
        ("A", 0, 5, None, date(2026, 11, 22)), ("A", 0, 6, DAY, NEW_YEARS_EVE), ("A", 0, 5, NEW_YEAR, None),
        ("A", 10, 4, None, None),
    ]  # fmt: skip


def test_a_price_of_which_no_day_is_left_goes_and_is_told(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(5), Condition(valid_from=DAY, valid_until=DAY)))
    set_all(staff, partner.id, Agreed("A", Decimal(6)))
    assert short(kept(staff, partner.id)) == [("A", 0, 6, None, None)]
    assert [kind for kind, _ in events()][1:] == ["own_price_removed", "own_price_set"]


def test_a_new_price_without_a_last_day_leaves_what_is_planned_alone(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(5)), Agreed("A", Decimal(6), FROM_NEW_YEAR))
    planned = ("A", 0, 6, NEW_YEAR, None)
    assert short(kept(staff, partner.id)) == [("A", 0, 5, None, NEW_YEARS_EVE), planned]
    set_all(staff, partner.id, Agreed("A", Decimal("5.5")))
    assert short(kept(staff, partner.id)) == [("A", 0, Decimal("5.5"), None, NEW_YEARS_EVE), planned]


def test_who_takes_the_last_day_off_a_price_means_it(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(5)), Agreed("A", Decimal(6), FROM_NEW_YEAR))
    first, _ = kept(staff, partner.id)
    set_all(staff, partner.id, Agreed("A", Decimal(5)), instead_of=[first])
    assert short(kept(staff, partner.id)) == [("A", 0, 5, None, None)]


def test_what_a_colleague_changed_or_removed_meanwhile_is_not_overwritten_unseen(staff: Principal) -> None:
    partner = make_partner()
    set_all(staff, partner.id, Agreed("A", Decimal(5)), Agreed("B", Decimal(3)))
    seen = kept(staff, partner.id)
    set_all(staff, partner.id, Agreed("A", Decimal("5.2")), instead_of=seen)
    with pytest.raises(SeenOtherwise) as refused:
        set_all(staff, partner.id, Agreed("A", Decimal(6)), Agreed("B", Decimal(2)), instead_of=seen)
    assert "A: a colleague has changed this price to 5.2" in refused.value.text("en")
    now = [row for row in refused.value.now.values() if row]
    assert [row.net for row in now] == [Decimal("5.2")]
    set_all(staff, partner.id, Agreed("A", Decimal(6)), instead_of=now)
    assert [row.net for row in kept(staff, partner.id)] == [6]
    with pytest.raises(SeenOtherwise) as refused:
        set_all(staff, partner.id, instead_of=seen[1:])
    assert "B: a colleague has removed this price" in refused.value.text("en")
