"""Two price lists beside each other, as they are today."""

import streamlit as st

from core.db import transaction
from core.i18n import N_
from core.pricing.comparing import ORDERS, PAGE_SIZE, STATES, ComparedRow, Comparison, compare
from core.pricing.lists import price_lists
from core.principal import Principal
from pages.ui.price_list_fields import part_fields
from pages.ui.price_list_saved import in_percent
from pages.ui.price_words import from_words, today
from pages.ui.text import _, price, quantity

STATE_NAMES = {
    "only_first": N_("Only in the first"),
    "only_second": N_("Only in the second"),
    "dearer": N_("Dearer in the second"),
    "cheaper": N_("Cheaper in the second"),
    "equal": N_("Equal"),
}
ORDER_NAMES = {"name": N_("Name"), "percent": N_("Difference in %"), "amount": N_("Difference in lei")}
COMPARE = "compare"


def show_comparing(principal: Principal) -> None:
    """The choice of two lists, what differs in sums, and a page of it."""
    if st.button(_("All price lists"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()
    st.title(_("Compare two lists"), anchor=False)
    st.caption(_("The net prices in the lists are compared, not the discounts of the lists."))
    with transaction(principal) as session:
        names = {row.id: row.name for row in price_lists(session)}
    if len(names) < 2:
        st.info(_("There are not two price lists yet."), icon=":material/info:")
        return
    left, right = st.columns(2)
    ids = list(names)
    first = left.selectbox(_("First"), ids, 0, format_func=names.__getitem__, key=f"{COMPARE}-first")
    second = right.selectbox(_("Second"), ids, 1, format_func=names.__getitem__, key=f"{COMPARE}-second")
    if first == second:
        st.info(_("Choose two different lists."), icon=":material/info:")
        return
    part = part_fields(principal, COMPARE)
    box, order = st.columns([3, 1], vertical_alignment="bottom")
    search = box.text_input(
        _("Search"), placeholder=_("SKU, name, brand or bar code"), icon=":material/search:", key=f"{COMPARE}-search"
    )
    by = order.selectbox(
        _("Sorted by"), list(ORDERS), 1, format_func=lambda name: _(ORDER_NAMES[name]), key=f"{COMPARE}-order"
    )
    state = st.session_state.get(f"{COMPARE}-state")
    page = st.session_state.get(pages_key := f"compared {first} {second} {part} {search} {by} {state}", 1)
    with transaction(principal) as session:
        found = compare(session, first, second, today(), search=search, part=part, state=state, order=by, page=page)
    _show_counts(found)
    if not found.rows:
        st.info(_("Nothing matches. Try fewer words, or other filters."), icon=":material/search_off:")
        return
    _table(found.rows, names[first], names[second])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Prices: {count}").format(count=quantity(found.total)))
        if found.total > PAGE_SIZE:
            st.pagination(-(-found.total // PAGE_SIZE), key=pages_key)


def _show_counts(found: Comparison) -> None:
    """How much there is of each, to choose from."""
    st.pills(
        _("Show"), STATES, key=f"{COMPARE}-state",
        format_func=lambda name: f"{_(STATE_NAMES[name])}: {quantity(found.counts[name])}",
    )  # fmt: skip


def _table(rows: list[ComparedRow], first: str, second: str) -> None:
    text = st.column_config.TextColumn
    config = {
        "sku": text(_("SKU"), pinned=True, width=120),
        "name": text(_("Name"), width="medium"),
        "from": text(_("Quantity"), width=90),
        "first": text(first, alignment="right"),
        "second": text(second, alignment="right"),
        "amount": text(_("Difference"), alignment="right"),
        "percent": text("%", alignment="right", width=90),
    }
    st.dataframe([_cells(row) for row in rows], column_config=config, hide_index=True)
    st.caption(_("In lei, as the lists are today."))


def _cells(row: ComparedRow) -> dict[str, str]:
    shown = {name: getattr(row, name) for name in ("first", "second", "difference")}
    money = {name: "–" if value is None else price(value) for name, value in shown.items()}
    return {
        "sku": row.sku,
        "name": row.name,
        "from": from_words(row.from_quantity),
        "first": money["first"],
        "second": money["second"],
        "amount": money["difference"],
        "percent": in_percent(row.percent),
    }
