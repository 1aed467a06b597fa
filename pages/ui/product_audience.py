"""Who sees a product: everybody, or some groups and partners only."""

import streamlit as st

from core import clock
from core.catalog.audiences import Audience, Choices, audience, choices, set_audience
from core.catalog.queries import ProductRow
from core.db import transaction
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.text import _


def show_audience(principal: Principal, row: ProductRow) -> None:
    """The form; saving starts the page over."""
    with transaction(principal) as session:
        now = audience(session, row.id)
        offered = choices(session, now)
    form = form_key(about := f"audience-{row.id}")
    with st.form(form, width=640):
        wanted = audience_fields(form, now, offered)
        if not st.form_submit_button(_("Save who sees it"), type="primary"):
            return
    with refusals():
        with transaction(principal) as session:
            set_audience(session, [row.id], wanted, clock.now())
            end_form(_("{sku} was saved.").format(sku=plain(row.sku)), form=about)
        st.rerun()


def audience_fields(form: str, now: Audience, offered: Choices) -> Audience:
    """The fields, holding `now`; what is in them."""
    labels = {False: _("Every partner"), True: _("Only these groups and partners")}
    restricted = st.radio(
        _("Who sees it?"), list(labels), int(now.restricted), format_func=labels.__getitem__, key=f"{form}-restricted"
    )
    groups = st.multiselect(
        _("Groups of partners"), list(offered.groups), [id for id in offered.groups if id in now.groups],
        format_func=offered.groups.__getitem__, placeholder=_("None"), key=f"{form}-groups",
    )  # fmt: skip
    partners = st.multiselect(
        _("Partners"), list(offered.partners), [id for id in offered.partners if id in now.partners],
        format_func=offered.partners.__getitem__, placeholder=_("None"), key=f"{form}-partners",
    )  # fmt: skip
    st.caption(
        _(
            "To all others it is as if it did not exist: in lists, search, files and pictures. “Only these” with "
            "nobody chosen hides it from every partner."
        )
    )
    return Audience(restricted, frozenset(groups), frozenset(partners))
