"""The distributor itself: what stands on its documents and the general settings staff may change."""

from datetime import time
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, SMALLINT, TEXT
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.company_rules import CHECKED, STOCK_DISPLAYS, check_settings
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
    `purge_days`. `stock_display` (one of STOCK_DISPLAYS) is for partners that have none of their own.
    `vat_on_payment`: TVA la încasare. `efactura`: invoices are checked for RO e-Factura before they are issued, and
    their XML is kept with them. More cash than `cash_limit` (lei a day from one company; 0: any) is refused or,
    without `cash_limit_blocks`, warned of. `reminders`: overdue invoices are reminded of by themselves. `colour`
    (#rrggbb) and `logo` (PNG or JPEG) are for documents; the portal's own colour comes from `colour` as well.
    `more_accounts`: each an IBAN, and after a blank its bank; `worksite` is where people work and goods leave, if not
    at the registered address. `prices_with_vat`: what partners' new people see first. Sessions end after `idle_hours`
    without use and after `session_days` in any case; finished exports go after `export_days`, what was written in sent
    mails after `mail_days` (0: never).
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
        CheckConstraint(f"stock_display in {STOCK_DISPLAYS} and stock_cap > 0", name="stock_display_known"),
        CheckConstraint("default_language in ('ro', 'en')", name="default_language_known"),
        CheckConstraint(
            "idle_hours > 0 and session_days > 0 and export_days > 0 and mail_days >= 0", name="times_bearable"
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
    more_accounts: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    worksite: Mapped[str] = mapped_column(server_default="")
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
    stock_display: Mapped[str] = mapped_column(server_default="quantity")
    stock_cap: Mapped[Quantity] = mapped_column(server_default="10")
    prices_with_vat: Mapped[bool] = mapped_column(server_default=text("false"))
    show_list_price: Mapped[bool] = mapped_column(server_default=text("true"))
    show_rrp: Mapped[bool] = mapped_column(server_default=text("true"))
    vat_on_payment: Mapped[bool] = mapped_column(server_default=text("false"))
    efactura: Mapped[bool] = mapped_column(server_default=text("true"))
    cash_limit: Mapped[Money] = mapped_column(server_default="5000")
    cash_limit_blocks: Mapped[bool] = mapped_column(server_default=text("true"))
    reminders: Mapped[bool] = mapped_column(server_default=text("false"))
    colour: Mapped[str] = mapped_column(server_default="#0f766e")
    logo: Mapped[bytes | None] = mapped_column(deferred=True)
    two_factor_roles: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    idle_hours: Mapped[int] = mapped_column(server_default="72")
    session_days: Mapped[int] = mapped_column(server_default="30")
    export_days: Mapped[int] = mapped_column(server_default="7")
    mail_days: Mapped[int] = mapped_column(server_default="0")
    default_language: Mapped[str] = mapped_column(server_default="ro")
    time_zone: Mapped[str] = mapped_column(server_default="Europe/Bucharest")


FIELDS = frozenset(Company.__table__.columns.keys()) - {"id"}


def company(session: Session) -> Company:
    """The distributor's row."""
    return session.get_one(Company, 1)


def change_company(session: Session, **values: Any) -> Company:
    """Set some of the distributor's fields and record who did it.

    Raises NotAllowed, TypeError for what is none of these fields, and what `check_settings` raises; then nothing is
    changed.
    """
    authorize(session, "settings.edit")
    if unknown := values.keys() - FIELDS:
        raise TypeError(f"no fields of the company: {sorted(unknown)}")
    row = company(session)
    values = {name: without_nul(value) if isinstance(value, str) else value for name, value in values.items()}
    check_settings({name: values.get(name, getattr(row, name)) for name in CHECKED})
    changes = {
        name: [str(getattr(row, name)), str(value)] for name, value in values.items() if getattr(row, name) != value
    }
    for name in changes:
        setattr(row, name, values[name])
    if changes:
        record(session, "settings_changed", clock.now(), changes=changes)
    return row
