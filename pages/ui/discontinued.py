"""Products that are no longer sold: their names, what is sold instead, and a way to take them off where they stand."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import streamlit as st

from core.orders.bought import Bought
from core.orders.discontinued import Discontinued, Replacement
from pages.ui.catalog_grid import PRODUCT_PAGE
from pages.ui.frame import plain
from pages.ui.text import _


def show_discontinued(
    gone: Sequence[Discontinued | Bought],
    *,
    notes: Mapping[int, str] = MappingProxyType({}),
    take_off: Callable[[int], None] | None = None,
) -> None:
    """A line for each. `notes` are words about some of them, by id; `take_off` is a callback that is given its id."""
    for one in gone:
        with st.container(horizontal=True, vertical_alignment="center", key=f"gone_{one.product_id}"):
            words = _("No longer sold: {name}, {sku}").format(name=plain(one.name), sku=plain(one.sku))
            note = plain(notes.get(one.product_id, ""))
            st.caption(f":material/block: {words}" + (f" · {note}" if note else ""), width="content")
            if one.replaced_by:
                link_replacement(one.replaced_by)
            if take_off:
                st.button(_("Take it off"), icon=":material/close:", type="tertiary", key=f"take_off {one.product_id}",
                          on_click=take_off, args=(one.product_id,))  # fmt: skip


def link_replacement(instead: Replacement) -> None:
    """The way to what is sold instead."""
    words = _("Sold instead: {name}, {sku}").format(name=plain(instead.name), sku=plain(instead.sku))
    st.page_link(PRODUCT_PAGE, label=words, icon=":material/swap_horiz:", query_params={"product": str(instead.id)})
