"""The server that mails leave by: what staff have set, or else the environment."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock
from core.config import settings
from core.db import transaction
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.notifications.addresses import is_usable
from core.notifications.models import MailServer
from core.permissions import authorize
from core.principal import SYSTEM
from core.sealing import Unreadable, seal, unseal

SECURITY = ("starttls", "tls", "none")
TLS_PORT = 465
"""On this port the connection is encrypted from the first byte."""
PURPOSE = "mail-server"


class BadHost(Refusal):
    message = N_("Enter the name of the mail server as your mail provider gives it, such as mail.example.ro.")


class BadPort(Refusal):
    message = N_("A port is a number from 1 to 65535. Usual are 587 with STARTTLS and 465 with TLS.")


class BadSender(Refusal):
    message = N_("The sender must be an e-mail address, with or without a name: Electro Ardelia <portal@example.ro>.")


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over: without a `host` they are written to files. `security` is one of SECURITY."""

    host: str
    port: int
    security: str
    login: str
    password: str = field(repr=False)
    sender: str
    ours: bool = False


def mail_server(session: Session) -> Server:
    """What is in force: the demo's mails are only ever written to files. `ours`: staff have set it here."""
    if clock.in_demo():  # its addresses are invented
        return replace(_of_environment(), host="")
    row = session.get(MailServer, 1)
    if row is None:
        return _of_environment()
    return Server(row.host, row.port, row.security, row.login, _readable(row.password), row.sender, ours=True)


def leaves_by() -> str:
    """The server that mails leave by now; '' where they are written to files. Asked in a transaction of its own."""
    with transaction(SYSTEM) as session:
        return mail_server(session).host


def set_mail_server(session: Session, wanted: Server, as_of: datetime) -> None:
    """From now on mails leave by this server. An empty password leaves the one that is kept; without a login there is
    none.

    Raises NotAllowed, BadHost, BadPort, BadSender. Records 'settings_changed' without the password.
    """
    authorize(session, "settings.edit")
    host, sender, login = wanted.host.strip(), " ".join(wanted.sender.split()), wanted.login.strip()
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9a-fA-F:.]+\]?", host) or len(host) > 253:
        raise BadHost
    if not 1 <= wanted.port <= 65535 or wanted.security not in SECURITY:
        raise BadPort
    if not (wanted.sender.isprintable() and is_usable(parseaddr(sender)[1])):
        raise BadSender
    row = session.get(MailServer, 1)
    before = _shown(row)
    if row is None:
        row = MailServer(id=1)
        session.add(row)
    row.host, row.port, row.security, row.login, row.sender = host, wanted.port, wanted.security, login, sender
    if wanted.password or not login:
        row.password = seal(PURPOSE, wanted.password) if login else ""
    session.flush()
    _record(session, before, _shown(row), bool(wanted.password), as_of)


def forget_mail_server(session: Session, as_of: datetime) -> None:
    """From now on mails leave as the environment says. Raises NotAllowed."""
    authorize(session, "settings.edit")
    row = session.get(MailServer, 1)
    if row is None:
        return
    before = _shown(row)
    session.execute(delete(MailServer))
    _record(session, before, _shown(None), bool(row.password), as_of)


def _of_environment() -> Server:
    of = settings()
    security = "tls" if of.smtp_port == TLS_PORT else "starttls" if of.smtp_starttls else "none"
    password = of.smtp_password.get_secret_value() if of.smtp_password else ""
    return Server(of.smtp_host or "", of.smtp_port, security, of.smtp_user or "", password, of.mail_from)


def _readable(sealed: str) -> str:
    """A password that was sealed with another SECRET_KEY is none: the server will refuse, and staff read so."""
    try:
        return unseal(PURPOSE, sealed) if sealed else ""
    except Unreadable:
        return ""


def _shown(row: MailServer | None) -> dict[str, str]:
    names = ("host", "port", "security", "login", "sender")
    return {f"smtp_{name}": str(getattr(row, name)) if row else "" for name in names}


def _record(session: Session, before: dict[str, str], after: dict[str, str], password: bool, as_of: datetime) -> None:
    changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if password:
        changes["smtp_password"] = ["", ""]
    if changes:
        record(session, "settings_changed", as_of, changes=changes)
