"""The logo that stands on documents."""

import streamlit as st

from core.company import company
from core.db import transaction
from core.documents.logos import MOST_KB, set_logo
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.text import _

FORM = "logo"


def show_logo(staff: Principal) -> None:
    """The logo as it is, and the place for another one."""
    st.subheader(_("Logo"), anchor=False)
    with transaction(staff) as session:
        content = company(session).logo
    form = form_key(FORM)
    left, right = st.columns([1, 3], vertical_alignment="center")
    if content:
        left.image(content, width=180)
        if left.button(_("Take it out"), icon=":material/delete:", key=f"{form}-out"):
            _save(staff, None)
    else:
        left.caption(_("No logo yet: documents carry the company's name."))
    uploaded = right.file_uploader(
        _("PNG or JPEG, up to {size} kB").format(size=MOST_KB),
        type=["png", "jpg", "jpeg"],
        key=f"{form}-file",
        max_upload_size=1,
    )
    if uploaded is not None:
        _save(staff, uploaded.getvalue())


def _save(staff: Principal, content: bytes | None) -> None:
    with refusals():
        with transaction(staff) as session:
            set_logo(session, content)
            end_form(_("The logo was changed. Documents that were issued stay as they are."), form=FORM)
        st.rerun()
