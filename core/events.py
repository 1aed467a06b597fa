"""History, audit and outbox in one place: an event is a fact, recorded in the transaction that made it true."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, actor

NOTIFYING = frozenset({
    "order_placed", "order_cancelled", "order_lapsed", "invoice_issued",
    "proforma_issued", "storno_issued",
    "order_assigned", "order_claimed", "order_waiting_long", "order_part_cancelled", "order_shipped",
    "order_part_shipped", "order_revived", "change_proposed", "change_answered", "backorder_filled", "stock_back",
    "approval_asked", "approval_refused", "reminder_sent", "statement_sent",
    "partner_proposed", "partner_refused",
    "user_invited", "password_reset_asked", "user_password_changed", "login_failures",
    "email_change_asked", "user_email_changed", "second_factor_set_up", "second_factor_removed", "new_sign_in",
    "payment_recorded", "stock_low", "job_failed", "mails_gathered", "mail_tried", "export_ready",
    "message_posted", "message_reminded", "thread_written", "import_failed",
    "anaf_refused", "anaf_late", "anaf_lost",
})  # fmt: skip
"""Kinds of event that somebody must hear of: they get an outbox row as well."""


class Event(Base):
    """Append-only (a trigger refuses changes). The subject ids carry no foreign key: history outlives its subject."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_order_id", "order_id", postgresql_where=text("order_id is not null")),
        Index("ix_event_partner_id", "partner_id"),
        Index("ix_event_user_id", "user_id", "id"),
        Index("ix_event_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    partner_id: Mapped[int | None]
    order_id: Mapped[int | None]
    document_id: Mapped[int | None]
    user_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(server_default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class Outbox(Base):
    """What still has to reach somebody. Written with its event.

    The relay hands it to the queue (`dispatched_at`); the job that wrote the mails of the event ticks it off
    (`handled_at`) in the transaction of those mails. Between the two the queue may lose it: the relay looks
    again after a while (core.notifications.relaying).
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "event_id", postgresql_where=text("handled_at is null")),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    dispatched_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]


def record(
    session: Session,
    kind: str,
    at: datetime,
    *,
    partner_id: int | None = None,
    order_id: int | None = None,
    document_id: int | None = None,
    by: int | None = None,
    **data: Any,
) -> Event:
    """Write down that `kind` happened at `at`, done by the session's principal; `data` must be JSON.

    `by` names the user where the system acts for one: somebody who is just logging in, say.

    Kinds in NOTIFYING are put in the outbox in the same transaction.
    """
    event = Event(
        at=at,
        kind=kind,
        partner_id=partner_id,
        order_id=order_id,
        document_id=document_id,
        user_id=by or actor(session).user_id,
        address=actor(session).address,
        data=data,
    )
    session.add(event)
    session.flush()
    if kind in NOTIFYING:
        session.add(Outbox(event_id=event.id))
        session.flush()
    return event
