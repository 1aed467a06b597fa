"""Import: a file is looked at, shown with all its faults, and then loaded as a whole or not at all."""

import hashlib

import streamlit as st

from core.db import transaction
from core.imports.files import ACTIONS, KINDS, LABELS, apply, preview
from core.imports.problems import ImportRefused
from core.imports.tables import LIMIT_MB, TYPES
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.guard import require
from pages.ui.import_feeds import show_feeds
from pages.ui.import_report import show_column_help, show_counts, show_preview, show_problems
from pages.ui.text import _

DONE_KEY = "import-done"
ROUND_KEY = "import-round"


def load(principal: Principal, kind: str, data: bytes, file_name: str) -> None:
    """Apply the bytes that were previewed. What is refused since then is shown like the faults of the preview."""
    with refusals():
        try:
            with transaction(principal) as session:
                before = st.session_state.get(ROUND_KEY, 0)
                st.session_state[DONE_KEY] = apply(session, kind, data, file_name)
                # A new key empties the uploader. Before the commit, and last: see pages.ui.forms.end_form.
                st.session_state[ROUND_KEY] = before + 1
        except ImportRefused as refused:
            show_problems(refused.problems)
            return
        st.rerun()


def show_done() -> None:
    report = st.session_state.pop(DONE_KEY, None)
    if report:
        words = _("{kind}: the file was loaded as a whole.")
        st.success(words.format(kind=_(LABELS[report.kind])), icon=":material/check_circle:")
        show_counts(report)


def main(principal: Principal) -> None:
    st.title(_("Import"), anchor=False)
    kinds = [kind for kind in KINDS if may(principal, ACTIONS[kind])]
    kind = st.segmented_control(
        _("What is in the file?"),
        kinds,
        default=kinds[0],
        required=True,
        format_func=lambda key: _(LABELS[key]),
        key="kind",
    )
    show_column_help(kind)
    key = f"file-{kind}-{st.session_state.get(ROUND_KEY, 0)}"
    uploaded = st.file_uploader(_("File"), type=TYPES, max_upload_size=LIMIT_MB, key=key)
    if uploaded is None:
        show_done()
        return
    data = uploaded.getvalue()
    with transaction(principal) as session:
        shown = preview(session, kind, data)
    # The key belongs to these bytes: a click meant for them cannot load a file that was chosen meanwhile.
    digest = hashlib.sha256(data).hexdigest()
    nothing = shown.created + shown.changed == 0
    with st.container(horizontal=True, vertical_alignment="center"):
        label = _("Load the file")
        disabled = bool(shown.problems) or nothing
        clicked = st.button(
            label, type="primary", icon=":material/upload:", disabled=disabled, key=f"load-{kind}-{digest}"
        )
        if nothing and not shown.problems:
            st.caption(_("Everything in the file is there already: there is nothing to load."))
    if clicked:
        load(principal, kind, data, uploaded.name)
    show_preview(shown)


main(require("staff", "imports.run"))
show_feeds(require("staff", "imports.run"))
