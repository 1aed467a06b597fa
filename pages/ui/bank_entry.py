"""One entry of a bank statement: what it is most likely for and why, and what can be done with it."""

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.banking.booking import book
from core.banking.listing import EntryRow
from core.banking.proposing import Proposal
from core.banking.setting_aside import LONGEST_REASON, reopen, set_aside, take_back
from core.i18n import N_
from core.principal import Principal
from pages.ui.bank_choice import show_choice
from pages.ui.frame import plain
from pages.ui.receivables_steps import drawer, shown, step_key, take_step
from pages.ui.text import _, amount, day, language

NOTES = {
    "foreign": N_("Another currency: receivables are in lei. Record it by hand at its rate, then set it aside."),
    "reversal": N_("The bank took this back. If the payment is booked, take that back first, then set this aside."),
    "returned": N_("Money of yours that came back, as a fee does. It is no partner's payment: set it aside."),
}


def show_entry(principal: Principal, row: EntryRow, proposal: Proposal | None) -> None:
    """What the bank says, beside it what is proposed, or became of it, and the buttons."""
    left, right = st.columns([2, 3])
    with left:
        who = row.payer_name or row.payer_iban or _("Payer unknown")
        st.markdown(f"**{plain(amount(row.amount, row.currency))}** · {day(row.booked_on)}  \n{plain(who)}")
        told = [row.details, row.payer_iban if row.payer_name else "", row.bank_reference]
        st.caption(" · ".join(plain(part) for part in told if part) or "–")
    with right:
        if row.state == "booked":
            _show_booked(row)
        elif row.state == "set_aside":
            _show_set_aside(row)
        elif row.kind != "payment":
            st.warning(_(NOTES[row.kind]), icon=":material/info:")
            _offer_set_aside(row)
        else:
            _show_open(principal, row, proposal)


def _show_open(principal: Principal, row: EntryRow, proposal: Proposal | None) -> None:
    if proposal:
        _show_proposal(proposal)
    else:
        st.markdown(":gray[:material/help: " + _("Nothing tells whose it is.") + "]")
    with st.container(horizontal=True):
        if proposal:
            st.button(
                _("Book"), type="primary" if proposal.certain else "secondary", icon=":material/check:",
                key=step_key("bank-book", row.id), on_click=_book, args=(shown(), row.id, proposal.mark),
            )  # fmt: skip
        if box := drawer("bank-change", row.id, _("Change") if proposal else _("Choose"), "edit"):
            with box:
                show_choice(principal, row, proposal)
        _offer_set_aside(row)


def _show_proposal(proposal: Proposal) -> None:
    """Whose it is, what it pays, why, and what speaks against it."""
    pays = [f"{plain(one.number)} {plain(amount(one.amount))}" for one in proposal.shares]
    if proposal.order_id:
        pays.append(plain(_("order {number}").format(number=proposal.order_id)))
    if proposal.rest:
        pays.append(plain(_("{amount} credit").format(amount=amount(proposal.rest))))
    icon = ":green[:material/verified:]" if proposal.certain else ":material/arrow_forward:"
    why = "; ".join(plain(reason.text(language())) for reason in proposal.reasons)
    st.markdown(f"{icon} **{plain(proposal.partner)}**: {', '.join(pays)}  \n:small[:gray[{why}]]")
    for doubt in proposal.doubts:
        st.markdown(f":orange[:material/warning: {plain(doubt.text(language()))}]")


def _show_booked(row: EntryRow) -> None:
    pays = row.pays or _("kept as credit")
    st.markdown(f":green[:material/check_circle:] **{plain(row.partner or '')}**: {plain(pays)}")
    if box := drawer("bank-back", row.id, _("Take back"), "undo"):
        with box, st.form(step_key("bank-back-form", row.id), border=False, enter_to_submit=False):
            st.write(_("Its payment is taken back, and the entry waits here again."))
            st.text_input(_("Reason"), max_chars=LONGEST_REASON, key=step_key("bank-back-reason", row.id))
            st.form_submit_button(
                _("Take the payment back"), type="primary", on_click=_take_back, args=(shown(), row.id)
            )


def _show_set_aside(row: EntryRow) -> None:
    st.markdown(f":material/inventory_2: {plain(row.reason)}")
    st.button(_("Take up again"), icon=":material/undo:", key=step_key("bank-reopen", row.id), on_click=_reopen,
              args=(shown(), row.id))  # fmt: skip


def _offer_set_aside(row: EntryRow) -> None:
    if box := drawer("bank-aside", row.id, _("Set aside"), "inventory_2"):
        with box, st.form(step_key("bank-aside-form", row.id), border=False, enter_to_submit=False):
            st.text_input(
                _("Reason"), max_chars=LONGEST_REASON, placeholder=_("A loan, money of several partners …"),
                key=step_key("bank-aside-reason", row.id),
            )  # fmt: skip
            st.form_submit_button(_("Set it aside"), type="primary", on_click=_set_aside, args=(shown(), row.id))


def _book(drawn: int, entry_id: int, mark: str) -> None:
    """A callback."""
    take_step(drawn, lambda session: book(session, entry_id, mark, clock.now()), _("The payment is booked."))


def _take_back(drawn: int, entry_id: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        take_back(session, entry_id, st.session_state[step_key("bank-back-reason", entry_id)], clock.now())

    take_step(drawn, step, _("The payment is taken back; the entry waits again."))


def _set_aside(drawn: int, entry_id: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        set_aside(session, entry_id, st.session_state[step_key("bank-aside-reason", entry_id)], clock.now())

    take_step(drawn, step, _("The entry is set aside."))


def _reopen(drawn: int, entry_id: int) -> None:
    """A callback."""
    take_step(drawn, lambda session: reopen(session, entry_id, clock.now()), _("The entry waits again."))
