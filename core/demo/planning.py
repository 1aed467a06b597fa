"""The demo's four months as a plan: which partner orders what and when, and what becomes of it. Pure and repeatable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from core.demo.assortment import Assortment, Client, Item
from core.demo.scenario import LIVE, NOTES, PARTNER_REASONS, PROFILES, SHOWN_PARTNERS, STAFF_REASONS, Live

TIME_ZONE = ZoneInfo("Europe/Bucharest")
HISTORY = timedelta(days=125)
SETTLED = timedelta(hours=25)
"""Younger orders are those of LIVE only: whatever is older has been claimed or has lapsed."""

ORDERS_A_DAY = (1, 2, 2, 3, 3, 3)
LAPSES_EVERY, CANCELLED_EVERY = 37, 26


@dataclass(slots=True)
class PlannedOrder:
    """One order and its fate; instants are aware, in UTC, and None for what does not happen."""

    partner: str
    placed_at: datetime
    note: str = ""
    claimed_at: datetime | None = None
    invoiced_at: datetime | None = None
    shipped_at: datetime | None = None
    lapses_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: str = ""
    payments: list[tuple[datetime, Decimal]] = field(default_factory=list)
    """When, and which share of the invoice; 1 is all that is still open."""
    lines: dict[str, Decimal] = field(default_factory=dict)


def history_start(as_of: datetime) -> datetime:
    """The Monday morning before the first order; everything is in place then."""
    day = (as_of - HISTORY).astimezone(TIME_ZONE).date()
    return _at(day - timedelta(days=day.weekday()), time(7))


def plan_orders(items: Sequence[Item], clients: Sequence[Client], as_of: datetime) -> list[PlannedOrder]:
    """Every order of the demo, oldest first; the same for the same arguments."""
    rng = Random(2026)  # noqa: S311 (repeatable is what it has to be)
    orders = [_settled(rng, n, partner, at, as_of) for n, (partner, at) in enumerate(_placings(rng, as_of))]
    for client in clients:
        invoiced = [order for order in orders if order.partner == client.code and order.invoiced_at]
        _plan_payments(rng, client, invoiced, as_of)
    orders += [_live(live, as_of) for live in LIVE]
    shops = {client.code: Assortment(rng, client, items) for client in clients}
    for order in orders:
        order.lines = shops[order.partner].basket(rng, leaves=order.shipped_at is not None)
    return orders


def deliveries(orders: Iterable[PlannedOrder]) -> dict[datetime, dict[str, Decimal]]:
    """What comes in from suppliers on the Monday mornings: just what the orders of the week will take away."""
    found: dict[datetime, dict[str, Decimal]] = {}
    for order in orders:
        if order.shipped_at:
            day = order.placed_at.astimezone(TIME_ZONE).date()
            coming = found.setdefault(_at(day - timedelta(days=day.weekday()), time(7, 30)), {})
            for sku, quantity in order.lines.items():
                coming[sku] = coming.get(sku, Decimal(0)) + quantity
    return found


def plan_cart(items: Sequence[Item], client: Client) -> dict[str, Decimal]:
    """Three lines that the client could order at once."""
    return _cart(items, client, size=3, seed=3)


def plan_question(items: Sequence[Item], client: Client) -> dict[str, Decimal]:
    """Five lines that are more than the client's buyer may order without the owner."""
    return _cart(items, client, size=5, seed=4)


def _cart(items: Sequence[Item], client: Client, size: int, seed: int) -> dict[str, Decimal]:
    rng = Random(seed)  # noqa: S311
    return Assortment(rng, client, items).basket(rng, leaves=False, size=size)


def _placings(rng: Random, as_of: datetime) -> list[tuple[str, datetime]]:
    found = []
    codes, weights = list(PROFILES), [profile.weight for profile in PROFILES.values()]
    day = history_start(as_of).astimezone(TIME_ZONE).date()
    while _at(day, time()) < as_of - SETTLED:
        if day.weekday() < 5:
            for partner in rng.choices(codes, weights, k=rng.choice(ORDERS_A_DAY)):
                found.append((partner, _at(day, time(8)) + timedelta(seconds=rng.randrange(8 * 3600))))
        day += timedelta(days=1)
    return sorted((placing for placing in found if placing[1] < as_of - SETTLED), key=lambda placing: placing[1])


def _settled(rng: Random, number: int, partner: str, at: datetime, as_of: datetime) -> PlannedOrder:
    order = PlannedOrder(partner, at, note=rng.choice(NOTES) if rng.random() < 0.15 else "")
    if number % LAPSES_EVERY == 20:
        order.lapses_at = at + timedelta(hours=24, minutes=2)
    elif number % CANCELLED_EVERY == 11:
        _cancel(rng, order)
    else:
        _serve(rng, order, as_of)
    return order


def _cancel(rng: Random, order: PlannedOrder) -> None:
    """Every other one by the partner itself, before somebody claims it."""
    if rng.random() < 0.5:
        order.cancelled_at, order.reason = _after(rng, order.placed_at, 5, 40), rng.choice(PARTNER_REASONS)
        return
    order.claimed_at = _after(rng, order.placed_at, 10, 40)
    order.cancelled_at, order.reason = _after(rng, order.claimed_at, 10, 60), rng.choice(STAFF_REASONS)


def _serve(rng: Random, order: PlannedOrder, as_of: datetime) -> None:
    """Claimed, invoiced and shipped in working hours; what would come after `as_of` is done at once, or not yet."""
    claimed = _in_working_hours(rng, _after(rng, order.placed_at, 8, 240))
    in_time = min(order.placed_at + timedelta(hours=23), as_of - timedelta(hours=1))
    order.claimed_at = claimed if claimed < in_time else _after(rng, order.placed_at, 8, 40)
    invoiced = _in_working_hours(rng, _after(rng, order.claimed_at, 20, 300))
    order.invoiced_at = invoiced if invoiced < as_of else _after(rng, order.claimed_at, 10, 30)
    shipped = _in_working_hours(rng, _after(rng, order.invoiced_at, 30, 600))
    order.shipped_at = shipped if shipped < as_of else None


def _live(live: Live, as_of: datetime) -> PlannedOrder:
    claimed = as_of - live.claimed if live.claimed else None
    invoiced = as_of - live.invoiced if live.invoiced else None
    return PlannedOrder(live.partner, as_of - live.placed, claimed_at=claimed, invoiced_at=invoiced)


def _after(rng: Random, at: datetime, low: int, high: int) -> datetime:
    return at + timedelta(minutes=rng.uniform(low, high))


def _in_working_hours(rng: Random, at: datetime) -> datetime:
    """The instant itself, or the morning of the next working day."""
    local = at.astimezone(TIME_ZONE)
    day = local.date() + timedelta(days=local.hour >= 18)
    if day == local.date() and local.hour >= 8 and day.weekday() < 5:
        return at
    return _after(rng, _at(_working_day(day), time(8)), 0, 90)


def _working_day(day: date) -> date:
    """The day itself, or the Monday after."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, TIME_ZONE).astimezone(ZoneInfo("UTC"))


def _plan_payments(rng: Random, client: Client, orders: list[PlannedOrder], as_of: datetime) -> None:
    """By the client's habit. The newest invoice is open; the partners shown have one overdue and one half paid."""
    for order in orders:
        order.payments = _payments(rng, order, client, as_of)
    orders[-1].payments = []
    if client.code in SHOWN_PARTNERS:
        today = as_of.astimezone(TIME_ZONE).date()
        *_, half_paid, overdue = [order for order in orders if _due(order, client) < today - timedelta(days=4)]
        half_paid.payments = [(_banked(rng, _due(half_paid, client)), Decimal("0.5"))]
        overdue.payments = []


def _payments(rng: Random, order: PlannedOrder, client: Client, as_of: datetime) -> list[tuple[datetime, Decimal]]:
    manner = rng.choices(("on time", "late", "part", "never"), PROFILES[client.code].pays)[0]
    days, share = {
        "on time": (rng.randint(-4, 1), Decimal(1)),
        "late": (rng.randint(4, 28), Decimal(1)),
        "part": (rng.randint(0, 8), Decimal(rng.randint(30, 65)) / 100),
        "never": (0, Decimal(0)),
    }[manner]
    earliest = _invoiced_on(order) + timedelta(days=1)
    at = _banked(rng, max(_due(order, client) + timedelta(days=days), earliest))
    return [(at, share)] if share and at < as_of else []


def _banked(rng: Random, day: date) -> datetime:
    """When a payment of that day is written down: in the morning, on Monday for the weekend."""
    return _after(rng, _at(_working_day(day), time(10)), 0, 90)


def _due(order: PlannedOrder, client: Client) -> date:
    return _invoiced_on(order) + timedelta(days=client.payment_days)


def _invoiced_on(order: PlannedOrder) -> date:
    assert order.invoiced_at is not None
    return order.invoiced_at.astimezone(TIME_ZONE).date()
