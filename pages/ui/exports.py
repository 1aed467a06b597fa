"""Taking data out: choose a table, its columns and what narrows it; keep that under a name; get the files."""

from datetime import date
from typing import Any, Literal
from zlib import crc32

import streamlit as st

from core import clock
from core.db import reading, transaction
from core.exports import running, saving
from core.exports.asking import Asked, columns_for, count, filters_for, offered, query, values_of
from core.exports.models import FORMS, SavedExport
from core.exports.tables import Filter, Table
from core.i18n import N_
from core.principal import Principal
from core.search import LONGEST
from pages.ui.errors import refusals
from pages.ui.export_files import show_files
from pages.ui.forms import end_form, form_key, say_and_rerun, show_said
from pages.ui.frame import plain
from pages.ui.kept import choose_kept, keeping_fields, key_of
from pages.ui.taking_out import asked_in_address
from pages.ui.text import _, language

KEPT = "export_kept"
FORM_NAMES = {
    "xlsx": N_("XLSX, for Excel"), "csv": N_("CSV, for Excel"), "plain": N_("CSV, for programs"),
    "parquet": N_("Parquet, for notebooks"),
}  # fmt: skip


def show_exports(principal: Principal, side: Literal["partner", "staff"]) -> None:
    """The whole page."""
    show_said()
    st.title(_("Exports"), anchor=False)
    with transaction(principal) as session:
        kept = saving.saved(session)
    left, right = st.columns([3, 2], gap="large")
    with left:
        start = choose_kept(principal, kept, KEPT)
        asked = saving.from_json(start.asked) if start else asked_in_address(principal)
        which = f"{key_of(start)}" if start or not asked else f"a{crc32(repr(asked).encode())}"
        table = _choose_table(principal, asked, which)
        _show_form(principal, table, start, asked if asked and asked.table == table.name else None, which)
    with right:
        st.subheader(_("Files"), anchor=False)
        show_files(side)


def _choose_table(principal: Principal, asked: Asked | None, which: str) -> Table:
    tables = {table.name: table for table in offered(principal)}
    names = list(tables)
    place = names.index(asked.table) if asked else 0
    name = st.selectbox(
        _("What to take out"),
        names,
        place,
        format_func=lambda each: _(tables[each].label),
        key=f"export_table-{which}",
    )
    return tables[name]


def _show_form(principal: Principal, table: Table, start: SavedExport | None, asked: Asked | None, which: str) -> None:
    """The fields. `asked`: what they begin with; `which` tells them from those that begin with something else."""
    about = f"export-{table.name}-{which}"
    form = form_key(about)
    with st.form(form, border=False, enter_to_submit=False):
        columns = _choose_columns(principal, table, asked, form)
        since, until = _choose_period(table, asked, form)
        narrowed = _choose_filters(principal, table, asked, form)
        kind = st.segmented_control(
            _("As"), list(FORMS), default=start.form if start else "xlsx", required=True, key=f"{form}-form",
            format_func=lambda each: _(FORM_NAMES[each]),
        )  # fmt: skip
        made = st.form_submit_button(_("Make the file"), type="primary", icon=":material/download:")
        with st.expander(_("Keep under a name"), icon=":material/bookmark:"):
            keep = keeping_fields(principal, start, form)
    wanted = Asked(table.name, tuple(columns), since, until, narrowed)
    if made:
        _make(principal, wanted, kind or "xlsx", about)
    if keep.pressed:
        with refusals():
            with transaction(principal) as session:
                saving.save(session, keep.name, wanted, clock.now(), shared=keep.shared, form=kind or "xlsx",
                            every=keep.every)  # fmt: skip
                end_form(_("{name} is kept.").format(name=plain(keep.name)), form=about)
            st.rerun()


def _choose_columns(principal: Principal, table: Table, asked: Asked | None, form: str) -> list[str]:
    with transaction(principal) as session:
        known = {column.name: column for column in columns_for(session, table)}
    first = [name for name in asked.columns if name in known] if asked and asked.columns else list(known)
    return st.multiselect(
        _("Columns, in their order"), list(known), first, format_func=lambda name: _(known[name].label),
        key=f"{form}-columns",
    )  # fmt: skip


def _choose_period(table: Table, asked: Asked | None, form: str) -> tuple[date | None, date | None]:
    if not table.day:
        return None, None
    left, right = st.columns(2)
    since = left.date_input(_("From"), asked.since if asked else None, format="DD.MM.YYYY", key=f"{form}-since")
    until = right.date_input(_("Until"), asked.until if asked else None, format="DD.MM.YYYY", key=f"{form}-until")
    return since, until


def _choose_filters(principal: Principal, table: Table, asked: Asked | None, form: str) -> dict[str, tuple[str, ...]]:
    with transaction(principal) as session:
        filters = filters_for(session, table)
        known = {name: values_of(session, each, language()) for name, each in filters.items()}
    places, chosen = st.columns(2), dict[str, tuple[str, ...]]()
    for number, (name, each) in enumerate(filters.items()):
        with places[number % 2]:
            chosen[name] = _choose_values(name, each, known[name], asked, form)
    return {name: values for name, values in chosen.items() if values}


def _choose_values(
    name: str, narrowing: Filter, known: dict[str, str], asked: Asked | None, form: str
) -> tuple[str, ...]:
    before = list(asked.narrowed.get(name, ())) if asked else []
    label, key = _(narrowing.label), f"{form}-{name}"
    if narrowing.one:
        words = st.text_input(label, " ".join(before), max_chars=LONGEST, icon=":material/search:", key=key)
        return (words.strip(),) if words.strip() else ()
    shared: dict[str, Any] = {"placeholder": _("All"), "key": key}
    if known:
        still = [value for value in before if value in known]
        return tuple(st.multiselect(label, list(known), still, format_func=lambda each: known[each], **shared))
    typed: list[Any] = st.multiselect(label, before, before, accept_new_options=True, **shared)
    return tuple(str(each).strip() for each in typed)


def _make(principal: Principal, wanted: Asked, kind: str, about: str) -> None:
    """A small file at once; of a large one only the wish."""
    now = clock.now()
    with refusals():
        with reading(principal) as session:
            rows = count(session, query(session, wanted, now))
        with transaction(principal) as session:
            run = running.start(session, wanted, kind, now)
        if rows <= running.SMALL:
            running.make_next(now, run)
            say_and_rerun(_("The file is ready."), form=about)
        say_and_rerun(_("The file is being made. You get a mail when it is ready."), form=about)
