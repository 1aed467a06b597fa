"""A single change in the middle of an import waits for it: the two never wait for each other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.catalog.editing import change_product
from core.catalog.facts import Facts
from core.db import transaction
from core.imports.files import apply
from core.partners.data import PartnerData, Terms
from core.partners.editing import change_partner
from core.principal import SYSTEM
from tests.factories import make_partner, make_product
from workers.locks import wait_until

pytestmark = pytest.mark.usefixtures("database")


def somebody_waits() -> bool:
    with transaction(SYSTEM) as session:
        query = """select exists (select from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock')"""
        return bool(session.scalar(text(query)))


def import_while(table: str, kind: str, data: str, change: Callable[[Session], object]) -> None:
    """`change` begins after the import has locked its table, and before it writes."""

    def alone() -> None:
        with transaction(SYSTEM) as session:
            change(session)

    with ThreadPoolExecutor(1) as pool:
        with transaction(SYSTEM) as session:
            session.execute(text(f"lock table {table} in share row exclusive mode"))
            changing = pool.submit(alone)
            assert wait_until(somebody_waits, seconds=20)
            apply(session, kind, data.encode())
        changing.result(timeout=30)


def test_a_product_is_changed_after_the_import_that_was_first() -> None:
    product = make_product(name="Old")

    def change(session: Session) -> None:
        change_product(session, product.id, Facts(name="Changed by hand", list_price=Decimal(3)), clock.now())

    import_while("product", "products", f"sku,name,list_price\n{product.sku},Imported,2\n", change)
    with transaction(SYSTEM) as session:
        assert session.execute(text("select name, list_price from product")).one() == ("Changed by hand", 3)
        kinds = session.scalars(
            text("select kind from event where kind in ('imported', 'product_changed') order by id")
        )
        assert list(kinds) == ["imported", "product_changed"]


def test_a_partner_is_changed_after_the_import_that_was_first() -> None:
    partner = make_partner()

    def change(session: Session) -> None:
        data = PartnerData("Changed by hand", partner.cui)
        change_partner(session, partner.id, data, Terms(partner.code, Decimal(3), 5), clock.now())

    import_while("partner", "partners", f"code,name\n{partner.code},Imported\n", change)
    with transaction(SYSTEM) as session:
        assert session.execute(text("select name, discount from partner")).one() == ("Changed by hand", 3)
