"""What is sold: products, their categories, and the VAT rates with their validity."""

from datetime import date

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Percent, Quantity, UnitPrice
from core.search import folded_sql


class Category(Base):
    """`path` is the whole way from the top, as in 'Electrice > Cabluri'."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)


class VatRate(Base):
    """The rate of a VAT class from a day on, until the next row of the class (FISCAL 2)."""

    __tablename__ = "vat_rate"
    __table_args__ = (CheckConstraint("rate between 0 and 100", name="rate_is_percent"),)

    vat_class: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Percent]


class Product(Base):
    """`sku` is exact, letter case included. `list_price` is net, in lei per `unit`; `pack` is the usual quantity.

    `backorder`: what is not in stock can be ordered all the same, and is held when it comes. `max_per_order` and
    `max_per_period` (in `unit`) take the place of the partner's and of the general ones; 0 for no limit.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("sku <> '' and sku = btrim(sku)", name="sku_is_trimmed"),
        CheckConstraint("list_price >= 0", name="list_price_not_negative"),
        CheckConstraint("pack > 0", name="pack_positive"),
        CheckConstraint("least(max_per_order, max_per_period) >= 0", name="limits_not_negative"),
        CheckConstraint("vat_class in ('standard', 'reduced', 'zero')", name="vat_class_known"),
        Index("ix_product_name_folded", "name_folded", "id"),
        Index("ix_product_category_id", "category_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    ean: Mapped[str] = mapped_column(server_default="")
    name: Mapped[str]
    brand: Mapped[str] = mapped_column(server_default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    unit: Mapped[str] = mapped_column(server_default="buc")
    pack: Mapped[Quantity] = mapped_column(server_default="1")
    vat_class: Mapped[str] = mapped_column(server_default="standard")
    list_price: Mapped[UnitPrice]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    backorder: Mapped[bool] = mapped_column(server_default=text("false"))
    max_per_order: Mapped[Quantity | None]
    max_per_period: Mapped[Quantity | None]
    name_folded: Mapped[str] = mapped_column(Computed(folded_sql("name"), persisted=True))
    search_text: Mapped[str] = mapped_column(
        Computed(folded_sql("sku || ' ' || name || ' ' || brand || ' ' || ean"), persisted=True)
    )
