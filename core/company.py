"""The distributor itself: what stands on its documents and the general settings staff may change."""

from datetime import time
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, SMALLINT, TEXT
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base, Money, Quantity
from core.events import record
from core.permissions import authorize
from core.search import without_nul


class Company(Base):
    """One row, id 1, made by the first migration.

    From `claim_hours` to `max_per_period`: the rules of orders, each with an override of the same name on the partner;
    0 means never, or no limit. Amounts in lei, VAT included; quantities in the product's unit. `max_per_period` counts
    over the last `share_days` days. With `working_clock`, hours count only between `work_from` and `work_to` (local
    time) on `work_days` (ISO: Monday is 1), and not on Romanian public holidays. Lapsed orders are removed after
    `purge_days`.
    """

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("claim_hours >= 0", name="claim_hours_not_negative"),
        CheckConstraint(
            "least(unpaid_hours, purge_days, min_order, max_order, max_open_orders, max_open_value, credit_limit,"
            " overdue_block, overdue_block_days, max_per_order, max_per_period) >= 0 and share_days > 0",
            name="rules_not_negative",
        ),
        CheckConstraint(
            "work_from < work_to and cardinality(work_days) > 0 and work_days <@ '{1,2,3,4,5,6,7}'",
            name="work_has_time",
        ),
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
    unpaid_hours: Mapped[Decimal] = mapped_column(server_default="48")
    purge_days: Mapped[int] = mapped_column(server_default="30")
    min_order: Mapped[Money] = mapped_column(server_default="0")
    max_order: Mapped[Money] = mapped_column(server_default="0")
    max_open_orders: Mapped[int] = mapped_column(server_default="0")
    max_open_value: Mapped[Money] = mapped_column(server_default="0")
    credit_limit: Mapped[Money] = mapped_column(server_default="0")
    overdue_block: Mapped[Money] = mapped_column(server_default="0")
    overdue_block_days: Mapped[int] = mapped_column(server_default="0")
    max_per_order: Mapped[Quantity] = mapped_column(server_default="0")
    max_per_period: Mapped[Quantity] = mapped_column(server_default="0")
    share_days: Mapped[int] = mapped_column(server_default="7")
    working_clock: Mapped[bool] = mapped_column(server_default=text("false"))
    work_days: Mapped[list[int]] = mapped_column(ARRAY(SMALLINT), server_default=text("'{1,2,3,4,5}'"))
    work_from: Mapped[time] = mapped_column(server_default="09:00")
    work_to: Mapped[time] = mapped_column(server_default="17:00")
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
