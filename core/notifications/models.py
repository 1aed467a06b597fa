"""Mails: one row per event and recipient, which is what makes a second one impossible. And what steers them."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class Mail(Base):
    """States: queued → taken → sending → sent | queued again (temporary error) | failed (permanent) | uncertain.
    Or held → gathered, for who wants one mail a day: it is never sent by itself (core.notifications.digests).

    A mail is 'taken' while one worker makes it and talks to the server, and 'sending' from before the server gets its
    content until the answer is written down. Of a worker that died, a 'taken' mail is queued again: the server cannot
    have it. A 'sending' one becomes 'uncertain' and waits for a person: sending it again by itself could send it
    twice. `link_id` names the access link that is put into the bodies when the mail leaves
    (core.auth.links): what is kept here opens nothing. `user_id` is whom the address belonged to when it was
    written, `template` a folder in templates/.
    """

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint(
            "state in ('queued', 'taken', 'sending', 'sent', 'failed', 'uncertain', 'held', 'gathered')",
            name="state_known",
        ),
        UniqueConstraint("event_id", "recipient"),
        Index("ix_mail_waiting", "next_try_at", postgresql_where=text("state in ('queued', 'taken', 'sending')")),
        Index("ix_mail_held", "user_id", postgresql_where=text("state = 'held'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    template: Mapped[str] = mapped_column(server_default="")
    recipient: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    language: Mapped[str]
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str]
    link_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(server_default="queued")
    tries: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class MailWords(Base):
    """The distributor's own words for one sentence of a mail: `message` is the sentence in the source's English, and
    `words` has its placeholders in braces."""

    __tablename__ = "mail_words"
    __table_args__ = (
        CheckConstraint("language in ('ro', 'en')", name="language_known"),
        CheckConstraint("words <> '' and length(words) <= 2000", name="length_allowed"),
    )

    template: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    message: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str]


class OrderAddress(Base):
    """Who hears of new orders with goods of a brand, beside those who hear of every order (company.order_emails)."""

    __tablename__ = "order_address"
    __table_args__ = (CheckConstraint("brand <> '' and cardinality(emails) > 0", name="brand_has_addresses"),)

    brand: Mapped[str] = mapped_column(primary_key=True)
    emails: Mapped[list[str]] = mapped_column(ARRAY(TEXT))


class MailServer(Base):
    """The server that mails leave by, as staff have set it; without the row the environment says (core.config).

    `security`: the connection is encrypted from the start (tls), after a word (starttls) or never. `password` is
    sealed (core.sealing). `sender`: an address, with or without a name before it.
    """

    __tablename__ = "mail_server"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("host <> '' and sender <> ''", name="complete"),
        CheckConstraint("port between 1 and 65535", name="port_exists"),
        CheckConstraint("security in ('starttls', 'tls', 'none')", name="security_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    host: Mapped[str]
    port: Mapped[int]
    security: Mapped[str]
    login: Mapped[str] = mapped_column(server_default="")
    password: Mapped[str] = mapped_column(server_default="")
    sender: Mapped[str]
