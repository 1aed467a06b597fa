"""What staff may do with an issued document: take it back, correct it, annul it, invoice it, record a payment."""

from decimal import Decimal

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.documents.annulling import annul
from core.documents.freehand import invoice_proforma
from core.documents.models import OPENING, Document
from core.documents.order_lines import Terms
from core.documents.storno import storno
from core.documents.viewing import DocumentView
from core.i18n import N_
from core.imports import fields
from core.permissions import may
from core.principal import Principal
from core.receivables.payments import record_payment
from pages.ui.document_correcting import offer_correction
from pages.ui.document_steps import drawn, issued, key_of, popover, take_document_step
from pages.ui.document_terms import read_terms, show_terms
from pages.ui.forms import editable, read
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.text import _, quantity

ANNUL = N_(
    "Only a document that has not reached the partner is annulled; an invoice that has is taken back"
    " with a storno. Its number stays taken, and it stays visible as annulled."
)
ANNUL_OPENING = N_(
    "What was loaded by mistake is annulled, as long as nothing was paid on it. It stays visible as annulled, and the"
    " same number can be loaded again."
)


def show_actions(staff: Principal, view: DocumentView) -> None:
    """A row of buttons, the likeliest first; what cannot be done is not offered."""
    document = view.document
    with st.container(horizontal=True):
        if document.kind != OPENING:
            address = f"/documents/{document.id}.pdf"
            st.link_button(_("PDF"), address, icon=":material/picture_as_pdf:", type="tertiary")
        if view.has_xml:
            address = f"/documents/{document.id}.xml"
            st.link_button(_("XML (e-Factura)"), address, icon=":material/code:", type="tertiary")
        if view.annulled:
            return
        if document.is_debt and view.open > 0 and may(staff, "payments.record"):
            _offer_payment(view)
        if document.kind == "proforma" and document.order_id is None and may(staff, "documents.issue"):
            _offer_invoicing(staff, view)
        if not may(staff, "documents.correct"):
            return
        if document.kind == "invoice" and any(view.left.values()):
            _offer_storno(staff, view)
            if not view.returned and not document.advance:
                offer_correction(staff, view)
        if document.kind != "storno" and not view.returned:
            _offer_annulment(view)


def _offer_payment(view: DocumentView) -> None:
    if box := popover(view, "pay", _("Record a payment"), "payments", primary=True):
        with box, st.form(key_of(view, "pay-form"), border=False, enter_to_submit=False):
            left, right = st.columns(2)
            left.text_input(_("Amount received, lei"), editable(view.open, 2), key=key_of(view, "amount"))
            right.date_input(
                _("Received on"), today(), max_value=today(), format="DD.MM.YYYY", key=key_of(view, "paid-on")
            )
            st.text_input(
                _("Reference"), max_chars=200, placeholder=_("As on the bank statement"), key=key_of(view, "reference")
            )
            st.caption(_("What is more than what is open stays as the partner's credit."))
            st.form_submit_button(_("Record payment"), type="primary", on_click=_pay, args=(view, drawn()))


def _pay(view: DocumentView, at: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        typed, day, reference = (st.session_state[key_of(view, name)] for name in ("amount", "paid-on", "reference"))
        value = read(_("Amount received, lei"), typed, fields.amount)
        pays = {view.document.id: min(value, view.open)} if value > 0 else {}
        record_payment(
            session, view.document.partner_id, value, day or today(), clock.now(), pays=pays, reference=reference
        )

    take_document_step(at, step, _("The payment is recorded."))


def _offer_invoicing(staff: Principal, view: DocumentView) -> None:
    if box := popover(view, "invoice", _("Issue its invoice"), "receipt_long", primary=True):
        with box, st.form(key_of(view, "invoice-form"), border=False, enter_to_submit=False):
            show_terms(staff, "invoice", lambda name: key_of(view, f"invoice-{name}"))
            st.form_submit_button(_("Issue it"), type="primary", on_click=_invoice, args=(view, drawn()))


def _invoice(view: DocumentView, at: int) -> None:
    """A callback."""

    def step(session: Session) -> Document:
        chosen = read_terms(lambda name: key_of(view, f"invoice-{name}"))
        terms = Terms(
            chosen.series_id, chosen.issued_on, view.document.currency, view.document.exchange_rate, chosen.note
        )
        return invoice_proforma(session, view.document.id, clock.now(), terms)

    take_document_step(at, step, issued, opens=lambda document: document.id)


def _offer_storno(staff: Principal, view: DocumentView) -> None:
    if box := popover(view, "storno", _("Take back (storno)"), "undo"):
        with box, st.form(key_of(view, "storno-form"), border=False, enter_to_submit=False):
            st.write(_("How much of each line is taken back? All that is left is filled in."))
            for line in view.lines:
                if left := view.left[line.position]:
                    label = _("{product}, at most {quantity} {unit}").format(
                        product=plain(line.name), quantity=quantity(left), unit=plain(line.unit)
                    )
                    st.text_input(label, editable(left), key=key_of(view, f"back-{line.position}"))
            st.text_input(_("Reason, as it stands on the storno"), max_chars=200, key=key_of(view, "storno-reason"))
            show_terms(staff, "storno", lambda name: key_of(view, f"storno-{name}"))
            st.form_submit_button(_("Issue the storno"), type="primary", on_click=_storno, args=(view, drawn()))


def _storno(view: DocumentView, at: int) -> None:
    """A callback."""

    def step(session: Session) -> Document:
        wanted: dict[int, Decimal] = {}
        for line in view.lines:
            typed = st.session_state.get(key_of(view, f"back-{line.position}"), "").strip()
            if view.left[line.position] and typed:
                sign = -1 if view.left[line.position] < 0 else 1
                wanted[line.position] = sign * read(plain(line.name), typed.lstrip("-"), fields.stock)
        whole = wanted == {position: left for position, left in view.left.items() if left}
        reason = st.session_state[key_of(view, "storno-reason")]
        terms = read_terms(lambda name: key_of(view, f"storno-{name}"))
        return storno(session, view.document.id, reason, clock.now(), None if whole else wanted, terms)

    take_document_step(at, step, issued, opens=lambda document: document.id)


def _offer_annulment(view: DocumentView) -> None:
    if box := popover(view, "annul", _("Annul"), "block"):
        with box, st.form(key_of(view, "annul-form"), border=False, enter_to_submit=False):
            st.write(_(ANNUL_OPENING) if view.document.kind == OPENING else _(ANNUL))
            st.text_input(_("Reason, for the audit"), max_chars=200, key=key_of(view, "annul-reason"))
            st.form_submit_button(_("Annul it"), on_click=_annul, args=(view, drawn()))


def _annul(view: DocumentView, at: int) -> None:
    """A callback."""

    def step(session: Session) -> None:
        annul(session, view.document.id, st.session_state[key_of(view, "annul-reason")], clock.now())

    take_document_step(at, step, _("It is annulled."))
