"""The tree of categories: how much is in each, other names, and an end to empty ones."""

import streamlit as st

from core import clock
from core.catalog.categories import LONGEST, CategoryRow, category_tree, delete_categories, rename_category
from core.db import transaction
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.text import _, language, quantity

INDENT = "\N{EM SPACE}\N{EM SPACE}"


def show_categories(principal: Principal) -> None:
    """The tree, and what can be done with the ticked ones."""
    with transaction(principal) as session:
        rows = category_tree(session)
    if not rows:
        words = _("There are no categories yet. They come with the products: from a file, or typed on a product.")
        st.info(words, icon=":material/category:")
        return
    ticked = _show_tree(rows)
    if not ticked:
        st.caption(_("Tick a category to rename it, or empty ones to delete them."))
    if len(ticked) == 1:
        _rename(principal, ticked[0])
    if ticked:
        _delete(principal, ticked)


def _show_tree(rows: list[CategoryRow]) -> list[CategoryRow]:
    text = st.column_config.TextColumn
    config = {
        "name": text(_("Category"), width=420),
        "products": text(_("Products in it"), alignment="right", width=130),
        "below": text(_("With what is below"), alignment="right", width=150),
    }
    data = [
        {
            "name": INDENT * (row.depth - 1) + row.name,
            "products": quantity(row.products),
            "below": quantity(row.below),
        }
        for row in rows
    ]
    key = f"categories-{language()}-{hash(tuple((row.id, row.path) for row in rows))}"
    table = st.dataframe(
        data, column_config=config, hide_index=True, key=key, on_select="rerun", selection_mode="multi-row",
        width="content",
    )  # fmt: skip
    return [rows[n] for n in table.selection.rows if n < len(rows)]


def _rename(principal: Principal, row: CategoryRow) -> None:
    form = form_key(about := f"category-{row.id}")
    with st.form(form, width=640):
        name = st.text_input(
            _("Another name for “{path}”").format(path=plain(row.path)), row.name, max_chars=LONGEST,
            key=f"{form}-name",
        )  # fmt: skip
        st.caption(_("What is below it goes along. Products, prices and discounts stay with it."))
        if not st.form_submit_button(_("Rename"), type="primary"):
            return
    with refusals():
        with transaction(principal) as session:
            rename_category(session, row.id, name, clock.now())
            end_form(_("The category was renamed."), form=about)
        st.rerun()


def _delete(principal: Principal, ticked: list[CategoryRow]) -> None:
    with st.popover(_("Delete {count}").format(count=quantity(len(ticked))), icon=":material/delete:"):
        st.write(_("Only categories that nothing is in can be deleted."))
        if not st.button(_("Delete for good"), key="delete-categories"):
            return
    with refusals():
        with transaction(principal) as session:
            delete_categories(session, [row.id for row in ticked], clock.now())
            end_form(_("Categories deleted: {count}").format(count=quantity(len(ticked))))
        st.rerun()
