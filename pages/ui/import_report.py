"""What there is to see about an import: how files must look, what one would do, what is wrong with it."""

from typing import Any

import streamlit as st

from core.imports.files import KINDS, Preview, Report, example
from core.imports.problems import Problem
from pages.ui.frame import plain
from pages.ui.text import _, language, quantity

MOST_SHOWN = 500


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


def show_problems(problems: list[Problem]) -> None:
    """Every fault with its place in the file."""
    words = _("Errors: {count}. Nothing can be loaded until they are corrected in the file.")
    st.error(words.format(count=len(problems)), icon=":material/error:")
    rows = [
        {"line": problem.line, "column": problem.column, "reason": problem.text(language())}
        for problem in problems[:MOST_SHOWN]
    ]
    config = {
        "line": st.column_config.NumberColumn(_("Line"), width="small", format="%d"),
        "column": st.column_config.TextColumn(_("Column"), width="small"),
        "reason": st.column_config.TextColumn(_("What is wrong"), width=700),
    }
    st.dataframe(rows, column_config=config, hide_index=True)
    if len(problems) > MOST_SHOWN:
        st.caption(_("The first {count} are shown.").format(count=MOST_SHOWN))


def show_counts(report: Report) -> None:
    """New, changed and unchanged rows, and the notices."""
    new, changed, same = st.columns(3)
    new.metric(_("New"), quantity(report.created), border=True)
    changed.metric(_("Changed"), quantity(report.changed), border=True)
    same.metric(_("Unchanged"), quantity(report.unchanged), border=True)
    show_notices(report)


def show_notices(report: Report) -> None:
    """What was passed over in the file, if anything."""
    if report.notices:
        st.info("  \n".join(plain(notice.text(language())) for notice in report.notices), icon=":material/info:")


def show_understood(shown: Preview) -> None:
    """How the file was read: a person sees at once where that is not what stands in it."""
    sentences = [plain(sentence.text(language())) for sentence in shown.understood.sentences()]
    if sentences:
        st.caption(f":material/table_view: {' '.join(sentences)}")


def show_preview(shown: Preview) -> None:
    """What a file would do, or its faults, how it was understood, and its first rows."""
    if shown.problems:
        show_problems(shown.problems)
        show_notices(shown)
    else:
        show_counts(shown)
    show_understood(shown)
    if shown.sample:
        st.caption(_("The first rows of the file"))
        rows: list[dict[str, Any]] = [{_("Line"): row.line, **row.cells} for row in shown.sample]
        st.dataframe(rows, hide_index=True)
