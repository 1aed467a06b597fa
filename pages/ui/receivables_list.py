"""The list of who owes: found, narrowed and sorted, a page at a time, one of them opened."""

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
import streamlit as st

from core.company_rules import RULES
from core.db import transaction
from core.i18n import N_
from core.principal import Principal
from core.receivables.debtors import PAGE_SIZE, DebtorRow, DebtorsPage, Only, Sort, debtors
from pages.ui.invoices import today
from pages.ui.partner_status import STATUS_NAMES
from pages.ui.taking_out import take_out
from pages.ui.text import _, amount, language, quantity

ONLY: dict[Only, str] = {
    "all": N_("All"),
    "overdue": N_("Overdue"),
    "blocked": N_("May not order"),
    "disputed": N_("Disputed"),
    "credit": N_("With credit"),
}
SORTS: dict[Sort, str] = {
    "overdue": N_("Most overdue"),
    "unpaid": N_("Most unpaid"),
    "oldest": N_("Latest of all"),
    "paid": N_("Longest without a payment"),
    "reminded": N_("Longest without a reminder"),
    "credit": N_("Largest credit"),
    "name": N_("Name"),
}
AGED = ("unpaid", "not_due", "to_30", "to_60", "to_90", "over_90")


def show_list(principal: Principal) -> int | None:
    """Search, filter, table and pages; the id of the partner whose row was chosen."""
    text, only, sort = _filters()
    key = f"debtors-page {text} {only} {sort}"
    found = _load(principal, text, only, sort, key)
    if not found.rows:
        words = _("No partner matches. Clear the search or choose All.") if text or only != "all" else _(
            "Nobody owes anything."
        )  # fmt: skip
        st.info(words, icon=":material/search_off:" if text else ":material/done_all:")
        return None
    st.caption(_("Select a row to open a partner."))
    chosen = _show_table(found.rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        told = _("Partners: {count} · unpaid {unpaid} · overdue {overdue} · credit {credit}")
        sums = {name: amount(getattr(found, name)) for name in ("unpaid", "overdue", "credit")}
        st.caption(told.format(count=quantity(found.count), **sums) + " · " + _("Sums in the table are in lei."))
        take_out(principal, "balances", words=text, receivables=only)
        if found.count > PAGE_SIZE:
            st.pagination(-(-found.count // PAGE_SIZE), key=key)
    return chosen


def _filters() -> tuple[str, Only, Sort]:
    left, middle, right = st.columns([2.5, 7, 2.5], vertical_alignment="bottom")
    text = left.text_input(
        _("Search"), placeholder=_("Name, code or CUI"), icon=":material/search:", key="debtors-search"
    )
    only = middle.segmented_control(
        _("Show"), list(ONLY), default="all", required=True, format_func=lambda name: _(ONLY[name]),
        key="debtors-only", wrap=True,
    )  # fmt: skip
    sort = right.selectbox(_("Sort by"), list(SORTS), format_func=lambda name: _(SORTS[name]), key="debtors-sort")
    return text, only, sort


def _load(principal: Principal, text: str, only: Only, sort: Sort, key: str) -> DebtorsPage:
    page = st.session_state.get(key, 1)
    with transaction(principal) as session:
        found = debtors(session, today(), search=text, only=only, sort=sort, page=page)
        if found.rows or page == 1:
            return found
        # The list has become shorter since the page was chosen.
        del st.session_state[key]
        return debtors(session, today(), search=text, only=only, sort=sort)


def _show_table(rows: Sequence[DebtorRow]) -> int | None:
    table = st.dataframe(
        pd.DataFrame(_cells(row) for row in rows),
        hide_index=True,
        row_height=40,
        height="content" if len(rows) <= 12 else 12 * 40 + 40,
        on_select="rerun",
        selection_mode="single-row",
        # The ids in the key: the same row number of another list is another partner. Other words need other widths.
        key=f"debtors-{language()}-{hash(tuple(row.id for row in rows))}",
        column_config=_columns(),
        alt=_("Partners with open invoices or credit"),
        placeholder="",
    )
    selected = [row for row in table.selection.rows if row < len(rows)]
    return rows[selected[0]].id if selected else None


def _cells(row: DebtorRow) -> dict[str, object]:
    return {
        "name": row.name,
        **{name: figure(value) if (value := getattr(row, name)) else "–" for name in AGED},
        "days": row.days or None,
        "blocked": [blocked_words(name) for name in row.blocked],
        **{name: figure(value) if (value := getattr(row, name)) else "–" for name in ("credit", "disputed")},
        "paid_on": row.paid_on,
        "paid": "" if row.paid is None else figure(row.paid),
        "reminded_on": row.reminded_on,
        "step": row.step,
        "code": row.code,
    }


def _columns() -> dict[str, object]:
    column = st.column_config
    names = {
        "unpaid": _("Unpaid"), "not_due": _("Not due"), "to_30": "1–30", "to_60": "31–60", "to_90": "61–90",
        "over_90": "90+", "disputed": _("Disputed"), "credit": _("Credit"), "paid": _("Last paid"),
    }  # fmt: skip
    late = _("Of what is unpaid, so much is so many days late")
    helps = {name: late for name in ("to_30", "to_60", "to_90", "over_90")}
    return {
        "name": column.TextColumn(_("Partner"), width="medium", pinned=True),
        **{
            key: column.TextColumn(label, alignment="right", help=helps.get(key), width=85)
            for key, label in names.items()
        },
        "days": column.NumberColumn(_("Days late"), format="%d", help=_("Of the invoice that is due longest")),
        "blocked": column.ListColumn(_("May not order"), help=_("What keeps the partner from ordering")),
        "paid_on": column.DateColumn(_("Last payment"), format="DD.MM.YYYY"),
        "reminded_on": column.DateColumn(_("Last reminder"), format="DD.MM.YYYY"),
        "step": column.NumberColumn(_("Step"), format="%d", help=_("Of the last reminder")),
        "code": column.TextColumn(_("Code")),
    }


def figure(value: Decimal) -> str:
    """An amount in lei without its currency: a table of them says it once."""
    return amount(value).rpartition("\N{NO-BREAK SPACE}")[0]


def blocked_words(name: str) -> str:
    """What keeps a partner from ordering: its status, or the name of a limit."""
    return _(STATUS_NAMES[name]) if name in STATUS_NAMES else _(RULES[name].name)
