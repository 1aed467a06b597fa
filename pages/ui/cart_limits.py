"""The limits of the partner in the cart: how far they are used, and, where one is passed, what would make room."""

from decimal import Decimal

import streamlit as st

from core.db import transaction
from core.i18n import N_
from core.orders.cart import CartView
from core.orders.limits import AMOUNTS, LimitState
from core.orders.releasing import PAYING, Releases, releases
from core.permissions import may
from core.principal import Principal
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.text import _, amount, counted, day, language, moment

HOLDING = {
    "min_order": N_("Smallest order: {most}"),
    "max_order": N_("Largest order: {most}"),
    "max_open_orders": N_("Open orders with this one: {all} of {most}"),
    "max_open_value": N_("Open orders with this one: {all} of {most}, {left} left"),
    "credit_limit": N_("Credit with this order: {all} of {most} used, {left} left"),
    "overdue_block": N_("Overdue invoices: {used}; from {most} on no order can be placed"),
    "overdue_block_days": N_("Oldest overdue invoice: {used:day|days}; from {most:day|days} on no order can be placed"),
    "max_per_order": N_("{name}: {this} of at most {most} {unit} in one order"),
    "max_per_period": N_("{name}: {all} of at most {most} {unit} in {days} days, with this order"),
}
"""Limit → how far it is used, said calmly."""

OF_PRODUCTS = ("max_per_order", "max_per_period")
NEARLY = Decimal("0.8")
"""The part of a product's limit from which on it is worth a line: there can be as many as there are products."""


def show_limits(principal: Principal, cart: CartView) -> None:
    """What stops the cart, with the way out; else what holds and how much is left."""
    passed = [limit for limit in cart.limits if limit.exceeded]
    if cart.exceeded:
        show_exceeded(principal, cart)
    elif passed:
        words = _("The distributor lets this one order pass its limits.")
        sentences = [f"- {plain(limit.sentence(language()))}" for limit in passed]
        st.success("\n".join([words, "", *sentences]), icon=":material/verified:")
    holding = [_holding(limit) for limit in cart.limits if not limit.exceeded and _worth_a_line(limit)]
    if holding:
        st.caption("  \n".join(holding))


def show_exceeded(principal: Principal, cart: CartView) -> None:
    """The limits that stop the cart, and what would make room."""
    if not cart.exceeded:
        return
    sentences = [plain(limit.sentence(language())) for limit in cart.exceeded]
    with transaction(principal) as session:
        found = releases(session, cart.exceeded, today())
    ways = [*_ways(found), *_ask_colleagues(principal, cart.exceeded)]
    st.error("\n\n".join([*sentences, "\n".join(f"- {way}" for way in ways)]), icon=":material/block:")


def reason_to_stop(cart: CartView) -> str | None:
    """Why the cart cannot be placed, for the button that cannot be pressed."""
    return cart.exceeded[0].sentence(language()) if cart.exceeded else None


def _ways(found: Releases) -> list[str]:
    paying = _("Paying {invoice}, due on {day}, frees {amount}.")
    ending = _("Open: {order}, placed on {moment}, {amount}.")
    named = _("order {number}")
    return [
        *(
            paying.format(
                invoice=f"[{plain(invoice.number)}](/documents/{invoice.id}.pdf)"
                if invoice.has_pdf
                else plain(invoice.number),
                day=day(invoice.due_on),
                amount=amount(invoice.open),
            )
            for invoice in found.invoices
        ),
        *(
            ending.format(
                order=f"[{named.format(number=order.id)}](/orders?order={order.id})",
                moment=moment(order.placed_at),
                amount=amount(order.gross),
            )
            for order in found.orders
        ),
    ]


def _ask_colleagues(principal: Principal, exceeded: list[LimitState]) -> list[str]:
    if may(principal, "documents.see") or not PAYING.intersection(limit.kind for limit in exceeded):
        return []
    return [_("The owner and the accountants of your company see which invoices are open.")]


def _worth_a_line(limit: LimitState) -> bool:
    if limit.kind in OF_PRODUCTS:
        return limit.used + limit.this >= limit.most * NEARLY
    return limit.kind not in ("overdue_block", "overdue_block_days") or limit.used > 0


def _holding(limit: LimitState) -> str:
    shown = amount if limit.kind in AMOUNTS else counted
    figures = {name: shown(getattr(limit, name)) for name in ("most", "used", "this", "left")}
    every = shown(limit.used + limit.this)
    names = {"name": plain(limit.name or ""), "unit": plain(limit.unit or ""), "days": counted(limit.days)}
    return _(HOLDING[limit.kind]).format_map(figures | names | {"all": every})
