"""One document as the partner reads it: its total, why something is open, what paid it, and its PDF."""

from collections.abc import Sequence

import streamlit as st

from core.anaf.queries import has_archive
from core.company import company
from core.db import transaction
from core.documents.efactura.keeping import has_xml
from core.documents.models import OPENING
from core.documents.payment_code import payment_code
from core.principal import Principal
from core.receivables.details import Detail, PaidRow, RelatedRow, document_detail
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.my_document_words import KINDS, way, why_open
from pages.ui.my_documents import COLOURS, ONE, STATES
from pages.ui.my_paying import show_account
from pages.ui.text import _, amount, day, price, quantity


def show_document(principal: Principal, document_id: int) -> None:
    """The document, or that there is none: another partner's is as absent as one that never was."""
    if st.button(_("All documents"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()
    with refusals():
        with transaction(principal) as session:
            found, seller = document_detail(session, document_id, today()), company(session)
            signed = has_archive(session, document_id)
            found.document.lines  # noqa: B018 (read now, while there is a session)
            with_xml = has_xml(session, found.document)
        _show_head(found, with_xml, signed)
        _show_why(found)
        _show_paid_by(found.paid_by)
        if found.owed and found.open > 0:
            with st.container(border=True):
                st.subheader(_("How to pay"), anchor=False)
                # The code asks for the whole amount.
                code = payment_code(found.document) if found.open == found.document.lei_gross else ""
                show_account(seller, found.document.full_number, code)
        if found.document.kind != OPENING:
            _show_lines(found)
        _show_related(found.related)


def _state(found: Detail) -> str:
    if found.annulled:
        return "annulled"
    if not found.owed:
        return "issued"
    return "paid" if found.open <= 0 else "overdue" if found.overdue_days else "unpaid"


def _show_head(found: Detail, with_xml: bool, signed: bool) -> None:
    document, state = found.document, _state(found)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(f"{_(ONE[document.kind])} {document.full_number}", anchor=False, width="content")
        if state != "issued":
            st.badge(_(STATES[state]), color=COLOURS[state])  # type: ignore[arg-type]
    said = [_("Issued on {day}").format(day=day(document.issued_on))]
    if found.owed:
        said.append(_("due on {day}").format(day=day(document.due_on)))
    if document.order_id:
        said.append(_("Order {number}").format(number=document.order_id))
    st.caption(" · ".join(said))
    _show_sums(found)
    if document.kind == OPENING:
        words = _(
            "This document is from the distributor's previous program: here is what of it is still to be settled."
        )
        st.info(words, icon=":material/history:")
        if document.note:
            st.caption(_("Note: {note}").format(note=plain(document.note)))
        return
    with st.container(horizontal=True):
        st.link_button(_("Open the PDF"), f"/documents/{document.id}.pdf", icon=":material/picture_as_pdf:",
                       type="primary")  # fmt: skip
        if with_xml:
            st.link_button(_("XML (e-Factura)"), f"/documents/{document.id}.xml", icon=":material/code:")
        if signed:
            st.link_button(_("Original signed by ANAF (ZIP)"), f"/documents/{document.id}/anaf.zip",
                           icon=":material/folder_zip:")  # fmt: skip
        if document.order_id:
            st.link_button(_("To the order"), f"/orders?order={document.order_id}", icon=":material/shopping_cart:")


def _show_sums(found: Detail) -> None:
    document = found.document
    with st.container(horizontal=True):
        if document.kind == OPENING:
            words = (
                _("Open when it was brought over") if document.is_debt else _("Your credit when it was brought over")
            )
            st.metric(words, amount(abs(document.lei_gross)), border=True, width="content")
        elif document.kind != "delivery_note":
            st.metric(_("Total"), amount(document.gross, document.currency), border=True, width="content")
        if document.kind == OPENING and not document.is_debt:
            st.metric(_("Credit that is left"), amount(found.credit), border=True, width="content")
        if found.owed:
            st.metric(_("Paid so far"), amount(found.paid), border=True, width="content")
            st.metric(_("Still open"), amount(found.open), border=True, width="content")


def _show_why(found: Detail) -> None:
    if found.annulled:
        st.warning(_("This document was annulled: {reason}").format(reason=plain(found.annulled)),
                   icon=":material/block:")  # fmt: skip
        return
    if words := why_open(found):
        kind = {"paid": st.success, "overdue": st.error}.get(_state(found), st.info)
        kind(words, icon=":material/help:" if found.open else ":material/check_circle:")
    if found.disputed:
        words = _("You do not accept this invoice: {reason}. Until that is cleared up, you are not reminded of it.")
        st.info(words.format(reason=plain(found.disputed)), icon=":material/gavel:")


def _show_paid_by(rows: Sequence[PaidRow]) -> None:
    if not rows:
        return
    st.subheader(_("What paid it"), anchor=False)
    text = st.column_config.TextColumn
    st.dataframe(
        [
            {"day": row.day, "what": _(KINDS[row.kind]), "amount": amount(row.amount), "how": way(row),
             "text": row.number or row.reference}
            for row in rows
        ],
        hide_index=True, row_height=40, alt=_("What paid it"),
        column_config={
            "day": st.column_config.DateColumn(_("Day"), format="DD.MM.YYYY"), "what": text(_("Explanation")),
            "amount": text(_("Amount"), alignment="right"), "how": text(_("How")), "text": text(_("Reference")),
        },
    )  # fmt: skip


def _show_lines(found: Detail) -> None:
    document = found.document
    st.subheader(_("What is on it"), anchor=False)
    text = st.column_config.TextColumn
    priced = document.kind != "delivery_note"
    rows = [
        {"name": line.name, "quantity": f"{quantity(line.quantity)} {line.unit}"}
        | ({"price": price(line.unit_price, document.currency), "net": amount(line.net, document.currency)}
           if priced else {})
        for line in document.lines
    ]  # fmt: skip
    st.dataframe(
        rows, hide_index=True, row_height=40, height="content" if len(rows) <= 10 else 440, alt=_("What is on it"),
        column_config={
            "name": text(_("Name"), width=220), "quantity": text(_("Quantity"), alignment="right"),
            "price": text(_("Unit price"), alignment="right"), "net": text(_("Net value"), alignment="right"),
        },
    )  # fmt: skip
    if priced and document.kind != "receipt":
        words = _("Net {net} + VAT {vat} = {gross}")
        st.markdown(words.format(
            net=amount(document.net, document.currency), vat=amount(document.vat, document.currency),
            gross=f"**{amount(document.gross, document.currency)}**",
        ))  # fmt: skip


def _show_related(rows: Sequence[RelatedRow]) -> None:
    if not rows:
        return
    st.subheader(_("Belongs to it"), anchor=False)
    for row in rows:
        words = f"{_(ONE[row.kind])} {row.number} · {day(row.issued_on)}"
        words += f" · {amount(row.gross)}" if row.gross else ""
        words += " · " + _("Annulled") if row.annulled else ""
        if st.button(words, key=f"related {row.id}", type="tertiary", icon=":material/description:"):
            st.query_params["document"] = str(row.id)
            st.rerun()
