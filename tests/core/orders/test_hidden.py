"""A product that is not offered to a partner leaves no trace, by whatever way it is looked for."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from core.catalog.models import Product
from core.db import transaction
from core.orders import awaiting, cart
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.core.orders.hidden import (
    HIDDEN,
    LEFT,
    NAME,
    NEW_WORDS,
    NOON,
    WAYS,
    WORDS,
    answer,
    hide,
    know,
    make_secret,
    rename,
    run,
)
from tests.factories import make_buyer, make_product, put_on_stock


@pytest.fixture
def others(database: str) -> None:
    make_product(stock=5, name="Ciocan", category="Scule", brand="Alfa")


@pytest.fixture
def known(others: None) -> tuple[Principal, Product]:
    """A partner that starred, saved, bought, awaits and wants to buy it."""
    buyer, product = make_buyer(), make_secret()
    know(buyer, product)
    predecessor = make_product(name="Model vechi")
    run("update product set replaced_by = :new where id = :old", new=product.id, old=predecessor.id)
    return buyer, product


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_not_offered_any_more_leaves_no_trace(known: tuple[Principal, Product], hidden: str) -> None:
    buyer, product = known
    found = {way: answer(buyer, way, product) for way in WAYS}
    telling = [way for way, said in found.items() if any(word in said for word in WORDS)]
    assert len(telling) > 25, "the ways lead nowhere even while it is offered"
    hide(product, hidden)
    for way in WAYS:
        said = answer(buyer, way, product)
        assert not [word for word in WORDS if word in said], (way, said)


@pytest.mark.parametrize("sold", [True, False])
@pytest.mark.parametrize("hidden", HIDDEN[1:])
def test_where_it_is_left_it_is_called_as_it_was_when_the_partner_knew_it(
    known: tuple[Principal, Product], hidden: str, sold: bool
) -> None:
    buyer, product = known
    run("update product set max_per_order = 1, active = :sold where id = :id", id=product.id, sold=sold)
    hide(product, hidden)
    rename(product)
    for way in WAYS | LEFT:
        said = answer(buyer, way, product)
        assert not [word for word in NEW_WORDS if word in said], (way, said)


def test_of_what_was_never_ordered_the_cart_knows_no_name(database: str) -> None:
    buyer, product = make_buyer(), make_secret()
    steps.fill(buyer, {product.id: 1})
    hide(product, "for nobody")
    with transaction(buyer) as session:
        [item] = cart.view_cart(session, NOON).items
    assert (item.sku, item.name, item.unit, item.short) == ("", "", "", True)


def test_what_is_not_there_and_what_is_not_offered_are_answered_alike(known: tuple[Principal, Product]) -> None:
    """Somebody who never knew of it cannot tell it from one that does not exist."""
    _, product = known
    hide(product, "for another partner")
    stranger, nothing = make_buyer(), Product(id=999_999)
    probes = [way for way in WAYS if way not in (
        "the page of what it replaces", "its picture", "its small picture", "whether it has a picture",
        "its data sheet",
    )]  # fmt: skip
    assert {way: answer(stranger, way, product) for way in probes} == {
        way: answer(stranger, way, nothing) for way in probes
    }


PAIRS = {
    "a search": "a mistyped word",
    "a quick order": "a pasted mistyped name",
}


@pytest.mark.parametrize("way", PAIRS.values(), ids=PAIRS.keys())
def test_words_that_only_hidden_products_have_change_no_correction(database: str, way: str) -> None:
    """With a hidden product called exactly as it was mistyped, a neighbour is found as if there were none."""
    buyer = make_buyer()
    make_product(stock=5, sku="OPEN-1", name="Zmeurahca")
    before = answer(buyer, way, Product(id=1))
    assert "Zmeurahca" in before
    hide(make_product(stock=5, name="Zmeurahce zmeurahcd"), "for nobody")
    assert answer(buyer, way, Product(id=1)) == before


def test_its_audience_finds_it_by_every_way(others: None) -> None:
    buyer = make_buyer()
    product = make_secret(restricted=True)
    run("insert into product_audience (product_id, partner_id) values (:p, :b)", p=product.id, b=buyer.partner_id)
    know(buyer, product)
    for way in ("words of its name", "its SKU", "its EAN", "its brand", "its category", "the categories",
                "its own page", "the waiting list", "the price list", "a pasted SKU",
                "the starred products"):  # fmt: skip
        said = answer(buyer, way, product)
        assert any(word in said for word in WORDS) or str(product.id) in said, (way, said)


def test_nobody_is_told_that_a_hidden_product_is_back(database: str) -> None:
    buyer, product = make_buyer(), make_product(name="Secret")
    with transaction(buyer) as session:
        awaiting.wait_for(session, product.id, Decimal(1), NOON)
    hide(product, "for another partner")
    with transaction(SYSTEM) as session:
        session.execute(text("delete from stock"))
        put_on_stock(session, product.id, Decimal(5))
        assert awaiting.tell_first(session, NOON) == 0
    assert steps.scalar("select count(*) from event where kind = 'stock_back'") == 0


def test_a_hidden_wish_takes_no_room_on_the_waiting_list(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaiting, "MOST_WAITS", 1)
    buyer, gone, there = make_buyer(), make_product(), make_product()
    with transaction(buyer) as session:
        awaiting.wait_for(session, gone.id, Decimal(1), NOON)
    hide(gone, "for nobody")
    with transaction(buyer) as session:
        awaiting.wait_for(session, there.id, Decimal(1), NOON)
        assert [wish.product_id for wish in awaiting.own(session)] == [there.id]


def test_of_what_is_no_longer_sold_only_whom_it_was_meant_for_hears(database: str) -> None:
    buyer, product = make_buyer(), make_secret(active=False)
    assert NAME in answer(buyer, "its page once it is no longer sold", product)
    hide(product, "for another partner")
    assert answer(buyer, "its page once it is no longer sold", product) == "None"
