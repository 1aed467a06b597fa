"""Mails: one row per event and recipient, which is what makes a second one impossible."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class Mail(Base):
    """States: queued → sending → sent | queued again (temporary error) | failed (permanent) | uncertain.

    A mail is 'sending' from before the server is called until its answer is written down. One that stays so
    (the worker died in between) becomes 'uncertain' and waits for a person: sending it again by itself could
    send it twice. `link_id` names the access link that is put into the bodies when the mail leaves
    (core.auth.links): what is kept here opens nothing.
    """

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("state in ('queued', 'sending', 'sent', 'failed', 'uncertain')", name="state_known"),
        UniqueConstraint("event_id", "recipient"),
        Index("ix_mail_waiting", "next_try_at", postgresql_where=text("state in ('queued', 'sending')")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    recipient: Mapped[str]
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
