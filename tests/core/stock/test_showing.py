"""What is said of the stock, setting by setting."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.company_rules import STOCK_DISPLAYS
from core.principal import Principal
from core.stock.showing import Display

QUANTITIES = st.decimals("-1000", "1000000", places=3)
CAPS = st.decimals("0.001", "10000", places=3)


@pytest.mark.parametrize(("display", "none", "few", "cap", "much"), [
    ("quantity", "0", "4", "10", "1,250.5"),
    ("capped", "0", "4", "10+", "10+"),
    ("yes_no", "out of stock", "in stock", "in stock", "in stock"),
    ("light", "out of stock", "few left", "in stock", "in stock"),
    ("nothing", "", "", "", ""),
])  # fmt: skip
def test_each_setting_says_what_it_should(display: str, none: str, few: str, cap: str, much: str) -> None:
    amounts = ("0", "4", "10", "1250.5")
    assert [Display(display, Decimal(10)).show(Decimal(amount)).words("en") for amount in amounts] == [
        none, few, cap, much,
    ]  # fmt: skip


@given(QUANTITIES, CAPS)
def test_less_than_nothing_is_told_as_nothing(available: Decimal, cap: Decimal) -> None:
    for display in STOCK_DISPLAYS:
        shown = Display(display, cap).show(available)
        assert shown.quantity is None or shown.quantity >= 0
        assert shown == Display(display, cap).show(max(available, Decimal(0)))


@given(QUANTITIES, QUANTITIES, CAPS)
def test_a_number_is_told_only_where_the_setting_tells_it(one: Decimal, other: Decimal, cap: Decimal) -> None:
    for display in ("yes_no", "light", "nothing"):
        shows = Display(display, cap)
        assert shows.told(one) is None
        assert shows.show(one).quantity is None
        assert not any(sign.isdigit() for sign in shows.show(one).words("en"))
    capped = Display("capped", cap)
    if one >= cap and other >= cap:
        assert capped.show(one) == capped.show(other)
        assert capped.told(one) is None
    if one < cap:
        assert capped.told(one) == max(one, Decimal(0))


@given(QUANTITIES, QUANTITIES, CAPS)
def test_two_stocks_that_look_alike_are_told_alike(one: Decimal, other: Decimal, cap: Decimal) -> None:
    for display in STOCK_DISPLAYS:
        shows = Display(display, cap)
        if shows.show(one) == shows.show(other):
            assert shows.told(one) == shows.told(other)


def test_staff_who_order_for_a_partner_are_told_the_quantity_and_those_who_look_are_told_what_it_is() -> None:
    agent, viewer = (Principal("partner", 1, 1, role=role) for role in ("agent", "viewer"))
    assert Display.of(agent, "nothing", Decimal(10)).told(Decimal(7)) == 7
    assert Display.of(viewer, "nothing", Decimal(10)).told(Decimal(7)) is None
