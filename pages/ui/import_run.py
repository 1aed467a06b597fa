"""One file on its way in: what was found in it, its columns, loading it, and what became of it."""

from collections.abc import Callable
from typing import NoReturn

import streamlit as st
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from core import clock, queue
from core.db import transaction
from core.imports import runs
from core.imports.errors_file import errors_file
from core.imports.files import LABELS, STEPS, Preview
from core.imports.runs import Run
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import form_key
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.import_columns import is_complete, show_columns_of_file
from pages.ui.import_report import show_changes, show_counts_of, show_left_pictures, show_preview, show_problems
from pages.ui.text import _, counted, language, quantity

RUN = "run"
SETTLED = ("looked", "done", "failed", "undone")
SECONDS = 0.7
SHARE = {
    "reading": (0.0, 0.3),
    "understanding": (0.3, 0.7),
    "checking": (0.7, 0.8),
    "writing": (0.8, 0.97),
    "pictures": (0, 1),
}
"""Steps → from where to where the bar goes in them."""


def open_run(run_id: int, size: int) -> NoReturn:
    """Go to a run whose next step is asked for. What a small file needs is done at once."""
    st.query_params[RUN] = str(run_id)
    now = clock.now()
    if size <= runs.SMALL:
        while runs.work_next(now, run_id):
            pass
    else:
        try:
            queue.enqueue("workers.jobs.work_imports", [], f"import-{run_id}-{now:%Y%m%d%H%M%S%f}")
        except RedisError:
            st.toast(_("The background worker cannot be reached; it starts as soon as it is back."))
    st.rerun()


def show_run(principal: Principal, run: Run) -> None:
    """The whole of it, as far as it has come."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_(LABELS[run.kind])}** · {plain(run.file_name)}")
        if run.source:
            st.badge(_("columns as in {source}").format(source=plain(run.source)), icon=":material/bookmark:")
        st.space("stretch")
        st.button(_("Another file"), icon=":material/arrow_back:", on_click=_leave)
    if run.said:
        st.error(plain(run.said.text(language())), icon=":material/block:")
    if run.state not in SETTLED:
        _follow(run.id)
    elif run.state == "looked" and run.preview:
        _show_looked(principal, run, run.preview)
    elif run.state == "done":
        _show_done(principal, run)
    elif run.state == "undone":
        st.success(_("Everything is as it was before this file was loaded."), icon=":material/undo:")


def _leave() -> None:
    st.query_params.pop(RUN, None)


def _show_looked(principal: Principal, run: Run, found: Preview) -> None:
    nothing = found.created + found.changed == 0
    if found.problems:
        show_problems(found)
        if is_complete(run.kind, found):
            _offer_errors_file(run)
    else:
        show_counts_of(found.created, found.changed, found.unchanged, found.notices)
        _show_load(principal, run, nothing=nothing)
        show_changes(found)
    show_columns_of_file(run, found, lambda step: _step(principal, run, step))
    show_preview(found)


def _show_load(principal: Principal, run: Run, *, nothing: bool) -> None:
    """The consent, and under which name the columns are remembered."""
    form = form_key(f"load-{run.id}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        clicked = st.button(
            _("Load the file"), type="primary", icon=":material/upload:", disabled=nothing, key=f"{form}-go"
        )
        if nothing:
            st.caption(_("Everything in the file is there already: there is nothing to load."))
            return
        name = st.text_input(
            _("Remember its columns under the name of the supplier"), run.source, max_chars=80, key=f"{form}-source",
            placeholder=_("optional"), width=360,
        )  # fmt: skip
    if clicked:
        _step(principal, run, lambda session: runs.load(session, run.id, name))


def _show_done(principal: Principal, run: Run) -> None:
    words = _("{kind}: the file was loaded as a whole.")
    st.success(words.format(kind=_(LABELS[run.kind])), icon=":material/check_circle:")
    show_counts_of(run.created, run.changed, run.unchanged, run.preview.notices if run.preview else [])
    if run.preview:
        show_left_pictures(run.preview)
    show_undo(principal, run)


def show_undo(principal: Principal, run: Run) -> None:
    """The way back, with a question before it."""
    with st.popover(_("Undo this import"), icon=":material/undo:"):
        st.markdown(
            _(
                "{created:new row goes|new rows go} away, {changed:changed row becomes|changed rows become} what they "
                "were. If any of them was changed or used since, nothing is undone and you are told which."
            ).format(created=counted(run.created), changed=counted(run.changed))
        )
        if st.button(_("Undo it"), type="primary", key=f"undo-{run.id}"):
            _step(principal, run, lambda session: runs.undo(session, run.id))


def _step(principal: Principal, run: Run, step: Callable[[Session], object]) -> None:
    """Ask for the next step of the run, once, and follow it."""
    with refusals():
        with transaction(principal) as session:
            step(session)
        open_run(run.id, run.size)


def _offer_errors_file(run: Run) -> None:
    def made() -> bytes:
        with transaction(require("staff", "imports.run")) as session:
            return errors_file(session, run.id, clock.now(), language())

    st.download_button(
        _("Download the file with the reasons beside the rows"), made, f"{run.file_name.rpartition('.')[0]}-erori.xlsx",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


@st.fragment(run_every=SECONDS)
def _follow(run_id: int) -> None:
    """Asks who is there anew: the session may have ended since."""
    with transaction(require("staff", "imports.run")) as session:
        run = runs.run(session, run_id)
    if run.state in SETTLED:
        st.rerun()
    st.progress(_share(run), _words(run))
    st.caption(_("You can leave this page: it goes on by itself, and you find it again under the last imports."))


def _share(run: Run) -> float:
    low, high = SHARE.get(run.step, (0.0, 0.0))
    if run.step == "reading":  # how many there are shows only at the end
        return low + (high - low) * run.rows / (run.rows + 50_000)
    return low + (high - low) * (run.rows / run.total if run.total else 0)


def _words(run: Run) -> str:
    if not run.step:
        return _("It waits for its turn")
    words = _(STEPS[run.step])
    if run.total and run.step != "writing":
        return _("{what}: {rows} of {total}").format(what=words, rows=quantity(run.rows), total=quantity(run.total))
    return f"{words}: {quantity(run.rows)}" if run.rows else words
