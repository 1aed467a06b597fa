"""Prices as people paste them."""

from decimal import Decimal

import pytest

from core.imports.pasted_prices import COMMAS, read_pasted


@pytest.mark.parametrize(("line", "net", "from_quantity"), [
    ("CB-15\t10,90 lei", "10.9", 0), ("CB-15;10,90 RON;24", "10.9", 24), ("CB-15 10,90 lei", "10.9", 0),
    ("CB-15 10,90lei", "10.9", 0), ("CB-15,10.90", "10.9", 0), ("CB-15, 10.90", "10.9", 0),
    ("CB-15,10.90,24", "10.9", 24), ('"CB-15","10,90","24"', "10.9", 24), ("CB-15 10,90", "10.9", 0),
])  # fmt: skip
def test_currencies_behind_prices_and_commas_between_columns_are_read(line: str, net: str, from_quantity: int) -> None:
    (want,), faults = read_pasted(line, ",")
    assert (want.sku, want.net, want.from_quantity, faults) == ("CB-15", Decimal(net), from_quantity, [])


def test_a_header_between_commas_is_none_of_the_prices() -> None:
    (want,), _ = read_pasted("sku,net\nA,1.5", ",")
    assert want.sku == "A"


def test_commas_that_could_be_either_are_asked_about() -> None:
    wanted, (fault,) = read_pasted("CB-15,10,90", ",")
    assert (wanted, fault.message) == ([], COMMAS)


def test_only_the_lists_own_currency_may_stand_behind_a_price() -> None:
    assert read_pasted("A\t5 €", ",", "EUR")[0][0].net == 5
    for line in ("A\t5 lei", "A\t5 USD"):
        wanted, faults = read_pasted(line, ",", "EUR")
        assert (wanted, len(faults)) == ([], 1)
