"""The list of products: found by words and what they are like, one opened, some ticked."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from core.catalog.queries import (
    MOST_FOUND,
    ONLY,
    PAGE_SIZE,
    SORTS,
    ProductRow,
    Wanted,
    all_brands,
    all_category_paths,
    product_page,
)
from core.db import transaction
from core.i18n import N_
from core.principal import Principal
from core.search import LONGEST, without_nul
from pages.ui.frame import plain
from pages.ui.taking_out import take_out
from pages.ui.text import _, language, price, quantity

SEARCH, CATEGORY, BRAND, SORT, ONLY_THOSE = "search", "category", "brand", "sort", "only"
"""What the address says; the widgets follow it."""
SORT_NAMES = {
    "name": N_("Name"),
    "sku": N_("SKU"),
    "newest": N_("Newest first"),
    "cheapest": N_("List price, lowest first"),
    "dearest": N_("List price, highest first"),
    "least": N_("Available, least first"),
    "most": N_("Available, most first"),
}
ONLY_NAMES = {
    "active": N_("Active"),
    "inactive": N_("Not active"),
    "out_of_stock": N_("Out of stock"),
    "without_picture": N_("Without picture"),
    "without_ean": N_("Without EAN"),
    "restricted": N_("Restricted"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The id of the product that is opened, and those that are ticked."""

    opened: int | None = None
    ticked: tuple[int, ...] = ()


def show_list(principal: Principal, today: date, *, tick: bool) -> Chosen:
    """The list with its filters, which the address keeps; what was chosen in it. Some can be ticked where `tick`."""
    wanted = _show_filters(principal)
    pages_key = f"pages-{hash(wanted)}"
    with transaction(principal) as session:
        rows, total = product_page(session, today, wanted, st.session_state.get(pages_key, 1))
    if not rows:
        if wanted == Wanted(sort=wanted.sort):
            words = _("There are no products yet. Begin with “New product”, or import a file.")
            st.info(words, icon=":material/inventory_2:")
        else:
            st.info(_("No product matches. Try fewer words or filters."), icon=":material/search_off:")
        return Chosen()
    st.caption(_("Click a row to open a product."))
    chosen = _show_table(rows, tick)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_count(total))
        take_out(
            principal, "stock", words=wanted.search, category=wanted.category, brand=wanted.brand, only=wanted.only
        )
        st.pagination(-(-min(total, MOST_FOUND) // PAGE_SIZE), key=pages_key)
    return chosen


def _count(total: int) -> str:
    if total <= MOST_FOUND:
        return _("Products: {count}").format(count=quantity(total))
    words = _("More than {count} products: the first ones are shown. Narrow the list down for the others.")
    return words.format(count=quantity(MOST_FOUND))


def look_for(search: str) -> None:
    """From now on the list shows what these words find."""
    st.query_params.from_dict({SEARCH: search})


def _show_filters(principal: Principal) -> Wanted:
    with transaction(principal) as session:
        categories, brands = all_category_paths(session), all_brands(session)
    wanted = _read(categories, brands)
    for name, value in _said(wanted).items():
        if st.session_state.get(_widget(name)) != value:  # somebody may be typing in one that shows it already
            st.session_state[_widget(name)] = value
    with st.container(key="product_filters"):
        words, category, brand, sort = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    words.text_input(_("Search"), placeholder=_("SKU, name, brand or bar code"), icon=":material/search:",
                     max_chars=LONGEST, key=_widget(SEARCH), on_change=_changed)  # fmt: skip
    category.selectbox(_("Category"), categories, index=None, placeholder=_("All categories"), key=_widget(CATEGORY),
                       on_change=_changed)  # fmt: skip
    brand.selectbox(_("Brand"), brands, index=None, placeholder=_("All brands"), key=_widget(BRAND),
                    on_change=_changed)  # fmt: skip
    sort.selectbox(_("Sort by"), list(SORTS), format_func=lambda name: _(SORT_NAMES[name]), key=_widget(SORT),
                   on_change=_changed)  # fmt: skip
    st.pills(
        _("Only those that are"), list(ONLY), selection_mode="multi", format_func=lambda name: _(ONLY_NAMES[name]),
        label_visibility="collapsed", key=_widget(ONLY_THOSE), on_change=_changed,
    )  # fmt: skip
    return wanted


def _read(categories: list[str], brands: list[str]) -> Wanted:
    """What the address says. What is not there (any more), or was mistyped, counts as not said."""
    said = st.query_params
    category, brand, sort = said.get(CATEGORY), said.get(BRAND), said.get(SORT, "")
    return Wanted(
        without_nul(said.get(SEARCH, ""))[:LONGEST],
        category if category in categories else None,
        brand if brand in brands else None,
        tuple(name for name in ONLY if name in said.get_all(ONLY_THOSE)),
        sort if sort in SORTS else "name",
    )


def _said(wanted: Wanted) -> dict[str, Any]:
    only = list(wanted.only)
    return {SEARCH: wanted.search, CATEGORY: wanted.category, BRAND: wanted.brand, ONLY_THOSE: only, SORT: wanted.sort}


def _changed() -> None:
    """A callback: the address says what the widgets do; what is usual is left out."""
    chosen = {name: st.session_state[_widget(name)] for name in (SEARCH, CATEGORY, BRAND, ONLY_THOSE, SORT)}
    st.query_params.from_dict({name: value for name, value in chosen.items() if value and value != "name"})


def _widget(name: str) -> str:
    return f"product_{name}"


def _show_table(rows: list[ProductRow], tick: bool) -> Chosen:
    text = st.column_config.TextColumn
    config = {
        "picture": st.column_config.ImageColumn("", width=42),
        "sku": text(_("SKU"), pinned=True, width=105),
        "name": text(_("Name"), width=210),
        "brand": text(_("Brand"), width=75),
        "category": text(_("Category"), width=115),
        "unit": text(_("Unit"), width=42),
        "price": text(_("List price"), alignment="right", width=85),
        "on_hand": text(_("On hand"), alignment="right", width=65),
        "held": text(_("Held"), alignment="right", width=65),
        "available": text(_("Available"), alignment="right", width=70),
        "state": text(_("State"), width=95),
    }
    # The ids in the key: the same row number of another list is another one. Other words need other widths.
    key = f"products-{language()}-{hash(tuple(row.id for row in rows))}"
    data = [_table_row(row) for row in rows]
    if not any(row.picture for row in rows):
        config["picture"] = None  # type: ignore[assignment] # Streamlit's word for: not shown
    table = st.dataframe(
        data, column_config=config, hide_index=True, key=key, on_select="rerun", placeholder="",
        selection_mode=["multi-row", "single-cell"] if tick else "single-cell",
    )  # fmt: skip
    ticked = tuple(rows[n].id for n in table.selection.get("rows", []) if n < len(rows))
    touched = [rows[n].id for n, _column in table.selection.get("cells", []) if n < len(rows)]
    return Chosen((touched or [*ticked, None])[0] if touched or len(ticked) == 1 else None, ticked)


def _table_row(row: ProductRow) -> dict[str, str | None]:
    return {
        "picture": f"/images/{row.picture}/small" if row.picture else None,
        "sku": row.sku,
        "name": row.name,
        "brand": row.brand,
        "category": row.category,
        "unit": row.unit,
        "price": price(row.list_price),
        "on_hand": quantity(row.on_hand),
        "held": quantity(row.held),
        "available": quantity(row.available),
        "state": state_of(row),
    }


def state_of(row: ProductRow) -> str:
    """What keeps partners from seeing it, in words; '' for nothing."""
    if not row.active:
        return _("Not active")
    return _("Restricted") if row.restricted else ""


def shared_ean(row: ProductRow) -> str:
    """That other products have its EAN too, in words; '' where none has."""
    words = _("The EAN {ean} is also that of {skus}: who scans or types it finds several products.")
    return words.format(ean=row.ean, skus=", ".join(plain(sku) for sku in row.same_ean)) if row.same_ean else ""
