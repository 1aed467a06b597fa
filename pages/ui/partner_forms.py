"""What staff change on one partner: its data and terms."""

import streamlit as st

from core import clock
from core.db import transaction
from core.partners.data import PartnerData, Terms
from core.partners.editing import change_partner
from core.partners.models import Partner
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, touched
from pages.ui.frame import plain
from pages.ui.partner_fields import company_fields, data_of, read_discount, terms_fields, terms_of
from pages.ui.text import _


def edit_partner(principal: Principal, partner: Partner) -> None:
    """The form of a partner's data and terms; saving starts the page over."""
    form = form_key(about := f"partner-{partner.id}")
    shown = as_shown(f"{form}-name", partner)
    with st.form(form, border=False):
        typed = company_fields(form, PartnerData.of(shown))
        typed |= terms_fields(form, Terms(shown.code, shown.discount, shown.payment_days))
        if not st.form_submit_button(_("Save"), type="primary"):
            return
    with refusals():
        with transaction(principal) as session:
            values = touched(read_discount(typed), shown, partner)
            change_partner(session, partner.id, data_of(values), terms_of(values), clock.now())
            end_form(_("{name} was saved.").format(name=plain(typed["name"])), form=about)
        st.rerun()
