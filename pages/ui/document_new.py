"""A proforma or an invoice without an order, typed by staff."""

from typing import Any, Literal

import streamlit as st
from sqlalchemy import text

from core import clock
from core.db import transaction
from core.documents.freehand import FreeLine, issue_freehand
from core.imports import fields
from core.principal import Principal
from pages.ui.document_terms import read_terms, show_terms
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key, read
from pages.ui.frame import plain
from pages.ui.text import _
from pages.ui.vat_classes import vat_names

FORM = "new-document"
LINES = 5
KINDS: tuple[Literal["invoice", "proforma"], ...] = ("invoice", "proforma")


def show_new(staff: Principal) -> None:
    """The form: who for, what, at which price; five lines, and more when these are full."""
    form = form_key(FORM)
    partners = _partners(staff)
    chosen = st.selectbox(
        _("Partner"), list(partners), index=None, format_func=lambda key: plain(partners[key]), key=f"{form}-partner",
        placeholder=_("Choose a partner"),
    )  # fmt: skip
    kind = st.segmented_control(
        _("Kind"), KINDS, default="invoice", required=True, key=f"{form}-kind",
        format_func=lambda name: _("Invoice") if name == "invoice" else _("Proforma"),
    )  # fmt: skip
    count = st.session_state.setdefault(f"{form}-count", LINES)
    with st.form(form, enter_to_submit=False):
        typed = [_line(form, at) for at in range(count)]
        show_terms(staff, kind, lambda name: f"{form}-{name}", currencies=True)
        with st.container(horizontal=True):
            wanted = st.form_submit_button(_("Issue it"), type="primary", icon=":material/receipt_long:")
            st.form_submit_button(_("More lines"), icon=":material/add:", on_click=_more, args=(form,))
    if not wanted:
        return
    with refusals():
        lines = [_read(line) for line in typed if any(str(line[name]).strip() for name in ("name", "price"))]
        with transaction(staff) as session:
            terms = read_terms(lambda name: f"{form}-{name}")
            document = issue_freehand(session, kind, chosen or 0, lines, clock.now(), terms)
            st.query_params.clear()
            st.query_params["document"] = str(document.id)
            end_form(_("{number} is issued.").format(number=plain(document.full_number)), form=FORM)
        st.rerun()


def _line(form: str, at: int) -> dict[str, Any]:
    shown: Literal["visible", "collapsed"] = "visible" if at == 0 else "collapsed"
    widths = st.columns([4, 1.2, 1.2, 1.6, 2])
    names = vat_names()
    # On a telephone the fields stand below each other: an empty one says itself what it is.
    goods, price = _("Goods or service"), _("Net unit price")
    return {
        "name": widths[0].text_input(
            goods, key=f"{form}-name-{at}", label_visibility=shown, max_chars=200, placeholder=goods
        ),
        "unit": widths[1].text_input(_("Unit"), "buc", key=f"{form}-unit-{at}", label_visibility=shown, max_chars=64),
        "quantity": widths[2].text_input(_("Quantity"), "1", key=f"{form}-quantity-{at}", label_visibility=shown),
        "price": widths[3].text_input(price, key=f"{form}-price-{at}", label_visibility=shown, placeholder=price),
        "vat_class": widths[4].selectbox(
            _("VAT"), list(names), format_func=names.__getitem__, key=f"{form}-vat-{at}", label_visibility=shown
        ),
    }


def _read(line: dict[str, Any]) -> FreeLine:
    return FreeLine(
        line["name"], line["unit"], read(_("Quantity"), line["quantity"], fields.positive),
        read(_("Net unit price"), line["price"], fields.price), line["vat_class"],
    )  # fmt: skip


def _more(form: str) -> None:
    """A callback."""
    st.session_state[f"{form}-count"] += LINES


def _partners(staff: Principal) -> dict[int, str]:
    with transaction(staff) as session:
        rows = session.execute(text("select id, name, code from partner where status <> 'proposed' order by name, id"))
        return {row.id: f"{row.name} ({row.code})" for row in rows}
