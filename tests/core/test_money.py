"""Numbers for people, also those that nobody could have meant."""

from decimal import Decimal

import pytest

from core.money import format_amount, format_quantity


@pytest.mark.parametrize("typed", ["1E+999999", "-1E+999999", "1E+27", "NaN", "sNaN", "Infinity"])
def test_a_number_beyond_all_use_is_shown_as_it_is(typed: str) -> None:
    assert format_quantity(Decimal(typed), "ro") == typed
    assert format_amount(Decimal(typed), "ro") == f"{typed}\N{NO-BREAK SPACE}lei"


def test_the_largest_that_can_be_kept_is_written_out() -> None:
    assert format_quantity(Decimal("999999999.999"), "ro") == "999.999.999,999"
    assert format_amount(Decimal("999999999999.99"), "en") == "999,999,999,999.99\N{NO-BREAK SPACE}RON"


def test_a_count_is_formatted_like_a_quantity() -> None:
    assert (format_quantity(12345, "ro"), format_quantity(0, "en")) == ("12.345", "0")
