"""Prices pasted as text: read, checked and shown before they are saved."""

import streamlit as st

from core import clock
from core.db import transaction
from core.imports.pasted_prices import MOST_LINES, read_pasted
from core.pricing.lists import PriceListRow
from core.pricing.setting import NothingSaved, Saved, save
from core.pricing.staging import Wanted
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import DECIMAL_MARKS, end_form, form_key
from pages.ui.price_list_saved import counts_in_words, keep_saved, show_changes, show_faults, show_kept
from pages.ui.text import _, language, quantity


def show_pasting(principal: Principal, row: PriceListRow) -> None:
    """A box for rows of a sheet; what they would do; the button that does it."""
    show_kept(row.currency)
    form = form_key(about := f"paste-{row.id}")
    with st.form(form, border=False):
        st.caption(
            _(
                "Copy columns from Excel, a CSV file or a mail: SKU, net price and, if need be, from quantity, first "
                "day, last day. At most {count} rows; more of them come from a file. Known prices change, new ones "
                "are added, all others stay. Without days a price takes the place of today's."
            ).format(count=quantity(MOST_LINES))
        )
        example = "CB-15\t10,90\nCB-15\t10,50\t24\nCB-20\t12,00\t\t01.01.2027"
        text = st.text_area(_("Prices"), height=240, placeholder=example, key=f"{form}-text")
        checked = st.form_submit_button(_("Check"), type="primary", icon=":material/fact_check:")
    if checked:
        st.session_state[f"{form}-checked"] = text
    if not text.strip() or st.session_state.get(f"{form}-checked") != text:
        if checked:
            st.info(_("Nothing was pasted yet."), icon=":material/info:")
        return
    with refusals():
        wanted, faults = read_pasted(text, DECIMAL_MARKS[language()], row.currency)
        if faults:
            show_faults(faults)
        elif outcome := _dry_run(principal, row, wanted):
            _offer_saving(principal, row, about, wanted, outcome)


def _dry_run(principal: Principal, row: PriceListRow, wanted: list[Wanted]) -> Saved | None:
    """What saving would do; shows what is wrong where it could not."""
    with transaction(principal) as session:
        try:
            return save(session, row.id, wanted, clock.now())
        except NothingSaved as refused:
            show_faults(refused.faults, {want.row: want.sku for want in wanted})
            return None
        finally:
            session.rollback()


def _offer_saving(principal: Principal, row: PriceListRow, about: str, wanted: list[Wanted], outcome: Saved) -> None:
    changing = outcome.added + outcome.changed
    words = _("This would happen:")
    st.markdown(f"**{words}** {counts_in_words(outcome)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        clicked = st.button(
            _("Save the prices"), type="primary", disabled=not changing, key=f"save-{form_key(about)}-{outcome.digest}"
        )
        if not changing:
            st.caption(_("All these prices are there already."))
    if clicked:
        with transaction(principal) as session:
            saved = save(session, row.id, wanted, clock.now(), expected=outcome)
            keep_saved(saved)
            end_form(_("Saved."), form=about)
        st.rerun()
    show_changes(outcome, row.currency)
