"""Price lists: found, made, compared; one of them as a sheet, raised, filled, planned, copied."""

import streamlit as st

from core.db import transaction
from core.i18n import N_
from core.permissions import may
from core.pricing.lists import PriceListRow, price_list
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.price_list_adding import show_adding
from pages.ui.price_list_comparing import show_comparing
from pages.ui.price_list_data import show_data
from pages.ui.price_list_index import show_index
from pages.ui.price_list_pasting import show_pasting
from pages.ui.price_list_planned import show_planned
from pages.ui.price_list_raising import show_raising
from pages.ui.price_list_sheet import sheet_edited, show_prices
from pages.ui.price_words import asked, days
from pages.ui.text import _, price, quantity

SECTIONS = {
    "prices": (N_("Prices"), show_prices),
    "paste": (N_("Paste"), show_pasting),
    "add": (N_("Add products"), show_adding),
    "raise": (N_("Raise or lower"), show_raising),
    "planned": (N_("Planned"), show_planned),
    "list": (N_("The list"), show_data),
}
SEEN_BY_ALL = ("prices", "planned")


def show_one(staff: Principal, list_id: int) -> None:
    unsaved = sheet_edited(list_id)
    if st.button(_("All price lists"), icon=":material/arrow_back:", type="tertiary", disabled=unsaved):
        st.query_params.clear()
        st.rerun()
    with refusals():
        with transaction(staff) as session:
            row = price_list(session, list_id)
        show_head(row)
        names = [name for name in SECTIONS if name in SEEN_BY_ALL or may(staff, "prices.edit")]
        chosen = st.segmented_control(
            _("What to do"), names, default="prices", required=True, label_visibility="collapsed",
            format_func=lambda name: _(SECTIONS[name][0]), key=f"section-{list_id}",
            disabled=unsaved,
        )  # fmt: skip
        SECTIONS[chosen or "prices"][1](staff, row)


def show_head(row: PriceListRow) -> None:
    """The list's name, and what there is to know of it in one line."""
    st.subheader(plain(row.name), anchor=False)
    rate = _("1 {currency} = {lei}").format(currency=row.currency, lei=price(row.lei_rate))
    told = [
        _("in lei") if row.currency == "RON" else rate,
        days(row.valid_from, row.valid_until) or _("always valid"),
        _("Products: {count}").format(count=quantity(row.products)),
        _("Partners: {count}").format(count=quantity(row.partners)),
        _("Groups: {count}").format(count=quantity(row.groups)),
    ]
    st.caption(plain(" · ".join(told)))


def main() -> None:
    staff = require("staff", "prices.see")
    show_said()
    if chosen := asked("list"):
        show_one(staff, chosen)
    elif "compare" in st.query_params:
        show_comparing(staff)
    else:
        show_index(staff)


main()
