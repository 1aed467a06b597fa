import importlib
from decimal import Decimal

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.catalog.units import COUNTED
from core.config import ROOT
from core.db import engine, migrate, transaction
from core.principal import SYSTEM
from core.receivables.crediting import use_credit
from core.receivables.opening import take_back
from core.receivables.payments import record_payment
from tests.core.documents.steps import TODAY
from tests.core.orders.steps import NOON, assert_invariants
from tests.core.receivables.openings import document, load, row
from tests.factories import make_buyer

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def alembic_config():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "core" / "migrations"))
    return config


def test_the_migrations_make_exactly_the_schema_of_the_models(alembic_config):
    command.check(alembic_config)


def test_migrating_again_changes_nothing(alembic_config):
    migrate()
    command.check(alembic_config)


def test_of_what_is_counted_products_from_before_are_sold_in_whole_units(alembic_config):
    command.downgrade(alembic_config, "0006")
    units = ["buc", "Sac", "rolă.", "m", "kg", "mp"]
    with engine().begin() as connection:  # `transaction` is of the present schema
        for unit in units:
            product = {"sku": unit, "name": unit, "unit": unit}
            connection.execute(
                text("insert into product (sku, name, unit, list_price) values (:sku, :name, :unit, 1)"), product
            )
    migrate()
    with transaction(SYSTEM) as session:
        multiples = dict(session.execute(text("select sku, multiple from product")).all())
    assert [multiples[unit] for unit in units] == [1, 1, 1, None, None, None]


def test_the_migrations_name_every_unit_that_is_counted():
    migration = importlib.import_module("core.migrations.versions.0007_catalogue_and_prices")
    assert set(migration.COUNTED.split()) == COUNTED


def test_the_migrations_can_be_taken_back_and_made_again(alembic_config):
    command.downgrade(alembic_config, "base")
    migrate()
    command.check(alembic_config)


def test_taking_back_opening_documents_leaves_what_paid_them_as_credit(alembic_config):
    buyer, other = make_buyer(), make_buyer()
    load("".join(row(buyer, *of) for of in (("A 1", "100"), ("A 2", "50"), ("AV 1", "-60"))) + row(other, "B 1", "7"))
    with transaction(SYSTEM) as session:
        record_payment(session, buyer.partner_id, Decimal(110), TODAY, NOON)
        use_credit(session, document(buyer, "A 2").id, NOON)
        take_back(session, [document(other, "B 1").id], NOON)
    migration = importlib.import_module("core.migrations.versions.0020_opening_balances")
    command.downgrade(alembic_config, migration.down_revision)
    with engine().begin() as connection:  # `transaction` is of the present schema
        assert connection.execute(text("select count(*) from document")).scalar_one() == 0
        assert connection.execute(text('select "left" from credit')).scalars().all() == [110]
        assert connection.execute(text("select sum(amount) from ledger")).scalar_one() == -110
        for table in ("receivable", "allocation", "annulment"):
            assert connection.execute(text(f"select count(*) from {table}")).scalar_one() == 0
        with pytest.raises(IntegrityError):
            connection.execute(text("insert into document_series (kind, prefix) values ('opening', 'X')"))
    migrate()
    assert_invariants()
    command.check(alembic_config)
