from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.pricing.conditions import BadPercent, BadPrice, NoDays, TypedTwice, UnknownSku
from core.pricing.promotion_items import (
    NetOrPercent,
    NothingThere,
    Offer,
    OfferRow,
    add_bulk,
    offers,
    set_offers,
)
from core.pricing.promotions import (
    BadName,
    Terms,
    add_promotion,
    change_promotion,
    copy_promotion,
    delete_promotion,
    promotion,
    promotion_page,
)
from core.pricing.seen import SeenOtherwise
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import (
    make_buyer,
    make_group,
    make_partner,
    make_product,
    make_promotion,
    make_staff,
    set_own_price,
)

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
WEEK = timedelta(days=7)
NOW = Terms("Iarna", TODAY, TODAY + WEEK)


@pytest.fixture
def staff(database: str) -> Principal:
    return make_staff(role="sales")


def plan(staff: Principal, terms: Terms = NOW, *given: Offer) -> int:
    with transaction(staff) as session:
        made = add_promotion(session, terms, NOON)
        if given:
            set_offers(session, made, given, NOON)
        return made


def put(staff: Principal, promotion_id: int, *given: Offer, instead_of: list[OfferRow] | None = None) -> int:
    with transaction(staff) as session:
        return set_offers(session, promotion_id, given, NOON, instead_of or [])


def held(staff: Principal, promotion_id: int) -> list[OfferRow]:
    with transaction(staff) as session:
        return offers(session, promotion_id, TODAY)[0]


def last_event() -> tuple[str, dict]:
    with transaction(SYSTEM) as session:
        return tuple(session.execute(text("select kind, data from event order by id desc limit 1")).one())


def test_a_promotion_lowers_the_price_while_it_runs_and_an_order_keeps_it(staff: Principal) -> None:
    buyer, product = make_buyer(), make_product(sku="CAB-1", stock=5)
    made = plan(staff, NOW, Offer("CAB-1", net=Decimal(7)))
    order = steps.order(buyer, {product.id: 1}, NOON)
    with transaction(staff) as session:
        delete_promotion(session, made, NOON)
    assert steps.scalar("select unit_price from order_line where order_id = :id", id=order) == 7
    assert last_event() == (
        "promotion_removed",
        {"promotion": "Iarna", "valid_from": "2026-11-23", "valid_until": "2026-11-30", "items": "1"},
    )


def test_running_coming_and_past_ones_are_found(staff: Principal) -> None:
    group = make_group(name="Electricieni")
    running = plan(staff)
    coming = plan(staff, Terms("Primăvara", TODAY + WEEK, TODAY + WEEK, group_id=group.id))
    past = plan(staff, Terms("Toamna", TODAY - WEEK, TODAY - timedelta(days=1)))
    with transaction(staff) as session:
        ids = [[row.id for row in promotion_page(session, TODAY, state=state)[0]]
               for state in ("running", "coming", "past", None)]  # fmt: skip
        assert ids == [[running], [coming], [past], [running, coming, past]]
        (row,), total = promotion_page(session, TODAY, search="primavara electric")
    assert (row.id, row.partner_group, row.state, total) == (coming, "Electricieni", "coming", 1)


def test_a_change_is_told_with_old_and_new(staff: Principal) -> None:
    partner = make_partner(code="P7", name="Exemplu SRL")
    made = plan(staff)
    with transaction(staff) as session:
        change_promotion(session, made, Terms(" Iarna  mare ", TODAY, TODAY, partner_id=partner.id), NOON)
    assert last_event() == ("promotion_changed", {"promotion": "Iarna", "changes": {
        "promotion": ["Iarna", "Iarna mare"], "valid_until": ["2026-11-30", "2026-11-23"],
        "partner": ["", "P7 · Exemplu SRL"],
    }})  # fmt: skip


@pytest.mark.parametrize(("terms", "refusal"), [
    (Terms("  ", TODAY, TODAY), BadName), (Terms("x" * 201, TODAY, TODAY), BadName),
    (Terms("x", TODAY, TODAY - WEEK), NoDays), (Terms("x", TODAY, TODAY, group_id=999_999), NotFound),
    (Terms("x", TODAY, TODAY, partner_id=999_999), NotFound),
    (Terms("x", TODAY, TODAY, group_id=1, partner_id=1), NotFound),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(staff: Principal, terms: Terms, refusal: type[Exception]) -> None:
    with transaction(staff) as session, pytest.raises(refusal):
        add_promotion(session, terms, NOON)


@pytest.mark.parametrize(("offer", "refusal"), [
    (Offer("CAB-1"), NetOrPercent), (Offer("CAB-1", Decimal(1), Decimal(1)), NetOrPercent),
    (Offer("CAB-1", Decimal(-1)), BadPrice), (Offer("CAB-1", percent=Decimal(101)), BadPercent),
    (Offer("cab-1", Decimal(1)), UnknownSku),
])  # fmt: skip
def test_a_price_that_makes_no_sense_is_refused(staff: Principal, offer: Offer, refusal: type[Exception]) -> None:
    make_product(sku="CAB-1")
    made = plan(staff)
    with transaction(staff) as session, pytest.raises(refusal):
        set_offers(session, made, [offer], NOON)
    assert held(staff, made) == []


def test_prices_are_set_changed_and_taken_out_at_once_and_told(staff: Principal) -> None:
    for sku in ("A", "B", "C"):
        make_product(sku=sku, name=sku)
    made = plan(staff, NOW, Offer("A", net=Decimal(7)), Offer("B", percent=Decimal(10)))
    first, second = held(staff, made)
    new = [Offer("A", percent=Decimal(20)), Offer("C", net=Decimal("3.1"), from_quantity=Decimal(12))]
    assert put(staff, made, *new, instead_of=[first, second]) == 3
    assert put(staff, made, *new) == 0
    assert [(row.sku, row.net, row.percent, row.from_quantity, row.price) for row in held(staff, made)] == [
        ("A", None, 20, 0, 8), ("C", Decimal("3.1"), None, 12, Decimal("3.1")),
    ]  # fmt: skip
    assert last_event() == ("promotion_prices_set", {
        "promotion": "Iarna", "changes": {"B": ["10 %", ""], "A": ["7", "20 %"], "C ≥ 12": ["", "3.1"]},
    })  # fmt: skip


def test_what_a_colleague_changed_meanwhile_is_not_overwritten_unseen(staff: Principal) -> None:
    make_product(sku="A")
    made = plan(staff, NOW, Offer("A", net=Decimal(7)))
    seen = held(staff, made)
    put(staff, made, Offer("A", percent=Decimal("10.5")), instead_of=seen)
    with pytest.raises(SeenOtherwise) as refused:
        put(staff, made, Offer("A", net=Decimal(6)), instead_of=seen)
    assert "A: a colleague has changed this price to 10.5 %" in refused.value.text("en")
    assert [(row.net, row.percent) for row in held(staff, made)] == [(None, Decimal("10.5"))]


def test_the_same_product_and_quantity_twice_is_refused(staff: Principal) -> None:
    make_product(sku="A")
    made = plan(staff)
    with transaction(staff) as session, pytest.raises(TypedTwice):
        set_offers(session, made, [Offer("A", Decimal(1)), Offer("A", Decimal(2))], NOON)


def test_a_category_or_a_brand_comes_in_as_a_whole_and_prices_that_are_there_stay(staff: Principal) -> None:
    make_product(sku="A", name="A", category="Top > Deep", brand="X")
    make_product(sku="B", name="B", category="Top", brand="Y")
    make_product(sku="C", name="C", category="Top", active=False)
    make_product(sku="D", name="D", brand="X")
    made = plan(staff, NOW, Offer("A", net=Decimal(7)))
    top = steps.scalar("select id from category where path = 'Top'")
    with transaction(staff) as session:
        assert add_bulk(session, made, Decimal(15), NOON, category_id=top) == 1
        assert add_bulk(session, made, Decimal(15), NOON, brand="X", from_quantity=Decimal(5)) == 2
    assert [(row.sku, row.net, row.percent, row.from_quantity) for row in held(staff, made)] == [
        ("A", 7, None, 0), ("A", None, 15, 5), ("B", None, 15, 0), ("D", None, 15, 5),
    ]  # fmt: skip
    assert last_event()[0] == "promotion_filled"
    for where in ({}, {"brand": "Z"}, {"category_id": top}):
        with transaction(staff) as session, pytest.raises(NothingThere):
            add_bulk(session, made, Decimal(15), NOON, **where)


def test_a_copy_has_the_prices_of_the_first_and_days_of_its_own(staff: Principal) -> None:
    make_product(sku="A")
    made = plan(staff, NOW, Offer("A", net=Decimal(7)))
    with transaction(staff) as session:
        copy = copy_promotion(session, made, Terms("Iarna a doua", TODAY + WEEK, TODAY + WEEK), NOON)
        assert promotion(session, copy, TODAY).state == "coming"
    assert [(row.sku, row.net) for row in held(staff, copy)] == [("A", 7)]
    assert len(held(staff, made)) == 1


@pytest.mark.parametrize(("net", "for_nothing"), [("9.5", 3), ("9", 3), ("8", 2), ("7", 2), ("6", 1), ("5", 0)])
def test_for_how_many_partners_a_price_changes_nothing_is_told(staff: Principal, net: str, for_nothing: int) -> None:
    """Four pay 10, 9, 7 and 6; of equal prices the promotion changes nothing."""
    product = make_product(sku="A")
    make_partner()
    make_partner(discount=Decimal(10))
    for price in ("7", "6"):
        set_own_price(make_partner().id, product.id, price)
    make_partner(status="closed")
    (row,) = held(staff, plan(staff, NOW, Offer("A", net=Decimal(net))))
    assert (row.partners, row.for_nothing) == (4, for_nothing)


def test_only_those_whom_it_is_for_are_counted(staff: Principal) -> None:
    group = make_group()
    make_product(sku="A")
    make_partner(group_id=group.id)
    partner = make_partner()
    for whom, count in (({"group_id": group.id}, 1), ({"partner_id": partner.id}, 1), ({}, 2)):
        (row,) = held(staff, plan(staff, Terms("x", TODAY, TODAY, **whom), Offer("A", net=Decimal(20))))
        assert (row.partners, row.for_nothing) == (count, count)


@pytest.mark.parametrize("role", ["accounting", "analyst", "warehouse"])
def test_who_may_not_change_prices_changes_no_promotion(database: str, role: str) -> None:
    product = make_product()
    made = make_promotion(product, net=Decimal(5))
    refused: list[Any] = [
        lambda session: add_promotion(session, NOW, NOON),
        lambda session: change_promotion(session, made.id, NOW, NOON),
        lambda session: copy_promotion(session, made.id, NOW, NOON),
        lambda session: set_offers(session, made.id, [], NOON),
        lambda session: add_bulk(session, made.id, Decimal(1), NOON, brand="X"),
        lambda session: delete_promotion(session, made.id, NOON),
    ]
    other = make_staff(role=role)
    for act in refused:
        with transaction(other) as session, pytest.raises(NotAllowed):
            act(session)
