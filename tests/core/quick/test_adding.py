"""What is pasted goes into the cart once, whatever other tabs show, and together with what is left of it."""

from decimal import Decimal
from typing import Any

import pytest

from core import clock
from core.db import transaction
from core.orders.cart import view_cart
from core.orders.filling import add
from core.principal import Principal
from core.quick.adding import add_lines
from core.quick.checking import check
from core.quick.drafts import Draft, DraftChanged, DraftTooLong, draft, keep
from core.quick.lines import MOST_CHARACTERS
from tests.factories import make_buyer, make_product
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def kept(buyer: Principal, text: str, shown: Draft | None = None) -> Draft:
    with transaction(buyer) as session:
        before = shown or draft(session)
        return keep(session, Draft(text, version=before.version))


def stored(buyer: Principal) -> Draft:
    with transaction(buyer) as session:
        return draft(session)


def cart(buyer: Principal) -> dict[str, Decimal]:
    with transaction(buyer) as session:
        return {item.sku: item.quantity for item in view_cart(session, clock.now()).items}


def add_shown(buyer: Principal, shown: Draft) -> Any:
    with transaction(buyer) as session:
        return add_lines(session, shown, clock.now())


def test_what_is_fine_is_added_and_the_rest_stays_with_its_columns():
    buyer = make_buyer()
    make_product(sku="CB-15", stock=50)
    added = add_shown(buyer, kept(buyer, "Cod;Cantitate\nCB-15;12\nNOPE-1;3"))
    assert [goods.sku for goods in added.goods] == ["CB-15"]
    assert stored(buyer) == added.left
    assert (added.left.text, added.left.code_column, added.left.quantity_column) == (
        "Cod;Cantitate\nNOPE-1;3", 0, 1,
    )  # fmt: skip


def test_of_two_tabs_that_add_at_once_one_adds():
    buyer = make_buyer()
    make_product(sku="CB-15", stock=500)
    shown = kept(buyer, "CB-15 12")
    outcomes = at_once([lambda: add_shown(buyer, shown)] * 4)
    assert sum(isinstance(outcome, DraftChanged) for outcome in outcomes) == 3
    assert cart(buyer) == {"CB-15": 12}


def test_without_taking_the_draft_the_same_race_adds_twice():
    """The control: the cart alone cannot tell that it is the same text."""
    buyer = make_buyer()
    make_product(sku="CB-15", stock=500)

    def add_only() -> None:
        with transaction(buyer) as session:
            add(session, check(session, "CB-15 12", clock.now()).wanted, clock.now())

    assert at_once([add_only] * 4) == [None] * 4
    assert cart(buyer) == {"CB-15": 48}


def test_a_stale_tab_adds_nothing_and_changes_nothing():
    buyer = make_buyer()
    make_product(sku="CB-15", stock=500)
    shown = kept(buyer, "CB-15 12")
    add_shown(buyer, shown)
    with pytest.raises(DraftChanged):
        add_shown(buyer, shown)
    with pytest.raises(DraftChanged):
        kept(buyer, "CB-15 13", shown)
    assert (cart(buyer), stored(buyer).text) == ({"CB-15": 12}, "")


def test_the_same_text_pasted_again_is_another_one():
    buyer = make_buyer()
    make_product(sku="CB-15", stock=500)
    first = kept(buyer, "CB-15 12")
    add_shown(buyer, first)
    again = kept(buyer, "CB-15 12")
    with pytest.raises(DraftChanged):
        add_shown(buyer, first)
    add_shown(buyer, again)
    assert cart(buyer) == {"CB-15": 24}


def test_when_anything_fails_nothing_was_added_and_the_text_is_there():
    buyer = make_buyer()
    make_product(sku="CB-15", stock=500)
    shown = kept(buyer, "CB-15 12")

    def add_and_fail() -> None:
        with transaction(buyer) as session:
            add_lines(session, shown, clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert (cart(buyer), stored(buyer)) == ({}, shown)


def test_a_text_that_is_too_long_is_refused_and_what_was_kept_stays():
    buyer = make_buyer()
    shown = kept(buyer, "CB-15 12")
    with pytest.raises(DraftTooLong):
        kept(buyer, "x" * (MOST_CHARACTERS + 1))
    assert stored(buyer) == shown
