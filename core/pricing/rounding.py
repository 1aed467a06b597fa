"""How a price that was worked out is rounded: to a step, or so that it ends in .99."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.errors import Refusal
from core.i18n import N_

STEPS: dict[str, tuple[int, Decimal]] = {
    "0.0001": (10_000, Decimal(0)),
    "0.01": (100, Decimal(0)),
    "0.05": (20, Decimal(0)),
    "0.10": (10, Decimal(0)),
    "0.50": (2, Decimal(0)),
    "1": (1, Decimal(0)),
    ".99": (1, Decimal("0.99")),
}
"""What prices are rounded to → how many steps make one unit of money, and where the steps begin."""

WAYS = {"half_up": "round", "up": "ceil", "down": "floor"}
"""Which way → PostgreSQL's function. Its round(numeric) takes a half away from zero, as core.money does."""


class BadRounding(Refusal):
    message = N_("Prices cannot be rounded like this. Choose one of the steps and one of the ways.")


@dataclass(frozen=True, slots=True)
class Rounding:
    """To a key of STEPS, in a way of WAYS. A price above 0 that ends in .99 is 0.99 at least."""

    to: str = "0.01"
    way: str = "half_up"

    def __post_init__(self) -> None:
        if self.to not in STEPS or self.way not in WAYS:
            raise BadRounding

    def sql(self, price: str) -> str:
        """SQL for an SQL price rounded so; uses `parameters`. Every step divides one unit: nothing else is rounded.

        Rounded up, what is not above 0 stays as it is told: what becomes of such prices is the caller's decision."""
        steps = f"{WAYS[self.way]}(({price} - cast(:rounding_start as numeric)) * cast(:rounding_steps as int))"
        rounded = f"{steps} / cast(:rounding_steps as int) + cast(:rounding_start as numeric)"
        return f"round(case when {price} > 0 then greatest({rounded}, :rounding_start) else {price} end, 4)"

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of `sql`."""
        steps, start = STEPS[self.to]
        return {"rounding_steps": steps, "rounding_start": start}


TO_CENTS = Rounding()
