"""Fiscal documents, their numbers, their kept bytes, and what was paid on them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Money, Percent, Quantity, UnitPrice


class DocumentSeries(Base):
    """The row that hands out numbers: locked while one is taken, so that none is missing and none is twice."""

    __tablename__ = "document_series"
    __table_args__ = (
        CheckConstraint("kind in ('invoice')", name="kind_known"),
        CheckConstraint("next_number > 0", name="next_number_positive"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    first_number: Mapped[int] = mapped_column(server_default="1")
    next_number: Mapped[int] = mapped_column(server_default="1")
    last_issued_on: Mapped[date | None]


class Document(Base):
    """An issued document. A trigger refuses every change; corrections are new documents.

    `seller` and `buyer` are copies of the parties' data on the day of issue.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("kind in ('invoice')", name="kind_known"),
        CheckConstraint("gross = net + vat", name="gross_is_the_sum"),
        CheckConstraint("due_on >= issued_on", name="due_not_before_issue"),
        UniqueConstraint("series", "number"),
        UniqueConstraint("id", "partner_id"),
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        Index("uq_document_invoice_of_order", "order_id", unique=True, postgresql_where=text("kind = 'invoice'")),
        Index("ix_document_partner_id", "partner_id", "issued_on"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    series: Mapped[str] = mapped_column(ForeignKey("document_series.prefix"))
    number: Mapped[int]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    order_id: Mapped[int | None]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    issuer_name: Mapped[str]
    currency: Mapped[str] = mapped_column(server_default="RON")
    seller: Mapped[dict[str, Any]] = mapped_column(JSONB)
    buyer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    net: Mapped[Money]
    vat: Mapped[Money]
    gross: Mapped[Money]

    lines: Mapped[list["DocumentLine"]] = relationship(order_by="DocumentLine.position", viewonly=True)
    vat_totals: Mapped[list["DocumentVat"]] = relationship(order_by="DocumentVat.rate.desc()", viewonly=True)

    @property
    def full_number(self) -> str:
        """Series and number as printed."""
        return f"{self.series} {self.number:05d}"


class DocumentLine(Base):
    __tablename__ = "document_line"
    __table_args__ = (ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),)

    document_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    sku: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]
    quantity: Mapped[Quantity]
    unit_price: Mapped[UnitPrice]
    vat_category: Mapped[str] = mapped_column(server_default="S")
    vat_rate: Mapped[Percent]
    net: Mapped[Money]


class DocumentVat(Base):
    """VAT per category and rate, computed once on the sum of the lines (FISCAL 2)."""

    __tablename__ = "document_vat"
    __table_args__ = (ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),)

    document_id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    rate: Mapped[Percent] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    base: Mapped[Money]
    vat: Mapped[Money]


class DocumentFile(Base):
    """The bytes as they were first made, served for ever, whatever the templates become."""

    __tablename__ = "document_file"
    __table_args__ = (
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="sha256_is_of_the_content"),
    )

    document_id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    made_at: Mapped[datetime]


class Receivable(Base):
    """What is still to be paid on an issued document: kept by triggers on `document` and `payment`."""

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


class Payment(Base):
    """Money received on a document, or on an order before there is a document. Append-only.

    What was paid on an order counts for its invoice from the moment that is issued.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint("(document_id is null) <> (order_id is null)", name="on_one_thing"),
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        Index("ix_payment_order_id", "order_id", postgresql_where=text("order_id is not null")),
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        Index("ix_payment_document_id", "document_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    document_id: Mapped[int | None]
    order_id: Mapped[int | None]
    partner_id: Mapped[int]
    amount: Mapped[Money]
    paid_on: Mapped[date]
    reference: Mapped[str] = mapped_column(server_default="")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
