"""Handing one mail over: to the mail server, or without one, and always in a demo, to a file."""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import partial

from core.config import settings
from core.db import transaction
from core.i18n import N_
from core.notifications.addresses import is_usable
from core.notifications.delivery import Outcome, Taken, begin
from core.notifications.links import with_link
from core.notifications.mail_server import Server, mail_server
from core.notifications.unsubscribing import address_to_unsubscribe
from core.principal import SYSTEM

ANSWER_SECONDS = 20
OK, OK_WILL_FORWARD, GO_AHEAD = 250, 251, 354
FOLDER = "mail"


class _ServerDown(Exception):
    """The server cannot be talked to, or not with these settings: no mail is to blame."""


class _BadAddress(ValueError):
    """The recipient is not an address that a mail can carry."""


@contextlib.contextmanager
def sending() -> Iterator[Callable[[Taken], Outcome]]:
    """Hand mails over one after the other on one connection: yields the function that does so with each.

    It says how it went, and never raises for what a server or a bad address does. Which server it is, is asked once.
    """
    with transaction(SYSTEM) as session:
        line = _Line(mail_server(session))
    try:
        yield partial(_send, line)
    finally:
        line.hang_up()


def send(taken: Taken) -> Outcome:
    """Hand one mail over, as `sending` does."""
    with sending() as send_it:
        return send_it(taken)


def _send(line: "_Line", taken: Taken) -> Outcome:
    try:
        message = build(taken, line.to.sender)
        if line.to.host:
            return _send_by_smtp(line, taken, message)
        _write_file(message, taken)
    except _BadAddress:
        return Outcome("failed", N_("This is not an address that a mail can be sent to."))
    except _ServerDown as error:
        return Outcome("queued", str(error), server_down=True)
    return Outcome("sent")


def build(taken: Taken, sent_by: str) -> EmailMessage:
    """The message with its headers, `sent_by` an address with or without a name.

    The same mail always has the same Message-ID, so that a double shows.

    Line breaks in names cannot start another header. Raises ValueError for a recipient that is no address.
    """
    mail, sender = taken.mail, _sender(taken, sent_by)
    if not is_usable(mail.recipient):
        raise _BadAddress
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.recipient)
    if taken.reply_to:
        message["Reply-To"] = Address(addr_spec=taken.reply_to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = mail.created_at
    message["Message-ID"] = f"<event-{mail.event_id}.mail-{mail.id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if stop := address_to_unsubscribe(mail.user_id, mail.template):  # one click in the mail program: RFC 8058
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text, html = with_link(mail, taken.link)
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    if taken.attachment:
        file = taken.attachment
        main, _, sub = file.media_type.partition(";")[0].partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    message["Content-Language"] = mail.language  # last: setting the content drops what is said about it
    return message


_POLICY = SMTP.clone(cte_type="7bit")  # every server takes 7 bits, and no line gets too long


def _sender(taken: Taken, sent_by: str) -> Address:
    name, address = parseaddr(sent_by)
    if not is_usable(address):
        raise _ServerDown(f"the sender is not an address: {address}")
    return Address(_one_line(name or taken.sender_name), addr_spec=address)


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Line:
    """The connection to the mail server, kept from one mail to the next."""

    def __init__(self, to: Server) -> None:
        self.to = to
        self.server: smtplib.SMTP | None = None

    def dial(self) -> smtplib.SMTP:
        """A connection that is ready to take mails. Raises _ServerDown."""
        try:
            self.server = self.server or _connect(self.to)
        except (OSError, smtplib.SMTPException) as error:
            raise _ServerDown(_said(error)) from error
        return self.server

    def hang_up(self) -> None:
        """Taking leave never fails."""
        server, self.server = self.server, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


def _send_by_smtp(line: _Line, taken: Taken, message: EmailMessage) -> Outcome:
    used_before = line.server is not None
    try:
        outcome = _transfer(line.dial(), taken, message, line.to.sender)
    except _ServerDown:
        line.hang_up()
        if not used_before:
            raise
        # A server may end a connection between two mails whenever it likes: that says nothing about a new one.
        outcome = _transfer(line.dial(), taken, message, line.to.sender)
    if outcome.state != "sent":
        line.hang_up()
    return outcome


def _connect(to: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if to.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(to.host, to.port, timeout=ANSWER_SECONDS, context=context)
    else:
        server = smtplib.SMTP(to.host, to.port, timeout=ANSWER_SECONDS)
    try:
        _prepare(server, to, context)
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _prepare(server: smtplib.SMTP, to: Server, context: ssl.SSLContext) -> None:
    if to.security == "starttls":
        server.starttls(context=context)
    if to.login and to.password:
        server.login(to.login, to.password)
    server.ehlo_or_helo_if_needed()


def _transfer(server: smtplib.SMTP, taken: Taken, message: EmailMessage, sender: str) -> Outcome:
    """The dialogue itself. Until the content goes out nothing can have arrived; after that, silence is doubt."""
    try:
        code, answer = server.mail(parseaddr(sender)[1])
        if code != OK:  # the sender is a setting: no mail is to blame for it
            raise _ServerDown(_answer(code, answer))
        code, answer = server.rcpt(taken.mail.recipient)
    except (OSError, smtplib.SMTPException) as error:
        raise _ServerDown(_said(error)) from error
    if code not in (OK, OK_WILL_FORWARD):
        refused = _refused(code, answer)
        return replace(refused, bounced=_is_the_address(code, refused.error))
    with transaction(SYSTEM) as session:
        may_begin = begin(session, taken)
    return _hand_over(server, message) if may_begin else _OVERTAKEN


_OVERTAKEN = Outcome("queued", "another worker has the mail")
"""For nobody to see: whose mail it no longer is cannot write anything down of it."""


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> Outcome:
    """In two steps, which `server.data` is not: a server that falls silent before it asks for the content has none."""
    try:
        code, answer = server.docmd("DATA")
    except (OSError, smtplib.SMTPException) as error:
        raise _ServerDown(_said(error)) from error
    if code != GO_AHEAD:
        return _refused(code, answer)
    try:
        server.send(smtplib.quotedata(message.as_bytes().decode("ascii")).removesuffix("\r\n") + "\r\n.\r\n")
        code, answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome("uncertain", _said(error), server_down=True)
    return Outcome("sent") if code == OK else _refused(code, answer)


def _refused(code: int, answer: bytes | str) -> Outcome:
    """5xx is for ever; 4xx, and whatever else a confused server says, is for now."""
    return Outcome("failed" if 500 <= code < 600 else "queued", _answer(code, answer))


def _is_the_address(code: int, answer: str) -> bool:
    """Does the answer say that nobody can be reached there? RFC 3463: 5.7 is a matter of policy, not of the address."""
    return code in (550, 551, 553) and " 5.7." not in answer


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return _one_line(f"{code} {text}")[:500]


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return _one_line(f"{type(error).__name__}: {error}")[:500]


def _write_file(message: EmailMessage, taken: Taken) -> None:
    """Without a mail server: data_dir/mail/ID-RECIPIENT.eml, whole or not at all."""
    name = re.sub(r"[^a-z0-9@.+-]", "_", taken.mail.recipient.lower())[:100]
    path = settings().data_dir / FOLDER / f"{taken.mail.id}-{name}.eml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".part").touch(mode=0o600)  # a link in it opens somebody's account
        path.with_suffix(".part").write_bytes(message.as_bytes())
        path.with_suffix(".part").replace(path)
    except OSError as error:
        raise _ServerDown(_said(error)) from error
