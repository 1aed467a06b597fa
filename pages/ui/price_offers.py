"""The prices of a promotion: a sheet, many at once, and for whom they change nothing."""

from decimal import Decimal
from typing import Any

import streamlit as st

from core import clock
from core.catalog.queries import all_category_paths
from core.db import transaction
from core.imports import fields
from core.permissions import may
from core.pricing.conditions import category_id
from core.pricing.promotion_items import PAGE_SIZE, Offer, OfferRow, add_bulk, offers, set_offers
from core.pricing.promotions import PromotionRow
from core.pricing.selecting import brands
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import editable, end_form, form_key, read
from pages.ui.price_words import today
from pages.ui.sheet import Column, WrongCells, edited, edits_of, free_is_meant, offer_saving, show_sheet, show_wrong
from pages.ui.sheet_seen import remember_told, rows_to_show, seen_rows
from pages.ui.text import _, price, quantity


def show_offers(principal: Principal, row: PromotionRow) -> None:
    """The prices, a page of them at a time; for who may, as a sheet."""
    page = st.session_state.get(pages_key := f"offers-{row.id}", 1)
    locked = offers_edited(row.id)
    with transaction(principal) as session:
        kept, total = offers(session, row.id, today(), page)
    if may(principal, "prices.edit"):
        _offer_bulk(principal, row, disabled=locked)
        _edit(principal, row, kept, page)
    elif kept:
        config = {column.name: st.column_config.TextColumn(column.label) for column in _columns()}
        config |= {name: st.column_config.TextColumn(label) for name, label in _told().items()}
        st.dataframe([_cells(offer) for offer in kept], column_config=config, hide_index=True)
    else:
        st.caption(_("None."))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Prices: {count}").format(count=quantity(total)))
        if total > PAGE_SIZE:
            st.pagination(-(-total // PAGE_SIZE), key=pages_key, disabled=locked)
    _say_for_nothing(kept)


def offers_edited(promotion_id: int) -> bool:
    """Is there anything unsaved in the sheet of this promotion?"""
    return edited(form_key(_about(promotion_id, st.session_state.get(f"offers-{promotion_id}", 1))))


def _about(promotion_id: int, page: int) -> str:
    return f"offers-{promotion_id}-{page}"


def _columns() -> list[Column]:
    return [
        Column("sku", _("SKU"), fields.sku, needed=True, width=130),
        Column("net", _("Net price, lei"), fields.price, width=125, right=True),
        Column("percent", _("or % off the list price"), fields.discount, width=170, right=True),
        Column("from", _("From quantity"), fields.stock, width=130, right=True),
    ]


def _told() -> dict[str, str]:
    return {
        "price": _("Comes to"), "list": _("List price"), "nothing": _("Changes nothing for"), "name": _("Name"),
    }  # fmt: skip


def _cells(row: OfferRow) -> dict[str, str]:
    return {
        "sku": row.sku,
        "net": "" if row.net is None else editable(row.net, 2),
        "percent": "" if row.percent is None else editable(row.percent),
        "from": editable(row.from_quantity) if row.from_quantity else "",
        "name": row.name,
        "list": price(row.list_price),
        "price": price(row.price),
        "nothing": _("{count} of {all}").format(count=quantity(row.for_nothing), all=quantity(row.partners))
        if row.for_nothing
        else "",
    }


def _edit(principal: Principal, row: PromotionRow, kept: list[OfferRow], page: int) -> None:
    st.caption(
        _(
            "Type or paste rows from Excel into the last line: SKU and a net price, or a percentage off the list "
            "price, and from which quantity. Tick rows to delete them. Nothing counts until you save."
        )
    )
    sheet = form_key(about := _about(row.id, page))
    shown = rows_to_show(sheet, kept)
    rows = [_cells(offer) for offer in shown]
    show_sheet(sheet, _columns(), rows, _told(), _("Prices of the promotion"))
    if not offer_saving(sheet, about):
        return
    try:
        edits = edits_of(sheet, _columns(), rows)
    except WrongCells as error:
        show_wrong(error)
        return
    if not free_is_meant(sheet, edits):
        return
    new = [_offer(typed.values) for typed in edits.typed]
    with refusals(), remember_told(sheet):
        with transaction(principal) as session:
            count = set_offers(session, row.id, new, clock.now(), seen_rows(sheet, edits, shown))
            end_form(_("Prices changed: {count}").format(count=quantity(count)), form=about)
        st.rerun()


def _offer(values: dict[str, Any]) -> Offer:
    return Offer(values["sku"], values["net"], values["percent"], values["from"] or Decimal(0))


def _offer_bulk(principal: Principal, row: PromotionRow, *, disabled: bool) -> None:
    form = form_key(about := f"bulk-{row.id}")
    with st.popover(
        _("Add a category or a brand"), icon=":material/playlist_add:", key=f"ask-{form}", disabled=disabled
    ):
        with transaction(principal) as session:
            paths, names = all_category_paths(session), brands(session)
        with st.form(form, border=False):
            category = st.selectbox(_("Category"), paths, None, key=f"{form}-category", placeholder=_("Any"))
            brand = st.selectbox(_("Brand"), names, None, key=f"{form}-brand", placeholder=_("Any"))
            left, right = st.columns(2)
            share = left.text_input(_("% off the list price"), key=f"{form}-percent", max_chars=10)
            least = right.text_input(_("From quantity"), placeholder=_("any"), key=f"{form}-from", max_chars=20)
            st.caption(_("Prices that the promotion has already stay as they are."))
            if not st.form_submit_button(_("Add its products"), type="primary"):
                return
        with refusals():
            with transaction(principal) as session:
                reached = read(_("From quantity"), least, fields.stock) if least.strip() else Decimal(0)
                place = category_id(session, category) if category else None
                off = read(_("% off the list price"), share, fields.discount)
                count = add_bulk(
                    session, row.id, off, clock.now(), brand=brand, category_id=place, from_quantity=reached
                )
                end_form(_("Products added: {count}").format(count=quantity(count)), form=about)
            st.rerun()


def _say_for_nothing(kept: list[OfferRow]) -> None:
    """Calmly: what changes nothing for some, or for all."""
    useless = [row for row in kept if row.partners and row.for_nothing == row.partners]
    some = [row for row in kept if row.for_nothing and row.for_nothing < row.partners]
    if useless:
        words = _("For {count} of these prices nobody pays less than before: every partner pays as little anyway.")
        st.info(words.format(count=quantity(len(useless))), icon=":material/info:")
    if some:
        words = _(
            "For {count} of these prices some partners pay as little anyway: for them the promotion does nothing."
        )
        st.caption(words.format(count=quantity(len(some))))
