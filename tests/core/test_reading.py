"""Transactions of exports and reports: they only read, see one moment, end in time, and use a replica if there is."""

import pytest
from psycopg.errors import QueryCanceled
from sqlalchemy import make_url, text
from sqlalchemy.exc import InternalError, OperationalError, ProgrammingError

from core import config, db
from core.company import company
from core.db import reading, transaction
from core.principal import SYSTEM
from tests.factories import make_buyer, make_partner, make_product

pytestmark = pytest.mark.usefixtures("database")


def test_nothing_can_be_written() -> None:
    with pytest.raises(InternalError, match="read-only"), reading(SYSTEM) as session:
        session.execute(text("update company set name = 'x'"))


def test_all_of_it_sees_the_database_as_of_one_moment() -> None:
    with reading(SYSTEM) as session:
        before = session.execute(text("select count(*) from product")).scalar_one()
        make_product()
        assert session.execute(text("select count(*) from product")).scalar_one() == before
    with reading(SYSTEM) as session:
        assert session.execute(text("select count(*) from product")).scalar_one() == before + 1


def test_a_partner_reads_behind_its_wall() -> None:
    buyer = make_buyer()
    make_partner()
    with reading(buyer) as session:
        assert session.execute(text("select count(*) from partner")).scalar_one() == 1
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text("select count(*) from throttle"))


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_REPORT_TIME", text("select set_config('statement_timeout', '50ms', true)"))
    with pytest.raises(OperationalError) as caught, reading(SYSTEM) as session:
        session.execute(text("select pg_sleep(5)"))
    assert isinstance(caught.value.orig, QueryCanceled)


def test_with_a_replica_it_is_read_from_there_and_written_to_the_other(
    template_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The empty template stands for a replica that has not heard of what happened."""
    other = make_url(config.settings().database_url).set(database=template_database)
    monkeypatch.setenv("REPORT_DATABASE_URL", other.render_as_string(hide_password=False))
    config.settings.cache_clear()
    try:
        with transaction(SYSTEM) as session:
            company(session).name = "Main"
        with reading(SYSTEM) as session:
            assert company(session).name == ""
            assert session.execute(text("select current_database()")).scalar_one() == template_database
    finally:
        db._replica(config.settings().report_database_url).dispose()
        monkeypatch.delenv("REPORT_DATABASE_URL")
        config.settings.cache_clear()
    with reading(SYSTEM) as session:
        assert company(session).name == "Main"
