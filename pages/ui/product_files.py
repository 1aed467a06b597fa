"""The files of a product, as data sheets."""

import streamlit as st

from core import clock
from core.catalog.attachments import KINDS, MOST_MB, Attachment, add_file, attachments_of, delete_file
from core.catalog.queries import ProductRow
from core.db import transaction
from core.errors import Refusal
from core.principal import Principal
from pages.ui.forms import form_key, say_and_rerun
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.steps import drawn, take_once
from pages.ui.text import _, language, quantity

TOLD_KEY = "file-told"
GONE = "files-gone"
REPORT_KEY = "files-refused"


def show_files(principal: Principal, row: ProductRow) -> None:
    """The files, each to be saved or deleted, and the place for new ones."""
    with transaction(principal) as session:
        attached = attachments_of(session, row.id)
    if told := st.session_state.pop(TOLD_KEY, None):
        st.error(told, icon=":material/block:")
    if not attached:
        st.info(_("No files yet: data sheets, manuals, certificates."), icon=":material/attach_file:")
    for file in attached:
        _show_file(file)
    _show_uploader(principal, row)


def size(count: int) -> str:
    """Of so many bytes, in words."""
    if count < 1024 * 1024:
        return _("{size} KB").format(size=quantity(-(-count // 1024)))
    return _("{size} MB").format(size=quantity(round(count / 1024 / 1024, 1)))


def _show_file(file: Attachment) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        link = f":material/description: [{plain(file.name)}](/files/{file.id}) :small[{size(file.size)}]"
        st.markdown(link, width="content")
        with st.popover(":material/delete:", help=_("Delete"), type="tertiary"):
            st.button(_("Delete for good"), key=f"delete-file-{file.id}", on_click=_delete,
                      args=(drawn(f"{GONE} {file.id}"), file.id))  # fmt: skip


def _delete(at: int, file_id: int) -> None:
    """A callback."""
    staff = require("staff", "products.edit")
    take_once(
        staff, f"{GONE} {file_id}", at, TOLD_KEY, lambda session: delete_file(session, file_id, clock.now()), bool
    )


def _show_uploader(principal: Principal, row: ProductRow) -> None:
    key = form_key(about := f"files-{row.id}")
    label = _("New files, up to {size} MB each").format(size=MOST_MB)
    files = st.file_uploader(label, list(KINDS), accept_multiple_files=True, max_upload_size=MOST_MB, key=key)
    st.caption(_("Partners who see the product can save them. A file takes the place of one with the same name."))
    for sentence in st.session_state.pop(f"{REPORT_KEY}-{row.id}", []):
        st.error(sentence, icon=":material/block:")
    if not files or not st.button(_("Add the files"), type="primary", icon=":material/attach_file_add:"):
        return
    refused = []
    for file in files:
        try:
            with transaction(principal) as session:
                add_file(session, row.id, file.name, file.getvalue(), clock.now())
        except Refusal as refusal:
            refused.append(plain(refusal.text(language())))
    st.session_state[f"{REPORT_KEY}-{row.id}"] = refused
    say_and_rerun(_("Files added: {count}").format(count=quantity(len(files) - len(refused))), form=about)
