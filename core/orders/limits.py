"""What a partner may order: the limits, how far they are used, and what an order would make of it.

One SQL text says it for the cart, for placing, and for every other way in which an order grows or opens again. The
general limits stand on `company`, a partner's own on `partner` (empty: the general one; 0: no limit), those of a short
product on `product`. Amounts are in lei, VAT included.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_, Counted, translate
from core.money import format_amount, format_quantity
from core.permissions import authorize

SENTENCES = {
    "min_order": N_("The order comes to {this}; the least that can be ordered is {most}."),
    "max_order": N_("The order comes to {this}; one order may come to {most}: {over} too much."),
    "max_open_orders": N_("Open orders: {used} of {most} that are allowed. One must be delivered or cancelled first."),
    "max_open_value": N_("Open orders: limit {most}, used {used}, this order {this}: {over} too much."),
    "credit_limit": N_("Credit: limit {most}, used {used}, this order {this}: {over} too much."),
    "overdue_block": N_("Overdue invoices come to {used}; from {most} on no order can be placed until they are paid."),
    "overdue_block_days": N_(
        "An invoice is {used:day|days} overdue; from {most:day|days} on no order can be placed until it is paid."
    ),
    "max_per_order": N_("{name}: at most {most} {unit} in one order, and there are {this}."),
    "max_per_period": N_("{name}: at most {most} {unit} in {days} days; {used} were ordered, and now {this} more."),
}
"""Limit → the sentence that says by how much it is passed, and what that means."""

AMOUNTS = frozenset({"min_order", "max_order", "max_open_value", "credit_limit", "overdue_block"})
"""The limits that are sums of money; the others count pieces, orders or days."""


@dataclass(frozen=True, slots=True)
class LimitState:
    """A limit that holds: `most` is the limit (for `min_order` the least), `used` what counts against it already,
    `this` what the order adds. `name` and `unit` are of the product, for limits of products; `days` of the period."""

    kind: str
    most: Decimal
    used: Decimal
    this: Decimal
    exceeded: bool
    name: str | None
    unit: str | None
    days: int

    @property
    def over(self) -> Decimal:
        """How much is too much (of `min_order`: too little); 0 where nothing is."""
        beyond = self.most - self.this if self.kind == "min_order" else self.used + self.this - self.most
        return max(beyond, Decimal(0))

    @property
    def left(self) -> Decimal:
        """What may still be ordered besides what counts already and this order; 0 where it is passed."""
        return max(self.most - self.used - self.this, Decimal(0))

    def sentence(self, language: str) -> str:
        """What the limit says of the order, when it is passed."""
        names = {"name": self.name or "", "unit": self.unit or "", "days": Counted(self.days, language)}
        figures = {name: self._figure(getattr(self, name), language) for name in ("most", "used", "this", "over")}
        return translate(SENTENCES[self.kind], language).format_map(names | figures)

    def _figure(self, value: Decimal, language: str) -> str | Counted:
        if self.kind in AMOUNTS:
            return format_amount(value, language)
        return Counted(value, language, format_quantity(value, language))


class OverLimits(Refusal):
    """Nothing was ordered; `limits` are those that are passed."""

    message = N_("The order is outside the limits agreed with the distributor. Nothing was changed.")

    def __init__(self, limits: list[LimitState]) -> None:
        super().__init__()
        self.limits = limits

    def text(self, language: str) -> str:
        return " ".join([translate(self.message, language), self.sentences(language)])

    def sentences(self, language: str) -> str:
        """Only by how much each limit is passed."""
        return " ".join(limit.sentence(language) for limit in self.limits)


def states(rows: Iterable[Any] | None) -> list[LimitState]:
    """Limits from rows of the CTE `limit_row`, or from its JSON: its numbers are floats, which `str` gives back."""
    amounts = ("most", "used", "this")
    return [LimitState(**{**row, **{name: Decimal(str(row[name])) for name in amounts}}) for row in rows or ()]


MAY_NOT_GROW = tuple(kind for kind in SENTENCES if kind != "min_order")
"""The limits that an order can only pass by growing or by coming back."""


def lock_partner(session: Session, partner_id: int) -> None:
    """One change at a time of what a partner may order. After the order's row, before the stock's rows; beyond the
    partners' wall only (placing locks by itself)."""
    session.execute(_LOCK_PARTNER, {"partner": partner_id})


def require_within(
    session: Session,
    partner_id: int,
    gross: Decimal,
    quantities: Mapping[int, Decimal],
    as_of: datetime,
    *,
    order_id: int,
    kinds: Collection[str] = tuple(SENTENCES),
) -> None:
    """Raises OverLimits if an order of `gross` with these quantities (by product id) is outside the partner's limits.

    `order_id` is the order that comes to this: what it was before does not count. `kinds` are the limits that matter
    here. The caller has locked the partner.
    """
    given = {"gross": gross, "products": list(quantities), "quantities": list(quantities.values())}
    params = {"partner": partner_id, "order": order_id, "as_of": as_of} | given
    exceeded = states(row._mapping for row in session.execute(_WITHIN, params | {"kinds": list(kinds)}))
    if exceeded:
        raise OverLimits(exceeded)


def standing(session: Session, partner_id: int, as_of: datetime) -> list[LimitState]:
    """The partner's limits that what it ordered and owes counts against, without any new order; for staff."""
    authorize(session, "partners.see")
    nothing: dict[str, Any] = {"gross": 0, "products": [], "quantities": [], "order": None}
    about = {"partner": partner_id, "as_of": as_of, "kinds": list(COUNTED)}
    return states(row._mapping for row in session.execute(_STANDING, nothing | about))


COUNTED = ("max_open_orders", "max_open_value", "credit_limit", "overdue_block", "overdue_block_days")
"""The limits that earlier orders and invoices use up."""

_EFFECTIVE = ", ".join(f"coalesce(partner.{name}, company.{name}) as {name}" for name in SENTENCES)

RULES = f"""
    partner.id as partner_id, partner.status, {_EFFECTIVE}, company.share_days,
    (cast(:as_of as timestamptz) at time zone company.time_zone)::date as today
"""
"""SQL for the columns of the CTE `head`: `from partner, company`, one row."""

LIMIT_ROWS = """
exposed as (
    select count(*) filter (where status in ('placed', 'claimed')) as open_orders,
           coalesce(sum(gross) filter (where status in ('placed', 'claimed')), 0) as open_value,
           coalesce(sum(greatest(gross - invoiced - ahead, 0)), 0) as to_invoice
    from orders
    cross join lateral (
        select coalesce(sum(amount), 0) as ahead from allocation where allocation.order_id = orders.id
    ) paid
    where partner_id = :partner and id is distinct from cast(:order as int)
      and (status in ('placed', 'claimed') or (status = 'shipped' and invoiced < gross))
), owed as (
    select coalesce(sum(open), 0) as unpaid, coalesce(sum(open) filter (where due_on < today), 0) as overdue,
           greatest(max(today - due_on), 0) as days
    from head left join receivable on receivable.partner_id = :partner and open > 0
), goods as (
    select line.product_id, product.name, product.unit, sum(line.quantity) as quantity,
           coalesce(product.max_per_order, head.max_per_order) as max_per_order,
           coalesce(product.max_per_period, head.max_per_period) as max_per_period
    from line join product on product.id = line.product_id cross join head
    group by line.product_id, product.name, product.unit, 5, 6
), limit_row as (
    select l.kind, l.most, l.used, l.this, l.exceeded, cast(null as text) as name, cast(null as text) as unit, 0 as days
    from head, amount, exposed, owed cross join lateral (values
        ('min_order', min_order, 0::numeric, gross, gross < min_order),
        ('max_order', max_order, 0, gross, gross > max_order),
        ('max_open_orders', max_open_orders, open_orders, 1, open_orders + 1 > max_open_orders),
        ('max_open_value', max_open_value, open_value, gross, open_value + gross > max_open_value),
        ('credit_limit', credit_limit, unpaid + to_invoice, gross, unpaid + to_invoice + gross > credit_limit),
        ('overdue_block', head.overdue_block, overdue, 0, overdue >= head.overdue_block),
        ('overdue_block_days', overdue_block_days, days, 0, days >= overdue_block_days)
    ) l(kind, most, used, this, exceeded)
    where l.most > 0 and gross is not null
  union all
    select 'max_per_order', max_per_order, 0, quantity, quantity > max_per_order, name, unit, 0
    from goods where max_per_order > 0
  union all
    select 'max_per_period', goods.max_per_period, used, quantity, used + quantity > goods.max_per_period, name, unit,
           share_days
    from goods cross join head cross join lateral (
        select coalesce(sum(line_state.billable), 0) as used
        from orders join line_state on line_state.order_id = orders.id
        where orders.partner_id = :partner and line_state.partner_id = :partner
          and line_state.product_id = goods.product_id
          and orders.placed_at > cast(:as_of as timestamptz) - share_days * interval '1 day'
          and orders.status in ('placed', 'claimed', 'shipped') and orders.id is distinct from cast(:order as int)
    ) earlier
    where goods.max_per_period > 0
)
"""
"""SQL of the CTEs up to `limit_row`, after `head` (RULES), `amount` (gross) and `line` (product_id, quantity).

Parameters: :partner, :as_of, :order (an order that does not count: it is the one that is looked at).
"""

_LOCK_PARTNER = text("select from partner where id = :partner for no key update")
_GIVEN = f"""
with head as (select {RULES} from partner, company where partner.id = :partner),
amount as (select cast(:gross as numeric) as gross),
line as (select * from unnest(cast(:products as int[]), cast(:quantities as numeric[])) given(product_id, quantity)),
{LIMIT_ROWS}
"""
_WITHIN = text(f"{_GIVEN} select * from limit_row where exceeded and kind = any(:kinds)")
_STANDING = text(f"{_GIVEN} select * from limit_row where kind = any(:kinds)")
