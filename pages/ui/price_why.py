"""Why a price is what it is: the rules that were looked at, in their order, in words."""

from decimal import Decimal

import streamlit as st

from core.db import transaction
from core.i18n import N_
from core.money import round_amount
from core.orders.browsing import CatalogRow
from core.orders.filling import LARGEST_QUANTITY
from core.pricing.quoting import Explanation, Step, explain
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.invoices import today
from pages.ui.text import _, day, price, quantity

RULES = {
    "own_price": N_("Agreed price"),
    "own_discount": N_("Own discount of {percent} % on {target}"),
    "list_price": N_("Price in the list {source}"),
    "list_discount": N_("Discount of {percent} % on {target}, list {source}"),
    "group_price": N_("Price in the group's list {source}"),
    "group_discount": N_("Discount of {percent} % on {target}, the group's list {source}"),
    "general_discount": N_("General discount of {percent} % on {target}"),
    "base": N_("List price"),
    "promotion": N_("Promotion {source}"),
}
"""Step → what its rule is called."""


def show_why(row: CatalogRow) -> None:
    """A dialog about a product of the catalogue, for any quantity; for the signed-in partner."""
    st.dialog(_("Why this price"), icon=":material/help:", width="medium")(_why)(row)


def show_explanation(found: Explanation, unit: str, vat_rate: Decimal | None = None) -> None:
    """The rules one below the other, each with its price and why it is the price or is not, and what comes of them."""
    with st.container(gap="xsmall", key="why_steps"):
        for step, why in _reasons(found):
            with st.container(horizontal=True, vertical_alignment="center", border=step.taken, gap="small"):
                icon = ":green[:material/check_circle:]" if step.taken else ":gray[:material/do_not_disturb_on:]"
                words = st.container(width="stretch", gap=None)
                words.markdown(f"{icon} {f'**{rule_words(step)}**' if step.taken else rule_words(step)}")
                words.caption(" · ".join([*_terms(step), why]))
                st.markdown(f"**{price(step.net)}**" if step.taken else price(step.net), width="content")
    st.markdown(_sum(found, unit, vat_rate))


def explanation_text(found: Explanation) -> str:
    """The same as one sentence of Markdown."""
    return "; ".join(f"{rule_words(step)}: {price(step.net)}, {', '.join([*_terms(step), why])}"
                     for step, why in _reasons(found)) + "."  # fmt: skip


def rule_words(step: Step) -> str:
    """What the rule of a step is called, as Markdown."""
    words = _(RULES[step.name]).format(
        percent=quantity(step.value), target=_target(step.target), source=f"“{plain(step.source or '')}”"
    )
    if step.name == "promotion" and step.value != step.net:
        words += ", " + _("{percent} % off the list price").format(percent=quantity(step.value))
    return words


def _why(row: CatalogRow) -> None:
    principal = require("partner", "catalog.see")
    st.markdown(f"**{plain(row.name)}** :small[{plain(row.sku)}]")
    wanted = st.number_input(
        _("For a quantity of ({unit})").format(unit=plain(row.unit)),
        min_value=0.001,
        max_value=float(LARGEST_QUANTITY),
        value=float(row.in_cart or max(row.least or 1, row.multiple or 1)),
        step=float(row.multiple or 1),
        format="%g",
        key=f"why_quantity {row.product_id}",
    )
    with refusals():
        with transaction(principal) as session:
            found = explain(session, row.product_id, Decimal(str(wanted)), today())
        show_explanation(found, row.unit, row.vat_rate)


def _reasons(found: Explanation) -> list[tuple[Step, str]]:
    """Each step with the reason for which it is the price, or is not."""
    decided = found.steps[0]
    return [(step, _reason(step, decided)) for step in found.steps]


def _reason(step: Step, decided: Step) -> str:
    if step.taken and step.name == "promotion":
        return _("lower, so this is the price")
    if step.taken:
        return _("this is the price")
    if step.name == "promotion":
        return _("not lower, so it changes nothing")
    if step is decided:
        return _("would be the price without the promotion")
    return _("does not count: what stands above it goes first")


def _terms(step: Step) -> list[str]:
    """From how many, and until when."""
    terms = [_("from {quantity} on").format(quantity=quantity(step.from_quantity))] if step.from_quantity else []
    return [*terms, _("valid until {day}").format(day=day(step.valid_until))] if step.valid_until else terms


def _target(target: str) -> str:
    if not target:
        return _("everything")
    return _("this product") if target == "product" else f"“{plain(target)}”"


def _sum(found: Explanation, unit: str, vat_rate: Decimal | None) -> str:
    net = price(found.unit_price)
    if vat_rate is None:
        return _("So the price is {net} net for one {unit}.").format(net=f"**{net}**", unit=plain(unit))
    words = _("So the price is {net} net for one {unit}, {gross} with {rate} % VAT.")
    gross = price(with_vat(found.unit_price, vat_rate))
    return words.format(net=f"**{net}**", unit=plain(unit), gross=gross, rate=quantity(vat_rate))


def with_vat(net: Decimal, vat_rate: Decimal) -> Decimal:
    """A unit price with VAT, as it is shown: to the ban. What is charged is computed on the sum of the lines."""
    return round_amount(net * (100 + vat_rate) / 100)
