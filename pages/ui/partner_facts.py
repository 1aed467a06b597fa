"""A partner's data and people for who does not change them."""

import streamlit as st

from core.partners.models import Partner
from core.partners.queries import PartnerUser
from pages.ui.frame import plain
from pages.ui.partner_fields import COMPANY, TERMS, labels, said
from pages.ui.roles import ROLE_NAMES
from pages.ui.text import _


def show_facts(partner: Partner) -> None:
    """The data and the terms for who cannot change them."""
    facts = {name: said(name, getattr(partner, name)) for name in (*COMPANY, *TERMS)}
    for column, names in zip(st.columns(2), (COMPANY[:6], (*COMPANY[6:], *TERMS[1:])), strict=True):
        column.markdown("  \n".join(f":gray[{labels()[name]}]: {facts[name]}" for name in names))


def show_users(users: list[PartnerUser]) -> None:
    """The people of a partner, for who does not manage them."""
    for user in users:
        state = "" if user.active else " · " + _("Blocked")
        st.markdown(f"**{plain(user.name)}** · {plain(user.email)} · {_(ROLE_NAMES[user.role])}{state}")
    if not users:
        st.caption(_("Nobody can log in for this partner yet."))
