"""The distributor itself: what stands on its documents and the general settings staff may change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, SMALLINT, TEXT
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base, Money, Quantity
from core.errors import Refusal
from core.events import record
from core.i18n import N_, translate
from core.money import format_quantity
from core.permissions import authorize
from core.search import without_nul

STOCK_DISPLAYS = ("quantity", "capped", "yes_no", "light", "nothing")
"""How much of the stock a partner is told: the quantity, "10+" from `stock_cap` on, whether there is any, a light that
is yellow below `stock_cap`, or nothing."""


class Company(Base):
    """One row, id 1, made by the first migration.

    From `claim_hours` to `max_per_period`: the rules of orders, each with an override of the same name on the partner;
    0 means never, or no limit. Amounts in lei, VAT included; quantities in the product's unit. `max_per_period` counts
    over the last `share_days` days. With `working_clock`, hours count only between `work_from` and `work_to` (local
    time) on `work_days` (ISO: Monday is 1), and not on Romanian public holidays. Lapsed orders are removed after
    `purge_days`. `stock_display` (one of STOCK_DISPLAYS) is for partners that have none of their own.
    `vat_on_payment`: TVA la încasare. More cash than `cash_limit` (lei a day from one company; 0: any) is refused or,
    without `cash_limit_blocks`, warned of. `reminders`: overdue invoices are reminded of by themselves. `colour`
    (#rrggbb) and `logo` (PNG or JPEG) are for documents.
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
    stock_display: Mapped[str] = mapped_column(server_default="quantity")
    stock_cap: Mapped[Quantity] = mapped_column(server_default="10")
    vat_on_payment: Mapped[bool] = mapped_column(server_default=text("false"))
    cash_limit: Mapped[Money] = mapped_column(server_default="5000")
    cash_limit_blocks: Mapped[bool] = mapped_column(server_default=text("true"))
    reminders: Mapped[bool] = mapped_column(server_default=text("false"))
    colour: Mapped[str] = mapped_column(server_default="#0f766e")
    logo: Mapped[bytes | None] = mapped_column(deferred=True)
    two_factor_roles: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    time_zone: Mapped[str] = mapped_column(server_default="Europe/Bucharest")


@dataclass(frozen=True, slots=True)
class Rule:
    """What one of the rules of orders is called, and which numbers it may be; 0 means no limit, or never."""

    name: str
    largest: Decimal
    decimals: int = 0
    least: int = 0

    def allows(self, value: Decimal | int) -> bool:
        number = Decimal(value)
        return number.is_finite() and self.least <= number <= self.largest and number == round(number, self.decimals)


_HOURS = Decimal(8760), 2
_AMOUNT = Decimal("999999999999.99"), 2
_QUANTITY = Decimal("999999999.999"), 3
_DAYS = Decimal(3650)
RULES = {
    "claim_hours": Rule(N_("Hours until an unclaimed order lapses"), *_HOURS),
    "unpaid_hours": Rule(N_("Hours to pay for who pays before delivery"), *_HOURS),
    "min_order": Rule(N_("Least value of an order"), *_AMOUNT),
    "max_order": Rule(N_("Largest value of an order"), *_AMOUNT),
    "max_open_orders": Rule(N_("Open orders at once"), Decimal(100_000)),
    "max_open_value": Rule(N_("Value of all open orders"), *_AMOUNT),
    "credit_limit": Rule(N_("Credit limit"), *_AMOUNT),
    "overdue_block": Rule(N_("Overdue amount that stops new orders"), *_AMOUNT),
    "overdue_block_days": Rule(N_("Days overdue that stop new orders"), _DAYS),
    "max_per_order": Rule(N_("Most of one product in an order"), *_QUANTITY),
    "max_per_period": Rule(N_("Most of one product in a period"), *_QUANTITY),
}
"""The rules of orders that a partner can have its own of."""

COMPANY_RULES = RULES | {
    "share_days": Rule(N_("Days of the period"), _DAYS, least=1),
    "purge_days": Rule(N_("Days after which lapsed orders are removed"), _DAYS),
    "cash_limit": Rule(N_("Cash a day from one company, lei"), *_AMOUNT),
    "stock_cap": Rule(N_("From this quantity on there is plenty"), *_QUANTITY, least=1),
}


class BadRule(Refusal):
    """A rule is no number that it may be; `rule` is its name in COMPANY_RULES."""

    message = N_("{rule}: enter a number from {least} to {largest}, with {decimals} decimals at most.")

    def __init__(self, rule: str) -> None:
        of = COMPANY_RULES[rule]
        super().__init__(rule=of.name, least=Decimal(of.least), largest=of.largest, decimals=of.decimals)

    def text(self, language: str) -> str:
        numbers = {name: format_quantity(self.params[name], language) for name in ("least", "largest")}
        words = {"rule": translate(self.params["rule"], language), "decimals": self.params["decimals"]}
        return translate(self.message, language).format_map(words | numbers)


class LeastAboveLargest(Refusal):
    message = N_("The least value of an order is above the largest one: nothing could be ordered. Change one of them.")


class UnknownDisplay(Refusal):
    message = N_("Choose one of the ways to show stock.")


class BadColour(Refusal):
    message = N_("A colour is written as # and six digits, as #0f766e.")


class NoWorkingTime(Refusal):
    message = N_(
        "Working hours need at least one day, and an end at least one hour after the start: else no time would pass."
    )


def check_rules(values: Mapping[str, Any]) -> None:
    """Are these rules, by name, numbers that they may be, and do they go together? None stands for none of one's own.

    Raises BadRule, LeastAboveLargest.
    """
    for name in COMPANY_RULES.keys() & values.keys():
        if values[name] is not None and not COMPANY_RULES[name].allows(values[name]):
            raise BadRule(name)
    if 0 < (values.get("max_order") or 0) < (values.get("min_order") or 0):
        raise LeastAboveLargest


def check_display(name: str) -> None:
    """Is it one of STOCK_DISPLAYS? Raises UnknownDisplay."""
    if name not in STOCK_DISPLAYS:
        raise UnknownDisplay


def company(session: Session) -> Company:
    """The distributor's row."""
    return session.get_one(Company, 1)


def change_company(session: Session, **values: Any) -> Company:
    """Set some of the distributor's fields and record who did it.

    Raises NotAllowed, BadRule, LeastAboveLargest, UnknownDisplay, BadColour, NoWorkingTime; then nothing is changed.
    """
    authorize(session, "settings.edit")
    row = company(session)
    values = {name: without_nul(value) if isinstance(value, str) else value for name, value in values.items()}
    _check(row, values)
    changes = {
        name: [str(getattr(row, name)), str(value)] for name, value in values.items() if getattr(row, name) != value
    }
    for name in changes:
        setattr(row, name, values[name])
    if changes:
        record(session, "settings_changed", clock.now(), changes=changes)
    return row


def _check(row: Company, values: Mapping[str, Any]) -> None:
    """What the row would be: what is not among the values stays."""
    names = [*COMPANY_RULES, "stock_display", "work_days", "work_from", "work_to"]
    new = {name: values.get(name, getattr(row, name)) for name in names}
    check_rules(new)
    check_display(new["stock_display"])
    if not re.fullmatch("#[0-9a-fA-F]{6}", values.get("colour", row.colour)):
        raise BadColour
    start, end = (value.hour * 60 + value.minute for value in (new["work_from"], new["work_to"]))
    if not new["work_days"] or not set(new["work_days"]) <= set(range(1, 8)) or end - start < 60:
        raise NoWorkingTime
