"""Who is told of new orders: the general addresses, and more for goods of a brand."""

import pandas as pd
import streamlit as st

from core import clock
from core.company import company
from core.db import transaction
from core.notifications.order_addresses import brands, change_order_addresses, order_addresses
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.text import _

ABOUT = "order-addresses"


def show_addresses(principal: Principal) -> None:
    """The general addresses, and a table of brands."""
    with transaction(principal) as session:
        general, known, now = company(session).order_emails, brands(session), order_addresses(session)
    told = ", ".join(plain(address) for address in general) or _("nobody: set an address first")
    st.markdown(_("Every new order is told to: {addresses}").format(addresses=told))
    st.caption(
        _(
            "These addresses stand under Settings, “Orders and deadlines”. Orders with goods of a brand are also told "
            "to whoever looks after it. Several addresses: a comma between. An empty field: nobody but those above."
        )
    )
    names = sorted({*known, *now})
    if not names:
        st.info(_("No product has a brand yet. Set brands on the products or import them."), icon=":material/sell:")
        return
    _edit(principal, {name: ", ".join(now.get(name, [])) for name in names})


def _edit(principal: Principal, shown: dict[str, str]) -> None:
    form = form_key(ABOUT)
    with st.form(form, border=False):
        table = st.data_editor(
            pd.DataFrame({"brand": list(shown), "emails": list(shown.values())}),
            hide_index=True, disabled=["brand"], key=f"{form}-table", height="content", width=760,
            column_config={
                "brand": st.column_config.TextColumn(_("Brand"), width=200),
                "emails": st.column_config.TextColumn(_("E-mail addresses"), max_chars=1000),
            },
        )  # fmt: skip
        if not st.form_submit_button(_("Save"), type="primary"):
            return
    typed = dict(zip(table["brand"], table["emails"].fillna(""), strict=True))
    changed = {brand: emails for brand, emails in typed.items() if emails != shown[brand]}
    with refusals():
        with transaction(principal) as session:
            change_order_addresses(session, changed, clock.now())
            end_form(_("The addresses were saved. They hold from the next order on."), form=ABOUT)
        st.rerun()
