"""Documents, their numbers and their kept bytes. What is owed and paid: core.receivables."""

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
from core.i18n import N_

KINDS = ("proforma", "invoice", "storno", "receipt", "delivery_note")
"""Factură proformă, factură fiscală, factură de stornare, chitanță, aviz de însoțire a mărfii: issued here, with a
number of a series."""
OPENING = "opening"
"""A document of the program that was used before, of which something was open when Rampa began (decision 0027)."""

KIND_NAMES = {
    "proforma": N_("Proforma"), "invoice": N_("Invoice"), "storno": N_("Storno"), "receipt": N_("Receipt"),
    "delivery_note": N_("Delivery note"), OPENING: N_("Document from the previous program"),
}  # fmt: skip


class DocumentSeries(Base):
    """Numbers of one kind of document, at one `site` of the distributor (empty: all of them).

    Locked while a number is taken, so that none is missing and none is twice, and dates do not go backwards. A storno
    takes its number from a series of its own kind, or from one of invoices where there is none. A `closed` series stays
    for what it has numbered.
    """

    __tablename__ = "document_series"
    __table_args__ = (
        CheckConstraint(f"kind in {KINDS}", name="kind_known"),
        CheckConstraint("prefix ~ '^[A-Z0-9][A-Z0-9./-]{0,19}$'", name="prefix_is_plain"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    site: Mapped[str] = mapped_column(server_default="")
    prefix: Mapped[str] = mapped_column(unique=True)
    closed: Mapped[bool] = mapped_column(server_default=text("false"))
    last_issued_on: Mapped[date | None]


class SeriesYear(Base):
    """The first number of a series in a financial year (OMFP 2634/2015, 24), and the next one to be given."""

    __tablename__ = "series_year"
    __table_args__ = (
        CheckConstraint("first_number > 0 and next_number >= first_number", name="numbers_go_up"),
        CheckConstraint("year between 2000 and 2999", name="year_is_plain"),
    )

    series_id: Mapped[int] = mapped_column(ForeignKey("document_series.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    first_number: Mapped[int]
    next_number: Mapped[int]


class Document(Base):
    """An issued document. A trigger refuses every change; corrections are new documents.

    `seller` and `buyer` are copies of the parties' data on the day of issue. Amounts are in `currency`, and in lei at
    `exchange_rate` (lei per unit of the currency) beside it; what is owed is owed in lei. A storno has minus
    quantities and `refers_to` what it takes back; so has a corrected invoice and an invoice of a proforma. `advance`:
    for money paid ahead, deducted by the invoice of the goods. `type_code` is that of UNTDID 1001, for e-Factura.

    Of an `opening` document its whole number stands in `series`, and its amount is what was open of it when it was
    loaded: below zero for what the partner had to its credit. It has no number of ours, no lines, VAT, seller or PDF.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(f"kind in {(*KINDS, OPENING)}", name="kind_known"),
        CheckConstraint("gross = net + vat and lei_gross = lei_net + lei_vat", name="gross_is_the_sum"),
        CheckConstraint("due_on >= issued_on", name="due_not_before_issue"),
        CheckConstraint(
            "case kind when 'storno' then gross <= 0 when 'opening' then gross <> 0 else gross >= 0 end",
            name="sign_is_of_the_kind",
        ),
        CheckConstraint(
            "(kind = 'opening') = (series_id is null) and (kind = 'opening') = (number is null) and series <> ''",
            name="only_opening_without_series",
        ),
        CheckConstraint(
            "kind <> 'opening' or (vat = 0 and currency = 'RON' and type_code = '' and delivered_on is null"
            " and num_nonnulls(order_id, refers_to, delivery_id, payment_id) = 0)",
            name="opening_is_an_amount",
        ),
        CheckConstraint("kind <> 'storno' or refers_to is not null", name="storno_refers"),
        CheckConstraint("kind = 'invoice' or not advance", name="advance_is_an_invoice"),
        CheckConstraint(
            "exchange_rate > 0 and (currency <> 'RON'"
            " or (exchange_rate = 1 and (net, vat, gross) = (lei_net, lei_vat, lei_gross)))",
            name="lei_are_lei",
        ),
        UniqueConstraint("series", "number"),
        UniqueConstraint("id", "partner_id"),
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        ForeignKeyConstraint(["refers_to", "partner_id"], ["document.id", "document.partner_id"]),
        ForeignKeyConstraint(["delivery_id", "partner_id"], ["delivery.id", "delivery.partner_id"]),
        ForeignKeyConstraint(["payment_id", "partner_id"], ["payment.id", "payment.partner_id"], use_alter=True),
        CheckConstraint("(kind = 'receipt') = (payment_id is not null)", name="receipt_has_its_payment"),
        Index("ix_document_payment_id", "payment_id", postgresql_where=text("payment_id is not null")),
        Index("ix_document_delivery_id", "delivery_id", postgresql_where=text("delivery_id is not null")),
        Index("ix_document_order_id", "order_id", postgresql_where=text("order_id is not null")),
        Index("ix_document_refers_to", "refers_to", postgresql_where=text("refers_to is not null")),
        Index("ix_document_partner_id", "partner_id", "issued_on"),
        Index("ix_document_series_id", "series_id"),
        Index("ix_document_newest", "issued_on", "id"),
        # What was invoiced in some days is added up from the index alone.
        Index(
            "ix_document_issued_on",
            "issued_on",
            postgresql_include=["lei_gross", "id", "kind"],
            postgresql_where=text("kind in ('invoice', 'storno', 'opening')"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    type_code: Mapped[str] = mapped_column(server_default="")
    series_id: Mapped[int | None] = mapped_column(ForeignKey("document_series.id"))
    series: Mapped[str]
    number: Mapped[int | None]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    order_id: Mapped[int | None]
    refers_to: Mapped[int | None]
    delivery_id: Mapped[int | None]
    payment_id: Mapped[int | None]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    delivered_on: Mapped[date | None]
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    issuer_name: Mapped[str]
    currency: Mapped[str] = mapped_column(server_default="RON")
    exchange_rate: Mapped[UnitPrice] = mapped_column(server_default="1")
    seller: Mapped[dict[str, Any]] = mapped_column(JSONB)
    buyer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    net: Mapped[Money]
    vat: Mapped[Money]
    gross: Mapped[Money]
    lei_net: Mapped[Money]
    lei_vat: Mapped[Money]
    lei_gross: Mapped[Money]
    advance: Mapped[bool] = mapped_column(server_default=text("false"))
    vat_on_payment: Mapped[bool] = mapped_column(server_default=text("false"))
    reference: Mapped[str] = mapped_column(server_default="")
    deliver_to: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")

    lines: Mapped[list["DocumentLine"]] = relationship(order_by="DocumentLine.position", viewonly=True)
    vat_totals: Mapped[list["DocumentVat"]] = relationship(order_by="DocumentVat.rate.desc()", viewonly=True)
    original: Mapped["Document | None"] = relationship(
        primaryjoin="foreign(Document.refers_to) == remote(Document.id)", viewonly=True
    )

    @property
    def full_number(self) -> str:
        """Series and number as printed."""
        return self.series if self.number is None else f"{self.series} {self.number:05d}"

    @property
    def file_stem(self) -> str:
        """What its files are called: a series may hold a slash (FCT/2026)."""
        return self.full_number.replace(" ", "-").replace("/", "-")

    @property
    def is_debt(self) -> bool:
        """Is it something to be paid: an invoice, or what was open of one of the program before?"""
        return self.kind == "invoice" or (self.kind == OPENING and self.lei_gross > 0)


class Annulment(Base):
    """A document that never counted: its number stays taken, and it stays visible as annulled. Append-only."""

    __tablename__ = "annulment"
    __table_args__ = (
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        CheckConstraint("reason <> ''", name="reason_given"),
    )

    document_id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class DocumentLine(Base):
    """`unit_code` is that of UN/ECE 20, `vat_category` that of UNCL 5305 (S, Z, E, AE, O).

    A line of a storno, and one that deducts an advance, names the line that it takes back.
    """

    __tablename__ = "document_line"
    __table_args__ = (
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        ForeignKeyConstraint(["order_line_id", "partner_id"], ["order_line.id", "order_line.partner_id"]),
        ForeignKeyConstraint(
            ["reverses_document", "reverses_position"], ["document_line.document_id", "document_line.position"],
            name="fk_document_line_reverses",
        ),
        CheckConstraint("(reverses_document is null) = (reverses_position is null)", name="reversal_is_whole"),
        CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
        Index("ix_document_line_order_line_id", "order_line_id", postgresql_where=text("order_line_id is not null")),
        Index(
            "ix_document_line_reverses", "reverses_document", "reverses_position",
            postgresql_where=text("reverses_document is not null"),
        ),
    )  # fmt: skip

    document_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    order_line_id: Mapped[int | None]
    reverses_document: Mapped[int | None]
    reverses_position: Mapped[int | None]
    sku: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]
    unit_code: Mapped[str] = mapped_column(server_default="H87")
    quantity: Mapped[Quantity]
    unit_price: Mapped[UnitPrice]
    vat_category: Mapped[str] = mapped_column(server_default="S")
    vat_rate: Mapped[Percent]
    net: Mapped[Money]

    reversed: Mapped["Document | None"] = relationship(
        primaryjoin="foreign(DocumentLine.reverses_document) == remote(Document.id)", viewonly=True
    )


class DocumentVat(Base):
    """VAT per category and rate, computed once on the sum of the lines (FISCAL 2), and why there is none."""

    __tablename__ = "document_vat"
    __table_args__ = (ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),)

    document_id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    rate: Mapped[Percent] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    base: Mapped[Money]
    vat: Mapped[Money]
    reason: Mapped[str] = mapped_column(server_default="")


class DocumentFile(Base):
    """The bytes as they were first made, in each `format`; served for ever, whatever the templates become.

    `zip` is what came back from ANAF: the XML that was accepted, and the signature over it.
    """

    __tablename__ = "document_file"
    __table_args__ = (
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="sha256_is_of_the_content"),
        CheckConstraint("format in ('pdf', 'xml', 'zip')", name="format_known"),
    )

    document_id: Mapped[int] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True, server_default="pdf")
    partner_id: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    made_at: Mapped[datetime]


class IssueRun(Base):
    """Invoices of many orders, issued in the background: what staff asked for. `language` is that of `said`."""

    __tablename__ = "issue_run"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    started_at: Mapped[datetime]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    starter_name: Mapped[str]
    issued_on: Mapped[date]
    shipped_only: Mapped[bool]
    language: Mapped[str]


class IssueRunOrder(Base):
    """An order of a run: it waits, has its invoice, or was refused, and `said` tells why."""

    __tablename__ = "issue_run_order"
    __table_args__ = (
        CheckConstraint("document_id is null or said = ''", name="issued_or_refused"),
        Index(
            "ix_issue_run_order_waiting", "run_id", "order_id",
            postgresql_where=text("document_id is null and said = ''"),
        ),
        Index("ix_issue_run_order_order_id", "order_id"),
    )  # fmt: skip

    run_id: Mapped[int] = mapped_column(ForeignKey("issue_run.id"), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    said: Mapped[str] = mapped_column(server_default="")
