"""A partner's own net prices."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, UnitPrice


class PartnerPrice(Base):
    """The net price agreed with one partner for one product, in lei per unit; it goes before every discount."""

    __tablename__ = "partner_price"
    __table_args__ = (
        CheckConstraint("net >= 0", name="net_not_negative"),
        Index("ix_partner_price_product_id", "product_id"),
    )

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    net: Mapped[UnitPrice]
