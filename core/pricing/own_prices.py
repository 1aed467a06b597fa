"""The net prices agreed with one partner; they go before every discount."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.editing import locked_partner
from core.permissions import authorize
from core.pricing.conditions import ALWAYS, Condition, TypedTwice, check_net, differences, product_ids, written
from core.pricing.lists import today
from core.pricing.seen import check_seen

Place = tuple[str, Decimal, date | None]


class SameDays(Refusal):
    message = N_("{sku} is there twice for the same quantity, on some of the same days. Keep one of the two.")


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

    @property
    def place(self) -> "Place":
        return self.sku, self.from_quantity, self.valid_from


@dataclass(frozen=True, slots=True)
class Agreed:
    """A net price (lei per unit) for the product with exactly this SKU, as it is to be."""

    sku: str
    net: Decimal
    condition: Condition = ALWAYS

    @property
    def place(self) -> Place:
        """Where one price takes the place of another."""
        return self.sku, self.condition.from_quantity, self.condition.valid_from


def own_prices(session: Session, partner_id: int) -> list[OwnPrice]:
    """The net prices agreed with a partner, past and coming ones too, by product name; for staff only."""
    authorize(session, "prices.see")
    return [OwnPrice(**row) for row in session.execute(_OWN_PRICES, {"partner": partner_id}).mappings()]


def agree(
    session: Session, partner_id: int, agreed: Sequence[Agreed], as_of: datetime, instead_of: Collection[OwnPrice] = ()
) -> int:
    """Agree net prices with a partner; each takes the place of one for the same product, quantity and first day.

    Each holds on its days alone: others for the same quantity give these days up. A new one without a last day holds
    until the next one begins. `instead_of` are prices as they were seen that end, because these take their place or
    because none does. Placed orders keep their prices. Records 'own_price_set' and 'own_price_removed' for what
    differs; tells how many did. Raises NotAllowed, NotFound, UnknownSku, BadPrice, BadFromQuantity, NoDays, TypedTwice,
    SameDays, SeenOtherwise.
    """
    _check(agreed)
    partner = locked_partner(session, partner_id, "prices.edit")
    products = product_ids(session, [price.sku for price in agreed])
    rows = own_prices(session, partner.id)
    check_seen(instead_of, {row.id: row for row in rows}, _all_of, lambda row: row.net)
    before = {row.place: row for row in rows}
    ended = {row.id for row in instead_of}
    new = _as_they_will_be(agreed, rows, ended, today(session, as_of))
    gone = [row for row in rows if row.place not in new]
    changed = [price for place, price in new.items() if place not in before or _values(price) != _kept(before[place])]
    products |= {row.sku: row.product_id for row in rows}
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
    rows = own_prices(session, partner_id) if partner_id is not None else []
    row = next((row for row in rows if row.id == price_id), None)
    if partner_id is None or row is None:
        raise NotFound
    agree(session, partner_id, [], as_of, [row])


def _check(agreed: Sequence[Agreed]) -> None:
    seen = set()
    for price in agreed:
        check_net(price.net)
        price.condition.check()
        if price.place in seen:
            raise TypedTwice(sku=price.sku)
        seen.add(price.place)


def _as_they_will_be(
    agreed: Sequence[Agreed], rows: Sequence[OwnPrice], ended: Collection[int], day: date
) -> dict[Place, Agreed]:
    """What is agreed, and what is left beside it of the prices that are there."""
    left = [row for row in rows if row.id not in ended]
    held = {row.place for row in rows if row.id in ended}
    asked = [price if price.place in held else _until_the_next(price, agreed, left, day) for price in agreed]
    new = {price.place: price for price in asked}
    for one, other in combinations(asked, 2):
        if one.place[:2] == other.place[:2] and _without_the_days_of(one, other) != [other]:
            raise SameDays(sku=one.sku)
    for row in left:
        pieces = [] if row.place in new else [Agreed(row.sku, row.net, row.condition)]
        for price in _beside(row, asked) if pieces else []:
            pieces = [piece for whole in pieces for piece in _without_the_days_of(price, whole)]
        new |= {piece.place: piece for piece in pieces}
    return new


T = TypeVar("T", Agreed, OwnPrice)


def _beside(price: Agreed | OwnPrice, others: Iterable[T]) -> list[T]:
    """The others for the same product and quantity."""
    return [other for other in others if other is not price and other.place[:2] == price.place[:2]]


def _until_the_next(price: Agreed, agreed: Sequence[Agreed], rows: Sequence[OwnPrice], day: date) -> Agreed:
    if price.condition.valid_until:
        return price
    after = price.condition.valid_from or day
    begins = [other.condition.valid_from for other in _beside(price, agreed)]
    begins += [other.condition.valid_from for other in _beside(price, rows)]
    coming = [first for first in begins if first and first > after]
    until = min(coming) - timedelta(days=1) if coming else None
    return replace(price, condition=replace(price.condition, valid_until=until))


def _without_the_days_of(price: Agreed, whole: Agreed) -> list[Agreed]:
    """What is left of a price: the days before and after those of another one."""
    first, last = whole.condition.valid_from or date.min, whole.condition.valid_until or date.max
    since, until = price.condition.valid_from or date.min, price.condition.valid_until or date.max
    if until < first or since > last:
        return [whole]
    pieces = []
    if first < since:
        pieces.append(replace(whole.condition, valid_until=since - timedelta(days=1)))
    if until < last:
        pieces.append(replace(whole.condition, valid_from=until + timedelta(days=1)))
    return [replace(whole, condition=condition) for condition in pieces]


def _all_of(row: OwnPrice) -> tuple[Decimal, Condition]:
    return row.net, row.condition


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
