"""The mail server that staff set: it takes the place of the environment's, and its password is read by nobody."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core import config
from core.db import transaction
from core.errors import NotAllowed, Refusal
from core.notifications.mail_server import (
    BadHost,
    BadPort,
    BadSender,
    Server,
    forget_mail_server,
    mail_server,
    set_mail_server,
)
from core.principal import SYSTEM, Principal
from tests import factories
from tests.core.notifications import steps
from tests.core.notifications.conftest import MailServer
from tests.core.orders.steps import scalar
from tests.factories import make_staff

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PASSWORD = "parola-serverului"
GOOD = Server("mail.x.example", 587, "starttls", "portal@x.example", PASSWORD, "Depozit <portal@x.example>")


def save(server: Server, who: Principal | None = None) -> None:
    with transaction(who or make_staff(role="admin")) as session:
        set_mail_server(session, server, NOW)


def in_force() -> Server:
    with transaction(SYSTEM) as session:
        return mail_server(session)


def changed(server: Server, **values: Any) -> Server:
    return Server(**{name: getattr(server, name) for name in Server.__slots__} | values)


@pytest.mark.usefixtures("database")
def test_what_staff_set_is_in_force_until_they_take_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_HOST", "env.example")
    config.settings.cache_clear()
    assert (in_force().host, in_force().ours) == ("env.example", False)
    save(GOOD)
    assert in_force() == changed(GOOD, ours=True)
    with transaction(make_staff(role="admin")) as session:
        forget_mail_server(session, NOW)
    assert in_force().host == "env.example"
    config.settings.cache_clear()


@pytest.mark.usefixtures("database")
def test_the_password_is_kept_sealed_and_stands_in_no_event_and_no_repr() -> None:
    save(GOOD)
    assert PASSWORD not in scalar("select password from mail_server")
    assert scalar("select count(*) from event where cast(data as text) like '%parola%'") == 0
    assert PASSWORD not in repr(in_force())


@pytest.mark.usefixtures("database")
def test_an_empty_password_leaves_the_one_that_is_kept_and_no_login_needs_none() -> None:
    save(GOOD)
    save(changed(GOOD, password="", port=465, security="tls"))
    assert (in_force().password, in_force().port) == (PASSWORD, 465)
    save(changed(GOOD, password="", login=""))
    assert in_force().password == ""


@pytest.mark.usefixtures("database")
def test_a_password_that_was_sealed_with_another_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    save(GOOD)
    monkeypatch.setenv("SECRET_KEY", "another key of at least thirty-two characters")
    config.settings.cache_clear()
    assert (in_force().host, in_force().password) == (GOOD.host, "")
    config.settings.cache_clear()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"host": ""}, BadHost), ({"host": "http://x"}, BadHost), ({"host": "a b"}, BadHost),
        ({"port": 0}, BadPort), ({"security": "ssl"}, BadPort),
        ({"sender": "Depozit"}, BadSender), ({"sender": "a@x.ro\nBcc: b@x.ro"}, BadSender),
    ],
)  # fmt: skip
def test_what_is_no_mail_server_is_refused(values: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        save(changed(GOOD, **values))
    assert scalar("select count(*) from mail_server") == 0


@pytest.mark.usefixtures("database")
def test_only_who_may_edit_settings_sets_it() -> None:
    with pytest.raises(NotAllowed):
        save(GOOD, make_staff(role="sales"))


def test_mails_leave_by_it_from_the_next_one_on(mail_server_of_staff: MailServer) -> None:
    steps.order(factories.make_buyer())
    steps.handle_all()
    assert set(steps.send_due()) == {"sent"}
    assert mail_server_of_staff.received
    assert {message["From"] for message in mail_server_of_staff.received} == {"Depozit <portal@depozit.example>"}


@pytest.fixture
def mail_server_of_staff(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    """The environment names another one, which nobody answers at."""
    monkeypatch.setenv("SMTP_PORT", "1")
    config.settings.cache_clear()
    save(Server("127.0.0.1", mail_server.port, "none", "", "", "Depozit <portal@depozit.example>"))
    return mail_server
