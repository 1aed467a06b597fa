"""The net prices agreed with one partner; they go before every discount."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.events import record
from core.partners.editing import locked_partner
from core.permissions import authorize
from core.pricing.conditions import ALWAYS, Condition, TypedTwice, check_net, differences, product_ids, written


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A net price agreed with the partner, beside the list price it stands for; lei per `unit`."""

    id: int
    product_id: int
    sku: str
    name: str
    unit: str
    list_price: Decimal
    from_quantity: Decimal
    net: Decimal
    valid_from: date | None
    valid_until: date | None

    @property
    def condition(self) -> Condition:
        return Condition(self.from_quantity, self.valid_from, self.valid_until)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A net price (lei per unit) for the product with exactly this SKU, as it is to be."""

    sku: str
    net: Decimal
    condition: Condition = ALWAYS

    @property
    def place(self) -> tuple[str, Decimal, date | None]:
        """Where one price takes the place of another."""
        return self.sku, self.condition.from_quantity, self.condition.valid_from


def own_prices(session: Session, partner_id: int) -> list[OwnPrice]:
    """The net prices agreed with a partner, past and coming ones too, by product name; for staff only."""
    authorize(session, "prices.see")
    return [OwnPrice(**row) for row in session.execute(_OWN_PRICES, {"partner": partner_id}).mappings()]


def agree(
    session: Session, partner_id: int, agreed: Sequence[Agreed], as_of: datetime, instead_of: Collection[int] = ()
) -> int:
    """Agree net prices with a partner; each takes the place of one for the same product, quantity and first day.

    `instead_of` are ids of prices that end, because these take their place or because none does. Placed orders keep
    their prices. Records 'own_price_set' and 'own_price_removed' for what differs; tells how many did. Raises
    NotAllowed, NotFound, UnknownSku, BadPrice, BadFromQuantity, NoDays, TypedTwice.
    """
    _check(agreed)
    partner = locked_partner(session, partner_id, "prices.edit")
    products = product_ids(session, [price.sku for price in agreed])
    before = {(row.sku, row.from_quantity, row.valid_from): row for row in own_prices(session, partner.id)}
    new = {price.place: price for price in agreed}
    gone = [row for place, row in before.items() if row.id in set(instead_of) and place not in new]
    changed = [price for place, price in new.items() if place not in before or _values(price) != _kept(before[place])]
    session.execute(_END, {"ids": [row.id for row in gone]})
    if changed:
        session.execute(_SET, [_row(partner.id, products[price.sku], price) for price in changed])
    for row in gone:
        told: dict[str, Any] = {"product": row.product_id, "sku": row.sku, "net": written(row.net)}
        told |= _told(row.condition)
        record(session, "own_price_removed", as_of, partner_id=partner.id, **told)
    for price in changed:
        _record_set(session, partner.id, products[price.sku], price, before.get(price.place), as_of)
    return len(gone) + len(changed)


def remove_own_price(session: Session, price_id: int, as_of: datetime) -> None:
    """End a net price agreed with a partner: its discounts and lists count again.

    Records 'own_price_removed'. Raises NotAllowed, and NotFound where there is none.
    """
    authorize(session, "prices.edit")
    partner_id = session.scalar(_WHOSE, {"id": price_id})
    if partner_id is None:
        raise NotFound
    if not agree(session, partner_id, [], as_of, [price_id]):
        raise NotFound


def _check(agreed: Sequence[Agreed]) -> None:
    seen = set()
    for price in agreed:
        check_net(price.net)
        price.condition.check()
        if price.place in seen:
            raise TypedTwice(sku=price.sku)
        seen.add(price.place)


def _values(price: Agreed) -> dict[str, object]:
    return {"net": price.net, "valid_until": price.condition.valid_until}


def _kept(row: OwnPrice) -> dict[str, object]:
    return {"net": row.net, "valid_until": row.valid_until}


def _row(partner_id: int, product_id: int, price: Agreed) -> dict[str, object]:
    own = {"partner": partner_id, "product": product_id, "net": price.net}
    return own | {name: getattr(price.condition, name) for name in ("from_quantity", "valid_from", "valid_until")}


def _told(condition: Condition) -> dict[str, str]:
    """What there is to say of a condition in an event."""
    told = {"from_quantity": condition.from_quantity or None, "valid_from": condition.valid_from}
    return {name: written(value) for name, value in (told | {"valid_until": condition.valid_until}).items() if value}


def _record_set(
    session: Session, partner_id: int, product_id: int, price: Agreed, before: OwnPrice | None, as_of: datetime
) -> None:
    told: dict[str, Any] = {"product": product_id, "sku": price.sku}
    if before is None:
        told |= {"net": written(price.net)} | _told(price.condition)
    else:
        told |= _told(Condition(price.condition.from_quantity, price.condition.valid_from))
        told["changes"] = differences(_kept(before), _values(price))
    record(session, "own_price_set", as_of, partner_id=partner_id, **told)


_OWN_PRICES = text("""
    select own.id, product.id as product_id, product.sku, product.name, product.unit, product.list_price,
           own.from_quantity, own.net, own.valid_from, own.valid_until
    from partner_price own join product on product.id = own.product_id
    where own.partner_id = :partner
    order by product.name_folded, product.id, own.from_quantity, own.valid_from nulls first
""")
_WHOSE = text("select partner_id from partner_price where id = :id")
_END = text("delete from partner_price where id = any(:ids)")
_SET = text("""
    insert into partner_price (partner_id, product_id, from_quantity, net, valid_from, valid_until)
    values (:partner, :product, :from_quantity, :net, :valid_from, :valid_until)
    on conflict (partner_id, product_id, from_quantity, valid_from) do update
    set net = excluded.net, valid_until = excluded.valid_until
""")
