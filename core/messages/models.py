"""Messages to partners, who has read and confirmed them, and the conversations with partners."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

LEVELS = ("plain", "important", "confirm")
"""How a message stands before its readers: only counted, above every page until it is read or put off, or before
everything else until it is confirmed."""
AUDIENCES = ("everyone", "groups", "partners")


class Message(Base):
    """What the distributor tells partners, from one local day to another, both included.

    Until it is announced (`announced_at`) no partner sees it and it can be changed; from then on a trigger keeps it as
    it is, but that it can be withdrawn: what somebody has confirmed stays what they confirmed. `body` is Markdown of
    the few kinds that core.messages.formatting knows. With `by_mail` a plain message is mailed too.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("title <> '' and body <> ''", name="says_something"),
        CheckConstraint(f"level in {LEVELS}", name="level_known"),
        CheckConstraint(f"audience in {AUDIENCES}", name="audience_known"),
        CheckConstraint("valid_until >= valid_from", name="days_in_order"),
        CheckConstraint("num_nonnulls(product_id, promotion_id) <= 1", name="leads_to_one_thing"),
        UniqueConstraint("id", "audience"),
        Index("ix_message_waiting", "valid_from", postgresql_where=text("announced_at is null")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    level: Mapped[str]
    audience: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    by_mail: Mapped[bool] = mapped_column(server_default=text("false"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    promotion_id: Mapped[int | None] = mapped_column(ForeignKey("promotion.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    announced_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class MessageAudience(Base):
    """One of the groups, or of the partners, that a message is for: which of the two, its `audience` says."""

    __tablename__ = "message_audience"
    __table_args__ = (
        ForeignKeyConstraint(["message_id", "audience"], ["message.id", "message.audience"]),
        CheckConstraint(
            "(audience = 'groups' and num_nonnulls(group_id, partner_id) = 1 and group_id is not null)"
            " or (audience = 'partners' and num_nonnulls(group_id, partner_id) = 1 and partner_id is not null)",
            name="of_its_kind",
        ),
        UniqueConstraint("message_id", "group_id"),
        UniqueConstraint("message_id", "partner_id"),
        Index("ix_message_audience_group_id", "group_id"),
        Index("ix_message_audience_partner_id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    message_id: Mapped[int]
    audience: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("partner_group.id", ondelete="CASCADE"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))


class MessagePicture(Base):
    """The picture of a message as WebP, at most 1,200 pixels a side."""

    __tablename__ = "message_picture"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    content: Mapped[bytes]


class MessageRead(Base):
    """A person has opened a message, and perhaps confirmed it. Neither is ever taken back or dated anew (a trigger)."""

    __tablename__ = "message_read"
    __table_args__ = (
        CheckConstraint("confirmed_at >= read_at", name="confirmed_after_reading"),
        Index("ix_message_read_user_id", "user_id"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    read_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class MessageReminder(Base):
    """A person was reminded of a message: at most once a day. Append-only."""

    __tablename__ = "message_reminder"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    sent_on: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Thread(Base):
    """A conversation between a partner and the distributor: one in general, and one about each order that needs it.

    `last_entry_id` and `last_by_staff` are kept by a trigger on `thread_entry`; nothing else of it ever changes.
    """

    __tablename__ = "thread"
    __table_args__ = (
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        UniqueConstraint("id", "partner_id"),
        UniqueConstraint("order_id"),
        Index("uq_thread_general", "partner_id", unique=True, postgresql_where=text("order_id is null")),
        Index("ix_thread_partner_id", "partner_id"),
        Index("ix_thread_unanswered", "last_entry_id", postgresql_where=text("not last_by_staff")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    order_id: Mapped[int | None]
    last_entry_id: Mapped[int | None] = mapped_column(BigInteger)
    last_by_staff: Mapped[bool | None]


class ThreadEntry(Base):
    """What somebody wrote, under the name they had then. Append-only."""

    __tablename__ = "thread_entry"
    __table_args__ = (
        ForeignKeyConstraint(["thread_id", "partner_id"], ["thread.id", "thread.partner_id"]),
        CheckConstraint("author <> ''", name="author_named"),
        UniqueConstraint("id", "partner_id"),
        Index("ix_thread_entry_thread_id", "thread_id", "id"),
        Index("ix_thread_entry_partner_id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    thread_id: Mapped[int]
    partner_id: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    by_staff: Mapped[bool]
    author: Mapped[str]
    body: Mapped[str] = mapped_column(server_default="")


class ThreadFile(Base):
    """A file that came with an entry, as it was sent. Append-only."""

    __tablename__ = "thread_file"
    __table_args__ = (
        ForeignKeyConstraint(["entry_id", "partner_id"], ["thread_entry.id", "thread_entry.partner_id"]),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("size = octet_length(content) and size between 1 and 10485760", name="size_bearable"),
        Index("ix_thread_file_entry_id", "entry_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    partner_id: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes]


class ThreadSeen(Base):
    """Up to which entry a person has seen a conversation."""

    __tablename__ = "thread_seen"

    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("thread_entry.id"))
