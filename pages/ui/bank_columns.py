"""A table whose columns nobody has told apart yet: they are guessed, corrected once, and remembered."""

import pandas as pd
import streamlit as st

from core import clock
from core.banking.ibans import own_accounts
from core.banking.mappings import Columns, columns_of, remember
from core.banking.tables import COLUMNS
from core.company import company
from core.db import transaction
from core.i18n import N_
from core.principal import Principal
from pages.ui.bank_loading import LOADED_KEY, PENDING_KEY, File, load_files
from pages.ui.clicks import hold_clicks
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.receivables_steps import REFUSED_KEY, shown, step_key
from pages.ui.text import _

NAMES = {
    "date": N_("Day of the entry"), "amount": N_("Amount"), "credit": N_("Came in"), "debit": N_("Went out"),
    "side": N_("D or C"), "currency": N_("Currency"), "details": N_("Text of the payment"), "payer": N_("Payer"),
    "payer_iban": N_("Payer's account (IBAN)"), "reference": N_("The bank's own number of the entry"),
}  # fmt: skip


def show_columns(principal: Principal) -> None:
    """The first of the files that wait: its first rows, and which column is what."""
    pending: list[File] = st.session_state.get(PENDING_KEY, [])
    if not pending:
        return
    file = pending[0]
    with st.container(border=True, key="bank-columns"):
        st.subheader(_("What are the columns of {file}?").format(file=plain(file.name)), anchor=False)
        st.caption(_("It is asked once for each kind of table. A day is needed, and an amount or what came in."))
        with refusals():
            with transaction(principal) as session:
                seen = columns_of(session, file.data)
                own = own_accounts(company(session))
            _show_form(file, seen, own)
        st.button(_("Leave this file out"), type="tertiary", key=step_key("bank-leave"), on_click=_leave)


def _show_form(file: File, seen: Columns, own: list[str]) -> None:
    width = len(seen.names)
    rows = [[*row, *[""] * width][:width] for row in seen.cells]
    names = [
        name if name and name not in seen.names[:at] else f"{name} ({at + 1})" for at, name in enumerate(seen.names)
    ]
    st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, alt=_("The first rows of the file"))
    options = ["", *dict.fromkeys(name for name in seen.names if name)]
    with st.form(step_key("bank-columns-form"), border=False, enter_to_submit=False):
        places = st.columns(2)
        for at, column in enumerate(COLUMNS):
            guessed = seen.mapping.get(column.name, "")
            places[at % 2].selectbox(
                _(NAMES[column.name]), options, options.index(guessed) if guessed in options else 0,
                format_func=lambda name: name or "–", key=step_key(f"bank-column-{column.name}"),
            )  # fmt: skip
        accounts = own or [""]
        st.selectbox(
            _("Of which account of yours"), accounts, accounts.index(seen.account) if seen.account in accounts else 0,
            key=step_key("bank-account"),
        )  # fmt: skip
        st.form_submit_button(
            _("Remember and load"), type="primary", icon=":material/save:", on_click=_remember, args=(shown(), file)
        )


def _remember(drawn: int, file: File) -> None:
    """A callback."""
    if shown() != drawn:
        return
    staff = require("staff", "payments.record")
    mapping = {column.name: st.session_state[step_key(f"bank-column-{column.name}")] for column in COLUMNS}
    account = st.session_state[step_key("bank-account")]

    def keep() -> None:
        with transaction(staff) as session:
            remember(session, file.data, mapping, account, clock.now())

    with refusals(REFUSED_KEY):
        hold_clicks(keep)
        before = st.session_state.get(LOADED_KEY, [])
        load_files(st.session_state[PENDING_KEY])
        st.session_state[LOADED_KEY] = [*before, *st.session_state[LOADED_KEY]]


def _leave() -> None:
    """A callback."""
    st.session_state[PENDING_KEY] = st.session_state.get(PENDING_KEY, [])[1:]
