"""A table that is filled in like a sheet: rows are typed, pasted, changed and taken out, then saved at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import Refusal
from core.i18n import N_
from core.imports.fields import Reading
from core.imports.problems import Fault
from pages.ui.forms import WrongInput, read, say_and_rerun
from pages.ui.frame import plain
from pages.ui.text import _, quantity

NO_DAY = N_("“{value}” is not a day. Write it like 24.11.2026.")
DAY_FORMS = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y")
MOST_SHOWN = 10
UNSAVED = N_("Save or discard what you changed: then you can look further.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column to type in; `read` makes its value (see pages.ui.forms.read), an empty cell is None unless `needed`."""

    name: str
    label: str
    read: Callable[[str, Reading], Any]
    needed: bool = False
    width: int | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A row that is new (`at` is None) or was changed: its place among those shown, and its values by column."""

    at: int | None
    line: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edits:
    """What was done to the rows shown: those typed, and the places of those taken out."""

    typed: list[Typed]
    removed: list[int]

    @property
    def any(self) -> bool:
        return bool(self.typed or self.removed)


class WrongCells(Refusal):
    """Cells that cannot be read; `reasons` are translated already, one a cell."""

    message = N_("Nothing was saved. Cells to mend: {count}.")

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(count=len(reasons))
        self.reasons = reasons


def day(text: str, _: Reading) -> date:
    """A day as people write it; raises Fault."""
    for form in DAY_FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no time zone)
        except ValueError:
            continue
    raise Fault(NO_DAY, value=text)


def show_sheet(
    key: str, columns: Sequence[Column], rows: Sequence[Mapping[str, str]], told: Mapping[str, str], alt: str
) -> None:
    """The sheet, with what stands there now (`rows`, by column). `told` names columns that only tell something.

    No column is `required`: the browser would keep a new row to itself until these are filled, also one into whose
    first cell a whole block was pasted. What is missing, `edits_of` says.
    """
    config: dict[str, Any] = {
        column.name: st.column_config.TextColumn(
            column.label, width=column.width, alignment="right" if column.right else None
        )
        for column in columns
    }
    config |= {name: st.column_config.TextColumn(label, disabled=True) for name, label in told.items()}
    data: Any = [{name: row.get(name, "") for name in config} for row in rows]
    if not rows:  # columns of texts, of which no row says so
        data = pd.DataFrame(columns=list(config), dtype=str)
    st.data_editor(
        data,
        column_config=config,
        column_order=list(config),
        num_rows="dynamic",
        hide_index=True,
        disabled=list(told),
        key=key,
        alt=alt,
    )


def edited(key: str) -> bool:
    """Is there anything unsaved in the sheet with this key? Then nothing may lead away from it: it would be lost."""
    state = st.session_state.get(key, {})
    return bool(state.get("edited_rows") or state.get("deleted_rows") or any(map(_filled, state.get("added_rows", []))))


def offer_saving(key: str, about: str) -> bool:
    """The buttons under the sheet with this key, the form `about` (see pages.ui.forms); True to save it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(_("Save the prices"), type="primary", key=f"{key}-save", disabled=not edited(key))
        if edited(key):
            if st.button(_("Discard"), key=f"{key}-discard"):
                say_and_rerun(_("Nothing was changed."), form=about)
            st.caption(_(UNSAVED))
    return wanted


def edits_of(key: str, columns: Sequence[Column], rows: Sequence[Mapping[str, str]]) -> Edits:
    """What was done in the sheet with this key; an unchanged cell of a changed row has the value shown.

    Raises WrongCells with everything that cannot be read.
    """
    state = st.session_state.get(key, {})
    removed = sorted(set(state.get("deleted_rows", [])))
    changed = {int(at): cells for at, cells in state.get("edited_rows", {}).items() if int(at) not in removed}
    given, added = [], []
    for at, cells in sorted(changed.items()):
        if at < len(rows):
            first, *more = _rows_of(columns, cells)
            given.append((at, {**rows[at], **first}))
            added += more
    added += [row for cells in state.get("added_rows", []) for row in _rows_of(columns, cells)]
    added = [cells for cells in added if _filled(cells)]
    typed, wrong = [], []
    for line, (at, cells) in enumerate([*given, *((None, cells) for cells in added)], 1):
        place = at + 1 if at is not None else len(rows) + line - len(given)
        values, faults = _read_row(columns, cells, place)
        typed.append(Typed(at, place, values))
        wrong += faults
    if wrong:
        raise WrongCells(wrong)
    return Edits(typed, removed)


def free_is_meant(key: str, edits: Edits) -> bool:
    """Is a net price of 0 meant? It is asked about once, and saving the same again is the answer."""
    free = tuple(row.values["sku"] for row in edits.typed if row.values.get("net") == 0)
    if not free or st.session_state.get(f"free-{key}") == free:
        return True
    st.session_state[f"free-{key}"] = free
    words = _("Nothing was saved: at a price of 0 these would be free: {skus}. If that is meant, save once more.")
    st.warning(words.format(skus=plain(", ".join(free[:MOST_SHOWN]))), icon=":material/money_off:")
    return False


def show_wrong(error: WrongCells) -> None:
    """The cells that cannot be read, one a line."""
    lines = [plain(reason) for reason in error.reasons[:MOST_SHOWN]]
    if len(error.reasons) > MOST_SHOWN:
        lines.append(_("… and {count} more").format(count=quantity(len(error.reasons) - MOST_SHOWN)))
    head = _("Nothing was saved. Cells to mend: {count}.").format(count=quantity(len(error.reasons)))
    st.error("  \n".join([head, *lines]), icon=":material/block:")


def _filled(cells: Mapping[str, Any]) -> bool:
    return any(str(cell or "").strip() for cell in cells.values())


def _rows_of(columns: Sequence[Column], cells: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that are meant: a cell that is open takes a block pasted from Excel as one text."""
    for at, column in enumerate(columns):
        block = str(cells.get(column.name) or "").strip("\r\n")
        if "\t" in block or "\n" in block:
            names = [one.name for one in columns[at:]]
            first, *more = [
                dict(zip(names, line.split("\t"), strict=False)) for line in block.splitlines() if line.strip()
            ] or [{column.name: ""}]
            return [{**cells, **first}, *more]
    return [dict(cells)]


def _read_row(columns: Sequence[Column], cells: Mapping[str, Any], line: int) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    faults = []
    for column in columns:
        written = str(cells.get(column.name) or "").strip()
        try:
            values[column.name] = read(column.label, written, column.read) if written or column.needed else None
        except WrongInput as error:
            where = _("Row {line}, {column}: {reason}")
            faults.append(where.format(line=line, column=column.label, reason=error.params["reason"]))
    return values, faults
