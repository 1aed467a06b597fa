"""What staff change on one partner: its data and terms, and the net prices agreed with it."""

import streamlit as st

from core import clock
from core.db import transaction
from core.imports import fields
from core.partners.data import PartnerData, Terms
from core.partners.editing import change_partner, remove_own_price, set_own_price
from core.partners.models import Partner
from core.partners.queries import OwnPrice
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, editable, form_key, read, say_and_rerun, touched
from pages.ui.frame import plain
from pages.ui.partner_fields import company_fields, data_of, read_discount, terms_fields, terms_of
from pages.ui.text import _, price


def edit_partner(principal: Principal, partner: Partner) -> None:
    """The form of a partner's data and terms; saving starts the page over."""
    form = form_key(about := f"partner-{partner.id}")
    shown = as_shown(f"{form}-name", partner)
    with st.form(form, border=False):
        typed = company_fields(form, PartnerData.of(shown))
        typed |= terms_fields(form, Terms(shown.code, shown.discount, shown.payment_days))
        if not st.form_submit_button(_("Save"), type="primary"):
            return
    with refusals():
        with transaction(principal) as session:
            values = touched(read_discount(typed), shown, partner)
            change_partner(session, partner.id, data_of(values), terms_of(values), clock.now())
        say_and_rerun(_("{name} was saved.").format(name=plain(typed["name"])), form=about)


def show_prices(principal: Principal, partner_id: int, prices: list[OwnPrice]) -> None:
    """The table of own prices; for who may, the forms to agree, change and end one."""
    if not may(principal, "partners.edit"):
        st.caption(_("An own net price takes precedence over the discount."))
        if prices:
            _price_table(partner_id, prices)
        return
    st.caption(_("An own net price takes precedence over the discount. Select a row to change or remove it."))
    chosen = _price_table(partner_id, prices) if prices else None
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        _agree_price(principal, partner_id, chosen)
    with right:
        if chosen and st.button(_("Remove this price"), icon=":material/delete:", key=f"remove-{chosen.product_id}"):
            _remove_price(principal, partner_id, chosen)


def _price_table(partner_id: int, prices: list[OwnPrice]) -> OwnPrice | None:
    config = {
        "sku": st.column_config.TextColumn(_("SKU")),
        "name": st.column_config.TextColumn(_("Name"), width="large"),
        "list": st.column_config.TextColumn(_("List price"), alignment="right"),
        "net": st.column_config.TextColumn(_("Own net price"), alignment="right"),
    }
    rows = [{"sku": p.sku, "name": p.name, "list": price(p.list_price), "net": price(p.net)} for p in prices]
    # The products are in the key: after one is added or removed, the selection does not slip to another row.
    key = f"prices-{partner_id}-{hash(tuple(p.product_id for p in prices))}"
    table = st.dataframe(
        rows, column_config=config, hide_index=True, key=key, on_select="rerun", selection_mode="single-row"
    )
    selected = [row for row in table.selection.rows if row < len(prices)]
    return prices[selected[0]] if selected else None


def _agree_price(principal: Principal, partner_id: int, chosen: OwnPrice | None) -> None:
    form = form_key(about := f"price-{partner_id}-{chosen.product_id if chosen else 'new'}")
    with st.form(form):
        left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
        sku = left.text_input(_("SKU"), chosen.sku if chosen else "", disabled=chosen is not None, key=f"{form}-sku")
        now = editable(chosen.net, 2) if chosen else ""
        typed = middle.text_input(_("Own net price, lei"), now, key=f"{form}-net")
        if not right.form_submit_button(_("Change") if chosen else _("Add"), width="stretch"):
            return
    with refusals():
        with transaction(principal) as session:
            net = read(_("Own net price"), typed, fields.price)
            set_own_price(session, partner_id, chosen.sku if chosen else sku, net, clock.now())
        say_and_rerun(_("The price of {sku} was saved.").format(sku=plain(sku)), form=about)


def _remove_price(principal: Principal, partner_id: int, chosen: OwnPrice) -> None:
    with refusals():
        with transaction(principal) as session:
            remove_own_price(session, partner_id, chosen.product_id, clock.now())
        say_and_rerun(_("The own price of {sku} was removed.").format(sku=plain(chosen.sku)))
