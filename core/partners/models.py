"""Partners: the companies that may order."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.company_rules import STOCK_DISPLAYS
from core.db import Base, Money, Percent, Quantity


class PartnerGroup(Base):
    """Partners that share a price list, promotions and products."""

    __tablename__ = "partner_group"
    __table_args__ = (CheckConstraint("name <> '' and name = btrim(name)", name="name_is_trimmed"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    price_list_id: Mapped[int | None] = mapped_column(ForeignKey("price_list.id"))


class Partner(Base):
    """`code` is the distributor's own code and the key of every import. `discount` is in percent off the list price.

    Its prices come from `price_list_id` and its group's list where no own price or discount decides (core.pricing).
    `prices_hidden`: it sees none, and so cannot order. `stock_display`: see core.company; empty for the general one.
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
        CheckConstraint(f"stock_display in {STOCK_DISPLAYS}", name="stock_display_known"),
        Index("ix_partner_group_id", "group_id"),
        Index("ix_partner_price_list_id", "price_list_id"),
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
    group_id: Mapped[int | None] = mapped_column(ForeignKey("partner_group.id"))
    price_list_id: Mapped[int | None] = mapped_column(ForeignKey("price_list.id"))
    prices_hidden: Mapped[bool] = mapped_column(server_default=text("false"))
    stock_display: Mapped[str | None]
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
    reminders: Mapped[bool] = mapped_column(server_default=text("true"))
    monthly_statement: Mapped[bool] = mapped_column(server_default=text("false"))
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
