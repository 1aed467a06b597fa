"""What is planned for a list, day by day, and taking it back."""

import streamlit as st

from core import clock
from core.db import transaction
from core.permissions import may
from core.pricing.lists import PriceListRow
from core.pricing.planning import Planned, planned, withdraw
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form
from pages.ui.price_words import ask_first, today
from pages.ui.text import _, day, quantity


def show_planned(principal: Principal, row: PriceListRow) -> None:
    """The days on which prices of the list begin."""
    with transaction(principal) as session:
        found = planned(session, row.id, today())
    if not found:
        words = _(
            "Nothing is planned. “Raise or lower” plans a change for a day; a price typed with a first day is one."
        )
        st.info(words, icon=":material/event_available:")
        return
    for change in found:
        _show(principal, row, change)


def _show(principal: Principal, row: PriceListRow, change: Planned) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"planned-{change.day}"):
        words = _(
            "From **{day}**: prices {prices}, of products {products}; dearer {dearer}, cheaper {cheaper}, new {new}."
        )
        told = {
            "day": day(change.day), "prices": quantity(change.prices), "products": quantity(change.products),
            "dearer": quantity(change.dearer), "cheaper": quantity(change.cheaper),
            "new": quantity(change.prices - change.replacing),
        }  # fmt: skip
        said = words.format(**told)
        if change.returns:
            back = _("Back to the price before, because a change ends: {count}.")
            said += "  \n" + back.format(count=quantity(change.returns))
        st.markdown(said, width="stretch")
        if may(principal, "prices.edit") and change.returns < change.prices:
            _offer_taking_back(principal, row, change)


def _offer_taking_back(principal: Principal, row: PriceListRow, change: Planned) -> None:
    words = _("The prices that begin on {day} go, all {count}; those before them hold on.")
    sure = words.format(day=day(change.day), count=quantity(change.prices - change.returns))
    if not ask_first(f"withdraw-{row.id}-{change.day}", _("Take back"), sure):
        return
    with refusals():
        with transaction(principal) as session:
            count = withdraw(session, row.id, change.day, clock.now())
            end_form(_("Taken back. Prices: {count}.").format(count=quantity(count)))
        st.rerun()
