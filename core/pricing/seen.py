"""Whether rows of a sheet are still as they were when somebody looked: what a colleague did meanwhile is not lost."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Protocol

from core.errors import Refusal
from core.i18n import N_, fill

CHANGED = N_(
    "{sku}: a colleague has changed this price to {now} since you looked. Nothing was saved: save once more to put "
    "yours in its place."
)
CHANGED_DAYS = N_(
    "{sku}: a colleague has changed the quantity or the days of this price since you looked. Nothing was saved: save "
    "once more to put yours in its place."
)
GONE = N_(
    "{sku}: a colleague has removed this price since you looked. Nothing was saved: save once more to put yours in its "
    "place."
)


class Row(Protocol):
    """A row of a sheet: a price of a product."""

    @property
    def id(self) -> int: ...
    @property
    def sku(self) -> str: ...


class SeenOtherwise(Refusal):
    """`now`: the rows that are no longer as they were seen, by id, as they are; None for one that is gone. Whoever
    knows them may save again with these."""

    def __init__(self, sku: str, now: Mapping[int, Row | None], value: Decimal | str | None) -> None:
        first = next(iter(now.values()))
        self.now = now
        self.reason = GONE if first is None else CHANGED_DAYS if value is None else CHANGED
        super().__init__(sku=sku, now=value)

    def text(self, language: str) -> str:
        return fill(self.reason, language, self.params)


def check_seen(
    seen: Collection[Row], kept: Mapping[int, Any], what: Callable[[Any], Any], price: Callable[[Any], Decimal | str]
) -> None:
    """Are the rows `seen` still so, among those `kept` (by id)? `what` is all that counts of a row, `price` the price
    that a sentence names. Raises SeenOtherwise."""
    now = {row.id: kept.get(row.id) for row in seen if row.id not in kept or what(kept[row.id]) != what(row)}
    for row in seen:
        if row.id in now:
            found = now[row.id]
            value = price(found) if found is not None and price(found) != price(row) else None
            raise SeenOtherwise(row.sku, now, value)
