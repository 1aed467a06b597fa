"""A pivot table over what was sold: rows by columns by measure. What counts as sold: see core.reports.sales."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_
from core.permissions import authorize
from core.reports.periods import Period
from core.reports.pivot_source import source

MOST_ROWS, MOST_COLUMNS = 5_000, 120

_PARTNER = "join partner on partner.id = line.partner_id"
_PRODUCT = "join product on product.id = line.product_id"
_ORDER = "join orders on orders.id = line.order_id"
_GROUP = "left join partner_group on partner_group.id = partner.group_id"
_CATEGORY = "left join category on category.id = product.category_id"
_CLAIMER = "left join app_user claimer on claimer.id = orders.claimed_by"

DIMENSIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "partner": (N_("Partner"), "partner.name", (_PARTNER,)),
    "group": (N_("Group"), "coalesce(partner_group.name, '')", (_PARTNER, _GROUP)),
    "region": (N_("County"), "partner.county", (_PARTNER,)),
    "category": (N_("Category"), "coalesce(category.path, '')", (_PRODUCT, _CATEGORY)),
    "brand": (N_("Brand"), "product.brand", (_PRODUCT,)),
    "product": (N_("Product"), "product.sku || ' ' || product.name", (_PRODUCT,)),
    "month": (N_("Month"), "to_char(line.day, 'YYYY-MM')", ()),
    "staff": (N_("Claimed by"), "coalesce(claimer.name, '')", (_ORDER, _CLAIMER)),
}
"""Name → what it is called, SQL for it, and the joins that it needs."""
MEASURES: dict[str, tuple[str, str, Literal["money", "quantity", "count"]]] = {
    "net": (N_("Net value, lei"), "sum(line.net)", "money"),
    "quantity": (N_("Quantity"), "sum(line.quantity)", "quantity"),
    "orders": (N_("Orders"), "count(distinct line.order_id)", "count"),
    "lines": (N_("Order lines"), "count(*)", "count"),
}
"""Name → what it is called, SQL for it, and how it is written. Quantities of several products are in several units."""


class NoRows(Refusal):
    message = N_("Choose one or two things for the rows, another one for the columns, and what to count.")


class PivotTooLarge(Refusal):
    message = N_("That would be {rows} rows and {columns} columns. Choose a shorter period or something coarser.")


@dataclass(frozen=True, slots=True)
class Pivot:
    """What to put where: keys of DIMENSIONS, `columns` may be '', and a key of MEASURES."""

    rows: tuple[str, ...]
    columns: str
    measure: str

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        return asdict(self)


def pivot_of(kept: dict[str, Any]) -> Pivot:
    """What was kept."""
    return Pivot(tuple(kept["rows"]), kept["columns"], kept["measure"])


def table(session: Session, period: Period, asked: Pivot) -> pd.DataFrame:
    """The pivot table: a column for each of `rows` (named as DIMENSIONS), one for each value of `columns`, and `total`.

    Values are Decimal or int, None where nothing was sold; totals are asked of the database, not added up (an order
    may stand in several rows). Sorted by the rows' names. Raises NotAllowed, NoRows, PivotTooLarge.
    """
    authorize(session, "reports.see")
    _check(asked)
    cells = _grouped(session, period, asked, [*asked.rows, *([asked.columns] if asked.columns else [])])
    totals = _grouped(session, period, asked, asked.rows).rename(columns={"value": "total"})
    if not asked.columns:
        return totals
    heads = sorted(cells[asked.columns].unique())
    if len(totals) > MOST_ROWS or len(heads) > MOST_COLUMNS:
        raise PivotTooLarge(rows=len(totals), columns=len(heads))
    wide = cells.pivot(index=list(asked.rows), columns=asked.columns, values="value")[heads].reset_index()
    made = wide.merge(totals, on=list(asked.rows))
    return made.astype(object).where(made.notna(), None)


def grand_totals(session: Session, period: Period, asked: Pivot) -> dict[str, Any]:
    """The sum over all rows by value of `columns`, and under 'total' the one of all. Raises as `table`."""
    authorize(session, "reports.see")
    _check(asked)
    found = {"total": _grouped(session, period, asked, [])["value"].iloc[0]}
    if asked.columns:
        by_column = _grouped(session, period, asked, [asked.columns])
        found |= dict(zip(by_column[asked.columns], by_column["value"], strict=True))
    return found


def _check(asked: Pivot) -> None:
    chosen = [*asked.rows, *([asked.columns] if asked.columns else [])]
    known = set(chosen) <= DIMENSIONS.keys() and asked.measure in MEASURES
    if not known or not 1 <= len(asked.rows) <= 2 or len(set(chosen)) != len(chosen):
        raise NoRows


def _grouped(session: Session, period: Period, asked: Pivot, by: Sequence[str]) -> pd.DataFrame:
    """A row for each combination of `by`, with `value`."""
    joins = list(dict.fromkeys(join for name in by for join in DIMENSIONS[name][2]))
    shown = [f'{DIMENSIONS[name][1]} as "{name}"' for name in by]
    group = f"group by {', '.join(str(place + 1) for place in range(len(by)))}" if by else ""
    order = f"order by {', '.join(str(place + 1) for place in range(len(by)))}" if by else ""
    lines, summed = source(by, asked.measure)
    measure = summed or MEASURES[asked.measure][1]
    statement = text(f"""
        select {", ".join([*shown, f"{measure} as value"])} from {lines} line {" ".join(joins)}
        {group} {order} limit {MOST_ROWS * MOST_COLUMNS}
    """)
    return pd.DataFrame(session.execute(statement, period.params()).all(), columns=[*by, "value"])
