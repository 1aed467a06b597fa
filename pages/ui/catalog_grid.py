"""The table of products; who may order types quantities into it by keyboard, kept in the cart at once."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd
import streamlit as st

from core import clock
from core.db import transaction
from core.orders.browsing import PAGE_SIZE, CatalogRow, catalog_page
from core.orders.cart import BadQuantity
from core.permissions import may
from pages.ui.awaited import offer_to_wait
from pages.ui.cart import CART_FRAGMENT, VERSION, cart_changed, put_in_cart
from pages.ui.errors import refusals
from pages.ui.guard import require
from pages.ui.text import _, language, price, quantity

BASE = "grid_base"
"""The rows that the editor was given. They must stay the same while it is edited, or it forgets what was typed."""


ROW_HEIGHT = 38


@st.fragment(key="grid")
def show_grid(search: str, category: str | None, in_stock: bool) -> None:
    """One page of the catalogue; quantities that are typed go to the cart."""
    principal = require("partner", "catalog.see")
    page_key = f"catalog_page {search} {category} {in_stock}"
    page = st.session_state.get(page_key, 1)
    wanted = (
        search,
        category,
        in_stock,
        page,
        st.session_state.get(VERSION, 0),
        principal.partner_id,
        principal.user_id,
        language(),
    )
    base = st.session_state.get(BASE)
    if base is None or base["wanted"] != wanted:
        with transaction(principal) as session:
            rows, total = catalog_page(
                session, clock.now(), search=search, category=category, in_stock=in_stock, page=page
            )
        base = st.session_state[BASE] = {"wanted": wanted, "rows": rows, "total": total, "sent": {}}
    if not base["rows"]:
        st.info(_("No product matches. Use fewer words or another category."), icon=":material/search_off:")
        return
    if may(principal, "orders.place"):
        _show_editor(base["rows"], f"grid {hash(wanted)}")
    else:
        _show_table(base["rows"], f"products {hash(wanted)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Products found: {count}").format(count=base["total"]), width="content")
        if may(principal, "stock.await"):
            offer_to_wait(base["rows"])
        st.space("stretch")
        if base["total"] > PAGE_SIZE:
            st.pagination(-(-base["total"] // PAGE_SIZE), key=page_key)


def _show_editor(rows: Sequence[CatalogRow], key: str) -> None:
    frame = _frame(rows, list(_columns()))
    frame["quantity"] = frame["quantity"].astype("float64")
    st.data_editor(
        frame,
        hide_index=True,
        key=key,
        row_height=ROW_HEIGHT,
        height=_height(rows),
        disabled=[name for name in _columns() if name != "quantity"],
        column_config=_columns(),
        placeholder="",
        on_change=_keep,
        args=(key,),
        alt=_("Products with their prices and stock; the second column takes the quantity to order"),
    )


def _show_table(rows: Sequence[CatalogRow], key: str) -> None:
    """For who looks and does not order."""
    shown = [name for name in _columns() if name != "quantity"]
    alt = _("Products with their prices and stock")
    st.dataframe(
        _frame(rows, shown), hide_index=True, key=key, row_height=ROW_HEIGHT, height=_height(rows),
        column_config=_columns(), alt=alt,
    )  # fmt: skip


def _frame(rows: Sequence[CatalogRow], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({name: [_cell(row, name) for row in rows] for name in names})


def _height(rows: Sequence[CatalogRow]) -> int:
    return min(len(rows), 14) * ROW_HEIGHT + 40


def _cell(row: CatalogRow, name: str) -> Any:
    match name:
        case "list_price" | "unit_price":
            return price(getattr(row, name))
        case "available":
            left = max(row.available, Decimal(0))
            return _("on order") if row.backorder and not left else quantity(left)
        case "pack":
            return f"{quantity(row.pack)} {row.unit}"
        case "quantity":
            return float(row.in_cart) or None
        case _:
            return getattr(row, name)


def _columns() -> dict[str, Any]:
    # Product and quantity come first: on a phone they are what is seen without scrolling sideways.
    column = st.column_config
    return {
        "name": column.TextColumn(_("Product"), width=265),
        "quantity": column.NumberColumn(
            _("Quantity"),
            format="localized",
            min_value=0,
            max_value=999_999,
            width=85,
            help=_("Type a number and press Enter; 0 takes the product out of the cart"),
        ),
        "unit_price": column.TextColumn(_("Your price"), alignment="right", width=95),
        "list_price": column.TextColumn(_("List price"), alignment="right", width=95),
        "available": column.TextColumn(_("In stock"), alignment="right", width=75),
        "pack": column.TextColumn(_("Pack"), alignment="right", width=80),
        "sku": column.TextColumn(_("SKU"), width=115),
        "brand": column.TextColumn(_("Brand"), width=90),
    }


def _keep(key: str) -> None:
    """A callback: send to the cart what was typed since the last time, then draw only the cart's totals anew."""
    principal = require("partner", "orders.place")
    base = st.session_state[BASE]
    edits = st.session_state[key]["edited_rows"].items()
    with refusals("cart_problem"):
        typed = {base["rows"][int(at)].product_id: _typed(edit["quantity"]) for at, edit in edits if "quantity" in edit}
        new = {product: value for product, value in typed.items() if base["sent"].get(product) != value}
        put_in_cart(principal, new)
        base["sent"] |= new
    if "cart_problem" in st.session_state:
        cart_changed()
    st.rerun(CART_FRAGMENT)


def _typed(value: object) -> Decimal:
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        raise BadQuantity(quantity=str(value)) from None
