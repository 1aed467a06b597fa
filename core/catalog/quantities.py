"""How much of a product can be ordered: at least so much, in multiples of so much."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal


def fitting(quantity: Decimal, least: Decimal | None, multiple: Decimal | None) -> Decimal:
    """The nearest quantity from `quantity` on that can be ordered; 0 stays 0. `fitting_sql` says the same in SQL."""
    if quantity == 0:
        return quantity
    wanted = max(quantity, least or Decimal(0))
    return wanted if multiple is None else _steps(wanted, multiple, ROUND_CEILING)


def fitting_within(available: Decimal, least: Decimal | None, multiple: Decimal | None) -> Decimal:
    """The most that can be ordered of what is available; 0 where that is less than the least."""
    most = available if multiple is None else _steps(available, multiple, ROUND_FLOOR)
    return most if most > 0 and fitting(most, least, multiple) == most else Decimal(0)


def fitting_sql(quantity: str) -> str:
    """SQL for `fitting` of an SQL expression above 0, for `product`."""
    wanted = f"greatest({quantity}, product.least_quantity)"
    steps = f"ceil({wanted} / product.multiple) * product.multiple"
    return f"case when product.multiple is null then {wanted} else {steps} end"


def _steps(quantity: Decimal, multiple: Decimal, rounding: str) -> Decimal:
    return (quantity / multiple).to_integral_value(rounding) * multiple
