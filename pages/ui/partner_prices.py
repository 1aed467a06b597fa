"""A partner's prices: its list and group, its own discounts, and the net prices agreed with it."""

from decimal import Decimal
from typing import Any

import streamlit as st

from core import clock
from core.db import transaction
from core.imports import fields
from core.partners.groups import GroupRow, assign_prices, groups, price_list_names
from core.partners.models import Partner
from core.permissions import may
from core.pricing.conditions import Condition
from core.pricing.own_prices import Agreed, OwnPrice, agree, own_prices
from core.pricing.sources import ListSource, Sources, sources
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, editable, end_form, form_key, touched
from pages.ui.frame import plain
from pages.ui.price_words import percent, today
from pages.ui.sheet import (
    Column,
    WrongCells,
    day,
    edited,
    edits_of,
    free_is_meant,
    offer_saving,
    show_sheet,
    show_wrong,
)
from pages.ui.sheet_seen import remember_told, rows_to_show, seen_rows
from pages.ui.text import _, price, quantity
from pages.ui.text import day as said_day

OPENED = "own-prices-of"
"""The key in the session of the partner whose sheet was shown last."""


def unsaved_partner() -> int | None:
    """The partner whose sheet of own prices has something unsaved."""
    opened: int | None = st.session_state.get(OPENED)
    return opened if opened and edited(form_key(_about(opened))) else None


def _about(partner_id: int) -> str:
    return f"own-{partner_id}"


def show_prices(principal: Principal, partner: Partner) -> None:
    """Everything that makes the partner's prices; for who may, the forms to change it."""
    with transaction(principal) as session:
        found = sources(session, partner.id, today())
        kept = own_prices(session, partner.id)
        lists, all_groups = price_list_names(session), groups(session)
    _show_sources(partner, found)
    if may(principal, "prices.edit"):
        _assign(principal, partner, lists, all_groups)
    else:
        _show_assigned(partner, lists, all_groups)
    st.markdown(f"**{_('Own net prices')}**")
    if may(principal, "prices.edit"):
        _edit_prices(principal, partner, kept)
    elif kept:
        _price_table(partner.id, kept)
    else:
        st.caption(_("None."))


def _show_sources(partner: Partner, found: Sources) -> None:
    """What the partner's prices come from today, in the order in which it counts."""
    lines = [_("Own net prices: {count}").format(count=quantity(found.own_prices))]
    lines.append(_("Own discounts: {count}").format(count=quantity(found.own_discounts)))
    if partner.discount:
        lines[-1] += ", " + _("and {percent} on everything").format(percent=percent(partner.discount))
    lines += [_list_words(part) for part in found.lists]
    lines.append(_("Discounts for everybody: {count}").format(count=quantity(found.general)))
    lines.append(_("List price"))
    with st.container(border=True, key="price_sources"):
        st.caption(_("Where its prices come from today: the first line that has one for the product decides."))
        st.markdown("\n".join(f"{n}. {plain(line)}" for n, line in enumerate(lines, 1)))
        running = _("Then promotions, where they are lower: {count} run for it today.")
        st.caption(plain(running.format(count=quantity(found.promotions))))
        if partner.discount and (found.lists or found.general):
            st.info(
                _(
                    "Its own discount on everything goes before every list and before the discounts for everybody: "
                    "they change nothing for this partner."
                ),
                icon=":material/info:",
            )
        with st.container(horizontal=True):
            st.page_link(
                "pages/staff/price_rules.py", label=_("Its discounts"), icon=":material/percent:",
                query_params={"partner": str(partner.id)},
            )  # fmt: skip
            st.page_link(
                "pages/staff/price_check.py", label=_("Why this price"), icon=":material/help_center:",
                query_params={"partner": partner.code},
            )  # fmt: skip


def _list_words(part: ListSource) -> str:
    words = (
        _("Its group's list “{name}”: net prices {prices}, discounts {discounts}")
        if part.of_group
        else _("Its list “{name}”: net prices {prices}, discounts {discounts}")
    ).format(name=part.name, prices=quantity(part.prices), discounts=quantity(part.discounts))
    return words if part.holds else words + ", " + _("but it does not hold today")


def _assign(principal: Principal, partner: Partner, lists: dict[int, str], all_groups: list[GroupRow]) -> None:
    form = form_key(about := f"assign-{partner.id}")
    shown = as_shown(f"{form}-price_list_id", partner)
    by_group = {group.id: group for group in all_groups}
    with st.form(form):
        left, right = st.columns(2)
        typed = {
            "price_list_id": left.selectbox(
                _("Price list"), [None, *lists], ([None, *lists]).index(shown.price_list_id),
                format_func=lambda key: lists[key] if key else _("None: the list price"), key=f"{form}-price_list_id",
            ),
            "group_id": right.selectbox(
                _("Group"), [None, *by_group], ([None, *by_group]).index(shown.group_id),
                format_func=lambda key: _group_words(by_group[key]) if key else _("In no group"), key=f"{form}-group",
            ),
            "prices_hidden": st.toggle(
                _("Its people see no prices, and so cannot order"), shown.prices_hidden, key=f"{form}-hidden"
            ),
        }  # fmt: skip
        st.caption(_("This holds from the next click of its people on. Placed orders keep their prices."))
        if not st.form_submit_button(_("Save"), key=f"{form}-save"):
            return
    with refusals():
        with transaction(principal) as session:
            assign_prices(session, partner.id, as_of=clock.now(), **touched(typed, shown, partner))
            end_form(_("The prices of {name} were assigned.").format(name=plain(partner.name)), form=about)
        st.rerun()


def _group_words(group: GroupRow) -> str:
    return f"{group.name} ({group.price_list})" if group.price_list else group.name


def _show_assigned(partner: Partner, lists: dict[int, str], all_groups: list[GroupRow]) -> None:
    """For who does not change it."""
    names = {group.id: group.name for group in all_groups}
    facts = [
        (_("Price list"), lists.get(partner.price_list_id or 0, "–")),
        (_("Group"), names.get(partner.group_id or 0, "–")),
    ]
    if partner.prices_hidden:
        facts.append((_("Prices"), _("Its people see no prices, and so cannot order")))
    st.markdown("  \n".join(f":gray[{name}:] {plain(value)}" for name, value in facts))


def _columns() -> list[Column]:
    return [
        Column("sku", _("SKU"), fields.sku, needed=True, width=130),
        Column("net", _("Own net price, lei"), fields.price, needed=True, width=155, right=True),
        Column("from", _("From quantity"), fields.stock, width=130, right=True),
        Column("since", _("First day"), day, width=105),
        Column("until", _("Last day"), day, width=105),
    ]


def _told() -> dict[str, str]:
    return {"name": _("Name"), "list": _("List price")}


def _row(own: OwnPrice) -> dict[str, str]:
    return {
        "sku": own.sku,
        "net": editable(own.net, 2),
        "from": editable(own.from_quantity) if own.from_quantity else "",
        "since": said_day(own.valid_from) if own.valid_from else "",
        "until": said_day(own.valid_until) if own.valid_until else "",
        "name": own.name,
        "list": f"{price(own.list_price)} / {own.unit}",
    }


def _edit_prices(principal: Principal, partner: Partner, kept: list[OwnPrice]) -> None:
    st.caption(
        _(
            "They go before every discount and every list. Type or paste rows from Excel into the last line: SKU, net "
            "price, from which quantity, first and last day; empty means any. Tick rows to delete them. Nothing counts "
            "until you save."
        )
    )
    sheet = form_key(about := _about(partner.id))
    st.session_state[OPENED] = partner.id
    shown = rows_to_show(sheet, kept)
    rows = [_row(own) for own in shown]
    show_sheet(sheet, _columns(), rows, _told(), _("Own net prices"))
    if not offer_saving(sheet, about):
        return
    try:
        edits = edits_of(sheet, _columns(), rows)
    except WrongCells as error:
        show_wrong(error)
        return
    if not free_is_meant(sheet, edits):
        return
    agreed = [_agreed(row.values) for row in edits.typed]
    with refusals(), remember_told(sheet):
        with transaction(principal) as session:
            count = agree(session, partner.id, agreed, clock.now(), seen_rows(sheet, edits, shown))
            end_form(_("Own prices changed: {count}").format(count=quantity(count)), form=about)
        st.rerun()


def _agreed(values: dict[str, Any]) -> Agreed:
    return Agreed(
        values["sku"], values["net"], Condition(values["from"] or Decimal(0), values["since"], values["until"])
    )


def _price_table(partner_id: int, kept: list[OwnPrice]) -> None:
    config = {column.name: st.column_config.TextColumn(column.label) for column in _columns()}
    config |= {name: st.column_config.TextColumn(label) for name, label in _told().items()}
    st.dataframe([_row(own) for own in kept], column_config=config, hide_index=True, key=f"prices-{partner_id}")
