"""The rates of VAT, from which day on each holds, and why a class carries none."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.models import VAT_CLASSES
from core.clock import local_date
from core.company import company
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize

NO_VAT = ("zero", "exempt", "reverse", "deposit")
"""Classes that have a reason instead of a rate."""
LONGEST_REASON = 200


class BadRate(Refusal):
    message = N_("A rate is a number from 0 to 100, with 2 decimals at most. A class without VAT has the rate 0.")


class PastDay(Refusal):
    message = N_("A rate can hold from tomorrow on at the earliest: what was priced until then stays as it is.")


class ReasonMissing(Refusal):
    message = N_("Without VAT the invoice must say why. Enter the reason, with the article of the law.")


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in percent that holds from a local day on; `reason` is printed where it is 0. `planned`: not yet."""

    vat_class: str
    valid_from: date
    rate: Decimal
    reason: str
    planned: bool


def all_rates(session: Session, as_of: datetime) -> list[Rate]:
    """Every rate, by class and the newest first. Raises NotAllowed."""
    authorize(session, "settings.edit")
    today = local_date(as_of, company(session).time_zone)
    found = [
        Rate(row.vat_class, row.valid_from, row.rate, row.reason, row.valid_from > today)
        for row in session.execute(_RATES)
    ]
    return sorted(found, key=lambda rate: VAT_CLASSES.index(rate.vat_class))


def plan_rate(session: Session, vat_class: str, rate: Decimal, valid_from: date, reason: str, as_of: datetime) -> None:
    """From that day on the class has this rate; one planned for the same day is replaced. Records 'vat_rate_planned'.

    Raises NotAllowed, NotFound for no such class, BadRate, PastDay, ReasonMissing.
    """
    authorize(session, "settings.edit")
    if vat_class not in VAT_CLASSES:
        raise NotFound
    if not 0 <= rate <= 100 or rate != round(rate, 2) or (vat_class in NO_VAT and rate):
        raise BadRate
    if valid_from <= local_date(as_of, company(session).time_zone):
        raise PastDay
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if vat_class in NO_VAT and not reason:
        raise ReasonMissing
    values = {"class": vat_class, "rate": rate, "day": valid_from, "reason": reason if vat_class in NO_VAT else ""}
    session.execute(_PLAN, values)
    record(session, "vat_rate_planned", as_of, vat_class=vat_class, rate=str(rate), valid_from=valid_from.isoformat())


def drop_planned(session: Session, vat_class: str, valid_from: date, as_of: datetime) -> None:
    """Take a rate back that does not hold yet. Records 'vat_rate_dropped'. Raises NotAllowed, NotFound."""
    authorize(session, "settings.edit")
    today = local_date(as_of, company(session).time_zone)
    row = session.execute(_DROP, {"class": vat_class, "day": valid_from, "today": today}).one_or_none()
    if row is None:
        raise NotFound
    record(session, "vat_rate_dropped", as_of, vat_class=vat_class, valid_from=valid_from.isoformat())


_RATES = text("select vat_class, valid_from, rate, reason from vat_rate order by valid_from desc")
_PLAN = text("""
    insert into vat_rate (vat_class, valid_from, rate, reason) values (:class, :day, :rate, :reason)
    on conflict (vat_class, valid_from) do update set rate = excluded.rate, reason = excluded.reason
""")
_DROP = text("""
    delete from vat_rate where vat_class = :class and valid_from = :day and valid_from > :today returning vat_class
""")
