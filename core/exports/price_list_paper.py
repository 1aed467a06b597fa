"""The price list as a PDF, by category, with the distributor's head and the day of the prices."""

from collections.abc import Sequence
from itertools import groupby

from core.documents.order_papers import paper
from core.exports.price_list import Listing, breaks_in_words, filters_in_words
from core.orders.browsing import CatalogRow


def price_list_pdf(listing: Listing, rows: Sequence[CatalogRow], language: str) -> bytes:
    """A4, in a language of core.i18n.LANGUAGES; the rows in their order."""
    facts = {
        "company": listing.company,
        "partner": listing.partner,
        "on": listing.on,
        "count": len(rows),
        "filters": filters_in_words(listing.filters, language),
        "with_stock": listing.with_stock,
        "groups": [(path, list(group)) for path, group in groupby(rows, key=lambda row: row.category)],
        "breaks": lambda row: breaks_in_words(row.more, language),
        "stock": lambda row: row.stock.words(language),
    }
    return paper("price_list.html", language, facts)
