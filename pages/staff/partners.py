"""Partners: find one, change its terms and status, its own prices, and who may log in for it."""

import streamlit as st

from core.db import transaction
from core.partners.queries import PAGE_SIZE, PartnerRow, own_prices, partner, partner_page, users_of
from core.principal import Principal
from pages.ui.forms import show_said
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.partner_forms import STATUS_NAMES, edit_partner, edit_prices
from pages.ui.partner_users import edit_users
from pages.ui.text import _, language, quantity


def show_help() -> None:
    with st.expander(_("How this works"), icon=":material/help:"):
        st.markdown(
            _(
                "Select a row to change the partner. A partner's price for a product is its own net price if there is "
                "one, else the list price less its discount. A partner “on hold” sees the catalogue but cannot order; "
                "a closed one cannot log in. Every person of a partner has an own log-in: create it here and hand over "
                "the password, which is shown only once."
            )
        )


def show_table(rows: list[PartnerRow]) -> int | None:
    """The table; the id of the selected partner."""
    config = {
        "code": st.column_config.TextColumn(_("Code"), width="small", pinned=True),
        "name": st.column_config.TextColumn(_("Name"), width="medium"),
        "cui": st.column_config.TextColumn(_("CUI"), width="small"),
        "city": st.column_config.TextColumn(_("City")),
        "discount": st.column_config.TextColumn(_("Discount"), width="small", alignment="right"),
        "days": st.column_config.TextColumn(_("Days to pay"), width="small", alignment="right"),
        "status": st.column_config.TextColumn(_("Status"), width="small"),
        "users": st.column_config.TextColumn(_("Users"), width="small", alignment="right"),
    }
    table = st.dataframe(
        [table_row(row) for row in rows],
        column_config=config,
        hide_index=True,
        # The ids in the key: the same row number of another list is another one. Other words need other widths.
        key=f"partners-{language()}-{hash(tuple(row.id for row in rows))}",
        on_select="rerun",
        selection_mode="single-row",
    )
    selected = [row for row in table.selection.rows if row < len(rows)]
    return rows[selected[0]].id if selected else None


def table_row(row: PartnerRow) -> dict[str, str]:
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
    box, link = st.columns([6, 1], vertical_alignment="bottom")
    search = box.text_input(
        _("Search"), placeholder=_("Code, name, CUI, city or e-mail"), icon=":material/search:", key="search"
    )
    link.page_link("pages/staff/imports.py", label=_("Import"), icon=":material/upload_file:")
    page = st.session_state.get(pages_key := f"pages-{search}", 1)
    with transaction(principal) as session:
        rows, total = partner_page(session, search=search, page=page)
    if not rows:
        st.info(_("No partner matches. Try fewer words, or import your partners."), icon=":material/search_off:")
        return None
    selected = show_table(rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Partners: {count}").format(count=quantity(total)))
        st.pagination(-(-total // PAGE_SIZE), key=pages_key)
    return selected


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Partners"), anchor=False)
    show_help()
    selected = show_list(principal)
    if selected is None:
        st.caption(_("Select a row to change a partner."))
        return
    with transaction(principal) as session:
        chosen = partner(session, selected)
        prices, users = own_prices(session, selected), users_of(session, selected)
    st.subheader(f"{plain(chosen.code)} · {plain(chosen.name)}", anchor=False)
    terms, own, people = st.tabs([_("Terms"), _("Own prices"), _("Users")], key="tab")
    with terms:
        edit_partner(principal, chosen)
    with own:
        edit_prices(principal, selected, prices)
    with people:
        edit_users(principal, chosen, users)


main(require("staff", "partners.see"))
