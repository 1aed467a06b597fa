"""Why this price: any partner, product, quantity and day, with every rule that was looked at."""

from datetime import date
from decimal import Decimal

import streamlit as st

from core.db import transaction
from core.imports import fields
from core.partners.groups import Member, partners_by_group
from core.pricing.checking import MOST_FOUND, FoundProduct, PriceCheck, check_price, find_products, first_day
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import WrongInput, editable, read
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.price_why import show_explanation, with_vat
from pages.ui.price_words import PERIOD, percent, today
from pages.ui.text import _, day, price, quantity


def ask(principal: Principal) -> tuple[Member | None, FoundProduct | None, Decimal | None, date]:
    """What was chosen; the address keeps it."""
    said = st.query_params
    with transaction(principal) as session:
        members = {member.code: member for member in partners_by_group(session, said.get("partner"))}
        first = first_day(session)
    whom, what, many, when = st.columns([3, 3, 1, 1.3], vertical_alignment="top")
    codes = list(members)
    code = whom.selectbox(
        _("Partner"), codes, codes.index(said["partner"]) if said.get("partner") in members else None,
        format_func=lambda key: f"{key} · {members[key].name}", placeholder=_("Choose or type"), key="check_partner",
    )  # fmt: skip
    with what:
        product = _product(principal, said.get("sku", ""))
    typed = many.text_input(_("Quantity"), said.get("quantity") or "1", max_chars=20, key="check_quantity")
    asked = _day(said.get("day", ""))
    on = when.date_input(_("Day"), max(asked, first), first, format=PERIOD, key="check_day") or today()
    if asked < first and on == first:
        words = _("No VAT rate is known for {day}. Choose {first} or a later day.")
        st.warning(words.format(day=day(asked), first=day(first)), icon=":material/event_busy:")
    wanted = None
    with refusals():
        wanted = _quantity(typed)
    address = {"partner": code, "sku": product.sku if product else None, "day": on.isoformat() if on != today() else ""}
    address["quantity"] = editable(wanted) if wanted not in (None, 1) else None
    st.query_params.from_dict({name: value for name, value in address.items() if value})
    return members.get(code or ""), product, wanted, on


def _quantity(typed: str) -> Decimal:
    found = read(_("Quantity"), typed, fields.stock)
    if not found:
        raise WrongInput(field=_("Quantity"), reason=_("Enter a quantity above 0."))
    return found


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return today()


def _product(principal: Principal, sku: str) -> FoundProduct | None:
    """The product that was typed: by its whole SKU or EAN, else chosen among those that the words find."""
    typed = st.text_input(
        _("Product"), sku, placeholder=_("SKU, name, brand or bar code"), max_chars=200, key="check_product"
    ).strip()
    if not typed:
        return None
    with transaction(principal) as session:
        found = find_products(session, typed)
    if not found:
        st.caption(_("No product matches. Try fewer words."))
        return None
    if len(found) == 1:
        return found[0]
    by_sku = {product.sku: product for product in found}
    chosen = st.selectbox(
        _("Which one?"), list(by_sku), None, format_func=lambda key: f"{key} · {by_sku[key].name}",
        placeholder=_("Choose one"), key=f"check_found {typed}",
    )  # fmt: skip
    if len(found) == MOST_FOUND:
        st.caption(_("The first {count} are listed.").format(count=quantity(MOST_FOUND)))
    return by_sku.get(chosen or "")


def show_figures(check: PriceCheck) -> None:
    """The price beside the list price and the recommended one."""
    net = check.found.unit_price
    figures = [
        (_("Net price / {unit}").format(unit=plain(check.unit)), price(net)),
        (_("With {rate} % VAT").format(rate=quantity(check.vat_rate)), price(with_vat(net, check.vat_rate))),
        (_("List price"), price(check.list_price)),
    ]
    if check.list_price and net < check.list_price:
        figures.append((_("Below the list price"), percent(round((1 - net / check.list_price) * 100, 2))))
    if check.rrp is not None:
        figures.append((_("Recommended (RRP)"), price(check.rrp)))
    if check.margin is not None:
        figures.append((_("Margin on the RRP"), percent(round(check.margin, 2))))
    with st.container(horizontal=True, key="price_figures"):
        for label, value in figures:
            st.metric(label, value, border=True, width=175)


def show_rules(partner: Member, check: PriceCheck) -> None:
    """The way to each rule."""
    links = []
    for rule in check.rules:
        if rule.discount:
            links.append((_("The discount"), "pages/staff/price_rules.py", {"discount": str(rule.discount)}))
        elif rule.price_list:
            links.append((_("The price list"), "pages/staff/prices.py", {"list": str(rule.price_list)}))
        elif rule.promotion:
            links.append((_("The promotion"), "pages/staff/price_rules.py", {"promotion": str(rule.promotion)}))
        elif rule.step in ("own_price", "own_discount"):
            links.append((_("The partner's prices"), "pages/staff/partners.py", {"partner": str(partner.id)}))
    if not links:
        return
    with st.container(horizontal=True, key="price_rule_links"):
        st.caption(_("Change the rule:"), width="content")
        for at, (label, page, address) in enumerate(links):
            if (label, page, address) in links[:at]:
                continue
            st.page_link(page, label=label, query_params=address, icon=":material/open_in_new:")


def show_breaks(check: PriceCheck) -> None:
    if not check.breaks:
        return
    title = _("Prices for more")
    st.markdown(f"**{title}**")
    rows = [
        {"from": f"{quantity(step.from_quantity)} {check.unit}", "net": price(step.unit_price)} for step in check.breaks
    ]
    config = {
        "from": st.column_config.TextColumn(_("From quantity"), alignment="right"),
        "net": st.column_config.TextColumn(_("Net price"), alignment="right"),
    }
    st.dataframe(rows, column_config=config, hide_index=True, width=320)


def main(principal: Principal) -> None:
    st.title(_("Why this price"), anchor=False)
    partner, product, wanted, on = ask(principal)
    if partner is None or product is None or wanted is None:
        st.info(_("Choose a partner and a product."), icon=":material/help_center:")
        return
    with refusals():
        with transaction(principal) as session:
            check = check_price(session, partner.id, product.id, wanted, on)
        head = _("{product} for {partner}, {quantity} {unit} on {day}").format(
            product=plain(f"{check.sku} · {check.name}"), partner=plain(partner.name), quantity=quantity(wanted),
            unit=plain(check.unit), day=day(on),
        )  # fmt: skip
        st.markdown(f"**{head}**")
        if on < today():
            words = _("For a day in the past this is the price by the rules of now: what has been changed since is not "
                      "in it. What was charged then stands on the order.")  # fmt: skip
            st.warning(words, icon=":material/history:")
        if check.prices_hidden:
            st.info(_("This partner's people see no prices."), icon=":material/visibility_off:")
        show_figures(check)
        show_explanation(check.found, check.unit, check.vat_rate)
        show_rules(partner, check)
        show_breaks(check)


main(require("staff", "prices.see"))
