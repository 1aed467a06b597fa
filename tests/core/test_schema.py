import importlib

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from core.catalog.units import COUNTED
from core.config import ROOT
from core.db import engine, migrate, transaction
from core.principal import SYSTEM

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
