"""The rules among the distributor's settings: what they are called, and which values they may have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from core.errors import Refusal
from core.i18n import LANGUAGES, N_, translate
from core.money import format_quantity

STOCK_DISPLAYS = ("quantity", "capped", "yes_no", "light", "nothing")
"""How much of the stock a partner is told: the quantity, "10+" from `stock_cap` on, whether there is any, a light that
is yellow below `stock_cap`, or nothing."""


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
    "idle_hours": Rule(N_("Hours without use after which one has to log in again"), Decimal(720), least=1),
    "session_days": Rule(N_("Days after which one has to log in again in any case"), Decimal(90), least=1),
    "export_days": Rule(N_("Days that finished exports are kept"), Decimal(90), least=1),
    "mail_days": Rule(N_("Days that sent mails can be looked up"), _DAYS),
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


class UnknownLanguage(Refusal):
    message = N_("Choose one of the portal's languages.")


class UnknownTimeZone(Refusal):
    message = N_("Choose one of the time zones.")


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


CHECKED = (*COMPANY_RULES, "stock_display", "work_days", "work_from", "work_to", "colour", "default_language",
           "time_zone")  # fmt: skip


def check_settings(new: Mapping[str, Any]) -> None:
    """May the distributor's settings be so? `new` has all of CHECKED.

    Raises BadRule, LeastAboveLargest, UnknownDisplay, BadColour, NoWorkingTime, UnknownLanguage, UnknownTimeZone.
    """
    check_rules(new)
    check_display(new["stock_display"])
    if not re.fullmatch("#[0-9a-fA-F]{6}", new["colour"]):
        raise BadColour
    if new["default_language"] not in LANGUAGES:
        raise UnknownLanguage
    if new["time_zone"] not in available_timezones():
        raise UnknownTimeZone
    start, end = (value.hour * 60 + value.minute for value in (new["work_from"], new["work_to"]))
    if not new["work_days"] or not set(new["work_days"]) <= set(range(1, 8)) or end - start < 60:
        raise NoWorkingTime
