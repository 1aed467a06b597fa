"""What partners owe and what they paid: the ledger, in lei."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Money

METHODS = ("bank", "cash", "card", "offset", "write_off")
"""How something was paid: by transfer, in cash, by card, set off against a debt of ours, or given up as lost."""


class Receivable(Base):
    """What is still to be paid on an invoice, or an opening document: kept by triggers on `document`,
    `allocation`, `annulment`."""

    __tablename__ = "receivable"
    __table_args__ = (
        CheckConstraint("open >= 0", name="never_overpaid"),
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        Index("ix_receivable_open", "partner_id", "due_on", postgresql_where=text("open > 0")),
    )

    document_id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    due_on: Mapped[date]
    open: Mapped[Money]


_NUMBERED = "number ~ '(^|[^0-9])[0-9]{1,9}$'"
_PLACE, _BEFORE = "((substring(number, '[0-9]{1,9}$'))::int)", "regexp_replace(number, '[0-9]+$', '')"


class OpeningNumber(Base):
    """The opening documents that stand, each number of a partner once: kept by triggers on `document`, `annulment`."""

    __tablename__ = "opening_number"
    __table_args__ = (
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        UniqueConstraint("document_id"),
        # Found by what a payment's text names (core.banking.finding): the number at the end, what stands before it.
        Index("ix_opening_number_place", text(_PLACE), postgresql_where=text(_NUMBERED)),
        Index("ix_opening_number_series", text(_BEFORE), postgresql_where=text(_NUMBERED)),
    )

    partner_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[int]


class Payment(Base):
    """Money that came in, or went back: then it is negative and takes from a credit. Append-only.

    A mistake is undone by a counter-entry that `undoes` it; nothing is ever removed. `reason` is why it was undone,
    paid back or written off.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint(f"method in {METHODS}", name="method_known"),
        CheckConstraint("(amount < 0) = (credit_id is not null)", name="what_goes_out_was_there"),
        CheckConstraint("undoes is null or amount < 0", name="counter_entry_is_negative"),
        ForeignKeyConstraint(["undoes", "partner_id"], ["payment.id", "payment.partner_id"]),
        ForeignKeyConstraint(["credit_id", "partner_id"], ["credit.id", "credit.partner_id"], use_alter=True),
        UniqueConstraint("id", "partner_id"),
        UniqueConstraint("id", "amount"),  # what a bank's entry refers to (core.banking)
        UniqueConstraint("undoes"),
        Index("ix_payment_partner_id", "partner_id", "paid_on"),
        Index("ix_payment_credit_id", "credit_id", postgresql_where=text("credit_id is not null")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    amount: Mapped[Money]
    method: Mapped[str] = mapped_column(server_default="bank")
    paid_on: Mapped[date]
    reference: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    undoes: Mapped[int | None]
    credit_id: Mapped[int | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class Credit(Base):
    """What a payment, a storno or an opening document below zero brought, and how much of it is `left`: kept by
    triggers."""

    __tablename__ = "credit"
    __table_args__ = (
        CheckConstraint("num_nonnulls(payment_id, document_id) = 1", name="from_one_thing"),
        CheckConstraint('"left" >= 0', name="never_overdrawn"),
        ForeignKeyConstraint(["payment_id", "partner_id"], ["payment.id", "payment.partner_id"]),
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        UniqueConstraint("id", "partner_id"),
        UniqueConstraint("payment_id"),
        UniqueConstraint("document_id"),
        Index("ix_credit_left", "partner_id", postgresql_where=text('"left" > 0')),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int]
    payment_id: Mapped[int | None]
    document_id: Mapped[int | None]
    left: Mapped[Money]


class Allocation(Base):
    """So much of a credit pays an invoice, or an order that has none yet. Negative: no longer. Append-only.

    What was paid on an order is moved to its invoice, by a trigger, when that is issued.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint("num_nonnulls(document_id, order_id) = 1", name="on_one_thing"),
        ForeignKeyConstraint(["credit_id", "partner_id"], ["credit.id", "credit.partner_id"]),
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        Index("ix_allocation_credit_id", "credit_id"),
        Index("ix_allocation_at", "at"),
        Index("ix_allocation_document_id", "document_id", postgresql_where=text("document_id is not null")),
        Index("ix_allocation_order_id", "order_id", postgresql_where=text("order_id is not null")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int]
    credit_id: Mapped[int]
    document_id: Mapped[int | None]
    order_id: Mapped[int | None]
    amount: Mapped[Money]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class Dispute(Base):
    """The partner does not accept an invoice: it is not reminded of it while this is here."""

    __tablename__ = "dispute"
    __table_args__ = (
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        CheckConstraint("reason <> ''", name="reason_given"),
    )

    document_id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class ReminderStep(Base):
    """What is written to whom is `days` late, in each language; `{name}` in the texts stands for a fact."""

    __tablename__ = "reminder_step"
    __table_args__ = (CheckConstraint("days > 0", name="days_positive"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    days: Mapped[int] = mapped_column(unique=True)
    subject_ro: Mapped[str]
    body_ro: Mapped[str]
    subject_en: Mapped[str]
    body_en: Mapped[str]


class Reminder(Base):
    """A partner was reminded: at most once a day. Append-only."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("partner_id", "sent_on"),
        UniqueConstraint("id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    step: Mapped[int]
    sent_on: Mapped[date]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class RemindedDocument(Base):
    """An invoice that a reminder named, and what was open on it then."""

    __tablename__ = "reminded_document"
    __table_args__ = (
        ForeignKeyConstraint(["reminder_id", "partner_id"], ["reminder.id", "reminder.partner_id"]),
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        Index("ix_reminded_document_document_id", "document_id"),
    )

    reminder_id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    step: Mapped[int]
    open: Mapped[Money]
