"""From a list to the page of exports, with the same table and filters: the way there, and what came along."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from core.db import transaction
from core.exports.asking import TABLES, Asked, filters_for, offered
from core.exports.tables import Filter
from core.permissions import may
from core.principal import Principal
from pages.ui.text import _

TABLE, DAYS = "table", ("since", "until")
"""What the address calls the table and the days; filters have their own names."""


def take_out(principal: Principal, table: str, **chosen: str | date | Sequence[str] | None) -> None:
    """The way to the export of this table with what is chosen in the list, for who may take it out.

    `chosen`: values of filters by name, and of the days `since` and `until`; what is empty narrows nothing.
    """
    if not may(principal, "exports.make") or TABLES[table] not in offered(principal):
        return
    values = {name: [value] if isinstance(value, str | date) else list(value or ()) for name, value in chosen.items()}
    asked = [(name, str(each)) for name, found in values.items() for each in found if str(each).strip()]
    st.page_link(
        f"pages/{principal.kind}/exports.py", label=_("Take out as a spreadsheet"), icon=":material/download:",
        query_params=[(TABLE, table), *asked], width="content",
    )  # fmt: skip


def asked_in_address(principal: Principal) -> Asked | None:
    """What the page was opened with: all columns of a table, narrowed. What there is not (any more) does not count."""
    said = st.query_params
    table = next((each for each in offered(principal) if each.name == said.get(TABLE)), None)
    if table is None:
        return None
    with transaction(principal) as session:
        filters = filters_for(session, table)
    narrowed = {name: _known(each, said.get_all(name)) for name, each in filters.items() if name in said}
    since, until = (_day(said.get(name, "")) for name in DAYS)
    return Asked(table.name, (), since, until, narrowed)


def _known(narrowing: Filter, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value in narrowing.words or not narrowing.words)


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None
