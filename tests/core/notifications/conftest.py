"""A mail server in the test's own process, and the settings that lead to it or nowhere."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from core import config


class MailServer:
    """Takes every mail, except what a test tells it to answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.to_recipient: dict[str, str] = {}
        self.to_sender = "250 OK"
        self.hang_up_after_content = False

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.to_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append(message_from_bytes(envelope.content, policy=default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if self.hang_up_after_content:
            server.transport.abort()
        return "250 OK"

    def recipients(self) -> list[str]:
        return sorted(str(message["To"]) for message in self.received)


@pytest.fixture
def mail_server(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    server = MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    use_mail_server(monkeypatch, server.port)
    yield server
    controller.stop()
    config.settings.cache_clear()


@pytest.fixture
def dead_mail_server(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    use_mail_server(monkeypatch, free_port())
    yield
    config.settings.cache_clear()


def use_mail_server(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_PORT", str(port))
    monkeypatch.setenv("SMTP_STARTTLS", "false")
    monkeypatch.setenv("MAIL_FROM", "portal@electro.example")
    config.settings.cache_clear()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
