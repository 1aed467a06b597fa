"""Who did what, when and from where: looked through, and led to its export."""

import streamlit as st

from core.audit import AuditPage, Filters, audit_page
from core.db import transaction
from core.principal import Principal
from pages.ui.audit import GROUP_NAMES, show_audit, show_entry
from pages.ui.guard import require
from pages.ui.taking_out import take_out
from pages.ui.text import _


def main() -> None:
    staff = require("staff", "audit.see")
    head = st.container(horizontal=True, vertical_alignment="center")
    head.title(_("Audit"), anchor=False)
    filters = choose_filters()
    page, key = choose_page(staff, filters)
    if not page.rows:
        st.info(_("No entry matches. Clear a filter or choose another period."), icon=":material/search_off:")
        return
    with head:
        take_out(
            staff, "audit", words=filters.words, person=filters.person, named=filters.partner, groups=filters.groups,
            since=filters.since, until=filters.until,
        )  # fmt: skip
    st.caption(_("Newest first. Choose a row to read the entry whole."))
    chosen = show_audit(page.rows)
    show_pages(page, key)
    if chosen is not None:
        show_entry(page.rows[chosen])


def choose_filters() -> Filters:
    with st.container(horizontal=True, gap="xsmall", key="audit_filters"):
        words = st.text_input(
            _("Search"), placeholder=_("Number, SKU, IP, words"), icon=":material/search:", key="audit_words"
        )
        person = st.text_input(_("Person"), placeholder=_("Name or e-mail"), width=165, key="audit_person")
        partner = st.text_input(_("Partner"), placeholder=_("Name or code"), width=165, key="audit_partner")
        since = st.date_input(_("From"), None, format="DD.MM.YYYY", width=145, key="audit_since")
        until = st.date_input(_("Until"), None, format="DD.MM.YYYY", width=145, key="audit_until")
    groups = st.pills(
        _("Show"), list(GROUP_NAMES), format_func=lambda name: _(GROUP_NAMES[name]), selection_mode="multi",
        key="audit_groups",
    )  # fmt: skip
    return Filters(since, until, tuple(groups), person, partner, words)


def choose_page(staff: Principal, filters: Filters) -> tuple[AuditPage, str]:
    """One page of what the filters leave, and the key under which the way to it is kept: where each page ended."""
    key = f"audit_pages {filters}"
    ends = st.session_state.get(key, [])
    with transaction(staff) as session:
        return audit_page(session, filters, ends[-1] if ends else None), key


def show_pages(page: AuditPage, key: str) -> None:
    ends = st.session_state.get(key, [])
    if not (ends or page.more):
        return
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            _("Newer"), icon=":material/chevron_left:", disabled=not ends, on_click=go, args=(key, ends[:-1]),
            key="audit_newer",
        )  # fmt: skip
        st.button(
            _("Older"), icon=":material/chevron_right:", icon_position="right", disabled=not page.more,
            on_click=go, args=(key, [*ends, page.rows[-1].id]), key="audit_older",
        )  # fmt: skip


def go(key: str, ends: list[int]) -> None:
    """A callback: the page that comes after these ends."""
    st.session_state[key] = ends


main()
