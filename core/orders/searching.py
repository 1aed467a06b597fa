"""Finding products: words, filters and sort order, one page at a time.

One statement finds the page, one its rows; one more asks how the partner sees prices, to put them in order, and one
looks again where the words find nothing. What puts prices in order are sort keys that may be a little late; what is
shown is always quoted (rows_of).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.orders.browsing import CatalogRow, rows_of
from core.orders.page_keys import PageKey, read_key
from core.orders.search_conditions import MOST_COUNTED, SOURCE, Conditions, Filters, conditions
from core.orders.search_corrections import CORRECTED, NEAR, alternatives, choosing, deletions_of
from core.orders.search_orders import BY_AGE, BY_NAME, Order, by_price
from core.pricing.quoting import SHOWN

__all__ = ["PAGE_SIZE", "SORTS", "CatalogPage", "Filters", "search_page"]

PAGE_SIZE = 50
SORTS = ("name", "price", "price_down", "new")


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """`total` is how many match; `over`: they are more, and were not counted further. `before` and `after` are the keys
    of the pages beside this one, None where there is none. `corrected` is the search that was made instead, where the
    words as typed find nothing."""

    rows: list[CatalogRow]
    total: int
    over: bool
    before: str | None
    after: str | None
    corrected: str | None


def search_page(
    session: Session,
    filters: Filters,
    as_of: datetime,
    *,
    gross: bool = False,
    after: str | None = None,
    before: str | None = None,
) -> CatalogPage:
    """A page of products offered to the signed-in partner, from a key on or back.

    A key that is none, or of another order, gives the first page. Products whose SKU or EAN was typed stand first.
    Prices put in order are those shown: net, or `gross` with VAT; where none are shown, names do. Raises NotAllowed.
    """
    asked = conditions(session, filters, as_of)
    search = _Search(session, filters, asked, _order(session, filters.sort, gross, asked))
    start = read_key(after or before, search.order.name, search.order.kind)
    back = start is not None and not after
    found = search.page(start, back)
    if start and len(found.places) < (PAGE_SIZE if back else 1):
        start, back, found = None, False, search.page(None, False)
    keys = [place.text() for place in found.places]
    return CatalogPage(
        rows_of(session, [place.id for place in found.places], as_of),
        min(found.total, asked.most),
        found.total > asked.most,
        keys[0] if keys and (found.more if back else start) else None,
        keys[-1] if keys and (back or found.more) else None,
        found.corrected,
    )


def _order(session: Session, sort: str, gross: bool, asked: Conditions) -> Order:
    """By price only where prices are shown, and do not all come to nothing."""
    if sort in ("price", "price_down"):
        sees = session.execute(_SEES, asked.params).one()
        if sees.shown and sees.discount < 100:
            return by_price(sort == "price_down", "gross" if gross else "net", sees.discount)
    return BY_AGE if sort == "new" else BY_NAME


@dataclass(frozen=True, slots=True)
class _Found:
    """The places of a page, in its order. `more`: there are others further the way that was gone."""

    places: list[PageKey]
    more: bool
    total: int
    corrected: str | None = None
    near: list[str] | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for, and in which order."""

    session: Session
    filters: Filters
    asked: Conditions
    order: Order

    def page(self, start: PageKey | None, back: bool) -> _Found:
        """The page from a place on, or back from it; where nothing matches, of the corrected search."""
        asked, order = self.asked, self.order
        sql = order.statement(asked, f"null as said, {self._near()} as near", start, back=back)
        found = self._run(f"with {sql}", {"deletions": deletions_of(self.filters.search)}, start, back)
        instead = alternatives(self.filters.search, found.near or ())
        return self._corrected(instead, start, back) if instead else found

    def _corrected(self, instead: dict[str, Any], start: PageKey | None, back: bool) -> _Found:
        said = "(select said from chosen) as said, null as near"
        sql = self.order.statement(self.asked, said, start, back=back, words=CORRECTED)
        return self._run(f"with {choosing(self.asked)} {sql}", instead, start, back)

    def _near(self) -> str:
        """SQL for the words near those that find nothing, not even with nothing else asked for."""
        if self.filters == Filters(search=self.filters.search, sort=self.filters.sort):
            nowhere = "counted.total = 0"
        else:
            anywhere = f"select {SOURCE} where {OFFERED} and {self.asked.words} limit {MOST_COUNTED}"
            nowhere = f"counted.total = 0 and not exists ({anywhere})"
        return f"case when {nowhere} then {NEAR} end"

    def _run(self, sql: str, params: dict[str, Any], start: PageKey | None, back: bool) -> _Found:
        about = self.asked.params | params | self.order.params(start) | {"limit": PAGE_SIZE + 1}
        rows = self.session.execute(text(sql), about).all()
        places = [self.order.place(row.rank, row.key, row.id) for row in rows[:PAGE_SIZE] if row.id]
        more = len(rows) > PAGE_SIZE
        return _Found(places[::-1] if back else places, more, rows[0].total, rows[0].said, rows[0].near)


_SEES = text(f"select {SHOWN} as shown, partner.discount from partner where partner.id = :partner")
