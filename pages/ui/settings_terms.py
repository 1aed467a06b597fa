"""Terms and conditions: the text in force, publishing another one, and who has accepted it."""

import streamlit as st

from core import clock
from core.db import transaction
from core.principal import Principal
from core.terms.publishing import LONGEST, accepting, publish, terms_in_force
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.text import _, moment

FORM = "settings-terms"


def show_terms(principal: Principal) -> None:
    """The form, and below it the partners."""
    with transaction(principal) as session:
        now, partners = terms_in_force(session), accepting(session)
    st.caption(
        _(
            "Partners' people read the text and accept it when they next come in, before anything else; after each new "
            "text again. Who accepted what and when is kept. An empty text asks for nothing."
        )
    )
    if now:
        st.markdown(_("In force since {moment}.").format(moment=moment(now.published_at)))
    form = form_key(FORM)
    with st.form(FORM, border=False):
        left, right = st.columns(2)
        romanian = left.text_area(
            _("In Romanian"),
            now.romanian if now else "",
            height=320,
            max_chars=LONGEST,
            key=f"{form}-romanian",
            help=_("Bold between ** and **, lists with - or 1. at the beginning of a line."),
        )
        english = right.text_area(
            _("In English (optional)"),
            now.english if now else "",
            height=320,
            max_chars=LONGEST,
            key=f"{form}-english",
            help=_("For people who have chosen English."),
        )
        if st.form_submit_button(_("Publish"), type="primary", icon=":material/gavel:", key=f"{FORM}-publish"):
            with refusals():
                with transaction(principal) as session:
                    publish(session, romanian, english, clock.now())
                    end_form(_("The text is in force. Partners' people are asked when they next come in."), form=FORM)
                st.rerun()
    if now and partners:
        st.dataframe(
            [
                {
                    _("Partner"): row.partner,
                    _("Code"): row.code,
                    _("Accepted by"): _("{accepted} of {people}").format(accepted=row.accepted, people=row.people),
                    _("Last on"): moment(row.last_at) if row.last_at else "",
                }
                for row in partners
            ],
            hide_index=True, alt=_("Who has accepted the terms"),
        )  # fmt: skip
