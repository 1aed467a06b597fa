"""What is told of a product on its page: pictures, facts, description, files."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape

import streamlit as st

from core.catalog.attachments import Attachment
from core.orders.browsing import CatalogRow
from core.orders.product_details import ProductDetails
from pages.ui.catalog_filters import BRAND, CATEGORY
from pages.ui.frame import plain
from pages.ui.text import _, quantity

CATALOG_PAGE = "pages/partner/catalog.py"
SIZES = ((1024 * 1024, "MB"), (1024, "kB"), (1, "B"))


def show_way(row: CatalogRow) -> None:
    """Where it stands in the catalogue, each level a link to what else is there."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="product_way"):
        st.page_link(CATALOG_PAGE, label=_("Catalog"), icon=":material/storefront:")
        levels = row.category.split(" > ") if row.category else []
        for depth, level in enumerate(levels, start=1):
            st.markdown("›", width="content")
            st.page_link(CATALOG_PAGE, label=plain(level), query_params={CATEGORY: " > ".join(levels[:depth])})
        if row.brand:
            label = _("Everything of {brand}").format(brand=plain(row.brand))
            st.page_link(CATALOG_PAGE, label=label, query_params={BRAND: row.brand})


def show_pictures(details: ProductDetails) -> None:
    """One large, the others small below it to choose from."""
    if not details.images:
        st.html('<div class="no-picture" aria-hidden="true"></div>')
        return
    shown = details.images[0]
    place = st.container()
    if len(details.images) > 1:
        chosen = st.segmented_control(
            _("Pictures"),
            details.images,
            default=shown,
            required=True,
            format_func=lambda image: f"![{_picture(details, image)}](/images/{image}/small)",
            key=f"picture {details.row.product_id}",
            label_visibility="collapsed",
        )
        shown = chosen or shown
    words = escape(f"{details.row.name}: {_picture(details, shown)}", quote=True)
    image = f'<img class="product-picture" src="/images/{shown}/large" alt="{words}">'
    place.html(f'<a href="/images/{shown}/large" target="_blank" rel="noopener">{image}</a>')


def _picture(details: ProductDetails, image: int) -> str:
    return _("picture {number}").format(number=details.images.index(image) + 1)


def show_facts(details: ProductDetails) -> None:
    """Codes, how it is sold and what is asked at the border."""
    row = details.row
    unit = row.unit
    facts = {
        _("SKU"): row.sku,
        _("EAN"): row.ean,
        _("Brand"): row.brand,
        _("Category"): row.category.replace(" > ", " › "),
        _("Unit"): unit,
        _("Pack"): f"{quantity(row.pack)} {unit}" if row.pack != 1 else "",
        _("Least quantity"): f"{quantity(row.least)} {unit}" if row.least else "",
        _("In multiples of"): f"{quantity(row.multiple)} {unit}" if row.multiple and row.multiple != 1 else "",
        _("Weight"): f"{quantity(details.weight)} kg" if details.weight is not None else "",
        _("NC code"): details.nc_code,
        _("VAT"): f"{quantity(row.vat_rate)} %",
    }
    show_fact_list(facts)


def show_fact_list(facts: Mapping[str, str]) -> None:
    """Facts by name, without those that are empty."""
    lines = [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value]
    st.html(f'<dl class="facts">{"".join(lines)}</dl>')


def show_description(text: str) -> None:
    """The distributor's words as they were typed."""
    if text.strip():
        st.markdown(f"#### {_('Description')}")
        st.markdown("\n\n".join("  \n".join(plain(line) for line in part.splitlines()) for part in text.split("\n\n")))


def show_files(files: Sequence[Attachment]) -> None:
    """Data sheets and the like, to be saved."""
    if not files:
        return
    st.markdown(f"#### {_('Files')}")
    for file in files:
        st.markdown(f":material/attach_file: [{plain(file.name)}](/files/{file.id}) :small[{_size(file.size)}]")


def _size(count: int) -> str:
    """A number of bytes as people say it."""
    size, name = next((step for step in SIZES if count >= step[0]), SIZES[-1])
    return f"{quantity(round(Decimal(count) / size, 1 if size > 1 else 0))} {name}"
