"""A new discount: for whom, on what, how much, from which quantity and when."""

from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.catalog.queries import all_category_paths
from core.db import transaction
from core.errors import Refusal
from core.i18n import N_
from core.imports import fields
from core.partners.groups import partners_by_group, price_list_names
from core.pricing.conditions import ALWAYS, category_id, product_ids
from core.pricing.discount_list import Terms
from core.pricing.discounts import add_discount
from core.pricing.selecting import brands
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key, read
from pages.ui.price_words import condition_fields
from pages.ui.text import _

OWNERS = {"everybody": N_("Everybody"), "list": N_("A price list"), "partner": N_("A partner")}
TARGETS = {
    "product": N_("A product"), "brand": N_("A brand"), "category": N_("A category, with what is below it"),
    "everything": N_("Everything"),
}  # fmt: skip


class NotChosen(Refusal):
    message = N_("Choose for whom the discount is, and on what.")


def offer_discount(principal: Principal, partner_id: int | None) -> None:
    """The form, folded away. `partner_id`: chosen already."""
    form = form_key(about := "new-discount")
    with st.expander(_("Give a discount"), icon=":material/add:", key=f"{form}-open"):
        left, right = st.columns(2)
        with left:
            owner = _owner_fields(principal, form, partner_id)
        with right:
            target = _target_fields(principal, form, owner)
        first, *others = st.columns([1, 1, 1, 1])
        typed = first.text_input(_("Discount, %"), key=f"{form}-percent", max_chars=10)
        condition = condition_fields(others, form, ALWAYS)
        if not st.button(_("Give this discount"), type="primary", key=f"{form}-give"):
            return
        with refusals():
            with transaction(principal) as session:
                share = read(_("Discount"), typed, fields.discount)
                terms = Terms(share, condition.read(), **_owner(owner), **_target(session, target))
                add_discount(session, terms, clock.now())
                end_form(_("The discount was given. Placed orders keep their prices."), form=about)
            st.rerun()


def _owner_fields(principal: Principal, form: str, partner_id: int | None) -> tuple[str, Any]:
    """What kind of owner, and its id where one was chosen."""
    kinds = list(OWNERS)
    chosen = kinds.index("partner") if partner_id else 0
    kind = st.segmented_control(
        _("For whom"), kinds, default=kinds[chosen], required=True, format_func=lambda name: _(OWNERS[name]),
        key=f"{form}-owner",
    )  # fmt: skip
    if kind == "everybody":
        st.caption(_("It counts where no list and no discount of the partner's own decides."))
        return kind, None
    with transaction(principal) as session:
        names = (
            price_list_names(session)
            if kind == "list"
            else {member.id: f"{member.code} · {member.name}" for member in partners_by_group(session)}
        )
    label = _("Price list") if kind == "list" else _("Partner")
    held = list(names).index(partner_id) if kind == "partner" and partner_id in names else None
    return kind, st.selectbox(
        label, list(names), held, format_func=lambda key: names[key], key=f"{form}-{kind}",
        placeholder=_("Choose or type"),
    )  # fmt: skip


def _target_fields(principal: Principal, form: str, owner: tuple[str, Any]) -> tuple[str, Any]:
    """What kind of target, and what was chosen or typed."""
    kinds = [name for name in TARGETS if name != "everything" or owner[0] != "partner"]
    kind = st.segmented_control(
        _("On what"), kinds, default="product", required=True, format_func=lambda name: _(TARGETS[name]),
        key=f"{form}-target-{owner[0] == 'partner'}",
    )  # fmt: skip
    if kind == "everything":
        return kind, None
    if owner[0] == "partner":
        st.caption(_("Its discount on everything stands among its terms."))
    if kind == "product":
        return kind, st.text_input(_("SKU"), key=f"{form}-sku", max_chars=64).strip()
    with transaction(principal) as session:
        options = brands(session) if kind == "brand" else all_category_paths(session)
    label = _("Brand") if kind == "brand" else _("Category")
    return kind, st.selectbox(label, options, None, key=f"{form}-{kind}", placeholder=_("Choose or type"))


def _owner(chosen: tuple[str, Any]) -> dict[str, int]:
    kind, value = chosen
    if kind == "everybody":
        return {}
    if value is None:
        raise NotChosen
    return {"partner_id" if kind == "partner" else "price_list_id": value}


def _target(session: Session, chosen: tuple[str, Any]) -> dict[str, Any]:
    kind, value = chosen
    if kind == "everything":
        return {}
    if not value:
        raise NotChosen
    if kind == "product":
        return {"product_id": product_ids(session, [value])[value]}
    return {"brand": value} if kind == "brand" else {"category_id": category_id(session, value)}
