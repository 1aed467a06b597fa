"""Which column of a file is which of ours: as it was understood, and corrected by picking from lists."""

from collections.abc import Callable

import streamlit as st
from sqlalchemy.orm import Session

from core.db import transaction
from core.i18n import N_
from core.imports import runs, sources
from core.imports.columns import Column
from core.imports.files import KINDS, Preview
from core.imports.runs import Run
from pages.ui.forms import form_key
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _

Step = Callable[[Callable[[Session], object]], None]


NAMES = {
    "sku": N_("SKU"), "ean": N_("Bar code (EAN)"), "name": N_("Name"), "brand": N_("Brand"), "category": N_("Category"),
    "unit": N_("Unit"), "pack": N_("Pack"), "vat": N_("VAT"), "list_price": N_("List price"), "stock": N_("Stock"),
    "description": N_("Description"), "least_quantity": N_("Least quantity"), "multiple": N_("Multiple"),
    "rrp": N_("Recommended price"), "weight": N_("Weight"), "nc_code": N_("NC code"), "expected_on": N_("Expected on"),
    "replaced_by": N_("Replaced by"), "active": N_("Active"), "visible_to": N_("Visible to"),
    "code": N_("Partner code"),
    "cui": N_("CUI"), "vat_payer": N_("VAT payer"), "reg_com": N_("Trade register"), "address": N_("Address"),
    "city": N_("City"), "county": N_("County"), "country": N_("Country"), "email": N_("E-mail"),
    "phone": N_("Telephone"), "discount": N_("Discount, %"), "payment_days": N_("Days to pay"),
    "partner": N_("Partner code"), "net": N_("Net price"), "list": N_("Price list"),
    "from_quantity": N_("From quantity"), "valid_from": N_("Valid from"), "valid_until": N_("Valid until"),
    "number": N_("Document number"), "issued_on": N_("Date of issue"), "due_on": N_("Due on"), "open": N_("Still open"),
    "note": N_("Note"),
}  # fmt: skip
"""What people call our columns, whatever they are called in a file."""


def column_names(kind: str) -> dict[str, str]:
    """What the columns of a kind are called, by their own names."""
    return {column.name: _(NAMES[column.name]) for column in KINDS[kind].columns}


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
    label = _(NAMES[column.name]) + (" *" if column.required else "")
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
