"""Pages of found products hold every product once, in the order of what is shown: one database for all cases, which
only look at it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from core.orders import search_conditions, search_orders
from core.orders.searching import PAGE_SIZE
from core.principal import SYSTEM, Principal
from tests.core.orders.test_searching import make_many, refresh_keys, search
from tests.databases import Servers, fresh_database
from tests.factories import make_discount, make_partner, make_price_list, make_user, principal_of


@pytest.fixture(scope="module")
def buyers(
    servers: Servers, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Principal]]:
    """By the kind of their prices, among the same products."""
    with fresh_database(servers, tmp_path_factory.mktemp("search"), template_database):
        make_many()
        promote()
        yield {kind: terms(kind) for kind in KINDS}


KINDS = ("list", "discount", "gross")


@pytest.fixture(params=[(10_000, 1_000), (10_000, 20), (40, 20)], ids=["sorting", "among", "asking"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each of the ways to a page, which else are taken by the number of products."""
    for most in ("MOST_COUNTED", "A_LOT"):
        monkeypatch.setattr(search_conditions, most, request.param[0])
    monkeypatch.setattr(search_orders, "MOST_PRICED", request.param[1])
    return request.node.callspec.id


def promote() -> None:
    """Every tenth product is reduced for everybody."""
    with transaction(SYSTEM) as session:
        session.execute(
            text("""
            insert into promotion (name, valid_from, valid_until) values ('P', '2026-01-01', '2026-12-31')""")
        )
        session.execute(
            text("""
            insert into promotion_item (promotion_id, product_id, percent)
            select promotion.id, product.id, 12 from promotion, product where product.id % 10 = 1""")
        )


def terms(kind: str) -> Principal:
    """A buyer with prices of its own kind: some from a list, some its own, some reduced."""
    price_list = make_price_list()
    partner = make_partner(price_list_id=price_list.id, discount=Decimal("7.77") if kind == "discount" else Decimal(0))
    buyer = principal_of(make_user(partner))
    make_discount("5", price_list_id=price_list.id, brand="B1")
    with transaction(SYSTEM) as session:
        about = {"partner": partner.id}
        session.execute(text("""
            insert into partner_price (partner_id, product_id, net)
            select :partner, id, 9.2 + id % 3 from product where id % 9 = 0"""), about)  # fmt: skip
    refresh_keys()
    return buyer


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sort", ["name", "new", "price", "price_down"])
@pytest.mark.parametrize("typed", ["", "common", "777"])
def test_pages_hold_every_product_once_in_order_both_ways(
    buyers: dict[str, Principal], way: str, kind: str, sort: str, typed: str
) -> None:
    buyer, gross = buyers[kind], kind == "gross"
    asked: dict[str, Any] = {"sort": sort, "search": typed, "gross": gross}
    pages = [search(buyer, **asked)]
    while pages[-1].after:
        pages.append(search(buyer, **asked, after=pages[-1].after))
    rows = [row for page in pages for row in page.rows]
    offered = 67 if typed == "777" else 219
    assert len(rows) == len({row.sku for row in rows}) == offered
    assert pages[0].before is None
    assert (pages[0].total, pages[0].over) == ((40, True) if way.startswith("asking") else (offered, False))
    values = [_shown(row, sort, gross) for row in rows]
    assert values == sorted(values, reverse=sort in ("new", "price_down"))
    back = [pages[-1]]
    while back[-1].before:
        back.append(search(buyer, **asked, before=back[-1].before))
    assert [page.rows for page in back[::-1]] == [page.rows for page in pages]
    assert [len(page.rows) for page in pages[:-1]] == [PAGE_SIZE] * (len(pages) - 1)


def _shown(row: Any, sort: str, gross: bool) -> Any:
    """What the row is sorted by, as far as a person sees it."""
    if sort in ("price", "price_down"):
        return round(row.unit_price * (100 + row.vat_rate) / 100, 4) if gross else row.unit_price
    return row.name if sort == "name" else CREATED[row.sku]


CREATED = {f"S{n}": n // 40 for n in range(231)}
