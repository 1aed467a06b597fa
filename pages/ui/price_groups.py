"""Groups of partners on the staff's page: their price list and who is in them."""

import streamlit as st

from core import clock
from core.db import transaction
from core.partners.groups import (
    LONGEST_NAME,
    GroupRow,
    Member,
    add_group,
    change_group,
    delete_group,
    groups,
    partners_by_group,
    price_list_names,
    put_in_group,
)
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, touched
from pages.ui.frame import plain
from pages.ui.price_words import ask_first
from pages.ui.text import _, language, quantity


def show_groups(principal: Principal) -> None:
    """The groups; one of them chosen, with its members."""
    with transaction(principal) as session:
        all_groups, members, lists = groups(session), partners_by_group(session), price_list_names(session)
    edits = may(principal, "prices.edit")
    if edits:
        _offer_new(principal, lists)
    if not all_groups:
        st.info(_("No groups yet. Partners of a group share a price list, promotions and products."),
                icon=":material/group_off:")  # fmt: skip
        return
    chosen = _table(all_groups)
    if chosen is None:
        st.caption(_("Select a row to open a group."))
        return
    st.subheader(plain(chosen.name), anchor=False)
    if edits:
        _edit(principal, chosen, lists)
    _show_members(principal, chosen, members, edits)


def _table(all_groups: list[GroupRow]) -> GroupRow | None:
    text = st.column_config.TextColumn
    config = {
        "name": text(_("Group"), width="medium"),
        "list": text(_("Price list"), width="medium"),
        "partners": text(_("Partners"), alignment="right", width="small"),
    }
    data = [{"name": row.name, "list": row.price_list or "–", "partners": quantity(row.partners)} for row in all_groups]
    table = st.dataframe(
        data, column_config=config, hide_index=True, on_select="rerun", selection_mode="single-row",
        key=f"groups-{language()}-{hash(tuple(row.id for row in all_groups))}",
    )  # fmt: skip
    selected = [at for at in table.selection.rows if at < len(all_groups)]
    return all_groups[selected[0]] if selected else None


def _offer_new(principal: Principal, lists: dict[int, str]) -> None:
    form = form_key(about := "new-group")
    with st.expander(_("Make a group"), icon=":material/add:", key=f"{form}-open"), st.form(form, border=False):
        name, price_list_id = _fields(form, lists, "", None)
        if not st.form_submit_button(_("Make the group"), type="primary"):
            return
        with refusals():
            with transaction(principal) as session:
                add_group(session, name, price_list_id, clock.now())
                end_form(_("The group was made. Now put partners in it."), form=about)
            st.rerun()


def _fields(form: str, lists: dict[int, str], name: str, price_list_id: int | None) -> tuple[str, int | None]:
    left, right = st.columns(2)
    typed = left.text_input(_("Name"), name, max_chars=LONGEST_NAME, key=f"{form}-name")
    options = [None, *lists]
    chosen = right.selectbox(
        _("Price list"), options, options.index(price_list_id) if price_list_id in lists else 0,
        format_func=lambda key: lists[key] if key else _("None: the list price"), key=f"{form}-list",
    )  # fmt: skip
    return typed, chosen


def _edit(principal: Principal, group: GroupRow, lists: dict[int, str]) -> None:
    form = form_key(about := f"group-{group.id}")
    shown = as_shown(f"{form}-name", group)
    with st.form(form):
        name, price_list_id = _fields(form, lists, shown.name, shown.price_list_id)
        saved = st.form_submit_button(_("Save"), type="primary")
    if saved:
        with refusals():
            with transaction(principal) as session:
                values = touched({"name": name, "price_list_id": price_list_id}, shown, group)
                change_group(session, group.id, as_of=clock.now(), **values)
                end_form(_("The group was saved. Placed orders keep their prices."), form=about)
            st.rerun()
    if not group.partners and ask_first(f"group-{group.id}", _("Delete"), _("The group is empty and can go.")):
        with refusals():
            with transaction(principal) as session:
                delete_group(session, group.id, clock.now())
                end_form(_("The group was deleted."))
            st.rerun()


def _show_members(principal: Principal, group: GroupRow, members: list[Member], edits: bool) -> None:
    inside = [member for member in members if member.group_id == group.id]
    if edits:
        _offer_joining(principal, group, [member for member in members if member.group_id != group.id])
    if not inside:
        st.caption(_("Nobody is in it yet."))
        return
    config = {
        "code": st.column_config.TextColumn(_("Code"), width="small"),
        "name": st.column_config.TextColumn(_("Partner"), width="large"),
    }
    rows = [{"code": member.code, "name": member.name} for member in inside]
    key = f"members-{language()}-{hash(tuple(member.id for member in inside))}"
    if not edits:
        st.dataframe(rows, column_config=config, hide_index=True, key=key)
        return
    table = st.dataframe(
        rows, column_config=config, hide_index=True, key=key, on_select="rerun", selection_mode="multi-row"
    )
    leaving = [inside[at] for at in table.selection.rows if at < len(inside)]
    label = _("Take out of the group: {count}").format(count=quantity(len(leaving)))
    if leaving and st.button(label, icon=":material/group_remove:", key=f"leave-{group.id}"):
        _put(principal, leaving, None, _("Taken out of the group: {count}"))


def _offer_joining(principal: Principal, group: GroupRow, others: list[Member]) -> None:
    form = form_key(about := f"join-{group.id}")
    names = {
        member.id: f"{member.code} · {member.name}" + (f" ({member.partner_group})" if member.partner_group else "")
        for member in others
    }
    with st.form(form):
        box, button = st.columns([5, 1], vertical_alignment="bottom")
        chosen = box.multiselect(
            _("Put partners in this group"), list(names), format_func=lambda key: names[key], key=f"{form}-partners",
            placeholder=_("Choose or type; several at once"),
        )  # fmt: skip
        if not button.form_submit_button(_("Put in"), width="stretch"):
            return
    joining = [member for member in others if member.id in chosen]
    if joining:
        _put(principal, joining, group.id, _("Put in the group: {count}"), about)


def _put(
    principal: Principal, members: list[Member], group_id: int | None, words: str, form: str | None = None
) -> None:
    with refusals():
        with transaction(principal) as session:
            count = put_in_group(session, [member.id for member in members], group_id, clock.now())
            end_form(words.format(count=quantity(count)), form=form)
        st.rerun()
