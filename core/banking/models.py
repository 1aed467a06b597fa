"""What banks say came in: statements, their entries, and whose accounts money comes from. For staff only."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Money

FILE_KINDS = ("mt940", "camt053", "table")
"""MT940, CAMT.053, or a table (CSV, XLSX) as the bank's site writes it."""
ENTRY_KINDS = ("payment", "foreign", "reversal", "returned")
"""Lei that came in, another currency, a payment that the bank took back, money of ours that came back. Only the first
can be booked: receivables are in lei."""
STATES = ("open", "booked", "set_aside")


class BankStatement(Base):
    """One statement of a file that was loaded, the `position`th in it. Balances are in `currency`, as the bank gives
    them, if it does; `credits` and `debits` are what all its entries come to, and `debit_count` counts those of our own
    payments and the bank's fees, which are kept nowhere else."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        CheckConstraint(f"kind in {FILE_KINDS}", name="kind_known"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256_is_one"),
        CheckConstraint("credits >= 0 and debits >= 0 and debit_count >= 0", name="sums_have_no_sign"),
        UniqueConstraint("sha256", "position"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    file_name: Mapped[str]
    kind: Mapped[str]
    sha256: Mapped[bytes]
    position: Mapped[int]
    account: Mapped[str]
    currency: Mapped[str]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    opening: Mapped[Money | None]
    closing: Mapped[Money | None]
    credits: Mapped[Money]
    debits: Mapped[Money]
    debit_count: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class BankEntry(Base):
    """Money that came in on an account of ours. `identity` (core.banking.identity) is its own on its account, so that
    it is there once however often it is loaded. Booked, it is one payment of the same amount; when that is taken back a
    trigger opens it again. `reason` is why it was set aside. A `reversal` is below zero."""

    __tablename__ = "bank_entry"
    __table_args__ = (
        CheckConstraint(f"kind in {ENTRY_KINDS}", name="kind_known"),
        CheckConstraint(f"state in {STATES}", name="state_known"),
        CheckConstraint(
            "case kind when 'payment' then amount > 0 and currency = 'RON' when 'reversal' then amount < 0"
            " else amount > 0 end",
            name="amount_is_of_the_kind",
        ),
        CheckConstraint("(state = 'booked') = (payment_id is not null)", name="booked_as_a_payment"),
        CheckConstraint("state <> 'booked' or kind = 'payment'", name="only_payments_are_booked"),
        CheckConstraint("(state = 'set_aside') = (reason <> '')", name="set_aside_for_a_reason"),
        UniqueConstraint("account", "identity"),
        UniqueConstraint("payment_id"),
        # Of the same amount as its payment: the pair is the key.
        ForeignKeyConstraint(["payment_id", "amount"], ["payment.id", "payment.amount"]),
        Index("ix_bank_entry_statement_id", "statement_id"),
        Index("ix_bank_entry_booked_on", "booked_on", "id"),
        Index("ix_bank_entry_open", "booked_on", "id", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id"))
    account: Mapped[str]
    identity: Mapped[str]
    kind: Mapped[str]
    bank_reference: Mapped[str] = mapped_column(server_default="")
    booked_on: Mapped[date]
    amount: Mapped[Money]
    currency: Mapped[str]
    payer_name: Mapped[str] = mapped_column(server_default="")
    payer_iban: Mapped[str] = mapped_column(server_default="")
    details: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="open")
    reason: Mapped[str] = mapped_column(server_default="")
    payment_id: Mapped[int | None]


class PartnerAccount(Base):
    """Whose account money comes from: learned from the entry that somebody booked, forgotten when that is undone."""

    __tablename__ = "partner_account"
    __table_args__ = (
        Index("ix_partner_account_partner_id", "partner_id"),
        Index("ix_partner_account_entry_id", "entry_id"),
    )

    iban: Mapped[str] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("bank_entry.id"))
    learned_at: Mapped[datetime]


class BankCsvMapping(Base):
    """What the columns of a bank's table are: ours → the name in its header, '' for none. `headers` are all its names,
    folded and sorted: the next file with the same ones is known by them. `account` is the account of ours it is of."""

    __tablename__ = "bank_csv_mapping"
    __table_args__ = (UniqueConstraint("headers"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    headers: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    account: Mapped[str] = mapped_column(server_default="")
    saved_at: Mapped[datetime]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
