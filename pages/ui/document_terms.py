"""What staff may choose of a document that is about to be issued: series, date, currency and rate, note."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import streamlit as st

from core.db import transaction
from core.documents.numbering import FALLBACK
from core.documents.order_lines import Terms
from core.documents.series import series_of_year
from core.documents.writing import LEI, LONGEST_NOTE
from core.imports import fields
from core.principal import Principal
from pages.ui.forms import read
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.text import _

CURRENCIES = (LEI, "EUR", "USD")


def show_terms(staff: Principal, kind: str, key: Callable[[str], str], currencies: bool = False) -> None:
    """The fields, for a form: `key` makes each one's key from its name."""
    with transaction(staff) as session:
        known = [row for row in series_of_year(session, today().year) if not row.closed]
    fitting = [row for row in known if row.kind == kind] or [row for row in known if row.kind == FALLBACK.get(kind)]
    left, right = st.columns(2)
    left.selectbox(
        _("Series"),
        [row.id for row in fitting],
        # The usual one first: without a site, the newest.
        index=min(range(len(fitting)), key=lambda at: (fitting[at].site != "", -fitting[at].id)) if fitting else None,
        format_func={
            row.id: plain(f"{row.prefix} {row.next_number:05d}" + (f" · {row.site}" if row.site else ""))
            for row in fitting
        }.__getitem__,
        key=key("series"),
        placeholder=_("No open series"),
    )
    right.date_input(_("Date of issue"), today(), max_value=today(), format="DD.MM.YYYY", key=key("day"))
    if currencies:
        left, right = st.columns(2)
        left.selectbox(_("Currency"), CURRENCIES, key=key("currency"))
        right.text_input(
            _("Lei for one unit of the currency"), key=key("rate"), placeholder=_("only if it is not in lei"),
            help=_("The exchange rate of the National Bank for the day, with four decimals"),
        )  # fmt: skip
    st.text_input(_("Note on the document (optional)"), max_chars=LONGEST_NOTE, key=key("note"))


def read_terms(key: Callable[[str], str]) -> Terms:
    """What was chosen. Raises WrongInput for a rate that is none."""
    state = st.session_state
    currency: str = state.get(key("currency"), LEI)
    typed: str = state.get(key("rate"), "")
    rate = Decimal(1) if currency == LEI else read(_("Lei for one unit of the currency"), typed, fields.price)
    day: date | None = state.get(key("day"))
    return Terms(state.get(key("series")), day, currency, rate, state.get(key("note"), ""))
