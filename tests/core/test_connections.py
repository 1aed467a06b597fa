"""Pooled connections that the server has cut meanwhile, as when it was restarted."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.db import reading, transaction
from core.principal import SYSTEM, Principal

pytestmark = pytest.mark.usefixtures("database")


def cut(keep: Session) -> None:
    """End every other connection to this database."""
    keep.execute(
        text("""
        select pg_terminate_backend(pid, 10000) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and usename = current_user
    """)
    )


def cut_the_idle_one() -> None:
    with transaction(SYSTEM), transaction(SYSTEM):
        pass  # two connections are in the pool now
    with transaction(SYSTEM) as session:
        cut(session)


@pytest.mark.parametrize("opening", [transaction, reading])
def test_a_transaction_begins_on_a_connection_that_was_cut_while_nobody_used_it(
    opening: Callable[[Principal], AbstractContextManager[Session]],
) -> None:
    cut_the_idle_one()
    with opening(SYSTEM) as one, opening(SYSTEM) as two:
        assert [session.execute(text("select 1")).scalar_one() for session in (one, two)] == [1, 1]


def test_what_was_cut_in_the_middle_is_not_done_again_in_silence() -> None:
    def cut_off_half_way() -> None:
        with transaction(SYSTEM) as session:
            session.execute(text("update company set name = 'half'"))
            with transaction(SYSTEM) as other:
                cut(other)
            session.execute(text("update company set name = 'whole'"))

    with pytest.raises(OperationalError):
        cut_off_half_way()
    with transaction(SYSTEM) as session:
        assert session.execute(text("select name from company")).scalar_one() not in ("half", "whole")
