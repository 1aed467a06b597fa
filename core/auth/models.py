"""Users, their log-in sessions and the tickets that turn a checked password into a session."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class User(Base):
    """A person. `partner_id` is set for a partner's people and empty for the distributor's staff."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("kind in ('partner', 'staff')", name="kind_known"),
        CheckConstraint("(kind = 'partner') = (partner_id is not null)", name="partner_users_have_a_partner"),
        CheckConstraint("language in ('ro', 'en')", name="language_known"),
        CheckConstraint("email = lower(email) and email like '%_@_%'", name="email_is_lower_case_address"),
        Index("ix_app_user_partner_id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="ro")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    failed_logins: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class LoginSession(Base):
    """A signed-in browser. Only the SHA-256 of the cookie's value is kept."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_user_id", "user_id"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class LoginTicket(Base):
    """Proof, for half a minute and one browser, that the password was right."""

    __tablename__ = "login_ticket"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    browser_hash: Mapped[str]
    next_path: Mapped[str] = mapped_column(server_default="/")
    expires_at: Mapped[datetime]
