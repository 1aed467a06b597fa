"""From which day to which a report is, and how its sums are put together: whole months, and days at the ends."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from core.errors import Refusal
from core.i18n import N_

Named = Literal["this_month", "last_month", "this_year", "last_12_months"]
ONE_DAY = timedelta(days=1)


class BadPeriod(Refusal):
    message = N_("Choose a first day that is not after the last one, and at most ten years between them.")


@dataclass(frozen=True, slots=True)
class Period:
    """From the calendar day `first` to `last`, both included. Raises BadPeriod."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days <= 3660:
            raise BadPeriod

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def year_before(self) -> "Period":
        """The same days of the year before; to a month's last day if this one ends so."""
        last = one_year_before(self.last)
        if _is_month_end(self.last) and self.first.day == 1:
            last = _month_end(last)
        return Period(one_year_before(self.first), last)

    def params(self) -> dict[str, date]:
        """The parameters of SUMS: whole months from `whole` up to before `rest`."""
        whole = self.first if self.first.day == 1 else _month_end(self.first) + ONE_DAY
        rest = self.last + ONE_DAY if _is_month_end(self.last) else self.last.replace(day=1)
        if rest <= whole:
            whole = rest = self.last + ONE_DAY
        return {"first": self.first, "last": self.last, "whole": whole, "rest": rest}


def named_period(name: Named, today: date) -> Period:
    """A period up to the local day `today`; the last month as a whole. The last 12 months are this one so far, and the
    eleven before it."""
    month = today.replace(day=1)
    if name == "this_month":
        return Period(month, today)
    if name == "last_month":
        return Period((month - ONE_DAY).replace(day=1), month - ONE_DAY)
    if name == "this_year":
        return Period(today.replace(month=1, day=1), today)
    return Period((_month_end(one_year_before(month)) + ONE_DAY), today)


def one_year_before(day: date) -> date:
    """The same day of the year before; of 29 February, the 28th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def one_year_after(day: date) -> date:
    """The same day of the year after; of 29 February, the 28th."""
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def sums(what: str, columns: str = "orders, lines, quantity, net") -> str:
    """SQL for the rows of `sales_sum` (start, key and the columns) of 'all', 'partner' or 'product' that make up a
    period, with the parameters of `Period.params`."""
    of = f"select start, key, {columns} from sales_sum where what = '{what}'"
    return f"""
        {of} and span = 'month' and start >= :whole and start < :rest
        union all {of} and span = 'day' and start >= :first and start < :whole
        union all {of} and span = 'day' and start >= :rest and start <= :last
    """


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


def _is_month_end(day: date) -> bool:
    return day == _month_end(day)
