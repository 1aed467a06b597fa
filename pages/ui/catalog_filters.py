"""What is looked for in the catalogue. The address of the page is the one place where it is kept, so that a link shows
the same to a colleague and the browser's way back undoes one choice; the widgets follow it."""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import streamlit as st
from sqlalchemy.orm import Session

from core.i18n import N_
from core.orders.browsing import NEW_DAYS, brand_names, category_paths, offer_key
from core.orders.searching import SORTS, Filters
from core.pricing.quoting import prices_shown
from core.search import LONGEST, without_nul
from core.stock.showing import stock_told
from pages.ui.text import _

SEARCH, CATEGORY, BRAND, SORT, ONLY = "q", "category", "brand", "sort", "only"
AFTER, BEFORE = "after", "before"
SORT_NAMES = {
    "name": N_("By name"),
    "price": N_("Lowest price first"),
    "price_down": N_("Highest price first"),
    "new": N_("Newest first"),
}
ONLY_NAMES = {
    "in_stock": (N_("In stock"), "inventory"),
    "mine": (N_("My products"), "history"),
    "favourites": (N_("Favourites"), "star"),
    "promotions": (N_("Promotions"), "sell"),
    "new": (N_("New"), "fiber_new"),
}
"""Fields of Filters that are on or off, with their names and icons."""
OF_PRICES, OF_STOCK = ("price", "price_down", "promotions"), ("in_stock",)
"""What who sees no prices, or is told nothing of the stock, can neither sort by nor choose."""


class Choices(NamedTuple):
    """What there is to choose from for a partner."""

    categories: list[str]
    brands: list[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the catalogue somebody is: what is looked for, and the key of the page."""

    filters: Filters
    after: str | None = None
    before: str | None = None

    @property
    def narrowed(self) -> bool:
        """Does it leave anything out?"""
        return replace(self.filters, sort="name") != Filters()


def choices(session: Session) -> Choices:
    """For the signed-in partner, of now. Raises NotAllowed."""
    return _choices(session, offer_key(session))


@st.cache_data(show_spinner=False, max_entries=500)
def _choices(_session: Session, key: tuple[int | None, ...]) -> Choices:  # noqa: ARG001 (what is kept is found by it)
    """Asked once for a key: among 100,000 products it costs more than a page of them."""
    return Choices(category_paths(_session), brand_names(_session))


def closed(session: Session) -> frozenset[str]:
    """What the signed-in partner can neither sort by nor choose. Raises NotAllowed."""
    return frozenset(OF_PRICES * (not prices_shown(session)) + OF_STOCK * (not stock_told(session)))


def read_place(among: Choices, shut: Container[str]) -> Place:
    """What the address says. What is not there (any more), is shut, or was mistyped, counts as not said."""
    said = st.query_params
    category, brand, sort = said.get(CATEGORY), said.get(BRAND), said.get(SORT, "name")
    chosen = [name for name in said.get_all(ONLY) if name not in shut]
    filters = Filters(
        search=without_nul(said.get(SEARCH, ""))[:LONGEST],
        category=category if category in among.categories else None,
        brand=brand if brand in among.brands else None,
        sort=sort if sort in SORTS and sort not in shut else "name",
        **{name: name in chosen for name in ONLY_NAMES},
    )
    after = said.get(AFTER)
    return Place(filters, after, None if after else said.get(BEFORE))


def go_to(place: Place) -> None:
    """Write the address; the page is drawn from it."""
    st.query_params.from_dict(address(place))


def address(place: Place) -> dict[str, str | list[str]]:
    """The query of the address of a place; what is usual is left out."""
    filters = place.filters
    said = {
        SEARCH: filters.search,
        CATEGORY: filters.category,
        BRAND: filters.brand,
        ONLY: [name for name in ONLY_NAMES if getattr(filters, name)],
        SORT: filters.sort if filters.sort != "name" else None,
        AFTER: place.after,
        BEFORE: place.before,
    }
    return {name: value for name, value in said.items() if value}


def show_filters(place: Place, among: Choices, shut: Container[str]) -> None:
    """The widgets. Each writes the address when it is changed."""
    filters = place.filters
    _follow(
        {
            SEARCH: filters.search,
            CATEGORY: filters.category,
            BRAND: filters.brand,
            SORT: filters.sort,
            ONLY: [name for name in ONLY_NAMES if getattr(filters, name)],
        }
    )
    change: Any = {"on_change": _changed, "args": (place,), "label_visibility": "collapsed"}
    with st.container(key="catalog_filters"):
        left, middle, right, end = st.columns([4, 2.6, 2, 2], vertical_alignment="center")
        left.text_input(_("Search"), type="search", live="150ms", max_chars=LONGEST, icon=":material/search:",
                        placeholder=_("Words, SKU or EAN, with or without diacritics"), key=_widget(SEARCH),
                        **change)  # fmt: skip
        middle.selectbox(_("Category"), among.categories, index=None, placeholder=_("Category"),
                         format_func=indented, key=_widget(CATEGORY), **change)  # fmt: skip
        right.selectbox(_("Brand"), among.brands, index=None, placeholder=_("Brand"), key=_widget(BRAND),
                        **change)  # fmt: skip
        sorts = {name: _(SORT_NAMES[name]) for name in SORTS if name not in shut}
        end.selectbox(_("Sort"), list(sorts), format_func=sorts.__getitem__, key=_widget(SORT), **change)


def show_only(place: Place, shut: Container[str]) -> None:
    """What is on or off; `show_filters` came before it."""
    names = [name for name in ONLY_NAMES if name not in shut]
    st.pills(_("Show only"), names, selection_mode="multi", format_func=_only_label, key=_widget(ONLY),
             on_change=_changed, args=(place,), label_visibility="collapsed",
             help=_("New: in the catalogue for at most {days} days.").format(days=NEW_DAYS))  # fmt: skip


def clear(place: Place) -> None:
    """A callback: everything is shown, sorted as it was."""
    go_to(Place(Filters(sort=place.filters.sort)))


def look_for(place: Place, search: str) -> None:
    """A callback: other words, everything else as it is."""
    go_to(Place(replace(place.filters, search=search)))


def indented(path: str) -> str:
    """A category as the list shows it: its own name under its parents'."""
    *above, name = path.split(" > ")
    return "\N{EM SPACE}" * len(above) + name


def _changed(place: Place) -> None:
    """A callback of every widget: from the first page on."""
    typed = {name: st.session_state[_widget(name)] for name in (SEARCH, CATEGORY, BRAND, SORT)}
    only = st.session_state[_widget(ONLY)] or []
    filters = Filters(
        search=typed[SEARCH] or "",
        category=typed[CATEGORY],
        brand=typed[BRAND],
        sort=typed[SORT],
        **{name: name in only for name in ONLY_NAMES},
    )
    if filters != place.filters:
        go_to(Place(filters))


def _follow(said: dict[str, Any]) -> None:
    """The widgets show what the address says. One that does already is left alone: somebody may be typing in it."""
    for name, value in said.items():
        if st.session_state.get(_widget(name)) != value:
            st.session_state[_widget(name)] = value


def _only_label(name: str) -> str:
    words, icon = ONLY_NAMES[name]
    return f":material/{icon}: {_(words)}"


def _widget(name: str) -> str:
    return f"catalog_{name}"
