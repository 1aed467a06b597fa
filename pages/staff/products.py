"""Products: find one; who may changes its price, name, VAT class, whether it is sold, and its counted stock."""

from datetime import date

import streamlit as st

from core import clock
from core.catalog.queries import PAGE_SIZE, ProductRow, all_category_paths, product, product_page
from core.db import transaction
from core.permissions import may
from core.principal import Principal
from pages.ui.forms import show_said
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.product_forms import show_forms
from pages.ui.text import _, language, price, quantity, time_zone

CHANGES = ("products.edit", "stock.count")


def show_help(principal: Principal) -> None:
    words = [
        _(
            "“On hand” is what is on the shelves, “held” is the part kept for orders, “available” is the rest: what "
            "partners can order. A product that is not active is hidden from partners."
        )
    ]
    if may(principal, "products.edit"):
        words.append(_("Select a row to change the product. Prices and names on orders already placed do not change."))
    if may(principal, "stock.count"):
        words.append(_("After a count, select the row and enter what is really there; the difference is recorded."))
    with st.expander(_("How this works"), icon=":material/help:"):
        st.markdown(" ".join(words))


def show_filters(principal: Principal, categories: list[str]) -> tuple[str, str | None]:
    search, category, link = st.columns([3, 3, 1], vertical_alignment="bottom")
    words = search.text_input(_("Search"), placeholder=_("SKU, name, brand or bar code"), icon=":material/search:")
    chosen = category.selectbox(_("Category"), categories, index=None, placeholder=_("All categories"))
    if may(principal, "imports.run"):
        link.page_link("pages/staff/imports.py", label=_("Import"), icon=":material/upload_file:")
    return words, chosen


def show_table(rows: list[ProductRow], select: bool) -> int | None:
    """The table; the id of the selected product, where one can be selected."""
    text = st.column_config.TextColumn
    config = {
        "sku": text(_("SKU"), pinned=True, width=105),
        "name": text(_("Name"), width=205),
        "brand": text(_("Brand"), width=80),
        "category": text(_("Category"), width=150),
        "unit": text(_("Unit"), width=45),
        "price": text(_("List price"), alignment="right", width=85),
        "vat": text(_("VAT"), alignment="right", width=50),
        "on_hand": text(_("On hand"), alignment="right", width=65),
        "held": text(_("Held"), alignment="right", width=70),
        "available": text(_("Available"), alignment="right", width=70),
        "active": st.column_config.CheckboxColumn(_("Active"), width=50),
    }
    # The ids in the key: the same row number of another list is another one. Other words need other widths.
    key = f"products-{language()}-{hash(tuple(row.id for row in rows))}"
    data = [table_row(row) for row in rows]
    if not select:
        st.dataframe(data, column_config=config, hide_index=True, key=key)
        return None
    table = st.dataframe(
        data, column_config=config, hide_index=True, key=key, on_select="rerun", selection_mode="single-row"
    )
    selected = [row for row in table.selection.rows if row < len(rows)]
    return rows[selected[0]].id if selected else None


def table_row(row: ProductRow) -> dict[str, str | bool]:
    return {
        "sku": row.sku,
        "name": row.name,
        "brand": row.brand,
        "category": row.category,
        "unit": row.unit,
        "price": price(row.list_price),
        "vat": f"{quantity(row.vat_rate)} %",
        "on_hand": quantity(row.on_hand),
        "held": quantity(row.held),
        "available": quantity(row.available),
        "active": row.active,
    }


def show_list(principal: Principal, today: date) -> int | None:
    with transaction(principal) as session:
        categories = all_category_paths(session)
    search, category = show_filters(principal, categories)
    with transaction(principal) as session:
        page = st.session_state.get(pages_key := f"pages-{search}-{category}", 1)
        rows, total = product_page(session, today, search=search, category=category, page=page)
    if not rows:
        st.info(_("No product matches. Try fewer words, or import your products."), icon=":material/search_off:")
        return None
    selected = show_table(rows, select=may(principal, *CHANGES))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Products: {count}").format(count=quantity(total)))
        st.pagination(-(-total // PAGE_SIZE), key=pages_key)
    return selected


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Products"), anchor=False)
    show_help(principal)
    today = clock.now().astimezone(time_zone()).date()
    selected = show_list(principal, today)
    if selected is None:
        if may(principal, *CHANGES):
            st.caption(_("Select a row to change a product."))
        return
    with transaction(principal) as session:
        row = product(session, selected, today)
    st.subheader(f"{plain(row.sku)} · {plain(row.name)}", anchor=False)
    show_forms(principal, row, today)


main(require("staff", "products.see"))
