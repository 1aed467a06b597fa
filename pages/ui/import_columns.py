"""Which column of a file is which of ours: as it was understood, and corrected by picking from lists."""

from collections.abc import Callable

import streamlit as st
from sqlalchemy.orm import Session

from core.db import transaction
from core.imports import runs, sources
from core.imports.columns import Column
from core.imports.files import KINDS, Preview
from core.imports.runs import Run
from pages.ui.forms import form_key
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language

Step = Callable[[Callable[[Session], object]], None]


def column_name(column: Column) -> str:
    """What the column is called in the language of who reads it."""
    name = column.name.replace("_", " ") if language() == "en" else column.aliases.split(",")[0].strip()
    return name[:1].upper() + name[1:]


def column_names(kind: str) -> dict[str, str]:
    """What the columns of a kind are called, by their own names."""
    return {column.name: column_name(column) for column in KINDS[kind].columns}


def is_complete(kind: str, found: Preview) -> bool:
    """Whether every column is there that must be."""
    return all(column.name in found.columns for column in KINDS[kind].columns if column.required)


def show_columns_of_file(run: Run, found: Preview, take: Step) -> None:
    """A list for each of our columns, in a place that opens by itself where one is missing."""
    if not found.names:
        return
    columns = KINDS[run.kind].columns
    complete = is_complete(run.kind, found)
    with st.expander(_("Columns of this file"), icon=":material/view_column:", expanded=not complete):
        st.caption(
            _("Pick for each column where it stands in the file. What was guessed from the values is marked: check it.")
        )
        _show_known_sources(run, take)
        form = form_key(f"columns-{run.id}-{hash(tuple(sorted(run.mapping.items())))}")
        with st.form(form, border=False):
            places = st.columns(3)
            chosen = {column.name: _choose(column, found, places[at % 3], form) for at, column in enumerate(columns)}
            if st.form_submit_button(_("Look at it again"), icon=":material/refresh:"):
                take(lambda session: runs.remap(session, run.id, chosen))


def _choose(column: Column, found: Preview, place: "st.delta_generator.DeltaGenerator", form: str) -> str:
    names = ["", *dict.fromkeys(name for name in found.names if name)]
    there = found.columns.get(column.name)
    now = found.names[there] if there is not None else found.guesses.get(column.name, "")
    label = column_name(column) + (" *" if column.required else "")
    if there is None and now:
        label += " :orange-badge[" + _("guessed") + "]"
    picked = place.selectbox(
        label, names, names.index(now) if now in names else 0, key=f"{form}-{column.name}", help=_(column.help),
        format_func=lambda name: plain(name) if name else _("not in the file"),
    )  # fmt: skip
    return picked or ""


def _show_known_sources(run: Run, take: Step) -> None:
    """The suppliers whose columns are known, to take theirs."""
    with transaction(require("staff", "imports.run")) as session:
        known = {source.id: source for source in sources.sources(session, run.kind)}
    if not known:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            _("As in the files of"), list(known), None, format_func=lambda key: plain(known[key].name),
            placeholder=_("choose a supplier"), key=f"source-{run.id}", width=320,
        )  # fmt: skip
        if st.button(_("Take its columns"), disabled=picked is None) and picked is not None:
            take(lambda session: runs.remap(session, run.id, known[picked].mapping, picked))
