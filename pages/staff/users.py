"""The staff: who logs in, what each role may do, and whose log-in needs a second factor. For administrators."""

import streamlit as st

from core.company import Company, change_company, company
from core.db import transaction
from core.i18n import N_
from core.permissions import PARTNER_ROLES, PERMISSIONS, STAFF_ROLES
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, show_said, touched
from pages.ui.guard import require
from pages.ui.people import show_people
from pages.ui.roles import ACTION_NAMES, ROLE_NAMES, show_role_meanings
from pages.ui.text import _

SIDES = {"partner": N_("{role} (at a partner)"), "staff": N_("{role} (staff)")}


def show_roles() -> None:
    with st.expander(_("What each role may do"), icon=":material/badge:"):
        show_role_meanings(STAFF_ROLES)


def show_second_factor(principal: Principal) -> None:
    """Which roles are led to set up a second factor."""
    st.subheader(_("Who must use a second step"), anchor=False)
    st.caption(
        _(
            "A second step is a code from the telephone, asked for after the password. Whoever has one of these roles "
            "and no second step yet is led to set it up at the next click, before anything else: you too, if you "
            "choose your own role. Everybody else may set one up under “My account”."
        )
    )
    with transaction(principal) as session:
        row = company(session)
    form = form_key("second-factor")
    shown = as_shown(f"{form}-roles", row)
    with st.form(form, border=False):
        roles = st.pills(
            _("Roles"),
            [*STAFF_ROLES, *PARTNER_ROLES],
            selection_mode="multi",
            default=shown.two_factor_roles,
            format_func=role_at,
            label_visibility="collapsed",
            key=f"{form}-roles",
        )
        if st.form_submit_button(_("Save"), icon=":material/check:"):
            keep_roles(principal, sorted(roles), shown, row)


def role_at(role: str) -> str:
    """The role's name with its side: an accountant is at a partner, accounting is staff."""
    side = "partner" if role in PARTNER_ROLES else "staff"
    return _(SIDES[side]).format(role=_(ROLE_NAMES[role]))


def keep_roles(principal: Principal, roles: list[str], shown: Company, row: Company) -> None:
    with refusals():
        with transaction(principal) as session:
            change_company(session, **touched({"two_factor_roles": roles}, shown, row))
            end_form(_("Saved. It takes effect at everybody's next click."), form="second-factor")
        st.rerun()


def show_permissions() -> None:
    """Which staff role may do what, as the program itself decides it."""
    st.subheader(_("What each role may do"), anchor=False)
    config = {"action": st.column_config.TextColumn(_("Action"), width="medium", pinned=True)}
    config |= {
        role: st.column_config.TextColumn(_(ROLE_NAMES[role]), width=110, alignment="center") for role in STAFF_ROLES
    }
    rows = [
        {"action": _(ACTION_NAMES[action])} | {role: "✓" if role in roles else "" for role in STAFF_ROLES}
        for action, roles in PERMISSIONS.items()
        if roles & set(STAFF_ROLES)
    ]
    st.dataframe(rows, column_config=config, hide_index=True, height="content", key="permissions")


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Staff"), anchor=False)
    show_roles()
    show_people(principal, None)
    show_second_factor(principal)
    show_permissions()


main(require("staff", "staff.manage"))
