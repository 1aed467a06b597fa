"""Mails are for staff to see."""

import pytest

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.notifications import queries
from core.principal import SYSTEM
from tests import factories

READINGS = [queries.mails_page, queries.count_by_state, lambda session: queries.mail_by_id(session, 1)]


@pytest.mark.parametrize("read", READINGS)
def test_a_partner_cannot_read_mails(database, read):
    with transaction(factories.make_buyer()) as session, pytest.raises(NotAllowed):
        read(session)


def test_a_mail_that_is_not_there_is_not_found(database):
    with transaction(SYSTEM) as session, pytest.raises(NotFound):
        queries.mail_by_id(session, 1)
