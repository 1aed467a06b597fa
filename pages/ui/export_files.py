"""The files that somebody asked for: what became of each, and where to get it."""

from typing import Literal

import streamlit as st

from core import clock
from core.db import transaction
from core.exports.making import in_words, title
from core.exports.running import Run, runs
from core.i18n import N_
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language, moment, quantity

STATES = {
    "waiting": ("blue", N_("Waits for its turn")), "running": ("blue", N_("Being made")),
    "done": ("green", N_("Ready")), "failed": ("red", N_("Not made")),
}  # fmt: skip
EVERY = 3


def show_files(side: Literal["partner", "staff"]) -> None:
    """The list; it looks again by itself while something is being made."""
    principal = require(side, "exports.make")
    with transaction(principal) as session:
        busy = any(run.state in ("waiting", "running") for run in runs(session, clock.now()))
    st.fragment(_files, run_every=EVERY if busy else None)(side)


def _files(side: Literal["partner", "staff"]) -> None:
    with transaction(require(side, "exports.make")) as session:
        found = runs(session, clock.now())
    if not found:
        st.info(_("No file yet. Choose what to take out and press “Make the file”."), icon=":material/download:")
    for run in found:
        _show(run)


def _show(run: Run) -> None:
    with st.container(border=True):
        colour, words = STATES[run.state]
        name = f"**{plain(title(run.asked, language()))}**" + (f" · {plain(run.name)}" if run.name else "")
        st.markdown(f"{name} · {run.form.upper()} :{colour}-badge[{_(words)}]")
        said = [moment(run.asked_at), plain(in_words(run.asked, language()))]
        if run.state == "done":
            said.append(_("rows: {count}").format(count=quantity(run.rows)))
        st.caption(" · ".join(part for part in said if part))
        if run.state == "done":
            st.markdown(f":material/download: [{plain(run.filename)}](/exports/files/{run.id})")
        elif run.state == "failed":
            st.error(plain(run.said), icon=":material/block:")
        elif run.total:
            made = _("{made} of {all} rows").format(made=quantity(min(run.rows, run.total)), all=quantity(run.total))
            st.progress(min(run.rows / run.total, 1.0), made)
