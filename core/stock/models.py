"""Stock: what is there, what is held for orders, and the facts that both are the sums of."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Quantity

MAIN_WAREHOUSE = 1


class Warehouse(Base):
    """Row 1 is made by the first migration; orders are served from it."""

    __tablename__ = "warehouse"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]


class Stock(Base):
    """The running sums per product and warehouse. The check is the last line against overselling."""

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("0 <= held and held <= on_hand", name="never_oversold"),
        {"postgresql_with": {"fillfactor": "50"}},
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouse.id"), primary_key=True, server_default="1")
    on_hand: Mapped[Quantity] = mapped_column(server_default="0")
    held: Mapped[Quantity] = mapped_column(server_default="0")


class StockMovement(Base):
    """Goods that came, went or were counted. Append-only; `on_hand` is the sum of the quantities."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint("kind in ('receipt', 'count', 'shipment')", name="kind_known"),
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        ForeignKeyConstraint(["product_id", "warehouse_id"], ["stock.product_id", "stock.warehouse_id"]),
        Index("ix_stock_movement_product_id", "product_id", "warehouse_id"),
        # A purged line must not be looked for in all movements.
        Index("ix_stock_movement_order_line_id", "order_line_id", postgresql_where=text("order_line_id is not null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    product_id: Mapped[int]
    warehouse_id: Mapped[int] = mapped_column(server_default="1")
    quantity: Mapped[Quantity]
    kind: Mapped[str]
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id"))


class StockMonth(Base):
    """What the movements of a month (`month` is its first day, where the distributor is) come to; kept by a trigger.

    No foreign keys: the movements that the rows are the sums of have them.
    """

    __tablename__ = "stock_month"
    __table_args__ = ({"postgresql_with": {"fillfactor": "80"}},)

    month: Mapped[date] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    warehouse_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quantity: Mapped[Decimal] = mapped_column(Numeric(18, 3))


class StockHold(Base):
    """Quantities kept for an order line: plus when placed, minus when released or shipped. Append-only.

    `held` is the sum of the quantities. A trigger keeps each line's sums between nothing and what was ordered.
    """

    __tablename__ = "stock_hold"
    __table_args__ = (
        CheckConstraint("kind in ('placed', 'released', 'shipped')", name="kind_known"),
        CheckConstraint("(kind = 'placed') = (quantity > 0) and quantity <> 0", name="sign_follows_kind"),
        ForeignKeyConstraint(["product_id", "warehouse_id"], ["stock.product_id", "stock.warehouse_id"]),
        ForeignKeyConstraint(["order_line_id", "partner_id"], ["order_line.id", "order_line.partner_id"]),
        ForeignKeyConstraint(["delivery_id", "partner_id"], ["delivery.id", "delivery.partner_id"]),
        CheckConstraint("(delivery_id is not null) = (kind = 'shipped')", name="deliveries_ship"),
        Index("ix_stock_hold_order_line_id", "order_line_id"),
        Index("ix_stock_hold_delivery_id", "delivery_id", postgresql_where=text("delivery_id is not null")),
        Index("ix_stock_hold_product_id", "product_id", "warehouse_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_line_id: Mapped[int]
    partner_id: Mapped[int]
    product_id: Mapped[int]
    warehouse_id: Mapped[int] = mapped_column(server_default="1")
    quantity: Mapped[Quantity]
    kind: Mapped[str]
    at: Mapped[datetime]
    delivery_id: Mapped[int | None]


class Backorder(Base):
    """Quantities of an order line that are not there yet: plus when ordered, minus when filled or cancelled.

    Append-only. They are never part of `held`; when goods come they are filled, the oldest order first, and become
    holds.
    """

    __tablename__ = "backorder"
    __table_args__ = (
        CheckConstraint("kind in ('placed', 'filled', 'cancelled')", name="kind_known"),
        CheckConstraint("(kind = 'placed') = (quantity > 0) and quantity <> 0", name="sign_follows_kind"),
        ForeignKeyConstraint(["order_line_id", "partner_id"], ["order_line.id", "order_line.partner_id"]),
        Index("ix_backorder_order_line_id", "order_line_id"),
        # Who waits for a product, and for how much, without a look at all its order lines.
        Index("ix_backorder_product_id", "product_id", "order_line_id", postgresql_include=["quantity"]),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_line_id: Mapped[int]
    partner_id: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[Quantity]
    kind: Mapped[str]
    at: Mapped[datetime]


class StockWait(Base):
    """A partner waits for a product; the first in line is told when it is there (`told_at`)."""

    __tablename__ = "stock_wait"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        UniqueConstraint("product_id", "partner_id"),
        Index("ix_stock_wait_partner_id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    quantity: Mapped[Quantity]
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]


class LowStockTold(Base):
    """The distributor was told that of this product less than its `low_stock` is left; gone once there is enough."""

    __tablename__ = "low_stock_told"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    told_at: Mapped[datetime]
