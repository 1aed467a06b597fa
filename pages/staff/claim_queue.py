"""Orders to claim: what waits, the nearest deadline first, each with its countdown. And what one has claimed."""

import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import N_
from core.orders import claiming, queue
from core.principal import Principal
from pages.ui.guard import require
from pages.ui.queue_actions import places, show_answer
from pages.ui.queue_alert import menu_is_old, ring_for_new, show_alert_choice
from pages.ui.queue_rows import show_row, show_sum
from pages.ui.text import _

REFRESH_SECONDS = 10
VIEWS = {"waiting": N_("Waiting"), "for_me": N_("Held for me"), "mine": N_("Claimed by me")}
SORTS = {
    "deadline": N_("Nearest deadline"),
    "waiting": N_("Longest waiting"),
    "value": N_("Largest value"),
    "partner": N_("Partner"),
}
EMPTY = {
    "waiting": N_("Nothing waits. New orders appear here by themselves."),
    "for_me": N_("Nothing is held for you."),
    "mine": N_("You have claimed nothing that is still open."),
}


def main() -> None:
    staff = require("staff", "orders.claim")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(_("Orders to claim"), anchor=False, width="content")
        st.space("stretch")
        alert = show_alert_choice(staff)
    show_queue(alert)


@st.fragment(run_every=REFRESH_SECONDS)
def show_queue(alert: str) -> None:
    staff = require("staff", "orders.claim")
    # Places that are always there: what comes and goes in one of them does not move the others.
    with st.container(key="queue_filters"):
        view, search, sort = show_filters()
    page = f"queue_page {view} {search} {sort}"
    found, names = look(staff, view, search, sort, st.session_state.get(page, 1))
    if menu_is_old(found.waiting):
        st.rerun()
    with st.container(key="queue_answer"):
        show_answer()
    with st.container(key="queue_bulk"):
        show_sum(found, to_claim=view != "mine")
    with st.container(key="queue_list"):
        show_list(found, names, page, _("No order matches. Clear the search.") if search.strip() else _(EMPTY[view]))
        if found.count > queue.PAGE_SIZE:
            st.pagination(-(-found.count // queue.PAGE_SIZE), key=page)
    ring_for_new(found.newest, alert)


def show_filters() -> tuple[str, str, str]:
    """What is shown, what is searched for, and the sort order."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    view = left.segmented_control(
        _("Show"), list(VIEWS), default="waiting", required=True, format_func=lambda name: _(VIEWS[name]),
        key="queue_view",
    )  # fmt: skip
    hint = _("Order number, partner, or the partner's own number")
    search = st.text_input(_("Search"), placeholder=hint, icon=":material/search:", key="queue_search")
    sort = right.selectbox(
        _("Sort by"), list(SORTS), format_func=lambda name: _(SORTS[name]), key="queue_sort", disabled=view == "mine"
    )
    return view, search, sort


def look(staff: Principal, view: str, search: str, sort: str, page: int) -> tuple[queue.Queue, dict[int, str]]:
    """The orders, and the colleagues (by id) that they can be given to."""
    now = clock.now()
    with transaction(staff) as session:
        names = dict(claiming.colleagues(session))
        if view == "mine":
            names.pop(staff.user_id or 0, None)
            return queue.claimed(session, now, search=search, page=page), names
        return queue.waiting(session, now, search=search, mine=view == "for_me", sort=sort, page=page), names


def show_list(found: queue.Queue, names: dict[int, str], page: str, empty: str) -> None:
    """`page` tells what is listed; of the same, a refresh leaves every order in its place."""
    if not found.rows:
        st.info(empty, icon=":material/done_all:")
    rows = {row.id: row for row in found.rows}
    for order_id in places(page, list(rows)):
        if order_id in rows:
            show_row(rows[order_id], clock.now(), names)
        else:
            st.empty()


main()
