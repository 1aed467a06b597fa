"""All documents: one of them whole with what can be done with it, and new ones without an order."""

import streamlit as st

from core.db import transaction
from core.documents.viewing import document_view
from core.permissions import may
from core.principal import Principal
from pages.ui.document_actions import show_actions
from pages.ui.document_anaf import show_standing
from pages.ui.document_bulk import show_bulk
from pages.ui.document_new import show_new
from pages.ui.document_steps import show_refused
from pages.ui.document_view import show_head, show_lines, show_related
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.invoices import show_documents
from pages.ui.text import _


def main() -> None:
    staff = require("staff", "documents.see")
    show_said()
    chosen = st.query_params.get("document", "")
    if chosen.isdecimal() and len(chosen) < 10:
        show_one(staff, int(chosen))
    elif chosen == "new" and may(staff, "documents.issue"):
        back()
        st.title(_("New document"), anchor=False)
        show_new(staff)
    elif chosen == "many" and may(staff, "documents.issue"):
        back()
        st.title(_("Invoices of many orders"), anchor=False)
        show_bulk(staff)
    else:
        show_list(staff)


def show_list(staff: Principal) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(_("Documents"), anchor=False)
        with st.container(horizontal=True, width="content"):
            if may(staff, "documents.issue"):
                if st.button(_("Invoices of many orders"), icon=":material/dynamic_feed:"):
                    open_document("many")
                if st.button(_("New document"), icon=":material/add:"):
                    open_document("new")
    if opened := show_documents(staff):
        open_document(str(opened))


def show_one(staff: Principal, document_id: int) -> None:
    back()
    show_refused()
    with refusals():
        with transaction(staff) as session:
            view = document_view(session, document_id)
        show_head(view)
        show_standing(staff, view)
        show_actions(staff, view)
        show_related(view)
        show_lines(view)


def back() -> None:
    if st.button(_("All documents"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()


def open_document(which: str) -> None:
    st.query_params["document"] = which
    st.rerun()


main()
