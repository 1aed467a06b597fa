"""The line to the mail server: kept from mail to mail, encrypted, and given up when the server falls silent."""

import datetime
import ssl
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core import config
from core.db import transaction
from core.notifications import delivery, smtp
from core.principal import SYSTEM
from tests import factories
from tests.core.notifications import steps
from tests.core.notifications.conftest import MailServer, free_port, use_mail_server
from tests.core.orders.steps import NOON

pytestmark = pytest.mark.usefixtures("database")


class Lines(MailServer):
    """Counts the connections, and waits where a test says so until that test is over."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.lines: set[int] = set()
        self.silent_at = ""
        self.over = threading.Event()
        self.mails_per_line = 0

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.lines.add(id(session))
        if self.mails_per_line and len(self.received) % self.mails_per_line == 0 and self.received:
            self.mails_per_line = 0
            server.transport.abort()
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        await self._fall_silent("RCPT", server)
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        await self._fall_silent("DATA", server)
        return answer

    async def _fall_silent(self, where: str, server: Any) -> None:
        if self.silent_at == where:
            await server.loop.run_in_executor(None, self.over.wait, 20)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    handler = Lines(free_port())
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    use_mail_server(monkeypatch, handler.port)
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.3)
    steps.open_company(order_emails=[f"desk{number}@electro.example" for number in range(4)])
    steps.order(factories.make_buyer())
    steps.handle_all()
    yield handler
    handler.over.set()
    controller.stop()
    config.settings.cache_clear()


def send_all() -> list[str]:
    """As the job does: one line for all that is due; what became of each."""
    outcomes = []
    with smtp.sending() as send:
        while taken := steps.take():
            outcome = send(taken)
            with transaction(SYSTEM) as session:
                delivery.note(session, taken, outcome, NOON)
            outcomes.append(outcome.state)
    return outcomes


def test_all_that_is_due_goes_out_on_one_connection(server: Lines) -> None:
    assert send_all() == ["sent"] * 5
    assert len(server.lines) == 1
    assert len(server.received) == 5


def test_a_server_that_ends_the_line_between_two_mails_gets_the_next_on_a_new_one(server: Lines) -> None:
    server.mails_per_line = 2
    assert send_all() == ["sent"] * 5
    assert len(server.lines) == 2
    assert sorted(server.recipients()) == sorted({mail.recipient for mail in steps.mails()})


def test_a_server_that_falls_silent_before_it_has_the_mail_gets_it_later(server: Lines) -> None:
    server.silent_at = "RCPT"
    assert send_all()[0] == "queued"
    assert server.received == []
    assert "timed out" in steps.mails(state="queued")[0].error


def test_a_server_that_falls_silent_when_it_has_the_mail_leaves_it_uncertain(server: Lines) -> None:
    server.silent_at = "DATA"
    assert send_all()[0] == "uncertain"
    assert "sent" not in steps.states()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """One for 127.0.0.1 that signs itself, with its key in the same file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path, pem = tmp_path / "mail.pem", serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(pem))
    return path


class Encrypting(Controller):
    """Offers STARTTLS, and takes no mail before it."""

    def factory(self) -> Server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        return Server(self.handler, tls_context=context, require_starttls=True)

    certificate: Path


@pytest.mark.parametrize("trusted", [True, False])
def test_a_mail_goes_out_encrypted_and_only_to_a_server_that_is_who_it_says(
    server: Lines, certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    controller = Encrypting(server, hostname="127.0.0.1", port=free_port())
    controller.certificate = certificate
    controller.start()
    use_mail_server(monkeypatch, controller.port)
    monkeypatch.setenv("SMTP_STARTTLS", "true")
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 10)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    config.settings.cache_clear()
    try:
        outcomes = send_all()
    finally:
        controller.stop()
    assert set(outcomes) == ({"sent"} if trusted else {"queued"})
    assert len(server.received) == (5 if trusted else 0)
    assert trusted or "certificate" in steps.mails()[0].error.lower()
