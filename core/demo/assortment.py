"""What a partner of the demo puts in its orders: mostly its regular products, in whole packs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from core.demo.scenario import PROFILES

REGULARS = 40
REGULAR_SHARE = 0.8
LARGEST_PACK = 2_000
"""In lei, for a partner of usual size: nobody buys packs dearer than this times its size."""
SHARED_BY = 10
"""Goods that do not leave stock are held from what is there at the end; so many orders may hold one product at once."""


@dataclass(frozen=True, slots=True)
class Item:
    """A product as the plan needs it; `price` is the list price and `stock` what is on hand at the end."""

    sku: str
    category: str
    pack: Decimal
    price: Decimal
    stock: Decimal

    @property
    def pack_price(self) -> float:
        return float(self.pack * self.price)

    @property
    def packs_to_hold(self) -> int:
        """The most packs of it that an order may hold without the goods ever leaving."""
        return int(self.stock / SHARED_BY // self.pack)


@dataclass(frozen=True, slots=True)
class Client:
    """A partner as the plan needs it: days to pay, and the SKUs that it has agreed own prices for."""

    code: str
    payment_days: int
    agreed: frozenset[str]


class Assortment:
    """The products that one client buys, and how much of them at a time."""

    def __init__(self, rng: Random, client: Client, items: Iterable[Item]) -> None:
        self.profile = PROFILES[client.code]
        self.items = [item for item in items if item.pack_price <= LARGEST_PACK * self.profile.size]
        agreed = [item for item in self.items if item.sku in client.agreed]
        usual = [item for item in self.items if item.category.startswith(self.profile.focus) and item not in agreed]
        self.regulars = agreed + rng.sample(usual, min(len(usual), max(REGULARS - len(agreed), 0)))

    def basket(self, rng: Random, *, leaves: bool, size: int | None = None) -> dict[str, Decimal]:
        """SKU → quantity. With `leaves` the goods are shipped, and the plan buys them in; else stock must do."""
        size = size or min(2 + int(rng.expovariate(0.28)), 12)
        regulars, others = (_fit(items, leaves) for items in (self.regulars, self.items))
        picked: dict[str, Decimal] = {}
        while len(picked) < size:
            item = rng.choice(regulars if rng.random() < REGULAR_SHARE else others)
            picked[item.sku] = item.pack * self._packs(rng, item, leaves)
        return picked

    def _packs(self, rng: Random, item: Item, leaves: bool) -> int:
        """As many as make a usual amount, from 60 to 800 lei by the client's size."""
        packs = max(round(self.profile.size * 10 ** rng.uniform(1.8, 2.9) / item.pack_price), 1)
        return packs if leaves else min(packs, item.packs_to_hold)


def _fit(items: Sequence[Item], leaves: bool) -> list[Item]:
    return [item for item in items if leaves or item.packs_to_hold]
