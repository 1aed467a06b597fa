"""What there is to see about an import: how files must look, what one would do, what is wrong with it."""

from decimal import Decimal
from itertools import zip_longest
from typing import Any

import streamlit as st

from core.imports.files import KINDS, MOST_CHANGES, Preview, example
from core.imports.problems import Problem
from core.imports.staging import Change
from pages.ui.forms import editable
from pages.ui.frame import plain
from pages.ui.import_columns import column_names, is_complete
from pages.ui.text import _, language, quantity
from pages.ui.vat_classes import vat_names


def show_column_help(kind: str) -> None:
    """The columns in a place that opens."""
    with st.expander(_("Columns of the file"), icon=":material/view_column:"):
        show_columns(kind)


def show_columns(kind: str) -> None:
    """The columns of a kind of file, and an example to download."""
    columns = KINDS[kind].columns
    rows = [
        {
            "column": column.name,
            "aliases": column.aliases,
            "help": _(column.help),
            "required": column.required,
            "example": column.example,
        }
        for column in columns
    ]
    config = {
        "column": st.column_config.TextColumn(_("Column"), width="small"),
        "aliases": st.column_config.TextColumn(_("Also understood")),
        "help": st.column_config.TextColumn(_("Meaning")),
        "required": st.column_config.CheckboxColumn(_("Required"), width="small"),
        "example": st.column_config.TextColumn(_("Example"), width="small"),
    }
    st.dataframe(rows, column_config=config, hide_index=True, height="content")
    st.download_button(
        _("Download an example file"),
        example(kind),
        f"{kind}.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def show_problems(found: Preview) -> None:
    """Every fault with its place in the file."""
    words = _("Errors: {count}. Nothing can be loaded until they are corrected in the file.")
    st.error(words.format(count=quantity(max(found.faults, len(found.problems)))), icon=":material/error:")
    names = column_names(found.kind)
    rows = [
        {
            "line": problem.line,
            "column": names.get(problem.column, problem.column),
            "reason": problem.text(language()),
        }
        for problem in found.problems
    ]
    config = {
        "line": st.column_config.NumberColumn(_("Line"), width="small", format="%d"),
        "column": st.column_config.TextColumn(_("Column"), width="small"),
        "reason": st.column_config.TextColumn(_("What is wrong"), width=700),
    }
    st.dataframe(rows, column_config=config, hide_index=True)
    if found.faults > len(found.problems):
        st.caption(_("The first {count} are shown.").format(count=len(found.problems)))
    show_notices(found.notices)


def show_counts_of(created: int, changed: int, unchanged: int, notices: list[Problem]) -> None:
    """New, changed and unchanged rows, and the notices."""
    new, other, same = st.columns(3)
    new.metric(_("New"), quantity(created), border=True)
    other.metric(_("Changed"), quantity(changed), border=True)
    same.metric(_("Unchanged"), quantity(unchanged), border=True)
    show_notices(notices)


def show_notices(notices: list[Problem]) -> None:
    """What was passed over in the file, if anything."""
    if notices:
        st.info("  \n".join(plain(notice.text(language())) for notice in notices), icon=":material/info:")


def show_preview(found: Preview) -> None:
    """How a file was understood, so that a person sees where that is not what stands in it, and its first rows."""
    sentences = [plain(sentence.text(language())) for sentence in found.understood]
    if sentences:
        st.caption(f":material/table_view: {' '.join(sentences)}")
    if not is_complete(found.kind, found) and found.cells:
        st.caption(_("The first rows of the file"))
        names = [name or f"{at}" for at, name in enumerate(found.names, 1)]
        st.dataframe(
            [dict(zip_longest(names, cells[: len(names)], fillvalue="")) for cells in found.cells], hide_index=True
        )
    elif found.sample:
        st.caption(_("The first rows of the file, as they were understood"))
        called = column_names(found.kind)
        rows: list[dict[str, Any]] = [
            {_("Line"): row.line, **{called[name]: cell for name, cell in row.cells.items()}} for row in found.sample
        ]
        st.dataframe(rows, hide_index=True)


def show_changes(found: Preview) -> None:
    """What would be changed: the columns as they are, and as the file has them."""
    if not found.changes:
        return
    numbers = {column.name for column in KINDS[found.kind].columns if column.is_number}
    called = column_names(found.kind)
    rows = [
        {
            "line": each.line,
            "name": each.name,
            "column": called[each.column],
            "old": _called(each, each.old, numbers),
            "new": _called(each, each.new, numbers),
        }
        for each in found.changes
    ]
    config = {  # so narrow that a telephone shows the old and the new value
        "name": st.column_config.TextColumn(_("Of"), width=105),
        "column": st.column_config.TextColumn(_("Column"), width=85),
        "old": st.column_config.TextColumn(_("As it is"), width=80),
        "new": st.column_config.TextColumn(_("As in the file"), width=80),
        "line": st.column_config.NumberColumn(_("Line"), width=60, format="%d"),
    }
    st.caption(_("What would be changed") if len(rows) < MOST_CHANGES else _("The first changes"))
    st.dataframe(
        rows, column_config=config, column_order=list(config), hide_index=True, height=min(38 + 35 * len(rows), 400)
    )


def _called(change: Change, value: str, numbers: set[str]) -> str:
    """Numbers as the reader writes them; VAT classes and yes or no by what people call them."""
    if change.column == "vat":
        return vat_names().get(value, value)
    if change.column in numbers and value:
        return editable(Decimal(value))
    return {"True": _("yes"), "False": _("no")}.get(value, value)


def show_left_pictures(found: Preview) -> None:
    """How many pictures of a ZIP were taken, and which not."""
    if found.taken is None:
        return
    st.caption(_("Pictures taken: {count}").format(count=quantity(found.taken)))
    if found.left:
        rows = [{"file": name, "reason": reason} for name, reason in found.left]
        config = {
            "file": st.column_config.TextColumn(_("File"), width=260),
            "reason": st.column_config.TextColumn(_("Why it was not taken"), width=560),
        }
        st.dataframe(rows, column_config=config, hide_index=True)
