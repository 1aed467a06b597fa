"""The prices of a list: looked through and, for who may, typed and pasted as in a sheet."""

from typing import Any

import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import N_
from core.imports import fields
from core.imports.pasted_prices import NO_CELL, written_day
from core.permissions import may
from core.pricing.items import ORDERS, PAGE_SIZE, STATES, Filters, ItemRow, item_page
from core.pricing.lists import PriceListRow
from core.pricing.setting import NothingSaved, save
from core.pricing.staging import CHANGED, Seen, Wanted
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, editable, end_form, form_key, show_now
from pages.ui.price_list_fields import part_fields
from pages.ui.price_list_saved import in_percent, keep_saved, show_faults, show_kept
from pages.ui.price_words import today
from pages.ui.sheet import (
    Column,
    Edits,
    WrongCells,
    edited,
    edits_of,
    free_is_meant,
    offer_saving,
    show_sheet,
    show_wrong,
)
from pages.ui.text import _, price, quantity

STATE_NAMES = {
    "valid": N_("Valid today"), "later": N_("Later"), "ended": N_("Ended"), "beaten": N_("Quantities without effect"),
}  # fmt: skip
ORDER_NAMES = {
    "name": N_("Name"), "sku": N_("SKU"), "net": N_("Price"), "percent": N_("Difference to the base price"),
}  # fmt: skip


def show_prices(principal: Principal, row: PriceListRow) -> None:
    """A page of the list's prices with its filters."""
    show_kept(row.currency)
    sheet = form_key(about := f"sheet-{row.id}")
    locked = edited(sheet)
    filters = _filters(principal, row, disabled=locked)
    page = st.session_state.get(pages_key := f"prices {row.id} {filters}", 1)
    with transaction(principal) as session:
        kept, total = item_page(session, row.id, today(), filters, page)
    if may(principal, "prices.edit"):
        _edit(principal, row, sheet, about, kept, f"{filters} {page}")
    elif kept:
        _table(row, kept)
    if not kept:
        _say_empty(row)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Prices: {count}").format(count=quantity(total)))
        if total > PAGE_SIZE:
            st.pagination(-(-total // PAGE_SIZE), key=pages_key, disabled=locked)


def sheet_edited(list_id: int) -> bool:
    """Is there anything unsaved in the sheet of this list?"""
    return edited(form_key(f"sheet-{list_id}"))


def _filters(principal: Principal, row: PriceListRow, *, disabled: bool) -> Filters:
    form = f"filters-{row.id}"
    with st.container(key="sheet_filters"):
        box, which, order = st.columns([4, 2, 2], vertical_alignment="bottom")
    search = box.text_input(
        _("Search"), placeholder=_("SKU, name, brand or bar code"), icon=":material/search:", key=f"{form}-search",
        disabled=disabled,
    )  # fmt: skip
    state = which.selectbox(
        _("Show"), list(STATES), None, placeholder=_("All"), format_func=lambda name: _(STATE_NAMES[name]),
        key=f"{form}-state", disabled=disabled,
    )  # fmt: skip
    by = order.selectbox(
        _("Sorted by"), list(ORDERS), format_func=lambda name: _(ORDER_NAMES[name]), key=f"{form}-order",
        disabled=disabled,
    )  # fmt: skip
    return Filters(search, part_fields(principal, form, disabled=disabled), state, by)


def _say_empty(row: PriceListRow) -> None:
    if row.products:
        st.info(_("No price matches. Try fewer words, or other filters."), icon=":material/search_off:")
    else:
        words = _("The list is empty. Type or paste SKUs and prices above, or add products by category or brand.")
        st.info(words, icon=":material/info:")


def _columns(row: PriceListRow) -> list[Column]:
    net = _("Net price, {currency}").format(currency=row.currency)
    return [
        Column("sku", _("SKU"), fields.sku, needed=True, width=120),
        Column("net", net, fields.price, needed=True, width=120, right=True),
        Column("from_quantity", _("From quantity"), fields.stock, width=115, right=True),
        Column("valid_from", _("First day"), fields.calendar_day, width=100),
        Column("valid_until", _("Last day"), fields.calendar_day, width=100),
    ]


def _told() -> dict[str, str]:
    return {
        "name": _("Name"), "base": _("Base list price"), "percent": _("To the base price"),
        "in_force": _("In force today"),
    }  # fmt: skip


def _cells(row: PriceListRow, item: ItemRow) -> dict[str, str]:
    force = "–" if item.in_force is None else price(item.in_force, row.currency)
    return {
        "sku": item.sku,
        "net": editable(item.net, 2),
        "from_quantity": editable(item.from_quantity) if item.from_quantity else "",
        "valid_from": written_day(item.valid_from),
        "valid_until": written_day(item.valid_until),
        "name": item.name,
        "base": price(item.list_price),
        "percent": in_percent(item.percent),
        "in_force": f"{force} ⚠" if item.beaten else force,
    }


def _table(row: PriceListRow, kept: list[ItemRow]) -> None:
    labels = {column.name: column.label for column in _columns(row)} | _told()
    config = {name: st.column_config.TextColumn(label) for name, label in labels.items()}
    st.dataframe([_cells(row, item) for item in kept], column_config=config, column_order=list(labels), hide_index=True)


def _edit(principal: Principal, row: PriceListRow, sheet: str, about: str, kept: list[ItemRow], place: str) -> None:
    st.caption(
        _(
            "Type into the cells, or paste them from Excel; new prices go into the last line, SKU and price first. "
            "Without days a price takes the place of today's. Tick rows to remove them. Nothing counts until you save."
        )
    )
    if st.session_state.get(f"place-{sheet}") != place:  # another page: what stands there now was not seen before
        st.session_state[f"place-{sheet}"] = place
        st.session_state[f"told-{sheet}"] = {}
        show_now(sheet, kept)
    shown = as_shown(sheet, kept)
    rows = [_cells(row, item) for item in shown]
    columns = _columns(row)
    show_sheet(sheet, columns, rows, _told(), _("Prices of the list"))
    if offer_saving(sheet, about):
        _save(principal, row, sheet, about, shown, rows)


def _save(
    principal: Principal,
    row: PriceListRow,
    sheet: str,
    about: str,
    shown: list[ItemRow],
    rows: list[dict[str, str]],
) -> None:
    try:
        edits = edits_of(sheet, _columns(row), rows)
    except WrongCells as error:
        show_wrong(error)
        return
    if not free_is_meant(sheet, edits):
        return
    wanted = _wanted(edits, shown, st.session_state[f"told-{sheet}"])
    with refusals():
        try:
            with transaction(principal) as session:
                keep_saved(save(session, row.id, wanted, clock.now()))
                end_form(_("Saved."), form=about)
        except NothingSaved as refused:
            show_faults(refused.faults, {want.row: want.sku for want in wanted})
            _remember_told(sheet, wanted, refused)
            return
        st.rerun()


def _wanted(edits: Edits, shown: list[ItemRow], told: dict[int, Seen]) -> list[Wanted]:
    def known(at: int) -> dict[str, Any]:
        item = shown[at]
        as_shown = Seen(item.net, item.from_quantity, item.valid_from, item.valid_until)
        return {"id": item.id, "seen": told.get(item.id, as_shown)}

    wanted = [Wanted(at + 1, shown[at].sku, removed=True, **known(at)) for at in edits.removed]
    for row in edits.typed:
        values: dict[str, Any] = {name: value or NO_CELL.get(name, value) for name, value in row.values.items()}
        wanted.append(Wanted(row.line, **values, **({} if row.at is None else known(row.at))))
    return wanted


def _remember_told(sheet: str, wanted: list[Wanted], refused: NothingSaved) -> None:
    """They know what a colleague made of it: saving the same once more is their decision."""
    ids = {want.row: want.id for want in wanted}
    for fault in refused.faults:
        if fault.message == CHANGED:
            known = {name: fault.params[name] for name in ("from_quantity", "valid_from", "valid_until")}
            st.session_state[f"told-{sheet}"][ids[fault.row]] = Seen(net=fault.params["now"], **known)
