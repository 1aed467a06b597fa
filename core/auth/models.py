"""Users, their log-in sessions and the tickets, links and codes that lead to one."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Money


class User(Base):
    """A person. `partner_id` is set for a partner's people and empty for the distributor's staff.

    `password_hash` is empty until the first password is set. `spending_limit` is the largest order (gross, RON) that
    a buyer places without the owner's approval; empty for no limit. `muted` names the mails that the user does not
    want (folders of core/notifications/templates), `gathered` those that come together once a day. `bounced_at` is
    when a mail server last refused the address for good, with the words `bounce`; empty again once a mail arrived.
    `totp_secret` is encrypted, and empty without a second factor;
    `totp_step` is the time step of the last code that was used, so that none works twice. `new_order_alert` is how a
    member of staff wants to hear of new orders in the claim queue. With `show_gross` the catalogue shows VAT too.
    """

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("kind in ('partner', 'staff')", name="kind_known"),
        CheckConstraint("(kind = 'partner') = (partner_id is not null)", name="partner_users_have_a_partner"),
        CheckConstraint(
            "case kind when 'partner' then role in ('owner', 'buyer', 'accountant')"
            " else role in ('admin', 'sales', 'warehouse', 'accounting', 'analyst') end",
            name="role_fits_kind",
        ),
        CheckConstraint("spending_limit is null or (spending_limit >= 0 and role = 'buyer')", name="limit_is_a_buyers"),
        CheckConstraint("language in ('ro', 'en')", name="language_known"),
        CheckConstraint("new_order_alert in ('none', 'badge', 'sound')", name="alert_known"),
        CheckConstraint("email = lower(email) and email like '%_@_%'", name="email_is_lower_case_address"),
        Index("ix_app_user_partner_id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    role: Mapped[str]
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    password_hash: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="ro")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    spending_limit: Mapped[Money | None]
    muted: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    gathered: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    bounced_at: Mapped[datetime | None]
    bounce: Mapped[str] = mapped_column(server_default="")
    show_gross: Mapped[bool] = mapped_column(server_default=text("false"))
    new_order_alert: Mapped[str] = mapped_column(server_default="badge")
    totp_secret: Mapped[str] = mapped_column(server_default="")
    totp_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class LoginSession(Base):
    """A signed-in browser. Only the SHA-256 of the cookie's value is kept; `id` names the session in lists.

    `viewing_partner_id` and `viewing_until` are set while a member of staff looks at the portal as a partner, or
    (`viewing_role` 'agent') orders for it.
    """

    __tablename__ = "login_session"
    __table_args__ = (
        Index("ix_login_session_user_id", "user_id"),
        CheckConstraint("(viewing_partner_id is null) = (viewing_until is null)", name="viewing_ends"),
        CheckConstraint("viewing_role in ('viewer', 'agent')", name="viewing_role_known"),
    )

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(server_default="")
    browser: Mapped[str] = mapped_column(server_default="")
    viewing_partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    viewing_until: Mapped[datetime | None]
    viewing_role: Mapped[str] = mapped_column(server_default="viewer")


class KnownBrowser(Base):
    """A browser in which the user has logged in: the SHA-256 of the value that it keeps for a long time."""

    __tablename__ = "known_browser"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class LoginTicket(Base):
    """Proof, for a short time and one browser, that the password was right.

    With `needs_code` it opens nothing until the second factor was shown as well.
    """

    __tablename__ = "login_ticket"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    browser_hash: Mapped[str]
    next_path: Mapped[str] = mapped_column(server_default="/")
    needs_code: Mapped[bool] = mapped_column(server_default=text("false"))
    expires_at: Mapped[datetime]


class AccessLink(Base):
    """A link that was mailed to somebody: one of each purpose per user, a new one replaces the old.

    Nothing secret is kept: the part of the link that cannot be guessed is computed when it is mailed (core.auth.links).
    """

    __tablename__ = "access_link"
    __table_args__ = (
        CheckConstraint("purpose in ('invite', 'reset', 'email')", name="purpose_known"),
        CheckConstraint("(purpose = 'email') = (new_email <> '')", name="email_links_carry_the_new_address"),
        UniqueConstraint("user_id", "purpose"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    new_email: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class RecoveryCode(Base):
    """Stands in for the telephone once, and is gone. Only the SHA-256 is kept."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)


class Throttle(Base):
    """How often something was tried lately, and until when it is refused (core.auth.throttling)."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime]
