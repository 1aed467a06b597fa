"""The demo company on the page of the first steps: offered where nothing is yet; once here, who can log in to it."""

import streamlit as st

from core.db import transaction
from core.demo.load import DemoLogin
from core.demo.visiting import load, may_come
from core.i18n import N_
from core.principal import Principal
from pages.ui.clicks import hold_clicks, leave
from pages.ui.demo_bar import LOG_INS, forget_all
from pages.ui.errors import refusals
from pages.ui.roles import ROLE_NAMES
from pages.ui.text import _

TO_TRY = (
    N_("Log in as a partner in a private window of the browser, or on your telephone: find products, order them."),
    N_("Claim the order here under “Orders to claim”, invoice it, ship it."),
    N_("Move the clock to the next deadline with the bar above, and watch an order lapse within a minute."),
)


def offer_demo(principal: Principal) -> None:
    """The way to load it, on an installation that has nothing yet."""
    with transaction(principal) as session:
        if not may_come(session):
            return
    with st.container(border=True, key="demo_offer"):
        st.markdown("**" + _("Look around with a demo company first?") + "**")
        st.markdown(
            _(
                "An invented distributor with 316 products, 12 partners and four months of orders, invoices and "
                "payments is loaded into this portal. No mail leaves while it is here. One click removes it again, "
                "and what you have set up by now is back."
            )
        )
        if not st.button(_("Load the demo company"), icon=":material/science:", key="demo_load"):
            return
        with refusals():
            with st.spinner(_("The demo company is being loaded. It takes up to a minute.")):
                made = hold_clicks(lambda: _load(principal))
            forget_all()
            leave(LOG_INS, made)
            st.rerun()


def _load(principal: Principal) -> list[DemoLogin]:
    with transaction(principal) as session:
        return load(session)


def show_guest() -> None:
    """Instead of the first steps while the demo company is here."""
    with st.container(border=True, key="demo_guest"):
        st.markdown("**" + _("The demo company is here") + "**")
        st.markdown("\n".join(f"1. {_(words)}" for words in TO_TRY))
        st.caption(_("Your own first steps go on once it is removed, with the bar above."))
    if made := st.session_state.get(LOG_INS):
        _show_log_ins(made)


def _show_log_ins(made: list[DemoLogin]) -> None:
    """Shown to who loaded it, until they say that they have them."""
    st.warning(
        _("These passwords were made for this demo and are shown only here and now. Note down those you want to use."),
        icon=":material/key:",
    )
    rows = []
    for who, email, password in made:
        name, role = who.rsplit(", ", 1)
        whose = _("Your side") if name == "Staff" else name
        rows.append({_("Company"): whose, _("Role"): _(ROLE_NAMES[role]), _("E-mail"): email, _("Password"): password})
    st.table(rows)
    if st.button(_("I have noted them down"), key="demo_noted"):
        st.session_state.pop(LOG_INS, None)
        st.rerun()
