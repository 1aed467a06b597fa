"""Import: a file is looked at, shown as it was understood with all its faults, then loaded as a whole or not at all."""

import streamlit as st

from core import clock
from core.db import transaction
from core.errors import NotFound
from core.imports import runs
from core.imports.files import ACTIONS, KINDS, LABELS
from core.imports.tables import LIMIT_MB, TYPES, ZIP_MB
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.import_feeds import show_feeds
from pages.ui.import_history import show_history
from pages.ui.import_report import show_column_help
from pages.ui.import_run import RUN, open_run, show_run
from pages.ui.text import _

ROUND_KEY = "import-round"


def main(principal: Principal) -> None:
    show_said()
    st.title(_("Import"), anchor=False)
    asked = st.query_params.get(RUN, "")
    if asked.isdecimal():
        with transaction(principal) as session:
            try:
                run = runs.run(session, int(asked))
            except NotFound:
                run = None
        if run:
            show_run(principal, run)
            return
        st.info(_("This file is no longer kept. Choose it again."), icon=":material/info:")
    _choose(principal)
    show_history(principal)
    show_feeds(principal)


def _choose(principal: Principal) -> None:
    kinds = [kind for kind in KINDS if may(principal, ACTIONS[kind])]
    kind = st.segmented_control(
        _("What is in the file?"), kinds, default=kinds[0], required=True, format_func=lambda key: _(LABELS[key]),
        key="kind",
    )  # fmt: skip
    show_column_help(kind)
    round_ = st.session_state.get(ROUND_KEY, 0)
    types, most = ([*TYPES, "zip"], ZIP_MB) if kind == "products" else (TYPES, LIMIT_MB)
    uploaded = st.file_uploader(_("File"), type=types, max_upload_size=most, key=f"file-{kind}-{round_}")
    if kind == "products":
        st.caption(
            _("A ZIP may hold the table and pictures whose names are those of the products: SKU.jpg, SKU_2.jpg.")
        )
    if uploaded is None:
        return
    with refusals():
        with transaction(principal) as session:
            run_id = runs.start(session, kind, uploaded.getvalue(), uploaded.name, clock.now())
            st.session_state[ROUND_KEY] = round_ + 1  # the uploader is empty when one comes back
        open_run(run_id, uploaded.size)


main(require("staff", "imports.run"))
