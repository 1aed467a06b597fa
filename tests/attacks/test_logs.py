"""What somebody typed may stand in a line of the log: it makes no line of its own. No secret stands in one."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from starlette.testclient import TestClient

from core import clock, log
from core.auth.models import User
from core.auth.signing_in import check_password, count_attempt
from core.config import settings
from core.db import transaction
from core.principal import visitor
from tests.factories import make_partner, make_user

FORGED = "x\n2026-01-01T00:00:00Z [error    ] all is lost [core.db]\r\n\x1b[2Jy\x85z\u2028w"
Log = Callable[[], list[str]]


@pytest.fixture(params=[False, True], ids=["for people", "for machines"])
def lines(request: pytest.FixtureRequest, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """What has been written to the log so far, line by line."""
    monkeypatch.setattr(settings(), "log_json", request.param)
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    levels = {name: logging.getLogger(name).level for name in ("", "core", "pages", "api", "workers")}
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    try:
        log.configure()
        yield lambda: written.getvalue().split("\n")[:-1]
    finally:
        root.handlers = handlers
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        structlog.reset_defaults()


def begins(line: str) -> bool:
    """Is it a line that people, or machines, take for the begin of an entry?"""
    return line.startswith("{") or line[:4].isdigit()


def write_ours() -> None:
    structlog.get_logger("core.attack").warning(FORGED, why=FORGED)


def write_a_librarys() -> None:
    logging.getLogger("library").warning("refused: %s", FORGED)


def write_an_error() -> None:
    try:
        raise ValueError(FORGED)
    except ValueError as error:
        structlog.get_logger("core.attack").error("page failed", exc_info=error)


def write_a_librarys_error() -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("library").exception("failed %s", FORGED)


@pytest.mark.parametrize("write", [write_ours, write_a_librarys, write_an_error, write_a_librarys_error])
def test_one_entry_is_one_entry_whatever_was_typed(lines: Log, write: Callable[[], None]) -> None:
    write()
    written = lines()
    assert len(list(filter(begins, written))) == 1
    assert begins(written[0])
    if not settings().log_json:
        assert all(line.isprintable() for line in written)


def test_what_is_named_like_a_secret_is_not_written(lines: Log) -> None:
    structlog.get_logger("core.attack").warning("x", password="hunter2", reset_token="hunter2", Cookie="hunter2")
    logging.getLogger("core.attack").warning("y")
    assert "hunter2" not in "".join(lines())


def test_nothing_of_a_log_in_stands_in_the_log(lines: Log) -> None:
    for email, password in (("ana@firma.ro", "correct horse battery"), (FORGED, FORGED)):
        with transaction(visitor("192.0.2.7")) as session:
            count_attempt(session, email, clock.real_now())
            check_password(session, email, password)
    assert lines() == []


def test_a_traceback_tells_no_variables(lines: Log) -> None:
    def fail(password: str) -> None:
        raise RuntimeError(len(password))

    try:
        fail("hunt" + "er2")
    except RuntimeError:
        structlog.get_logger("core.attack").exception("failed")
    told = "".join(lines())
    assert "RuntimeError" in told
    assert "hunter2" not in told


def test_for_machines_every_line_is_json(lines: Log) -> None:
    if settings().log_json:
        write_an_error()
        write_a_librarys()
        assert all(json.loads(line) for line in lines())


def test_what_a_browser_sends_is_logged_nowhere(
    client: TestClient, sign_in: Callable[[User], None], lines: Log
) -> None:
    sign_in(make_user(make_partner()))
    client.get("/auth/session", params={"t": "hunter2"}, headers={"user-agent": "hunter2"})
    client.get("/documents/hunter2.pdf", headers={"referer": "http://hunter2"})
    assert "hunter2" not in "".join(lines())
