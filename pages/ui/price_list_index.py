"""All price lists, one of them chosen, and the way to a new one."""

import streamlit as st

from core import clock
from core.db import transaction
from core.permissions import may
from core.pricing.lists import ListData, PriceListRow, create_list, price_lists
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.price_list_data import list_fields, read_list
from pages.ui.price_words import days
from pages.ui.text import _, language, price


def show_index(principal: Principal) -> None:
    """The page before a list is chosen."""
    st.title(_("Price lists"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        if may(principal, "prices.edit"):
            _offer_new(principal)
        if st.button(_("Compare two lists"), icon=":material/compare_arrows:"):
            st.query_params["compare"] = "1"
            st.rerun()
        if may(principal, "imports.run"):
            st.page_link("pages/staff/imports.py", label=_("Import"), icon=":material/upload_file:")
    search = st.text_input(_("Search"), placeholder=_("Name"), icon=":material/search:", key="price_list_search")
    with transaction(principal) as session:
        rows = price_lists(session, search)
    if not rows:
        words = _("No price list matches. Try fewer words.") if search else _(
            "There are no price lists yet. Until a partner is given one, it pays the list price, less its discounts."
        )  # fmt: skip
        st.info(words, icon=":material/search_off:" if search else ":material/sell:")
        return
    st.caption(_("Choose a row to open the list."))
    if opened := _table(rows):
        st.query_params["list"] = str(opened)
        st.rerun()


def _table(rows: list[PriceListRow]) -> int | None:
    """The table; the id of the list that was chosen."""
    text = st.column_config.TextColumn
    number = st.column_config.NumberColumn
    config = {
        "name": text(_("Name"), pinned=True, width="medium"),
        "currency": text(_("Currency"), width=80),
        "rate": text(_("Lei for one"), alignment="right", width=100),
        "days": text(_("Valid"), width=170),
        "products": number(_("Products"), format="localized", width=90),
        "partners": number(_("Partners"), format="localized", width=90),
        "groups": number(_("Groups"), format="localized", width=80),
    }
    table = st.dataframe(
        [_cells(row) for row in rows],
        column_config=config,
        hide_index=True,
        key=f"price-lists-{language()}-{hash(tuple(row.id for row in rows))}",
        on_select="rerun",
        selection_mode="single-row",
    )
    selected = [at for at in table.selection.rows if at < len(rows)]
    return rows[selected[0]].id if selected else None


def _cells(row: PriceListRow) -> dict[str, str | int]:
    return {
        "name": row.name,
        "currency": row.currency,
        "rate": "" if row.currency == "RON" else price(row.lei_rate),
        "days": days(row.valid_from, row.valid_until) or _("always"),
        "products": row.products,
        "partners": row.partners,
        "groups": row.groups,
    }


def _offer_new(principal: Principal) -> None:
    form = form_key(about := "new-price-list")
    with st.popover(_("New price list"), icon=":material/add:", type="primary", key=f"ask-{form}"):
        with st.form(form, border=False):
            typed = list_fields(form, ListData(""))
            if not st.form_submit_button(_("Make it"), type="primary"):
                return
        with refusals():
            with transaction(principal) as session:
                data = read_list(typed)
                made = create_list(session, data, clock.now())
                st.query_params["list"] = str(made)
                end_form(_("{name} was made. Now put products in it.").format(name=plain(data.name)), form=about)
            st.rerun()
