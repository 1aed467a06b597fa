"""The distributor itself: what stands on its documents and the general settings staff may change."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base, Money
from core.events import record
from core.permissions import authorize
from core.search import without_nul


class Company(Base):
    """One row, id 1, made by the first migration."""

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("claim_hours >= 0", name="claim_hours_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(server_default="")
    cui: Mapped[str] = mapped_column(server_default="")
    vat_payer: Mapped[bool] = mapped_column(server_default=text("true"))
    reg_com: Mapped[str] = mapped_column(server_default="")
    share_capital: Mapped[Money] = mapped_column(server_default="0")
    address: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str] = mapped_column(server_default="")
    county: Mapped[str] = mapped_column(server_default="")
    iban: Mapped[str] = mapped_column(server_default="")
    bank: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    email: Mapped[str] = mapped_column(server_default="")
    order_emails: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    claim_hours: Mapped[Decimal] = mapped_column(server_default="24")
    two_factor_roles: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    time_zone: Mapped[str] = mapped_column(server_default="Europe/Bucharest")


def company(session: Session) -> Company:
    """The distributor's row."""
    return session.get_one(Company, 1)


def change_company(session: Session, **values: Any) -> Company:
    """Set some of the distributor's fields and record who did it. Raises NotAllowed."""
    authorize(session, "settings.edit")
    row = company(session)
    values = {name: without_nul(value) if isinstance(value, str) else value for name, value in values.items()}
    changes = {
        name: [str(getattr(row, name)), str(value)] for name, value in values.items() if getattr(row, name) != value
    }
    for name in changes:
        setattr(row, name, values[name])
    if changes:
        record(session, "settings_changed", clock.now(), changes=changes)
    return row
