import pytest
from alembic import command
from alembic.config import Config

from core.config import ROOT
from core.db import migrate

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


def test_the_migrations_can_be_taken_back_and_made_again(alembic_config):
    command.downgrade(alembic_config, "base")
    migrate()
    command.check(alembic_config)
