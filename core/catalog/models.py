"""What is sold: products, their categories, and the VAT rates with their validity."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Percent, Quantity, UnitPrice
from core.search import folded_sql


class Category(Base):
    """`path` is the whole way from the top, as in 'Electrice > Cabluri'.

    A trigger makes the levels above a new one, and keeps `lineage`: its own id, its parent's, and so on to the top.
    """

    __tablename__ = "category"
    __table_args__ = (Index("ix_category_parent_id", "parent_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    lineage: Mapped[list[int]] = mapped_column(ARRAY(INTEGER))


VAT_CLASSES = ("standard", "reduced", "zero", "exempt", "reverse", "deposit")
"""Reverse: reverse charge (taxare inversă). Deposit: that of returnable packaging (SGR)."""


class VatRate(Base):
    """The rate of a VAT class from a day on, until the next row of the class; `reason`: why there is none."""

    __tablename__ = "vat_rate"
    __table_args__ = (CheckConstraint("rate between 0 and 100", name="rate_is_percent"),)

    vat_class: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Percent]
    reason: Mapped[str] = mapped_column(server_default="")


OF_A_CATEGORY = ["id", "active", "restricted", "name_folded", "list_price", "created_at"]


class Product(Base):
    """`sku` is exact, letter case included. `list_price` is net, in lei per `unit`; `pack` is the usual quantity.

    `least_quantity` and `multiple` (in `unit`) bind order lines. `rrp` is the recommended retail price, net.
    `weight` in kg of one unit. `nc_code` is the code of the Combined Nomenclature. `expected_on`: when there is stock
    again. `restricted`: only who has a row in `product_audience` knows of it. `replaced_by`: what is sold instead.
    `words` is what the search finds it by.

    `backorder`: what is not in stock can be ordered all the same, and is held when it comes. `max_per_order` and
    `max_per_period` (in `unit`) take the place of the partner's and of the general ones; 0 for no limit. The
    distributor is told when less than `low_stock` is free.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("sku <> '' and sku = btrim(sku)", name="sku_is_trimmed"),
        CheckConstraint("list_price >= 0", name="list_price_not_negative"),
        CheckConstraint("pack > 0", name="pack_positive"),
        CheckConstraint("least(least_quantity, multiple) > 0", name="quantities_positive"),
        CheckConstraint("least(rrp, weight) >= 0", name="rrp_and_weight_not_negative"),
        CheckConstraint("replaced_by <> id", name="replaced_by_another"),
        CheckConstraint("least(max_per_order, max_per_period) >= 0", name="limits_not_negative"),
        CheckConstraint("low_stock > 0", name="low_stock_positive"),
        CheckConstraint(f"vat_class in {VAT_CLASSES}", name="vat_class_known"),
        Index("ix_product_name_folded", "name_folded", "id"),
        # With all that counting and sorting a category takes: ten thousand are read at twice the speed.
        Index("ix_product_category_id", "category_id", postgresql_include=OF_A_CATEGORY),
        Index("ix_product_brand", "brand"),
        Index("ix_product_ean", "ean", postgresql_where=text("ean <> ''")),
        Index("ix_product_sku_folded", "sku_folded"),
        Index("ix_product_created_at", "created_at", "id"),
        Index("ix_product_low_stock", "id", postgresql_where=text("low_stock is not null")),
        Index("ix_product_replaced_by", "replaced_by", postgresql_where=text("replaced_by is not null")),
        Index("ix_product_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
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
    description: Mapped[str] = mapped_column(server_default="")
    least_quantity: Mapped[Quantity | None]
    multiple: Mapped[Quantity | None]
    rrp: Mapped[UnitPrice | None]
    weight: Mapped[Quantity | None]
    nc_code: Mapped[str] = mapped_column(server_default="")
    restricted: Mapped[bool] = mapped_column(server_default=text("false"))
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    expected_on: Mapped[date | None]
    low_stock: Mapped[Quantity | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    name_folded: Mapped[str] = mapped_column(Computed(folded_sql("name"), persisted=True))
    sku_folded: Mapped[str] = mapped_column(Computed(folded_sql("sku"), persisted=True))
    words: Mapped[str] = mapped_column(TSVECTOR, Computed("product_words(sku, name, brand, ean)", persisted=True))


class ProductAudience(Base):
    """Who knows of a restricted product: a group of partners or one partner."""

    __tablename__ = "product_audience"
    __table_args__ = (
        CheckConstraint("num_nonnulls(group_id, partner_id) = 1", name="group_or_partner"),
        UniqueConstraint("product_id", "group_id", "partner_id", postgresql_nulls_not_distinct=True),
        Index("ix_product_audience_group_id", "group_id", postgresql_where=text("group_id is not null")),
        Index("ix_product_audience_partner_id", "partner_id", postgresql_where=text("partner_id is not null")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("partner_group.id", ondelete="CASCADE"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))


class OfferVersion(Base):
    """One row: `number` goes up with every change of which products, brands and categories are offered to whom."""

    __tablename__ = "offer_version"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class ProductImage(Base):
    """A picture as it is shown: `content` (at most 1200 pixels a side) and `small` (128), both WebP without metadata.

    The first by `position` stands in lists. `sha256` is of the file that was given: the same one is not kept twice.
    """

    __tablename__ = "product_image"
    __table_args__ = (UniqueConstraint("product_id", "sha256"), UniqueConstraint("product_id", "position"))

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    position: Mapped[int]
    sha256: Mapped[bytes]
    content: Mapped[bytes] = mapped_column(deferred=True)
    small: Mapped[bytes] = mapped_column(deferred=True)


class ProductFile(Base):
    """An attachment, as a data sheet; `name` is its file name."""

    __tablename__ = "product_file"
    __table_args__ = (UniqueConstraint("product_id", "name"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)


class SearchWord(Base):
    """Every word of a product's `words` that is long enough to be mistyped; kept by a trigger, never removed."""

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


class WordDeletion(Base):
    """A search word itself and with each one of its letters left out: what a mistyped word is looked up by."""

    __tablename__ = "word_deletion"

    deletion: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
