"""Partners: the companies that may order."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Identity, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Money, Percent, Quantity


class Partner(Base):
    """`code` is the distributor's own code and the key of every import. `discount` is in percent off the list price.

    `contact_name` is who asked for access, until there is a first user. `prepay`: it pays before the goods leave. From
    `claim_hours` on: its own rules of orders; empty means as the company's row of the same name says.
    """

    __tablename__ = "partner"
    __table_args__ = (
        CheckConstraint("discount between 0 and 100", name="discount_is_percent"),
        CheckConstraint("payment_days >= 0", name="payment_days_not_negative"),
        CheckConstraint(
            "least(claim_hours, unpaid_hours, min_order, max_order, max_open_orders, max_open_value, credit_limit,"
            " overdue_block, overdue_block_days, max_per_order, max_per_period) >= 0",
            name="rules_not_negative",
        ),
        CheckConstraint("status in ('proposed', 'approved', 'active', 'on_hold', 'closed')", name="status_known"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    cui: Mapped[str] = mapped_column(server_default="")
    vat_payer: Mapped[bool] = mapped_column(server_default=text("true"))
    reg_com: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str] = mapped_column(server_default="")
    county: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str] = mapped_column(server_default="RO")
    email: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    contact_name: Mapped[str] = mapped_column(server_default="")
    discount: Mapped[Percent] = mapped_column(server_default="0")
    payment_days: Mapped[int] = mapped_column(server_default="30")
    prepay: Mapped[bool] = mapped_column(server_default=text("false"))
    claim_hours: Mapped[Decimal | None]
    unpaid_hours: Mapped[Decimal | None]
    min_order: Mapped[Money | None]
    max_order: Mapped[Money | None]
    max_open_orders: Mapped[int | None]
    max_open_value: Mapped[Money | None]
    credit_limit: Mapped[Money | None]
    overdue_block: Mapped[Money | None]
    overdue_block_days: Mapped[int | None]
    max_per_order: Mapped[Quantity | None]
    max_per_period: Mapped[Quantity | None]
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
