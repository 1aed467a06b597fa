"""The list of partners: found by words and by status, one of them chosen."""

import streamlit as st

from core.db import transaction
from core.partners.onboarding import STATUSES
from core.partners.queries import PAGE_SIZE, PartnerRow, partner_page
from core.permissions import may
from core.principal import Principal
from pages.ui.partner_new import CREATED_KEY
from pages.ui.partner_status import STATUS_NAMES
from pages.ui.text import _, language, quantity


def _say_none(filtered: bool) -> None:
    if filtered:
        st.info(_("No partner matches. Try fewer words, or another status."), icon=":material/search_off:")
    else:
        st.info(_("There is no partner yet. Begin with “New partner”, or import a file."), icon=":material/handshake:")


def _show_table(rows: list[PartnerRow]) -> int | None:
    """The table; the id of the selected partner."""
    config = {
        "code": st.column_config.TextColumn(_("Code"), pinned=True),
        "name": st.column_config.TextColumn(_("Name"), width="medium"),
        "cui": st.column_config.TextColumn(_("CUI"), width="small"),
        "city": st.column_config.TextColumn(_("City")),
        "discount": st.column_config.TextColumn(_("Discount"), width="small", alignment="right"),
        "days": st.column_config.TextColumn(_("Days to pay"), width="small", alignment="right"),
        "status": st.column_config.TextColumn(_("Status"), width="small"),
        "users": st.column_config.TextColumn(_("Users"), width="small", alignment="right"),
    }
    table = st.dataframe(
        [_table_row(row) for row in rows],
        column_config=config,
        hide_index=True,
        # The ids in the key: the same row number of another list is another one. Other words need other widths.
        key=f"partners-{language()}-{hash(tuple(row.id for row in rows))}",
        on_select="rerun",
        selection_mode="single-row",
    )
    selected = [row for row in table.selection.rows if row < len(rows)]
    return rows[selected[0]].id if selected else None


def _table_row(row: PartnerRow) -> dict[str, str]:
    return {
        "code": row.code,
        "name": row.name,
        "cui": row.cui,
        "city": row.city,
        "discount": f"{quantity(row.discount)} %",
        "days": str(row.payment_days),
        "status": _(STATUS_NAMES[row.status]),
        "users": str(row.users),
    }


def show_list(principal: Principal) -> int | None:
    """The id of the chosen partner."""
    if created := st.session_state.pop(CREATED_KEY, None):
        st.session_state["search"], st.session_state["status"] = created, None
    box, choice, link = st.columns([4, 2, 1], vertical_alignment="bottom")
    search = box.text_input(
        _("Search"), placeholder=_("Code, name, CUI, city or e-mail"), icon=":material/search:", key="search"
    )
    status = choice.selectbox(
        _("Status"), STATUSES, None, placeholder=_("All"), format_func=lambda name: _(STATUS_NAMES[name]), key="status"
    )
    if may(principal, "imports.run"):
        link.page_link("pages/staff/imports.py", label=_("Import"), icon=":material/upload_file:")
    page = st.session_state.get(pages_key := f"pages-{status}-{search}", 1)
    with transaction(principal) as session:
        rows, total = partner_page(session, search=search, status=status, page=page)
    if not rows:
        _say_none(bool(search or status))
        return None
    selected = _show_table(rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Partners: {count}").format(count=quantity(total)))
        st.pagination(-(-total // PAGE_SIZE), key=pages_key)
    return selected
