"""Parts of an order: how its lines stand, and quantities of them that somebody names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.i18n import N_, translate
from core.money import format_quantity
from core.orders.contents import INVOICED
from core.stock.holding import Quantities


class NothingChosen(Refusal):
    message = N_("Enter a quantity for at least one product first.")


class WrongPart(Refusal):
    """A quantity of a line that does not fit what the line has; `name`, `unit`, `quantity`, the `most` that fits."""

    def text(self, language: str) -> str:
        figures = {name: format_quantity(self.params[name], language) for name in ("quantity", "most")}
        return translate(self.message, language).format_map(self.params | figures)


@dataclass(frozen=True, slots=True)
class Part:
    """A line of an order with what has left of it (`shipped`) and what is still to be delivered, in its `unit`: `held`
    on the shelf, `waiting` on backorder. `invoiced` is what its invoices say, less stornos. `may_wait` tells that its
    product may be ordered before it is there."""

    id: int
    product_id: int
    sku: str
    name: str
    unit: str
    held: Decimal
    waiting: Decimal
    shipped: Decimal
    invoiced: Decimal
    may_wait: bool

    @property
    def undelivered(self) -> Decimal:
        return self.held + self.waiting

    @property
    def cancellable(self) -> Decimal:
        """What is neither delivered nor invoiced."""
        return self.undelivered - max(self.invoiced - self.shipped, Decimal(0))


Parts = Mapping[int, Part]
"""The lines of one order by id, in their order."""


def parts(session: Session, order_id: int) -> Parts:
    """The lines of an order as they stand; what is read under the lock of its stock rows stays so."""
    rows = session.execute(_PARTS, {"order": order_id}).mappings()
    return {row["id"]: Part(**row) for row in rows}


def require_fit(lines: Parts, given: Quantities, most: Callable[[Part], Decimal], refusal: type[WrongPart]) -> None:
    """Raises `refusal` where a quantity is not more than 0, more than the `most` of its line, or has more than three
    decimals; NotFound for a line that is not the order's, NothingChosen for none at all."""
    if not given:
        raise NothingChosen
    for line_id, quantity in given.items():
        if line_id not in lines:
            raise NotFound
        line = lines[line_id]
        if not (quantity.is_finite() and 0 < quantity <= most(line) and quantity == round(quantity, 3)):
            raise refusal(name=line.name, unit=line.unit, quantity=quantity, most=most(line))


def told(lines: Parts, quantities: Quantities) -> list[dict[str, str]]:
    """Quantities of lines as events tell them, in the order of the lines."""
    return [
        {"sku": line.sku, "name": line.name, "unit": line.unit, "quantity": str(quantities[line.id])}
        for line in lines.values()
        if line.id in quantities
    ]


_PARTS = text(f"""
    select line.id, line.product_id, line.sku, line.name, line.unit, held, waiting, shipped, {INVOICED} as invoiced,
           product.active and product.backorder as may_wait
    from line_state state join order_line line on line.id = state.id join product on product.id = line.product_id
    where state.order_id = :order order by state.position
""")
