"""One product as staff read it who may not change it."""

import streamlit as st

from core.catalog.attachments import attachments_of
from core.catalog.queries import ProductRow
from core.db import transaction
from core.principal import Principal
from pages.ui.catalog_product_facts import show_description, show_fact_list, show_files
from pages.ui.product_fields import NUMBERS
from pages.ui.text import _, day, price, quantity


def show_reading(principal: Principal, row: ProductRow) -> None:
    """All that is written down about it, and its files to be saved."""
    with transaction(principal) as session:
        files = attachments_of(session, row.id)
    left, right = st.columns([2, 3], gap="large")
    with left:
        show_fact_list(_what(row) | _numbers(row))
    with right:
        show_description(row.description)
        show_files(files)


def _what(row: ProductRow) -> dict[str, str]:
    return {
        _("EAN"): row.ean,
        _("Brand"): row.brand,
        _("Category"): row.category.replace(" > ", " › "),
        _("Unit"): row.unit,
        _("NC code"): row.nc_code,
        _("VAT"): f"{quantity(row.vat_rate)} %",
        _("In stock again on"): day(row.expected_on) if row.expected_on else "",
        _("Backorder"): _("yes") if row.backorder else "",
    }


def _numbers(row: ProductRow) -> dict[str, str]:
    """What was left empty is not shown."""
    given = {name: getattr(row, name) for name in NUMBERS if getattr(row, name) is not None}
    return {
        _(NUMBERS[name][0]): price(value) if name in ("list_price", "rrp") else quantity(value)
        for name, value in given.items()
    }
