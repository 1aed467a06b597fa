"""Carts and orders."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, Money, Percent, Quantity, UnitPrice
from core.partners.models import Partner

STATUSES = ("placed", "claimed", "shipped", "cancelled", "lapsed")
TRANSITIONS = {
    "placed": {"claimed", "cancelled", "lapsed"},
    "claimed": {"placed", "shipped", "cancelled", "lapsed"},
    "shipped": set[str](),
    "cancelled": set[str](),
    "lapsed": {"placed", "claimed"},
}
"""What may follow what (DESIGN 5). A claimed order can be given back, and lapses unpaid; one that was paid too late
comes back if its goods are still there."""

INSTANTS = ARRAY(DateTime(timezone=True))


class Cart(Base):
    """One per user, and one per partner for staff who order for partners. `token` names the cart as it is now; an order
    keeps the token that it was placed from.

    `approval_asked_at` is set while it waits for the owner's approval: it is above the buyer's spending limit; the
    question keeps what goes with the order (`approval_note`, `reference`, `deliver_to`, `wished_on`). The purpose
    'again' is a cart that lives for one transaction: a lapsed order placed again. `tabs` has the number of the newest
    message of each of the browser's tabs that typed into it (core.orders.keeping).
    """

    __tablename__ = "cart"
    __table_args__ = (
        UniqueConstraint("user_id", "partner_id", "purpose"),
        CheckConstraint("purpose in ('cart', 'again')", name="purpose_known"),
        Index("ix_cart_partner_id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    purpose: Mapped[str] = mapped_column(server_default="cart")
    token: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    tabs: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    approval_asked_at: Mapped[datetime | None]
    approval_note: Mapped[str] = mapped_column(server_default="")
    reference: Mapped[str] = mapped_column(server_default="")
    deliver_to: Mapped[str] = mapped_column(server_default="")
    wished_on: Mapped[date | None]


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
    """`claim_deadline` and, for who pays first (`prepay`), `pay_deadline` are fixed when the order is placed; empty
    means that it does not lapse so. The instants in `claim_warnings` and `pay_warnings` are those still to come at
    which it is said that half, then four fifths, of the time are over.

    `user_id` is who placed it: one of the partner's people, or staff for the partner. `reference` is the partner's own
    number. `paid_at` is set once all is paid before there is an invoice. `assigned_to` is the colleague for whom a
    waiting order is held. The amounts are of what is not cancelled.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(f"status in {STATUSES}", name="status_known"),
        CheckConstraint("(claimed_at is null) = (claimed_by is null)", name="claim_is_whole"),
        CheckConstraint("status not in ('claimed', 'shipped') or claimed_at is not null", name="claimed_by_somebody"),
        CheckConstraint(
            "(status in ('shipped', 'cancelled', 'lapsed')) = (ended_at is not null)", name="end_has_a_time"
        ),
        CheckConstraint("gross = net + vat", name="gross_is_the_sum"),
        CheckConstraint("pay_deadline is null or prepay", name="prepaying_has_a_deadline"),
        UniqueConstraint("id", "partner_id"),
        Index("ix_orders_partner_id", "partner_id", "id"),
        Index("ix_orders_waiting", "claim_deadline", postgresql_where=text("status = 'placed'")),
        Index(
            "ix_orders_unpaid",
            "pay_deadline",
            postgresql_where=text("status in ('placed', 'claimed') and pay_deadline is not null and paid_at is null"),
        ),
        Index(
            "ix_orders_exposed",
            "partner_id",
            postgresql_where=text("status in ('placed', 'claimed') or (status = 'shipped' and invoiced < gross)"),
        ),
        Index("ix_orders_claim_warning", text("(claim_warnings[1])"), postgresql_where=text("status = 'placed'")),
        Index(
            "ix_orders_pay_warning",
            text("(pay_warnings[1])"),
            postgresql_where=text("status in ('placed', 'claimed') and paid_at is null"),
        ),
        Index("ix_orders_lapsed", "ended_at", postgresql_where=text("status = 'lapsed'")),
        Index("ix_orders_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(start=1001), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    cart_token: Mapped[uuid.UUID] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="placed")
    placed_at: Mapped[datetime]
    claim_deadline: Mapped[datetime | None]
    claim_warnings: Mapped[list[datetime]] = mapped_column(INSTANTS, server_default=text("'{}'"))
    prepay: Mapped[bool] = mapped_column(server_default=text("false"))
    pay_deadline: Mapped[datetime | None]
    pay_warnings: Mapped[list[datetime]] = mapped_column(INSTANTS, server_default=text("'{}'"))
    paid_at: Mapped[datetime | None]
    extended_at: Mapped[datetime | None]
    invoiced_at: Mapped[datetime | None]
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    claimed_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    reference: Mapped[str] = mapped_column(server_default="")
    deliver_to: Mapped[str] = mapped_column(server_default="")
    wished_on: Mapped[date | None]
    currency: Mapped[str] = mapped_column(server_default="RON")
    net: Mapped[Money]
    vat: Mapped[Money]
    gross: Mapped[Money]
    invoiced: Mapped[Money] = mapped_column(server_default="0")

    partner: Mapped[Partner] = relationship(viewonly=True)
    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.position", viewonly=True)


class OrderLine(Base):
    """Copies of what was true when the order was placed; never looked up again.

    `quantity` is what was ordered. What became of it (held, shipped, on backorder, cancelled) is what the holds and the
    backorders say: the view `line_state`. `price_rule` is what led to the price, see core.pricing.quoting.explained.
    A substitute `replaces` the line in the place of which it was accepted.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        UniqueConstraint("id", "partner_id"),
        UniqueConstraint("order_id", "position"),
        ForeignKeyConstraint(["replaces", "partner_id"], ["order_line.id", "order_line.partner_id"]),
        Index("ix_order_line_product_id", "product_id", "partner_id"),
        Index("ix_order_line_replaces", "replaces", postgresql_where=text("replaces is not null")),
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
    price_rule: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    replaces: Mapped[int | None]


class Delivery(Base):
    """Goods of an order that left together; which and how many, the holds with its id say. Append-only."""

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        UniqueConstraint("id", "partner_id"),
        UniqueConstraint("order_id", "number"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int]
    partner_id: Mapped[int]
    number: Mapped[int]
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    note: Mapped[str] = mapped_column(server_default="")


class Proposal(Base):
    """Staff propose that of a line only `keep` stays, with or without `quantity` of another product in its place.

    The partner accepts or refuses it. The substitute's data are copies of when it was proposed: what is accepted is
    what was shown. One waits per line; `answer` 'withdrawn' is staff's own, or that of the order's end.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("keep >= 0", name="keep_not_negative"),
        CheckConstraint("answer in ('accepted', 'refused', 'withdrawn')", name="answer_known"),
        CheckConstraint("(answer is null) = (answered_at is null)", name="answer_has_a_time"),
        CheckConstraint(
            "num_nulls(product_id, sku, name, unit, quantity, list_price, unit_price, vat_class, vat_rate) in (0, 9)",
            name="substitute_is_whole",
        ),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        ForeignKeyConstraint(["order_line_id", "partner_id"], ["order_line.id", "order_line.partner_id"]),
        Index("uq_proposal_waiting", "order_line_id", unique=True, postgresql_where=text("answer is null")),
        Index("ix_proposal_order_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int]
    partner_id: Mapped[int]
    order_line_id: Mapped[int]
    keep: Mapped[Quantity]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    sku: Mapped[str | None]
    name: Mapped[str | None]
    unit: Mapped[str | None]
    quantity: Mapped[Quantity | None]
    list_price: Mapped[UnitPrice | None]
    unit_price: Mapped[UnitPrice | None]
    vat_class: Mapped[str | None]
    vat_rate: Mapped[Percent | None]
    price_rule: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(server_default="")
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class LimitPass(Base):
    """One order of the partner may be above its limits, up to `up_to` (lei, VAT included); `order_id`: it was used."""

    __tablename__ = "limit_pass"
    __table_args__ = (
        CheckConstraint("up_to > 0", name="up_to_positive"),
        ForeignKeyConstraint(["order_id", "partner_id"], ["orders.id", "orders.partner_id"]),
        Index("ix_limit_pass_partner_id", "partner_id"),
        Index("ix_limit_pass_order_id", "order_id", postgresql_where=text("order_id is not null")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    up_to: Mapped[Money]
    reason: Mapped[str]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    order_id: Mapped[int | None]


class PartnerCode(Base):
    """A partner's own code for a product, folded as core.search does; learned when it was corrected once."""

    __tablename__ = "partner_code"
    __table_args__ = (
        CheckConstraint("code <> '' and code = btrim(code)", name="code_is_trimmed"),
        Index("ix_partner_code_product_id", "product_id"),
    )

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))


class QuickDraft(Base):
    """What a user has pasted for a quick order and not yet put in the cart.

    `code_column` and `quantity_column` (from 0) were chosen for it, or are empty: then they are guessed. `version`
    counts how often it was kept.
    """

    __tablename__ = "quick_draft"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    text: Mapped[str]
    code_column: Mapped[int | None]
    quantity_column: Mapped[int | None]
    version: Mapped[int]


class Favourite(Base):
    """A product that a user starred."""

    __tablename__ = "favourite"
    __table_args__ = (Index("ix_favourite_product_id", "product_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)


class SavedList(Base):
    """Products and quantities that a partner's people keep to order again and again; all of them see it."""

    __tablename__ = "saved_list"
    __table_args__ = (
        CheckConstraint("name <> '' and name = btrim(name)", name="name_is_trimmed"),
        UniqueConstraint("partner_id", "name"),
        UniqueConstraint("id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    name: Mapped[str]


class SavedListLine(Base):
    __tablename__ = "saved_list_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        ForeignKeyConstraint(["list_id", "partner_id"], ["saved_list.id", "saved_list.partner_id"], ondelete="CASCADE"),
        Index("ix_saved_list_line_product_id", "product_id"),
    )

    list_id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    quantity: Mapped[Quantity]
    added_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
