"""What staff are told who ask for the price of any partner."""

from datetime import date
from decimal import Decimal

import pytest

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.pricing.checking import NoRateYet, NotOffered, Rule, check_price, find_products, first_day
from core.pricing.quoting import explain
from core.pricing.sources import ListSource, Sources, sources
from tests.core.orders.steps import scalar
from tests.factories import (
    make_buyer,
    make_discount,
    make_group,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_promotion,
    make_staff,
    set_own_price,
)

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 11, 24)


def test_a_product_is_found_by_its_whole_sku_or_bar_code_else_by_words() -> None:
    make_product(sku="CAB-1", name="Cablu roșu", ean="5941234567899")
    make_product(sku="CAB-10", name="Cablu verde")
    with transaction(make_staff(role="sales")) as session:
        found = {words: [row.sku for row in find_products(session, words)]
                 for words in ("CAB-1", "5941234567899", "cablu", "rosu", "nimic", " ")}  # fmt: skip
    assert found == {"CAB-1": ["CAB-1"], "5941234567899": ["CAB-1"], "cablu": ["CAB-1", "CAB-10"], "rosu": ["CAB-1"],
                     "nimic": [], " ": []}  # fmt: skip


def test_a_price_is_told_with_its_rate_its_breaks_and_where_each_rule_stands() -> None:
    found, product = make_price_list(), make_product(sku="A", rrp=Decimal(16))
    make_list_price(found, product, "8")
    make_list_price(found, product, "6", from_quantity=10)
    discount = make_discount("5", price_list_id=found.id)
    promotion = make_promotion(product, net=Decimal(7))
    partner = make_partner(price_list_id=found.id)
    with transaction(make_staff(role="sales")) as session:
        check = check_price(session, partner.id, product.id, Decimal(2), DAY)
    assert (check.found.unit_price, check.vat_rate, check.margin) == (7, 21, Decimal("56.25"))
    assert [(step.from_quantity, step.unit_price) for step in check.breaks] == [(10, 6)]
    assert check.rules == [
        Rule("list_price", price_list=found.id), Rule("list_discount", discount=discount.id), Rule("base"),
        Rule("promotion", promotion=promotion.id),
    ]  # fmt: skip


def test_what_cannot_be_priced_is_refused() -> None:
    partner, product, gone = make_partner(), make_product(), make_product(active=False)
    with transaction(make_staff(role="sales")) as session:
        first = first_day(session)
        for whom, what, day, refusal in (
            (partner.id, gone.id, DAY, NotOffered), (partner.id, 0, DAY, NotFound), (0, product.id, DAY, NotFound),
            (partner.id, product.id, date(2016, 12, 31), NoRateYet),
        ):  # fmt: skip
            with pytest.raises(refusal):
                check_price(session, whom, what, Decimal(1), day)
        assert check_price(session, partner.id, product.id, Decimal(1), first).vat_rate == 19


def test_a_partner_whose_prices_are_hidden_is_explained_none_and_staff_are() -> None:
    buyer, product = make_buyer(prices_hidden=True), make_product()
    with transaction(buyer) as session, pytest.raises(NotFound):
        explain(session, product.id, Decimal(1), DAY)
    with transaction(make_staff(role="sales")) as session:
        assert check_price(session, buyer.partner_id, product.id, Decimal(1), DAY).prices_hidden


def test_what_a_partners_prices_come_from_is_counted_as_it_holds_on_the_day() -> None:
    past, own = date(2026, 1, 1), make_price_list(name="Own")
    shared = make_price_list(name="Shared", valid_until=past)
    group = make_group(price_list_id=shared.id)
    partner, product = make_partner(price_list_id=own.id, group_id=group.id), make_product()
    set_own_price(partner.id, product.id, "5")
    make_list_price(own, product, "6")
    make_list_price(own, product, "5", from_quantity=5, valid_until=past)
    make_discount("3", partner_id=partner.id, brand="X")
    make_discount("3", price_list_id=shared.id)
    make_discount("3")
    for whom in ({}, {"group_id": group.id}, {"partner_id": partner.id}, {"partner_id": make_partner().id}):
        make_promotion(**whom)
    make_promotion(valid_until=past)
    with transaction(make_staff(role="sales")) as session:
        assert sources(session, partner.id, DAY) == Sources(
            own_prices=1, own_discounts=1, general=1, promotions=3,
            lists=[ListSource("Own", False, 1, 0, True), ListSource("Shared", True, 0, 1, False)],
        )  # fmt: skip


def test_only_staff_who_see_prices_ask_for_others() -> None:
    buyer, product = make_buyer(), make_product()
    for ask in (
        lambda session: find_products(session, "A"), first_day,
        lambda session: check_price(session, buyer.partner_id, product.id, Decimal(1), DAY),
        lambda session: sources(session, buyer.partner_id, DAY),
    ):  # fmt: skip
        with transaction(make_staff(role="warehouse")) as session, pytest.raises(NotAllowed):
            ask(session)
    assert scalar("select count(*) from event") == 0
