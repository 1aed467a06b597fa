"""The rules that make a partner's price, and the sort keys derived from them.

Prices are net, discounts in percent off the list price. A rule holds from `from_quantity` (in the product's unit) on,
and from the local day `valid_from` to `valid_until`, both included; empty means always.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Percent, Quantity, UnitPrice


def _period() -> CheckConstraint:
    return CheckConstraint("valid_from <= valid_until", name="period_has_days")


def _from_quantity() -> CheckConstraint:
    return CheckConstraint("from_quantity >= 0", name="from_quantity_not_negative")


def _net() -> CheckConstraint:
    return CheckConstraint("net >= 0", name="net_not_negative")


def _percent() -> CheckConstraint:
    return CheckConstraint("percent between 0 and 100", name="percent_is_percent")


class PriceList(Base):
    """Net prices and discounts that partners and groups share. `lei_rate`: lei for one unit of `currency`."""

    __tablename__ = "price_list"
    __table_args__ = (
        CheckConstraint("name <> '' and name = btrim(name)", name="name_is_trimmed"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_a_code"),
        CheckConstraint("lei_rate > 0 and (currency <> 'RON' or lei_rate = 1)", name="lei_rate_fits"),
        _period(),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str] = mapped_column(server_default="RON")
    lei_rate: Mapped[UnitPrice] = mapped_column(server_default="1")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class PriceListItem(Base):
    """The net price of a product in a list, in the list's currency."""

    __tablename__ = "price_list_item"
    __table_args__ = (
        _net(), _from_quantity(), _period(),
        UniqueConstraint(
            "price_list_id", "product_id", "from_quantity", "valid_from", postgresql_nulls_not_distinct=True,
            name="uq_price_list_item_place",
        ),
        Index("ix_price_list_item_product_id", "product_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    price_list_id: Mapped[int] = mapped_column(ForeignKey("price_list.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    from_quantity: Mapped[Quantity] = mapped_column(server_default="0")
    net: Mapped[UnitPrice]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class PartnerPrice(Base):
    """The net price agreed with one partner for one product, in lei per unit; it goes before every discount."""

    __tablename__ = "partner_price"
    __table_args__ = (
        _net(), _from_quantity(), _period(),
        UniqueConstraint(
            "partner_id", "product_id", "from_quantity", "valid_from", postgresql_nulls_not_distinct=True,
            name="uq_partner_price_place",
        ),
        Index("ix_partner_price_product_id", "product_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    from_quantity: Mapped[Quantity] = mapped_column(server_default="0")
    net: Mapped[UnitPrice]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class Discount(Base):
    """A percentage off the list price: one partner's, a price list's, or (both empty) everybody's.

    For one product, a brand, a category with what is below it, or (all empty) everything. A partner's own discount on
    everything is `partner.discount`. `owner` and `target` are those columns as one key each: `partner_id`,
    `-price_list_id` or 0, and 'p1', 'bBrand', 'c1' or '*'.
    """

    __tablename__ = "discount"
    __table_args__ = (
        _percent(), _from_quantity(), _period(),
        CheckConstraint("num_nonnulls(partner_id, price_list_id) <= 1", name="one_owner"),
        CheckConstraint("num_nonnulls(product_id, brand, category_id) <= 1 and brand <> ''", name="one_target"),
        CheckConstraint("partner_id is null or target <> '*'", name="partners_on_everything_is_its_column"),
        UniqueConstraint(
            "owner", "target", "from_quantity", "valid_from", postgresql_nulls_not_distinct=True,
            name="uq_discount_place",
        ),
        Index("ix_discount_target", "target"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    price_list_id: Mapped[int | None] = mapped_column(ForeignKey("price_list.id", ondelete="CASCADE"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    brand: Mapped[str | None]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    percent: Mapped[Percent]
    from_quantity: Mapped[Quantity] = mapped_column(server_default="0")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    owner: Mapped[int] = mapped_column(Computed("coalesce(partner_id, -price_list_id, 0)", persisted=True))
    target: Mapped[str] = mapped_column(
        Computed("coalesce('p' || product_id::text, 'b' || brand, 'c' || category_id::text, '*')", persisted=True)
    )


class Promotion(Base):
    """Prices that replace dearer ones for a while: for everybody, a group, or one partner."""

    __tablename__ = "promotion"
    __table_args__ = (
        CheckConstraint("name <> '' and name = btrim(name)", name="name_is_trimmed"),
        CheckConstraint("num_nonnulls(group_id, partner_id) <= 1", name="one_audience"),
        _period(),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("partner_group.id"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))


class PromotionItem(Base):
    """A net price in lei, or a percentage off the list price."""

    __tablename__ = "promotion_item"
    __table_args__ = (
        _net(), _percent(), _from_quantity(),
        CheckConstraint("num_nonnulls(net, percent) = 1", name="net_or_percent"),
        UniqueConstraint("promotion_id", "product_id", "from_quantity"),
        Index("ix_promotion_item_product_id", "product_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    promotion_id: Mapped[int] = mapped_column(ForeignKey("promotion.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    from_quantity: Mapped[Quantity] = mapped_column(server_default="0")
    net: Mapped[UnitPrice | None]
    percent: Mapped[Percent | None]


class PriceProfile(Base):
    """What partners without own rules share: a list and a group. The `bare` one stands for the list prices alone.

    `priced_on` is the local day that all its keys were last made for, and on the `bare` one the day that all keys of
    all profiles were last marked as stale for.
    """

    __tablename__ = "price_profile"
    __table_args__ = (UniqueConstraint("price_list_id", "group_id", "bare", postgresql_nulls_not_distinct=True),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    price_list_id: Mapped[int | None] = mapped_column(ForeignKey("price_list.id", ondelete="CASCADE"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("partner_group.id", ondelete="CASCADE"))
    bare: Mapped[bool] = mapped_column(server_default=text("false"))
    priced_on: Mapped[date | None]


class ProfilePrice(Base):
    """A sort key and nothing else: what is shown and charged is always quoted anew (core.pricing.quoting)."""

    __tablename__ = "profile_price"
    __table_args__ = (
        Index("ix_profile_price_net", "profile_id", "net", "product_id"),
        Index("ix_profile_price_gross", "profile_id", "gross", "product_id"),
        Index("ix_profile_price_product_id", "product_id"),
    )

    profile_id: Mapped[int] = mapped_column(ForeignKey("price_profile.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    net: Mapped[UnitPrice]
    gross: Mapped[UnitPrice]


class PartnerException(Base):
    """The sort key of a product for a partner whose own rules, or promotions, may make it differ from the profile's."""

    __tablename__ = "partner_exception"
    __table_args__ = (
        Index("ix_partner_exception_net", "partner_id", "net", "product_id"),
        Index("ix_partner_exception_gross", "partner_id", "gross", "product_id"),
        Index("ix_partner_exception_product_id", "product_id"),
    )

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    net: Mapped[UnitPrice]
    gross: Mapped[UnitPrice]


class StalePrice(Base):
    """Sort keys to make anew, written by triggers on the rules: of a profile, of a partner, or (both empty) of all;
    of one product, or (empty) of every one."""

    __tablename__ = "stale_price"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    profile_id: Mapped[int | None]
    partner_id: Mapped[int | None]
    product_id: Mapped[int | None]


class TakenPriceList(Base):
    """Prices that a user took out (compressed), to tell what has changed since. `query`: the filters they were found
    with, as the query of an address; empty for the whole list. `filters` stands for it in the key: it may be long."""

    __tablename__ = "taken_price_list"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    query: Mapped[str] = mapped_column(server_default="")
    filters: Mapped[str] = mapped_column(Computed("md5(query)", persisted=True), primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(primary_key=True)
    prices: Mapped[bytes] = mapped_column(deferred=True)
