"""Companies that ask for access: who they are, whom they resemble, and the answer."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import streamlit as st

from core import clock
from core.auth.asking import approve_request
from core.db import transaction
from core.partners.data import PartnerData, Terms
from core.partners.onboarding import LONGEST_REASON, refuse
from core.partners.register import Found
from core.partners.requests import Asked, Lookalike, Request, asked_again, open_requests, request
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.partner_fields import labels, read_discount, said, terms_fields, terms_of
from pages.ui.partner_register import FILLED, found_in_register
from pages.ui.partner_status import STATUS_NAMES
from pages.ui.text import _, language, moment, quantity

SHOWN_FOR = timedelta(days=14)
"""How long it is shown that somebody asked for a partner that was there already."""

COMPANY = ("name", "cui", "reg_com", "vat_payer", "address", "city", "county")
PERSON = ("contact_name", "email", "phone")
NOT_ASKED = ("vat_payer", "reg_com")


def show_requests(principal: Principal) -> None:
    """What waits for an answer; nothing where nothing does."""
    with transaction(principal) as session:
        waiting, again = open_requests(session), asked_again(session, clock.now() - SHOWN_FOR)
    if waiting:
        with st.container(border=True, key="requests"):
            title = _("Requests for access: {count}").format(count=quantity(len(waiting)))
            st.markdown(f"#### :material/person_add: {title}")
            selected = _show_table(waiting)
            if selected is None:
                st.caption(_("Select a request to answer it."))
            else:
                with refusals():
                    with transaction(principal) as session:
                        opened = request(session, selected)
                    _show_request(principal, opened)
    if again:
        _show_again(again)


def _show_table(waiting: list[Asked]) -> int | None:
    config = {
        "name": st.column_config.TextColumn(_("Company"), width="medium", pinned=True),
        "contact": st.column_config.TextColumn(_("Contact")),
        "email": st.column_config.TextColumn(_("E-mail")),
        "at": st.column_config.TextColumn(_("Asked on")),
    }
    rows = [{"name": row.partner, "contact": row.contact, "email": row.email, "at": moment(row.at)} for row in waiting]
    key = f"requests-{language()}-{hash(tuple(row.partner_id for row in waiting))}"
    table = st.dataframe(
        rows, column_config=config, hide_index=True, key=key, on_select="rerun", selection_mode="single-row"
    )
    selected = [row for row in table.selection.rows if row < len(waiting)]
    return waiting[selected[0]].partner_id if selected else None


def _show_again(again: list[Asked]) -> None:
    """Nobody told who asked that the company is a partner already: that is for staff to do."""
    title = _("Asked for partners that exist already: {count}").format(count=quantity(len(again)))
    with st.expander(title, icon=":material/info:"):
        st.caption(
            _("The asker was not told so. If the person belongs to the partner, invite them in the tab “Users”.")
        )
        for row in again:
            st.markdown(f"**{plain(row.code)} · {plain(row.partner)}**  \n{_asked_line(row)}")


def _asked_line(row: Asked) -> str:
    parts = [moment(row.at), row.contact, row.email, row.phone, row.note]
    return " · ".join(plain(part) for part in parts if part)


def _show_request(principal: Principal, opened: Request) -> None:
    partner = opened.partner
    if opened.asked.note:
        st.info(plain(opened.asked.note), icon=":material/chat:")
    _warn(opened.lookalikes)
    company, person = st.columns(2)
    with company:
        found = found_in_register(str(partner.id), partner.cui) if may(principal, "partners.edit") else None
        st.markdown(_facts(PartnerData.of(partner), COMPANY, found))
        if found:
            st.caption(":material/account_balance: " + _("So it stands in the company register"))
    person.markdown(_facts(PartnerData.of(partner), PERSON))
    for row in opened.again:
        st.caption(_("Asked again: {who}").format(who=_asked_line(row)))
    if may(principal, "partners.edit"):
        _approve_form(principal, opened, found)
        _refuse_box(principal, opened)


def _warn(lookalikes: list[Lookalike]) -> None:
    for alike in lookalikes:
        reasons = [
            words
            for holds, words in (
                (alike.same_cui, _("the same CUI")),
                (alike.same_email and not alike.user, _("the same e-mail address")),
                (alike.user, _("a log-in with this e-mail address")),
            )
            if holds
        ]
        words = _("{code} · {name} ({status}) has {what}.")
        st.warning(
            words.format(
                code=plain(alike.code), name=plain(alike.name), status=_(STATUS_NAMES[alike.status]).lower(),
                what=", ".join(reasons),
            ),
            icon=":material/group:",
        )  # fmt: skip


def _facts(asked: PartnerData, names: tuple[str, ...], found: Found | None = None) -> str:
    """Lines of Markdown: what was asked with, and what the register has otherwise."""
    lines = []
    for name in names:
        value = "" if name in NOT_ASKED else said(name, getattr(asked, name))
        known = said(name, getattr(found.company, name)) if found and name in FILLED else ""
        if known and known != value:
            value = f"{value} :blue-badge[:material/account_balance: {known}]"
        if value:
            lines.append(f":gray[{labels()[name]}]: {value}")
    return "  \n".join(lines)


def _approve_form(principal: Principal, opened: Request, found: Found | None) -> None:
    form = form_key(about := f"request-{opened.partner.id}")
    with st.form(form, border=False):
        typed: dict[str, Any] = terms_fields(form, Terms("", Decimal(0), opened.partner.payment_days))
        left, right = st.columns(2, vertical_alignment="bottom")
        label = _("Log-in of the owner (e-mail)")
        typed["invited"] = left.text_input(label, opened.partner.email, max_chars=254, key=f"{form}-invited")
        send = right.checkbox(_("Create this log-in and send the invitation to it"), True, key=f"{form}-send")
        take = bool(found) and st.toggle(_("Take over what the register knows"), True, key=f"{form}-take")
        if not st.form_submit_button(_("Approve"), type="primary", icon=":material/check:"):
            return
    with refusals():
        with transaction(principal) as session:
            data = PartnerData.of(opened.partner)
            if take and found:
                data = replace(data, **{name: getattr(found.company, name) for name in FILLED})
            approve_request(
                session, opened.partner.id, data, terms_of(read_discount(typed)), clock.now(),
                invited=typed["invited"] if send else "", language=opened.asked.language,
            )  # fmt: skip
            end_form(_("{name} is a partner now.").format(name=plain(data.name)), form=about)
        st.rerun()


def _refuse_box(principal: Principal, opened: Request) -> None:
    about = f"refuse-{opened.partner.id}"
    with st.popover(_("Refuse"), icon=":material/block:", key=about):
        label = _("Reason (it is mailed to {email})").format(email=plain(opened.partner.email))
        reason = st.text_input(label, max_chars=LONGEST_REASON, key=f"{about}-reason")
        if not st.button(_("Refuse the request"), key=f"{about}-do"):
            return
        with refusals():
            with transaction(principal) as session:
                refuse(session, opened.partner.id, reason, clock.now())
                end_form(_("The request of {name} was refused.").format(name=plain(opened.partner.name)))
            st.rerun()
