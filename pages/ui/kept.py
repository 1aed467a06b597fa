"""What was kept under a name: exports and pivots, to start from, to be kept again, to come by itself, to be deleted."""

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from core.exports import saving
from core.exports.models import SavedExport
from core.i18n import N_
from core.principal import Principal
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.steps import drawn, pop_told, say, take_once
from pages.ui.text import _

NEW = 0
"""Stands for something new among the ids of what was kept."""
COUNT, REFUSED = "kept_steps", "kept_refused"
EVERY_NAMES = {
    "": N_("Never"), "day": N_("Every morning"), "week": N_("On Mondays"), "month": N_("On the first of the month"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keeping:
    """What was typed into the fields of keeping; `pressed`: it is to be kept now."""

    name: str
    shared: bool
    every: str
    pressed: bool


def choose_kept(principal: Principal, kept: Iterable[tuple[SavedExport, str]], key: str) -> SavedExport | None:
    """One of these (with whose it is), the own ones with a button that deletes; None for something new, and where
    nothing was kept yet."""
    if refused := pop_told(REFUSED):
        st.warning(refused, icon=":material/block:")
    found = {row.id: (row, whose) for row, whose in kept}
    if not found:
        return None

    def named(number: int) -> str:
        if number == NEW:
            return _("Something new")
        row, whose = found[number]
        return row.name if row.user_id == principal.user_id else f"{row.name} ({whose})"

    chosen = st.selectbox(_("Start from"), [NEW, *found], format_func=named, key=key)
    row = found[chosen][0] if chosen in found else None
    if row is not None and row.user_id == principal.user_id:
        st.button(_("Delete this name"), icon=":material/delete:", key=f"forget-{row.id}", on_click=_forget,
                  args=(principal.kind, drawn(COUNT), row.id, row.name, key))  # fmt: skip
    return row


def key_of(start: SavedExport | None) -> int:
    """Tells the fields of what was kept from those of another, and from those of something new."""
    return start.id if start else NEW


def keeping_fields(principal: Principal, start: SavedExport | None, form: str) -> Keeping:
    """The fields that keep something under a name, with their button; inside a form."""
    mine = start is not None and start.user_id == principal.user_id
    name = st.text_input(_("Name"), start.name if start else "", max_chars=saving.LONGEST, key=f"{form}-name")
    shared = principal.kind == "staff" and st.checkbox(
        _("Also for colleagues"), bool(start and start.shared), key=f"{form}-shared"
    )
    every = st.segmented_control(
        _("Make it again by itself"), ["", *saving.EVERY], default=start.every if start and mine else "",
        format_func=lambda each: _(EVERY_NAMES[each]), required=True, key=f"{form}-every",
    )  # fmt: skip
    st.caption(_("It then holds the day, week or month before and comes to you by mail, as a file if it is not too "
                 "large; all files are on the page Exports."))  # fmt: skip
    return Keeping(name, shared, every or "", st.form_submit_button(_("Keep")))


def _forget(side: str, at: int, saved_id: int, name: str, key: str) -> None:
    """A callback."""

    def tell(_nothing: None) -> None:
        st.session_state[key] = NEW
        say(_("{name} is deleted.").format(name=plain(name)))

    principal = require("partner" if side == "partner" else "staff", "exports.make")
    take_once(principal, COUNT, at, REFUSED, lambda session: saving.forget(session, saved_id), tell)
