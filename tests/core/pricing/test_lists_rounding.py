"""The steps of rounding against Python's decimals, on PostgreSQL itself."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.pricing.raising import BadRaise, Raise
from core.pricing.rounding import STEPS, WAYS, BadRounding, Rounding
from tests.core.pricing.list_steps import opened

MODES = {"half_up": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}
UNITS = {".99": Decimal(1)} | {name: Decimal(name) for name in STEPS if name != ".99"}

roundings = st.builds(Rounding, st.sampled_from(sorted(STEPS)), st.sampled_from(sorted(WAYS)))
percents = st.decimals(-99, 1000, places=2).filter(bool)
amounts = st.decimals(-50, 50, places=4).filter(bool)
raises = st.one_of(
    st.builds(Raise, percent=percents, rounding=roundings), st.builds(Raise, amount=amounts, rounding=roundings)
)
nets = st.lists(st.decimals(0, 9_999_999, places=4), min_size=1, max_size=40)


def by_hand(net: Decimal, by: Raise) -> Decimal:
    raised = net + net * (by.percent or 0) / 100 + (by.amount or 0)
    if raised <= 0:
        return raised.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    start = Decimal("0.99") if by.rounding.to == ".99" else Decimal(0)
    steps = ((raised - start) / UNITS[by.rounding.to]).quantize(Decimal(1), MODES[by.rounding.way])
    return max(steps * UNITS[by.rounding.to] + start, start)


def on_server(values: list[Decimal], by: Raise) -> list[Decimal]:
    query = f"select {by.sql('net')} from unnest(cast(:nets as numeric[])) with ordinality as given(net, n) order by n"
    with opened() as session:
        return list(session.scalars(text(query), by.parameters | {"nets": values}))


@given(nets, raises)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_raised_prices_are_rounded_as_by_hand(shared_database: str, values: list[Decimal], by: Raise) -> None:
    assert on_server(values, by) == [by_hand(value, by) for value in values]


@pytest.mark.parametrize(
    ("to", "way", "net", "rounded"),
    [
        ("0.0001", "half_up", "1.2345", "1.2345"),
        ("0.01", "half_up", "1.005", "1.01"),
        ("0.01", "half_up", "1.0049", "1.00"),
        ("0.05", "half_up", "1.025", "1.05"),
        ("0.05", "down", "1.0999", "1.05"),
        ("0.05", "up", "1.0501", "1.10"),
        ("0.10", "up", "1.00", "1.00"),
        ("0.50", "half_up", "1.25", "1.50"),
        ("1", "down", "7.99", "7"),
        (".99", "half_up", "7.48", "6.99"),
        (".99", "half_up", "7.49", "7.99"),
        (".99", "up", "7.9901", "8.99"),
        (".99", "down", "7.98", "6.99"),
        (".99", "down", "0.50", "0.99"),
    ],
)
def test_prices_are_rounded_to_a_step(shared_database: str, to: str, way: str, net: str, rounded: str) -> None:
    query = f"select {Rounding(to, way).sql('cast(:net as numeric)')}"
    with opened() as session:
        assert session.scalar(text(query), Rounding(to, way).parameters | {"net": Decimal(net)}) == Decimal(rounded)


def test_there_are_no_other_roundings() -> None:
    for to, way in (("0.03", "up"), ("0.01", "sideways")):
        with pytest.raises(BadRounding):
            Rounding(to, way)


@pytest.mark.parametrize("values", [
    {}, {"percent": Decimal(0)}, {"amount": Decimal(0)}, {"percent": Decimal(1), "amount": Decimal(1)},
    {"percent": Decimal("-100.01")}, {"percent": Decimal("1000.01")}, {"percent": Decimal("1.001")},
    {"amount": Decimal("0.00001")}, {"amount": Decimal("1e11")},
])  # fmt: skip
def test_a_raise_by_nothing_or_too_much_is_none(values: dict[str, Decimal]) -> None:
    with pytest.raises(BadRaise):
        Raise(**values)
