"""What the tests of this folder start from."""

import pytest

from core.principal import Principal
from tests.core.documents.steps import set_up_company
from tests.factories import make_buyer, make_staff


@pytest.fixture
def accountant(database: str) -> Principal:
    set_up_company()
    return make_staff(role="accounting")


@pytest.fixture
def buyer(database: str) -> Principal:
    """Pays before the goods leave."""
    return make_buyer(prepay=True)
