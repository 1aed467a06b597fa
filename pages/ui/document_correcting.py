"""An invoice put right: what its lines should have said."""

from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.documents.correcting import Corrected, correct
from core.documents.models import Document
from core.documents.viewing import DocumentView
from core.imports import fields
from core.principal import Principal
from pages.ui.document_steps import drawn, issued, key_of, popover, take_document_step
from pages.ui.document_terms import read_terms, show_terms
from pages.ui.forms import editable, read
from pages.ui.text import _


def offer_correction(staff: Principal, view: DocumentView) -> None:
    """The drawer with every line as it was issued."""
    if box := popover(view, "correct", _("Correct"), "edit_document"):
        with box, st.form(key_of(view, "correct-form"), border=False, enter_to_submit=False):
            st.write(
                _("The invoice is taken back whole, and a corrected one is issued. A quantity of 0 leaves a line out.")
            )
            for line in view.lines:
                name, count, each = st.columns([3, 1, 1])
                name.text_input(_("Product"), line.name, max_chars=200, key=key_of(view, f"name-{line.position}"))
                count.text_input(_("Quantity"), editable(line.quantity), key=key_of(view, f"quantity-{line.position}"))
                each.text_input(
                    _("Unit price"), editable(line.unit_price, 2), key=key_of(view, f"price-{line.position}")
                )
            st.text_input(_("Reason, as it stands on the storno"), max_chars=200, key=key_of(view, "correct-reason"))
            show_terms(staff, "invoice", lambda name: key_of(view, f"correct-{name}"))
            st.form_submit_button(
                _("Issue the corrected invoice"), type="primary", on_click=_correct, args=(view, drawn())
            )


def _correct(view: DocumentView, at: int) -> None:
    """A callback."""

    def step(session: Session) -> Document:
        lines: dict[int, Corrected] = {}
        for line in view.lines:
            typed: dict[str, Any] = {
                name: st.session_state[key_of(view, f"{name}-{line.position}")]
                for name in ("name", "quantity", "price")
            }
            lines[line.position] = Corrected(
                typed["name"].strip() or line.name,
                read(_("Quantity"), typed["quantity"], fields.stock),
                read(_("Unit price"), typed["price"], fields.price),
            )
        reason = st.session_state[key_of(view, "correct-reason")]
        terms = read_terms(lambda name: key_of(view, f"correct-{name}"))
        return correct(session, view.document.id, lines, reason, clock.now(), terms)[1]

    take_document_step(at, step, issued, opens=lambda document: document.id)
