"""Which mails about money a partner gets."""

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.partners.mailing import choose_money_mails
from core.partners.models import Partner
from pages.ui.receivables_steps import drawer, shown, step_key, take_step
from pages.ui.text import _


def offer_mails(partner: Partner) -> None:
    """The two switches: reminders, and the monthly statement."""
    box = drawer("mails", partner.id, _("Its mails"), "mail")
    if box is None:
        return
    with box, st.form(step_key("mails-form", partner.id), border=False):
        st.toggle(_("Reminders of overdue invoices"), partner.reminders, key=step_key("mails-reminders", partner.id))
        st.toggle(
            _("A statement of the last month, on the first working day"), partner.monthly_statement,
            key=step_key("mails-statement", partner.id),
        )  # fmt: skip
        st.form_submit_button(_("Save"), type="primary", on_click=_choose, args=(shown(), partner.id))


def _choose(drawn: int, partner_id: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        reminders, statement = (
            bool(st.session_state[step_key(f"mails-{name}", partner_id)]) for name in ("reminders", "statement")
        )
        choose_money_mails(session, partner_id, reminders=reminders, monthly_statement=statement, as_of=clock.now())

    take_step(drawn, step, _("Saved."))
