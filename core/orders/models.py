"""Carts and orders."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Money, Percent, Quantity, UnitPrice
from core.partners.models import Partner

STATUSES = ("placed", "claimed", "shipped", "cancelled", "lapsed")
TRANSITIONS = {
    "placed": {"claimed", "cancelled", "lapsed"},
    "claimed": {"shipped", "cancelled"},
    "shipped": set[str](),
    "cancelled": set[str](),
    "lapsed": set[str](),
}
"""What may follow what (DESIGN 5)."""


class Cart(Base):
    """One per user. `token` names the cart as it is now; an order keeps the token that it was placed from.

    `approval_asked_at` is set while it waits for the owner's approval: it is above the buyer's spending limit.
    """

    __tablename__ = "cart"
    __table_args__ = (Index("ix_cart_partner_id", "partner_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), unique=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    token: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    approval_asked_at: Mapped[datetime | None]
    approval_note: Mapped[str] = mapped_column(server_default="")


class CartLine(Base):
    __tablename__ = "cart_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_cart_line_product_id", "product_id"),
    )

    cart_id: Mapped[int] = mapped_column(ForeignKey("cart.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    quantity: Mapped[Quantity]
    added_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Order(Base):
    """`claim_deadline` is fixed when the order is placed; empty means that it never lapses."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(f"status in {STATUSES}", name="status_known"),
        CheckConstraint("(claimed_at is null) = (claimed_by is null)", name="claim_is_whole"),
        CheckConstraint("status not in ('claimed', 'shipped') or claimed_at is not null", name="claimed_by_somebody"),
        CheckConstraint(
            "(status in ('shipped', 'cancelled', 'lapsed')) = (ended_at is not null)", name="end_has_a_time"
        ),
        CheckConstraint("gross = net + vat", name="gross_is_the_sum"),
        UniqueConstraint("id", "partner_id"),
        Index("ix_orders_partner_id", "partner_id", "id"),
        Index("ix_orders_waiting", "claim_deadline", postgresql_where=text("status = 'placed'")),
        Index("ix_orders_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(start=1001), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    cart_token: Mapped[uuid.UUID] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="placed")
    placed_at: Mapped[datetime]
    claim_deadline: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    currency: Mapped[str] = mapped_column(server_default="RON")
    net: Mapped[Money]
    vat: Mapped[Money]
    gross: Mapped[Money]

    partner: Mapped[Partner] = relationship(viewonly=True)
    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.position", viewonly=True)


class OrderLine(Base):
    """Copies of what was true when the order was placed; never looked up again."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        UniqueConstraint("id", "partner_id"),
        UniqueConstraint("order_id", "position"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int]
    partner_id: Mapped[int]
    position: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    sku: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]
    quantity: Mapped[Quantity]
    list_price: Mapped[UnitPrice]
    unit_price: Mapped[UnitPrice]
    vat_class: Mapped[str]
    vat_rate: Mapped[Percent]
    net: Mapped[Money]
