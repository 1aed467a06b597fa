"""How much of the stock and of prices partners are told: the general setting, and what a partner has of its own."""

from decimal import Decimal
from typing import Any

import streamlit as st

from core import clock
from core.company import Company, company
from core.company_rules import STOCK_DISPLAYS
from core.db import transaction
from core.i18n import N_
from core.partners.models import Partner
from core.partners.showing import change_stock_display
from core.permissions import may
from core.principal import Principal
from core.stock.showing import Display, ShownStock
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, touched
from pages.ui.frame import plain
from pages.ui.rule_fields import read_rule, rule_field
from pages.ui.settings_form import title
from pages.ui.text import _, language, quantity

NAMES = {
    "quantity": N_("The quantity"),
    "capped": N_("The quantity up to a cap"),
    "yes_no": N_("In stock or not"),
    "light": N_("A traffic light"),
    "nothing": N_("Nothing"),
}
EXAMPLES = (Decimal(0), Decimal(4), Decimal(250))


def show_stock(row: Company, form: str) -> dict[str, Any]:
    """The fields of the general setting; what was typed, by name of the column."""
    st.caption(_("It holds for every partner without a setting of its own: those are set under Partners."))
    typed: dict[str, Any] = {}
    left, right = st.columns(2)
    typed["stock_display"] = left.selectbox(
        _("What partners see of the stock"),
        STOCK_DISPLAYS,
        STOCK_DISPLAYS.index(row.stock_display),
        format_func=_name,
        key=f"{form}-stock_display",
    )
    typed["stock_cap"] = rule_field(right, form, "stock_cap", row.stock_cap)
    _show_table(row.stock_cap)
    return typed | _show_prices(row, form)


def _show_prices(row: Company, form: str) -> dict[str, Any]:
    title(_("What partners see of prices"))
    return {
        "prices_with_vat": st.toggle(
            _("New people see prices with VAT first"), row.prices_with_vat, key=f"{form}-prices_with_vat",
            help=_("Everybody changes it for themselves with the switch above the catalogue."),
        ),
        "show_list_price": st.toggle(
            _("Show the list price and the discount beside the partner's price"), row.show_list_price,
            key=f"{form}-show_list_price", help=_("In the catalogue, in price lists and in exports."),
        ),
        "show_rrp": st.toggle(
            _("Show the recommended retail price and the margin"), row.show_rrp, key=f"{form}-show_rrp",
            help=_("In the catalogue, in price lists and in exports. Products without one show none."),
        ),
    }  # fmt: skip


def read_stock(typed: dict[str, Any]) -> dict[str, Any]:
    """The values to keep. Raises WrongInput."""
    return typed | {"stock_cap": read_rule("stock_cap", typed["stock_cap"])}


def show_partners_stock(principal: Principal, partner: Partner) -> None:
    """What this partner sees of the stock; for who may, the form to change it."""
    with transaction(principal) as session:
        general = company(session)
    if not may(principal, "partners.edit"):
        shown = _name(partner.stock_display or general.stock_display)
        st.markdown(f":gray[{_('What it sees of the stock')}]: {shown}")
        return
    form = form_key(about := f"stock-{partner.id}")
    shown = as_shown(f"{form}-stock_display", partner)
    with st.form(form, border=False):
        options = (None, *STOCK_DISPLAYS)
        as_general = _("As set in general: {name}").format(name=_name(general.stock_display))
        chosen = st.selectbox(
            _("What it sees of the stock"),
            options,
            options.index(shown.stock_display),
            format_func=lambda name: _name(name) if name else as_general,
            key=f"{form}-stock_display",
        )
        if not st.form_submit_button(_("Save")):
            return
    with refusals():
        with transaction(principal) as session:
            value = touched({"stock_display": chosen}, shown, partner)["stock_display"]
            change_stock_display(session, partner.id, value, clock.now())
            end_form(_("{name} was saved.").format(name=plain(partner.name)), form=about)
        st.rerun()


def _name(display: str) -> str:
    return _(NAMES[display])


def _show_table(cap: Decimal) -> None:
    """What each setting says of some quantities."""
    st.caption(_("What partners read of these quantities, as saved now:"))
    head = "| | " + " | ".join(quantity(example) for example in EXAMPLES) + " |"
    rows = [
        f"| {plain(_name(name))} | "
        + " | ".join(_example(Display(name, cap).show(example)) for example in EXAMPLES) + " |"
        for name in STOCK_DISPLAYS
    ]  # fmt: skip
    st.markdown("\n".join([head, "|---" * (len(EXAMPLES) + 1) + "|", *rows]))


def _example(shown: ShownStock) -> str:
    colours = {"green": "green", "yellow": "orange", "red": "red"}
    dot = f":{colours[shown.kind]}[●] " if shown.kind in colours else ""
    return dot + plain(shown.words(language())) or "–"
