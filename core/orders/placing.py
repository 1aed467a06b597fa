"""Placing: the cart becomes an order that holds its stock, in one transaction."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting_sql
from core.catalog.visibility import OFFERED
from core.clock import local_date
from core.db import actor
from core.errors import NotAllowed, Refusal
from core.i18n import N_, translate
from core.money import format_amount, format_quantity
from core.orders.deadlines import Clock, deadline, warnings
from core.orders.details import NO_DETAILS, Details
from core.orders.known_names import LAST_NAMES, NAMES
from core.orders.limits import LIMIT_ROWS, RULES, OverLimits, states
from core.permissions import authorize
from core.pricing.quoting import VAT_RATES, PricesHidden, explained, sight
from core.stock.showing import DISPLAY, Display


class UnfitQuantity(Refusal):
    """What of a product can be ordered has changed since it was put in the cart; `fitting` is the next quantity."""

    message = N_("{name}: {wanted} {unit} cannot be ordered; the next quantity is {fitting}. Nothing was ordered.")

    def text(self, language: str) -> str:
        figures = {name: format_quantity(self.params[name], language) for name in ("wanted", "fitting")}
        return translate(self.message, language).format_map(self.params | figures)


class EmptyCart(Refusal):
    message = N_("The cart is empty. Type a quantity beside a product first.")


class CartChanged(Refusal):
    message = N_("The cart or its prices have changed since you looked. Look through it again, then place the order.")


class OrderTooLarge(Refusal):
    message = N_("The order is too large to be written down. Make the quantities smaller.")


class PartnerMayNotOrder(Refusal):
    message = N_("Your company cannot place orders at the moment. Please contact the distributor.")


class OverSpendingLimit(Refusal):
    """Its buyer needs the owner's approval. `limit`, `gross` and `over` (by how much) are in lei, VAT included."""

    message = N_(
        "The order is {over} above your spending limit of {limit}. Ask for approval in the cart, or make it smaller."
    )

    def text(self, language: str) -> str:
        amounts = {name: format_amount(value, language) for name, value in self.params.items()}
        return translate(self.message, language).format_map(amounts)


@dataclass(frozen=True, slots=True)
class Short:
    """One product of which less is `available` than the cart asks for: 0 for one no longer sold, None where the partner
    may not know it."""

    sku: str
    name: str
    unit: str
    wanted: Decimal
    available: Decimal | None


class Shortage(Refusal):
    """Nothing was ordered and the cart is as it was; `lines` says what is short."""

    message = N_("Not everything is in stock. Nothing was ordered; change the quantities and try again.")

    def __init__(self, lines: list[Short]) -> None:
        super().__init__()
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Placed:
    """`repeated` tells that this cart had been placed already and `order_id` is the order of then."""

    order_id: int
    repeated: bool


def place(
    session: Session,
    cart_token: uuid.UUID,
    as_of: datetime,
    details: Details = NO_DETAILS,
    shown_total: Decimal | None = None,
) -> Placed:
    """Turn the signed-in user's cart, as named by its token, into an order placed at `as_of`.

    Locks first the cart, then the partner, then the stock rows in product order, and reads each only under its lock:
    the cart and limits under the first two, stock last, since all who want the same goods wait for whoever holds it
    (DESIGN 5). Lines, holds, event and outbox row are written together. Of products that
    may be on backorder, what is not there waits; the partner's places in waiting lists for what it orders now are
    given up. Submitting a token twice gives the same order. `shown_total` is the gross that the buyer saw: if a price,
    a rate or the cart has moved since, nothing is ordered.

    Raises NotAllowed, PricesHidden, EmptyCart, Shortage, UnfitQuantity, CartChanged,
    OverSpendingLimit, OverLimits, OrderTooLarge, PartnerMayNotOrder, TextTooLong or DateInThePast; a lock that is not
    had within core.db.LOCK_TIMEOUT raises the driver's LockNotAvailable. After a refusal the cart is untouched.
    """
    me = authorize(session, "orders.place")
    if me.partner_id is None:
        raise NotAllowed
    who = {"user": me.user_id, "partner": me.partner_id, "token": cart_token}
    cart = session.execute(_LOCK_OWN, who).one_or_none()
    if cart is None:
        return placed_before(session, cart_token)
    return place_locked(session, cart, as_of, details, shown_total)


def place_locked(
    session: Session,
    cart: Row[Any],
    as_of: datetime,
    details: Details,
    shown_total: Decimal | None,
    approved: bool = False,
) -> Placed:
    """Turn a cart (a row of what `lock_cart` gives) into an order of its user, as `place` says.

    `approved` tells that the acting principal lets it pass the spending limit; the order says so.
    """
    me = actor(session)
    if cart.prices_hidden and not sight(me)["sees_all"]:
        raise PricesHidden
    details = details.checked(local_date(as_of, cart.time_zone))
    terms = {
        "cart": cart.id, "token": cart.token, "user": cart.user_id, "partner": me.partner_id, "order": None,
        "approver": me.user_id if approved else None, "actor": me.user_id, "address": me.address,
        "as_of": as_of, "shown": shown_total, **asdict(details), **_times(cart, as_of),
    }  # fmt: skip
    try:
        outcome = session.execute(_PLACE, terms).one()
    except DataError as error:
        raise OrderTooLarge from error
    if outcome.order_id is None:
        raise _refusal(outcome, shown_total, Display.of(me, cart.stock_display, cart.stock_cap))
    return Placed(outcome.order_id, repeated=False)


def _times(cart: Row[Any], as_of: datetime) -> dict[str, Any]:
    """Until when the order waits, by the rules of now: instants in UTC."""
    clock, unpaid_hours = Clock.of(cart), cart.unpaid_hours if cart.prepay else Decimal(0)
    return {
        "claim_deadline": deadline(clock, as_of, cart.claim_hours),
        "claim_warnings": warnings(clock, as_of, cart.claim_hours),
        "prepay": cart.prepay,
        "pay_deadline": deadline(clock, as_of, unpaid_hours),
        "pay_warnings": warnings(clock, as_of, unpaid_hours),
    }


def placed_before(session: Session, cart_token: uuid.UUID) -> Placed:
    """The order of the acting partner that was placed from this token already; raises CartChanged for none."""
    found = session.execute(_BY_TOKEN, {"token": cart_token, "partner": actor(session).partner_id}).scalar_one_or_none()
    if found is None:
        raise CartChanged
    return Placed(found, repeated=True)


def _refusal(outcome: Row[Any], shown_total: Decimal | None, display: Display) -> Refusal:
    if outcome.status != "active":
        return PartnerMayNotOrder()
    if not outcome.lines:
        return EmptyCart()
    if outcome.short:
        return Shortage([
            Short(
                line["sku"], line["name"], line["unit"], Decimal(line["wanted"]),
                Decimal(0) if line["gone"] else display.told(Decimal(line["available"])),
            )
            for line in outcome.short
        ])  # fmt: skip
    if outcome.unfit:
        numbers = {name: Decimal(outcome.unfit[name]) for name in ("wanted", "fitting")}
        return UnfitQuantity(**outcome.unfit | numbers)
    if shown_total not in (None, outcome.gross):
        return CartChanged()
    limit = outcome.spending_limit
    if limit is not None and outcome.gross > limit:
        return OverSpendingLimit(limit=limit, gross=outcome.gross, over=outcome.gross - limit)
    return OverLimits(states(outcome.exceeded))


def lock_cart(condition: str) -> TextClause:
    """The statement that locks the cart of which `condition` (SQL) is true, then its partner; with the rules of time
    that hold for its order."""
    return text(f"""
        select locked.*, lock_cart_partner(locked.id), partner.prepay, partner.prices_hidden, {DISPLAY},
               coalesce(partner.claim_hours, company.claim_hours) as claim_hours,
               coalesce(partner.unpaid_hours, company.unpaid_hours) as unpaid_hours,
               company.working_clock, company.time_zone, company.work_days, company.work_from, company.work_to
        from (select id, token, user_id, partner_id, approval_note, reference, deliver_to, wished_on
              from cart where {condition} for update) locked
        join partner on partner.id = locked.partner_id cross join company
    """)


_LOCK_OWN = lock_cart("user_id = :user and partner_id = :partner and token = :token and purpose = 'cart'")
_BY_TOKEN = text("select id from orders where cart_token = :token and partner_id = :partner")
_OF_CART = "array(select {} from wanted order by product_id)"
# One statement for everything that is written: the round trips, not the rows, are what would hold the locks long.
_PLACE = text(f"""
with head as (
    select {RULES},
           case when cast(:approver as int) is null then app_user.spending_limit end as spending_limit
    from partner, company, app_user where partner.id = :partner and app_user.id = :user
), wanted as materialized (
    select product_id, quantity, added_at from cart_line where cart_id = :cart
), price as materialized (
    {explained(_OF_CART.format("product_id"), _OF_CART.format("quantity"))}
), line as materialized (
    select row_number() over (order by wanted.added_at, product.id) as position,
           product.id as product_id, {NAMES}, product.vat_class,
           product.list_price, price.net as unit_price, vat.rate as vat_rate, wanted.quantity,
           round(wanted.quantity * price.net, 2) as net, price.steps as price_rule, {OFFERED} as offered,
           {fitting_sql("wanted.quantity")} as fitting, {OFFERED} and product.backorder as may_wait
    from wanted
    join product on product.id = wanted.product_id
    join price on price.product_id = product.id
    join partner on partner.id = :partner
    join ({VAT_RATES}) vat using (vat_class)
    {LAST_NAMES}
), amount as (
    select sum(net) as net, sum(vat) as vat, sum(net) + sum(vat) as gross
    from (select sum(net) as net, round(sum(net) * vat_rate / 100, 2) as vat from line group by vat_rate) per_rate
), {LIMIT_ROWS}, exceeded as (
    select * from limit_row where exceeded
), pass as (
    select limit_pass.id from limit_pass, amount
    where partner_id = :partner and order_id is null and expires_at > :as_of and up_to >= gross
      and exists (select from exceeded)
    order by limit_pass.id limit 1
), there as materialized (
    select product_id, case when offered then greatest(coalesce(locked.available, 0), 0) else 0 end as available
    from line left join lock_cart_goods(:cart) locked using (product_id)
), short as (
    select line.*, available from line join there using (product_id) where available < quantity and not may_wait
), new_order as (
    insert into orders (partner_id, user_id, approved_by, cart_token, placed_at, claim_deadline, claim_warnings,
                        prepay, pay_deadline, pay_warnings, note, reference, deliver_to, wished_on, net, vat, gross)
    select partner_id, :user, :approver, :token, :as_of, :claim_deadline, cast(:claim_warnings as timestamptz[]),
           cast(:prepay as bool) and gross > 0, case when gross > 0 then cast(:pay_deadline as timestamptz) end,
           case when gross > 0 then cast(:pay_warnings as timestamptz[]) else '{{}}' end,
           :note, :reference, :deliver_to, :wished_on, net, vat, gross
    from head, amount
    where head.status = 'active' and amount.net is not null
      and not exists (select from line where quantity <> fitting)
      and (cast(:shown as numeric) is null or cast(:shown as numeric) = gross)
      and (spending_limit is null or gross <= spending_limit)
      and (not exists (select from exceeded) or exists (select from pass))
      -- The last question: it locks the stock.
      and not exists (select from short)
    returning id, partner_id
), new_line as (
    insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity,
                            list_price, unit_price, vat_class, vat_rate, net, price_rule)
    select new_order.id, partner_id, position, product_id, sku, name, unit, quantity,
           list_price, unit_price, vat_class, vat_rate, net, price_rule
    from new_order, line
    returning id, partner_id, product_id, quantity
), new_hold as (
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, least(new_line.quantity, available), 'placed', :as_of
    from new_line join there using (product_id) where available > 0
), new_backorder as (
    insert into backorder (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, new_line.quantity - available, 'placed', :as_of
    from new_line join there using (product_id) where available < new_line.quantity
), used_pass as (
    update limit_pass set order_id = new_order.id from new_order, pass where limit_pass.id = pass.id
    returning limit_pass.reason
), no_longer_awaited as (
    delete from stock_wait using new_order, line
    where stock_wait.partner_id = :partner and stock_wait.product_id = line.product_id
), new_event as (
    insert into event (at, kind, partner_id, order_id, user_id, address, data)
    select :as_of, 'order_placed', partner_id, id, :actor, :address,
           coalesce((select jsonb_build_object('waived', reason) from used_pass), '{{}}')
    from new_order
    returning id
), waiting as (
    insert into outbox (event_id) select id from new_event
), emptied as (
    delete from cart_line using new_order where cart_id = :cart
), renewed as (
    update cart set token = gen_random_uuid(), tabs = '{{}}', approval_asked_at = null, approval_note = '',
                    reference = '', deliver_to = '', wished_on = null
    from new_order where cart.id = :cart
)
select (select id from new_order) as order_id, (select status from head) as status,
       (select spending_limit from head) as spending_limit, (select gross from amount) as gross,
       (select jsonb_agg(to_jsonb(passed)) from exceeded passed) as exceeded,
       (select count(*) from line) as lines,
       (select jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'unit', unit, 'wanted', quantity::text,
                                            'gone', not offered, 'available', greatest(available, 0)::text)
                         order by position)
        from short) as short,
       (select jsonb_build_object('name', name, 'unit', unit, 'wanted', quantity::text, 'fitting', fitting::text)
        from line where quantity <> fitting order by position limit 1) as unfit
""")
