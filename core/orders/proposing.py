"""Changes of a claimed order's lines: staff propose, the partner accepts or refuses; nothing changes silently.

A proposal says how much of a line stays (`keep`) and, where wanted, how much of another product comes in its place, at
the partner's price of the day on which it was proposed.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.db import actor, beyond_wall
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_, translate
from core.money import format_amount, format_quantity
from core.orders.filling import BadQuantity, orderable
from core.orders.lapsing import is_overdue
from core.orders.lifecycle import DeadlinePassed, InvoicedOrder, NotClaimedYet, OrderHasEnded
from core.orders.limits import lock_partner, require_within
from core.orders.placing import PartnerMayNotOrder
from core.orders.reviving import renew_pay_time
from core.orders.settling import settle
from core.permissions import authorize
from core.pricing.quoting import VAT_RATES, explained
from core.search import without_nul
from core.stock import backordering, holding
from core.stock.showing import DISPLAY, Display


class NothingProposed(Refusal):
    message = N_("Of {name}, {most} are ordered and {shipped} of these have left: propose a quantity between the two.")

    def text(self, language: str) -> str:
        figures = {name: format_quantity(self.params[name], language) for name in ("shipped", "most")}
        return translate(self.message, language).format(name=self.params["name"], **figures)


class UnknownSubstitute(Refusal):
    message = N_("There is no other product in the catalogue with the SKU {sku}. Letter case counts.")


class ProposalWaits(Refusal):
    message = N_("A proposal for {name} waits for the partner's answer already. Withdraw it first.")


class ProposalOver(Refusal):
    message = N_("This proposal was answered or withdrawn already. Look at the order as it is now.")


class OwnerMustAnswer(Refusal):
    message = N_("With this change the order comes to {gross}, above your spending limit of {limit}. The owner of your "
                 "company can accept it.")  # fmt: skip

    def text(self, language: str) -> str:
        amounts = {name: format_amount(value, language) for name, value in self.params.items()}
        return translate(self.message, language).format_map(amounts)


class SubstituteGone(Refusal):
    """Between the proposal and the answer the stock was sold. `available` is None where the partner may not know it."""

    message = N_("Of {name} only {available} are left, so it cannot be accepted. Refuse it, or ask the distributor.")
    untold = N_("Of {name} not that much is left, so it cannot be accepted. Refuse it, or ask the distributor.")

    def text(self, language: str) -> str:
        name, available = self.params["name"], self.params["available"]
        if available is None:
            return translate(self.untold, language).format(name=name)
        left = format_quantity(available, language)
        return translate(self.message, language).format(name=name, available=left)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal with the line that it is about. Quantities in the units of their products; `net_change` is what the
    order's net (lei) changes by when it is accepted as things stand; instants in UTC. `answer` is None while it
    waits."""

    id: int
    order_line_id: int
    sku: str
    name: str
    unit: str
    billable: Decimal
    keep: Decimal
    other_sku: str | None
    other_name: str | None
    other_unit: str | None
    quantity: Decimal | None
    unit_price: Decimal | None
    net_change: Decimal
    reason: str
    proposed_at: datetime
    proposed_by: str | None
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None


def propose(
    session: Session,
    order_id: int,
    line_id: int,
    keep: Decimal,
    as_of: datetime,
    sku: str | None = None,
    quantity: Decimal | None = None,
    reason: str = "",
) -> int:
    """Propose that of the line only `keep` stays (what was shipped included), with `quantity` of the product `sku` in
    place of the rest if given; returns the proposal's id. The partner is told.

    The order must be claimed and not invoiced. Raises NotAllowed, NotFound, NothingProposed, BadQuantity,
    UnknownSubstitute, ProposalWaits, NotClaimedYet, OrderHasEnded, InvoicedOrder.
    """
    staff = authorize(session, "orders.propose")
    _require_changeable(session.execute(_LOCK_ORDER, {"order": order_id}).one_or_none())
    line = session.execute(_LINE, {"order": order_id, "line": line_id}).one_or_none()
    if line is None:
        raise NotFound
    if not orderable(keep) or not line.shipped <= keep < line.billable:
        raise NothingProposed(name=line.name, shipped=line.shipped, most=line.billable)
    values = {"order": order_id, "line": line_id, "keep": keep, "as_of": as_of, "user": staff.user_id}
    values |= {"reason": without_nul(reason).strip()} | _substitute(session, line, sku, quantity, as_of)
    try:
        with session.begin_nested():
            proposal: int = session.execute(_PROPOSE, values).scalar_one()
    except IntegrityError as error:
        raise ProposalWaits(name=line.name) from error
    told: dict[str, Any] = {
        "proposal": proposal,
        "ordered": str(line.billable),
        "keep": str(keep),
        "reason": values["reason"],
    }
    told |= {"sku": line.sku, "name": line.name, "unit": line.unit, "substitute": values["other_name"]}
    told |= {name: None if values[name] is None else str(values[name]) for name in ("quantity", "unit_price")}
    record(session, "change_proposed", as_of, partner_id=line.partner_id, order_id=order_id, **told)
    return proposal


def withdraw(session: Session, proposal_id: int, as_of: datetime) -> None:
    """Staff take a proposal back while it waits. Raises NotAllowed, ProposalOver."""
    staff = authorize(session, "orders.propose")
    _close(session, proposal_id, "withdrawn", staff.user_id, as_of)


def answer(session: Session, proposal_id: int, accept: bool, as_of: datetime) -> None:
    """The partner accepts a proposal, which changes the order at once, or refuses it, which changes nothing.

    A substitute must be in stock and within the limits of pieces, and an order that grows within all limits, those of
    who answers too. Raises NotAllowed, NotFound for another's, ProposalOver, SubstituteGone, OverLimits,
    OwnerMustAnswer, PartnerMayNotOrder, OrderHasEnded, DeadlinePassed, InvoicedOrder; after a refusal the proposal
    goes on waiting.
    """
    me = authorize(session, "orders.answer")
    order_id = session.execute(_ORDER_OF, {"proposal": proposal_id, "partner": me.partner_id}).scalar_one_or_none()
    if order_id is None:
        raise NotFound
    with beyond_wall(session):
        order = session.execute(_LOCK_ORDER, {"order": order_id}).one()
        lock_partner(session, order.partner_id)
        told = _close(session, proposal_id, "accepted" if accept else "refused", me.user_id, as_of)
        _require_changeable(order)
        if is_overdue(session, order_id, as_of):
            raise DeadlinePassed(order=order_id)
        if accept:
            _apply(session, order, told, as_of)


def proposals(session: Session, order_id: int) -> list[ProposalRow]:
    """All proposals for an order's lines, as far as the principal may see it, the oldest first."""
    params = {"order": order_id, "mine": authorize(session, "orders.see").partner_id}
    return [ProposalRow(**row) for row in session.execute(_ALL, params).mappings()]


def _require_changeable(order: Row[Any] | None) -> None:
    if order is None:
        raise NotFound
    if order.status == "placed":
        raise NotClaimedYet(order=order.id)
    if order.status != "claimed":
        raise OrderHasEnded(order=order.id, status=order.status)
    if order.invoiced_at is not None:
        raise InvoicedOrder(order=order.id)


def _substitute(
    session: Session, line: Row[Any], sku: str | None, quantity: Decimal | None, as_of: datetime
) -> dict[str, Any]:
    if sku is None:
        return dict.fromkeys((*_COPIED, "other_name", "quantity"))
    if quantity is None or not orderable(quantity) or quantity == 0:
        raise BadQuantity(quantity=quantity)
    sku = without_nul(sku).strip()
    asked = {"sku": sku, "partner": line.partner_id, "quantity": quantity, "as_of": as_of, "not": line.product_id}
    found = session.execute(_PRODUCT, asked).mappings().one_or_none()
    if found is None:
        raise UnknownSubstitute(sku=sku)
    return {**found, "quantity": quantity}


def _close(session: Session, proposal_id: int, said: str, user_id: int | None, as_of: datetime) -> Row[Any]:
    params = {"proposal": proposal_id, "answer": said, "user": user_id, "as_of": as_of}
    closed = session.execute(_CLOSE, params).one_or_none()
    if closed is None:
        raise ProposalOver
    kind = "change_withdrawn" if said == "withdrawn" else "change_answered"
    told = {"proposal": proposal_id, "sku": closed.line_sku, "name": closed.line_name}
    told |= {} if said == "withdrawn" else {"answer": said}
    record(session, kind, as_of, partner_id=closed.partner_id, order_id=closed.order_id, **told)
    return closed


def _apply(session: Session, order: Row[Any], proposal: Row[Any], as_of: datetime) -> None:
    """Write what was accepted; the order and its partner are locked."""
    session.execute(_LOCK_STOCK, {"order": order.id, "other": proposal.product_id})
    line = session.execute(_LINE, {"order": order.id, "line": proposal.order_line_id}).one()
    if not line.shipped <= proposal.keep < line.billable:
        raise ProposalOver
    holding.release_part(session, {line.id: line.billable - proposal.keep}, as_of)
    if proposal.product_id is not None:
        _put_substitute(session, proposal, as_of)
    if (status := settle(session, order.id, as_of)) != "claimed":
        kind = "order_shipped" if status == "shipped" else "order_cancelled"
        record(session, kind, as_of, partner_id=order.partner_id, order_id=order.id)
    backordering.fill(session, [line.product_id], as_of)
    if proposal.product_id is not None:
        _require_allowed(session, order, proposal.product_id, as_of)


def _require_allowed(session: Session, before: Row[Any], product_id: int, as_of: datetime) -> None:
    """What the order has become must be allowed: of the substitute as many pieces, and what is more as an order of who
    answers. What was paid of it asks for no credit."""
    who = {"order": before.id, "user": actor(session).user_id, "product": product_id}
    now = session.execute(_GROWN, who).one()
    check = partial(require_within, session, before.partner_id, as_of=as_of, order_id=before.id)
    check(now.gross, {product_id: now.pieces}, kinds=["max_per_order", "max_per_period"])
    if now.gross <= before.gross:
        return
    if now.partner_status != "active":
        raise PartnerMayNotOrder
    if now.spending_limit is not None and now.gross > now.spending_limit:
        raise OwnerMustAnswer(limit=now.spending_limit, gross=now.gross)
    check(now.gross, {}, kinds=["max_order", "max_open_value", "overdue_block", "overdue_block_days"])
    check(max(now.gross - now.paid, Decimal(0)), {}, kinds=["credit_limit"])
    if now.prepay and now.paid_at is None and before.paid_at is not None:
        renew_pay_time(session, before.id, as_of)


def _put_substitute(session: Session, proposal: Row[Any], as_of: datetime) -> None:
    about = {"product": proposal.product_id, "partner": proposal.partner_id}
    stock = session.execute(_AVAILABLE, about).one()
    if stock.available < proposal.quantity:
        display = Display.of(actor(session), stock.stock_display, stock.stock_cap)
        raise SubstituteGone(name=proposal.name, available=display.told(stock.available))
    line = session.execute(_ADD_LINE, {"proposal": proposal.id}).scalar_one()
    holding.hold(session, {line: proposal.quantity}, as_of)


_COPIED = (
    "product_id", "other_sku", "other_name", "other_unit", "list_price", "unit_price", "vat_class", "vat_rate",
    "price_rule",
)  # fmt: skip
_LOCK_ORDER = text("""
    select id, partner_id, status, invoiced_at, gross, paid_at from orders where id = :order for no key update
""")
_LINE = text("""
    select line_state.*, line.sku, line.name, line.unit
    from line_state join order_line line on line.id = line_state.id
    where line_state.order_id = :order and line_state.id = :line
""")
_PRODUCT = text(f"""
    select product.id as product_id, product.sku as other_sku, product.name as other_name,
           product.unit as other_unit, product.list_price, price.net as unit_price, product.vat_class,
           vat.rate as vat_rate, cast(price.steps as text) as price_rule
    from product join partner on partner.id = :partner join ({VAT_RATES}) vat using (vat_class)
    cross join lateral ({explained("array[product.id]", "array[cast(:quantity as numeric)]")}) price
    where product.sku = :sku and {OFFERED} and product.id <> :not
""")
_PROPOSE = text("""
    insert into proposal (order_id, partner_id, order_line_id, keep, product_id, sku, name, unit, quantity, list_price,
                          unit_price, vat_class, vat_rate, price_rule, reason, proposed_at, proposed_by)
    select id, partner_id, :line, :keep, :product_id, :other_sku, :other_name, :other_unit, :quantity, :list_price,
           :unit_price, :vat_class, :vat_rate, cast(:price_rule as jsonb), :reason, :as_of, :user
    from orders where id = :order returning id
""")
_ORDER_OF = text("select order_id from proposal where id = :proposal and partner_id = :partner")
_CLOSE = text("""
    update proposal set answer = :answer, answered_at = :as_of, answered_by = :user
    from order_line line
    where proposal.id = :proposal and answer is null and line.id = proposal.order_line_id
    returning proposal.*, line.sku as line_sku, line.name as line_name
""")
_LOCK_STOCK = text("""
    select lock_stock(array(select product_id from order_line where order_id = :order) || cast(:other as int))
""")
_AVAILABLE = text(f"""
    select case when {OFFERED} then greatest(coalesce(on_hand - held, 0), 0) else 0 end as available, {DISPLAY}
    from product cross join company join partner on partner.id = :partner
    left join stock on stock.product_id = product.id and warehouse_id = 1
    where product.id = :product
""")
_ADD_LINE = text("""
    insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price,
                            unit_price, vat_class, vat_rate, price_rule, net, replaces)
    select order_id, partner_id,
           (select max(position) + 1 from order_line other where other.order_id = proposal.order_id),
           product_id, sku, name, unit, quantity, list_price, unit_price, vat_class, vat_rate, price_rule,
           round(quantity * unit_price, 2), order_line_id
    from proposal where id = :proposal returning id
""")
_GROWN = text("""
    select orders.gross, orders.prepay, orders.paid_at, partner.status as partner_status,
           (select spending_limit from app_user where id = :user) as spending_limit,
           (select coalesce(sum(amount), 0) from allocation where order_id = :order) as paid,
           (select sum(billable) from line_state where order_id = :order and product_id = :product) as pieces
    from orders join partner on partner.id = orders.partner_id where orders.id = :order
""")
_ALL = text("""
    select proposal.id, order_line_id, line.sku, line.name, line.unit, state.billable, keep,
           proposal.sku as other_sku, proposal.name as other_name, proposal.unit as other_unit, proposal.quantity,
           proposal.unit_price,
           round(keep * line.unit_price, 2) - state.net
             + coalesce(round(proposal.quantity * proposal.unit_price, 2), 0) as net_change,
           reason, proposed_at, proposer.name as proposed_by, answer, answered_at, answerer.name as answered_by
    from proposal
    join order_line line on line.id = proposal.order_line_id
    join line_state state on state.id = line.id
    left join app_user proposer on proposer.id = proposed_by
    left join app_user answerer on answerer.id = answered_by
    where proposal.order_id = :order and (cast(:mine as int) is null or proposal.partner_id = :mine)
    order by proposal.id
""")
