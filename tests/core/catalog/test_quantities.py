"""The least quantity and the multiples of a product: one rule in Python and in SQL."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.catalog.quantities import fitting, fitting_sql, fitting_within
from core.db import transaction
from core.principal import SYSTEM

QUANTITIES = st.decimals("0.001", "999999", places=3)
RULES = st.none() | st.decimals("0.001", "5000", places=3)


def decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


@pytest.mark.parametrize(("wanted", "least", "multiple", "fits"), [
    ("5", None, None, "5"), ("5", "10", None, "10"), ("15", "10", None, "15"), ("5", None, "6", "6"),
    ("6", None, "6", "6"), ("6.001", None, "6", "12"), ("5", "10", "6", "12"), ("12", "10", "6", "12"),
    ("0", "10", "6", "0"), ("0.3", None, "0.25", "0.5"), ("1", "1.5", "0.5", "1.5"),
])  # fmt: skip
def test_a_quantity_is_brought_up_to_the_next_that_can_be_ordered(wanted, least, multiple, fits) -> None:
    assert fitting(Decimal(wanted), decimal(least), decimal(multiple)) == Decimal(fits)


@pytest.mark.parametrize(("available", "least", "multiple", "most"), [
    ("7", None, None, "7"), ("7", "10", None, "0"), ("10", "10", None, "10"), ("7", None, "6", "6"),
    ("5", None, "6", "0"), ("17", "10", "6", "12"), ("11", "10", "6", "0"), ("0", None, None, "0"),
])  # fmt: skip
def test_of_what_is_there_as_much_can_be_taken_as_least_and_multiple_let_one(available, least, multiple, most) -> None:
    assert fitting_within(Decimal(available), decimal(least), decimal(multiple)) == Decimal(most)


@given(QUANTITIES, RULES, RULES)
def test_what_fits_is_enough_fits_again_and_nothing_smaller_would(wanted, least, multiple) -> None:
    fits = fitting(wanted, least, multiple)
    assert fits >= wanted
    assert fits >= (least or 0)
    assert fitting(fits, least, multiple) == fits
    if multiple:
        assert fits % multiple == 0
        assert fits - multiple < max(wanted, least or Decimal(0))
    else:
        assert fits == max(wanted, least or Decimal(0))


@given(QUANTITIES, RULES, RULES)
def test_what_can_be_taken_is_there_and_fits_and_one_step_more_is_not_there(available, least, multiple) -> None:
    most = fitting_within(available, least, multiple)
    assert 0 <= most <= available
    assert fitting(most, least, multiple) == most
    next_one = fitting(max(most, Decimal(0)) + (multiple or Decimal("0.001")), least, multiple)
    assert next_one > available


@given(st.lists(st.tuples(QUANTITIES, RULES, RULES), min_size=1, max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
def test_the_database_brings_quantities_up_to_what_python_does(database, cases) -> None:
    wanted, least, multiple = zip(*cases, strict=True)
    statement = text(f"""
        select {fitting_sql("product.wanted")}
        from unnest(cast(:wanted as numeric[]), cast(:least as numeric[]), cast(:multiple as numeric[]))
             with ordinality product(wanted, least_quantity, multiple, at) order by at
    """)
    with transaction(SYSTEM) as session:
        found = session.scalars(
            statement, {"wanted": list(wanted), "least": list(least), "multiple": list(multiple)}
        ).all()
    assert found == [fitting(*case) for case in cases]
