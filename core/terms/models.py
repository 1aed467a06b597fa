"""The distributor's terms and conditions, each text as it was published, and who has accepted it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class Terms(Base):
    """One published text; the newest is in force, and an empty one ends them. `english` may be empty. Append-only."""

    __tablename__ = "terms"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    romanian: Mapped[str]
    english: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class TermsAcceptance(Base):
    """Somebody of a partner has accepted a text. Append-only."""

    __tablename__ = "terms_acceptance"
    __table_args__ = (Index("ix_terms_acceptance_user_id", "user_id"),)

    terms_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    accepted_at: Mapped[datetime]
