"""Where a pivot table is read from: the sums of core.reports.refreshing where they can say it, else every sold line.

A sum by product knows its category and brand, one by partner its group and county, each by day and month. What tells
partners and products apart at once, or who claimed an order, is only in the lines. An order has one partner and one
day, but several products: it is counted by the sums of partners alone.
"""

from collections.abc import Sequence

from core.reports.periods import sums

OF_PARTNERS, OF_PRODUCTS = {"partner", "group", "region"}, {"category", "brand", "product"}
MEASURES = {"net": "sum(line.net)", "quantity": "sum(line.quantity)", "orders": "sum(line.orders)",
            "lines": "sum(line.lines)"}  # fmt: skip
LINES = "(select * from sold_line where day between :first and :last)"


def source(by: Sequence[str], measure: str) -> tuple[str, str | None]:
    """SQL for the rows of a period, with the parameters of Period.params: `day`, `partner_id` or `product_id` if `by`
    (keys of core.reports.pivot.DIMENSIONS) needs them, and what is measured. And SQL for the measure over these rows as
    `line`; None where they are order lines."""
    wanted = set(by) - {"month"}
    if wanted <= OF_PARTNERS:
        what = "partner" if wanted else "all"
    elif wanted <= OF_PRODUCTS and measure != "orders":
        what = "product"
    else:
        return LINES, None
    key = "" if what == "all" else f", key as {what}_id"
    rows = f"select start as day{key}, orders, lines, quantity, net from ({sums(what)}) part where lines > 0"
    return f"({rows})", MEASURES[measure]
