"""A price list itself: its name, currency, rate and days; its copy; its end."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

import streamlit as st

from core import clock
from core.db import transaction
from core.imports import fields
from core.pricing.copying import copy_list
from core.pricing.items import item_page
from core.pricing.lists import LEI, LONGEST_NAME, ListData, PriceListRow, change_list, delete_list
from core.pricing.raising import Raise
from core.pricing.rounding import TO_CENTS
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, editable, end_form, form_key, read, touched
from pages.ui.frame import plain
from pages.ui.price_list_fields import copy_rounding_fields, read_signed
from pages.ui.price_words import PERIOD, ask_first, today
from pages.ui.text import _, price, quantity


@dataclass(frozen=True, slots=True)
class TypedList:
    """What was typed into the fields of a list."""

    name: str
    currency: str
    lei_rate: str
    valid_from: date | None
    valid_until: date | None


def list_fields(form: str, data: ListData) -> TypedList:
    """The fields of a list, filled with what it is."""
    name = st.text_input(_("Name"), data.name, max_chars=LONGEST_NAME, key=f"{form}-name")
    left, right = st.columns(2)
    currency = left.text_input(_("Currency"), data.currency, max_chars=3, key=f"{form}-currency", help=_("RON for lei"))
    rate = right.text_input(
        _("Lei for one unit of it"), editable(data.lei_rate), max_chars=20, key=f"{form}-rate",
        help=_("Prices of the list are charged in lei at this rate, from the next order on."),
    )  # fmt: skip
    left, right = st.columns(2)
    first = left.date_input(_("First day"), data.valid_from, format=PERIOD, key=f"{form}-since")
    last = right.date_input(_("Last day"), data.valid_until, format=PERIOD, key=f"{form}-until")
    return TypedList(name, currency, rate, first, last)


def read_list(typed: TypedList) -> ListData:
    """Raises WrongInput for a rate that is no number; lei need none."""
    lei = typed.currency.strip().upper() == LEI and not typed.lei_rate.strip()
    rate = Decimal(1) if lei else read(_("Lei for one unit of it"), typed.lei_rate, fields.price)
    return ListData(typed.name, typed.currency, rate, typed.valid_from, typed.valid_until)


def show_data(principal: Principal, row: PriceListRow) -> None:
    """The forms that change, copy and delete the list."""
    left, right = st.columns(2, gap="large")
    with left:
        _edit(principal, row)
    with right:
        _copy(principal, row)
        _delete(principal, row)
        label = _("Discounts of this list: {count}").format(count=quantity(row.discounts))
        st.page_link(
            "pages/staff/price_rules.py", label=label, icon=":material/percent:", query_params={"list": str(row.id)}
        )


def _edit(principal: Principal, row: PriceListRow) -> None:
    form = form_key(about := f"price-list-{row.id}")
    shown = as_shown(f"{form}-name", row.data)
    with st.form(form):
        typed = list_fields(form, shown)
        if row.partners or row.groups:
            st.caption(_("What partners pay changes at once. Orders already placed stay as they are."))
        submitted = st.form_submit_button(_("Save"), type="primary")
    pending = f"{form}-pending"
    if submitted:
        st.session_state.pop(pending, None)
        with refusals():
            data = ListData(**touched(asdict(read_list(typed)), shown, row.data)).checked()
            if row.products and (data.currency, data.lei_rate) != (row.currency, row.lei_rate):
                st.session_state[pending] = data
            else:
                _change(principal, row, data, about)
    if data := st.session_state.get(pending):
        _confirm(principal, row, data, about)


def _confirm(principal: Principal, row: PriceListRow, data: ListData, about: str) -> None:
    """What another currency or rate makes of the prices, which stay the same numbers, before it does."""
    with transaction(principal) as session:
        items, total = item_page(session, row.id, today())
    words = _("Prices that are worth something else in lei: {count}.").format(count=quantity(total))
    if items:
        example = _("For example {sku}: {before} becomes {after}.")
        lei = [price(round(items[0].net * rate, 4)) for rate in (row.lei_rate, data.lei_rate)]
        words += " " + example.format(sku=plain(items[0].sku), before=lei[0], after=lei[1])
    st.warning(words, icon=":material/currency_exchange:")
    if st.button(_("Change it"), type="primary", key=f"confirm-{form_key(about)}"):
        with refusals():
            _change(principal, row, data, about)


def _change(principal: Principal, row: PriceListRow, data: ListData, about: str) -> None:
    with transaction(principal) as session:
        change_list(session, row.id, data, clock.now())
        end_form(_("{name} was saved.").format(name=plain(data.name)), form=about)
    st.rerun()


def _copy(principal: Principal, row: PriceListRow) -> None:
    form = form_key(about := f"copy-price-list-{row.id}")
    with st.form(form):
        title = _("Copy to a new list")
        st.markdown(f"**{title}**")
        usual = _("{name} (copy)").format(name=row.name)[:LONGEST_NAME]
        name = st.text_input(_("Name of the new list"), usual, max_chars=LONGEST_NAME, key=f"{form}-name")
        share = st.text_input(
            _("Prices changed by, %"), placeholder=_("as they are"), max_chars=10, key=f"{form}-percent",
            help=_("5 makes them 5 % dearer, -5 cheaper."),
        )  # fmt: skip
        rounding = copy_rounding_fields(st.columns(2), form)
        st.caption(_("Its discounts come along. Prices that have ended stay behind."))
        if not st.form_submit_button(_("Copy")):
            return
    with refusals():
        with transaction(principal) as session:
            by = read_signed(_("Prices changed by, %"), share) if share.strip() else None
            how = Raise(by, rounding=rounding or TO_CENTS) if by else rounding
            done = copy_list(session, row.id, name, how, clock.now())
            st.query_params["list"] = str(done.id)
            words = _("Copied. Prices: {prices}, discounts: {discounts}.")
            end_form(words.format(prices=quantity(done.prices), discounts=quantity(done.discounts)), form=about)
        st.rerun()


def _delete(principal: Principal, row: PriceListRow) -> None:
    if row.partners or row.groups:
        words = _("Used by partners: {partners}, by groups: {groups}. Only a list that nobody uses can be deleted.")
        st.caption(words.format(partners=quantity(row.partners), groups=quantity(row.groups)))
        return
    words = _("**{name}** and all its prices and discounts will be gone. Products in it: {count}.")
    sure = words.format(name=plain(row.name), count=quantity(row.products))
    if not ask_first(f"delete-list-{row.id}", _("Delete the list"), sure):
        return
    with refusals():
        with transaction(principal) as session:
            delete_list(session, row.id, clock.now())
            st.query_params.clear()
            end_form(_("{name} was deleted.").format(name=plain(row.name)))
        st.rerun()
