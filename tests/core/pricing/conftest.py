"""One database for all cases of a module: a database of its own for each takes longer than the cases themselves."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from core.db import transaction
from core.principal import SYSTEM
from tests.databases import Servers, fresh_database

RULES = ("partner_price", "price_list_item", "discount", "promotion_item", "promotion", "stale_price")


@pytest.fixture(scope="module")
def shared_database(
    servers: Servers, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """As the fixture `database`, for a whole module."""
    with fresh_database(servers, tmp_path_factory.mktemp("prices"), template_database) as name:
        yield name


def forget_rules() -> None:
    """No rule of prices is left from a case before."""
    with transaction(SYSTEM) as session:
        for table in RULES:
            session.execute(text(f"delete from {table}"))
