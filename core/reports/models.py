"""What the reports are read from: prepared from the orders, a moment after each change (core.reports.refreshing)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Money, Quantity

# No foreign keys: the lines and orders that the rows are made of have them, and purged orders leave their fate behind.


class StaleOrder(Base):
    """An order changed, and the reports do not know it yet: a row for each change, written by triggers in its
    transaction. So it is seen when, and only when, the change is."""

    __tablename__ = "stale_order"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_id: Mapped[int]


class SoldLine(Base):
    """An order line that counts as sold (core.reports.sales says what that is), with what of it counts.

    `id` is the order line's, `day` the distributor's calendar day on which it was ordered; `net` in lei.
    """

    __tablename__ = "sold_line"
    __table_args__ = (
        Index("ix_sold_line_order_id", "order_id"),
        Index("ix_sold_line_day", "day", "id"),
        Index("ix_sold_line_partner_id", "partner_id", "day"),
        Index("ix_sold_line_product_id", "product_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[int]
    day: Mapped[date]
    partner_id: Mapped[int]
    product_id: Mapped[int]
    quantity: Mapped[Quantity]
    net: Mapped[Money]


class SalesSum(Base):
    """What the sold lines come to: of a partner or product (`key`) or of all of them (0), in a day or month.

    `start` is the first day of the span. `orders` and `lines` are counts; `quantity` is the sum in the products'
    units, which says something of one product only.
    """

    __tablename__ = "sales_sum"
    __table_args__ = (
        CheckConstraint("what in ('all', 'partner', 'product')", name="what_known"),
        CheckConstraint("span in ('day', 'month')", name="span_known"),
        # Products by their last sale.
        Index("ix_sales_sum_last", "key", "start", postgresql_where=text("what = 'product' and span = 'day'")),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    what: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(primary_key=True)
    start: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[int]
    lines: Mapped[int]
    quantity: Mapped[Decimal] = mapped_column(Numeric(18, 3))
    net: Mapped[Decimal] = mapped_column(Numeric(18, 2))


class OrderFate(Base):
    """What became of an order that was placed on `day`; it stays when the order is purged.

    `claim_seconds` is how long it waited until it was claimed, empty for one that is not, or that lapsed. `ordered` is
    the net value in lei of its lines as they were ordered, `shipped` of what has left of these; substitutes are in
    neither.
    """

    __tablename__ = "order_fate"
    __table_args__ = (Index("ix_order_fate_day", "day"),)

    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
    partner_id: Mapped[int]
    status: Mapped[str]
    claim_seconds: Mapped[int | None]
    ordered: Mapped[Money]
    shipped: Mapped[Money]


class ReportState(Base):
    """One row, id 1: everything that happened before `refreshed_at` is in the reports."""

    __tablename__ = "report_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    refreshed_at: Mapped[datetime]
