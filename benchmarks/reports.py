"""Every figure of the reports, on the large company of benchmarks/large.py: 5,000,000 order lines of three years.

The time is that of a transaction from its begin to its end, as the page asks for it. The last rows say how long it took
to summarise everything, what 100 new orders take until the reports know them, and how large the tables are.
"""

import statistics
import time
from collections.abc import Callable, Sized
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks import large
from core import clock
from core.db import transaction
from core.principal import SYSTEM, Principal
from core.reports import money, movements, movers, outstanding, own, pivot, rows, sales, service, stock
from core.reports.periods import Named, Period, named_period

ROUNDS = 20
TODAY = clock.now().date()

Figure = Callable[[Session], object]


def run() -> list[dict[str, Any]]:
    """One row per figure; times in milliseconds, `rows` that it returned."""
    large.load()
    begin = time.perf_counter()
    large.summarise()
    all_made = round(time.perf_counter() - begin, 1)
    large.vacuum()
    measured = [_measure(name, figure) for name, figure in _figures().items()]
    buyer = _largest_buyer()
    measured += [_measure(f"partner: {name}", figure, buyer) for name, figure in _own_figures().items()]
    return [*measured, _hundred_new(), *_plain(), {"figure": f"everything summarised in {all_made} s"}, *_sizes()]


def _figures() -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for name in ("this_month", "last_12_months"):
        period = named_period(cast(Named, name), TODAY)
        found[f"{name}: totals"] = lambda session, of=period: sales.totals(session, of)
        for step in ("day", "month"):
            found[f"{name}: by {step}"] = lambda session, of=period, step=step: sales.over_time(session, of, step)
        for by in sales.GROUPS:
            found[f"{name}: by {by}"] = lambda session, of=period, by=by: sales.breakdown(session, of, by)
        found[f"{name}: falling products"] = lambda session, of=period: movers.movers(session, of, "product", "falling")
        found[f"{name}: service"] = lambda session, of=period: service.service(session, of)
        by_month, by_partner = pivot.Pivot(("category",), "month", "net"), pivot.Pivot(("partner",), "month", "orders")
        found[f"{name}: pivot, categories by month"] = lambda session, of=period, asked=by_month: pivot.table(
            session, of, asked
        )
        found[f"{name}: pivot, orders of partners"] = lambda session, of=period, asked=by_partner: pivot.table(
            session, of, asked
        )
        found[f"{name}: service by month"] = lambda session, of=period: service.by_month(session, of)
        found[f"{name}: lapsing partners"] = lambda session, of=period: service.lapsing_partners(session, of)
    odd = Period(TODAY - timedelta(days=400), TODAY - timedelta(days=14))
    found["400 odd days: by product"] = lambda session: sales.breakdown(session, odd, "product")
    found["stock turnover"] = lambda session: stock.turnover_by_category(session, TODAY)
    found["dead stock"] = lambda session: stock.dead_stock(session, TODAY, 90)
    return found | _money_figures() | _row_figures(named_period("last_12_months", TODAY)) | _stock_rows()


def _money_figures() -> dict[str, Figure]:
    ends = outstanding.month_ends(TODAY)
    return {
        "money: ageing": lambda session: money.ageing(session, TODAY),
        "money: days outstanding by month": lambda session: outstanding.outstanding(session, ends),
        "money: open invoices": lambda session: money.open_invoices(session, TODAY, None, 200),
        "money: open for over 90 days": lambda session: money.open_invoices(session, TODAY, "over_90", 200),
        "money: open eleven months ago": lambda session: outstanding.open_then(session, ends[0]),
        "money: invoiced in 90 days": lambda session: outstanding.invoiced_before(session, ends[-1]),
    }


def _stock_rows() -> dict[str, Figure]:
    with transaction(SYSTEM) as session:
        busiest = session.execute(_BUSIEST).scalar_one()
        category = stock.turnover_by_category(session, TODAY)["name"].iloc[0]
    year = named_period("last_12_months", TODAY)
    return {
        "rows of a turnover": lambda session: stock.turnover_of_products(session, TODAY, category),
        "rows of a product's stock": lambda session: movements.movements(session, busiest),
        "rows of what lapsed": lambda session: service.fates(session, service.Fates(year, "lapsed")),
    }


def _row_figures(year: Period) -> dict[str, Figure]:
    with transaction(SYSTEM) as session:
        found = {by: sales.breakdown(session, year, by) for by in ("partner", "product", "brand")}
    parts = {f"rows of a {by}": rows.Slice(year, cast(Any, by), frame.iloc[0]["key"]) for by, frame in found.items()}
    parts |= {"rows of a year": rows.Slice(year), "rows of a day": rows.Slice(Period(TODAY, TODAY))}
    rare = rows.Slice(year, "product", found["product"].iloc[-1]["key"])
    figures: dict[str, Figure] = {
        name: lambda session, of=of: (rows.slice_totals(session, of), rows.sold_rows(session, of))[1]
        for name, of in (parts | {"rows of a rare product": rare}).items()
    }
    figures["rows of a year, page 1000"] = lambda session: rows.sold_rows(session, rows.Slice(year), 1000)
    return figures


def _own_figures() -> dict[str, Figure]:
    year = named_period("last_12_months", TODAY)
    return {
        "by month": lambda session: own.bought_by_month(session, year),
        "by category": lambda session: own.bought_by_category(session, year),
        "products": lambda session: own.bought_products(session, year),
        "savings": lambda session: own.savings(session, TODAY),
    }


def _measure(name: str, figure: Figure, who: Principal = SYSTEM) -> dict[str, Any]:
    times = []
    for _round in range(ROUNDS + 2):
        begin = time.perf_counter()
        with transaction(who) as session:
            found = figure(session)
        times.append((time.perf_counter() - begin) * 1000)
    times = sorted(times[2:])
    count = len(found) if isinstance(found, Sized) else 1
    return {"figure": name, "p50_ms": round(statistics.median(times), 1), "max_ms": round(times[-1], 1), "rows": count}


def _plain() -> list[dict[str, Any]]:
    """The year by product once without the summaries, for comparison."""
    year = named_period("last_12_months", TODAY)
    asked = {"first": year.first, "last": year.last}
    begin = time.perf_counter()
    with transaction(SYSTEM) as session:
        found = session.execute(_PLAIN, asked).all()
    return [{"figure": "plain query: a year by product", "p50_ms": round((time.perf_counter() - begin) * 1000, 1),
             "rows": len(found)}]  # fmt: skip


def _hundred_new() -> dict[str, Any]:
    """The newest 100 orders once more; the triggers leave a mark for each, as for every order."""
    with transaction(SYSTEM) as session:
        lines = session.execute(_HUNDRED).rowcount  # type: ignore[attr-defined]
    begin = time.perf_counter()
    large.summarise()
    return {"figure": "refresh after 100 new orders", "p50_ms": round((time.perf_counter() - begin) * 1000, 1),
            "rows": lines}  # fmt: skip


def _largest_buyer() -> Principal:
    with transaction(SYSTEM) as session:
        partner = session.execute(text("select key from sales_sum where what = 'partner' group by key order by"
                                       " sum(lines) desc limit 1")).scalar_one()  # fmt: skip
    return Principal("partner", 1, partner, role="owner")


def _sizes() -> list[dict[str, Any]]:
    sized = text("select relname, reltuples::bigint as rows, pg_size_pretty(pg_total_relation_size(oid)) as size"
                 " from pg_class where relname in ('order_line', 'sold_line', 'sales_sum', 'order_fate', 'document',"
                 " 'stock_movement', 'stock_month')")  # fmt: skip
    with transaction(SYSTEM) as session:
        return [{"figure": f"{row.relname}: {row.size}", "rows": row.rows} for row in session.execute(sized)]


_BUSIEST = text("""
    select key from sales_sum where what = 'product' and span = 'month' group by key order by sum(lines) desc limit 1
""")
_HUNDRED = text("""
    with old as (
        select id, partner_id, user_id, claimed_by, net, vat, gross, row_number() over (order by id) as n
        from orders where status = 'claimed' order by id desc limit 100
    ), added as (
        insert into orders (partner_id, user_id, cart_token, status, placed_at, claimed_at, claimed_by, reference, net,
                            vat, gross)
        select partner_id, user_id, gen_random_uuid(), 'claimed', now(), now(), claimed_by, id::text, net, vat, gross
        from old returning id, reference
    ), line as (
        insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price,
                                unit_price, vat_class, vat_rate, net)
        select added.id, partner_id, position, product_id, sku, name, unit, quantity, list_price, unit_price, vat_class,
               vat_rate, net
        from added join order_line on order_line.order_id = cast(added.reference as int)
        returning id, partner_id, product_id, quantity
    )
    insert into backorder (order_line_id, partner_id, product_id, quantity, kind, at)
    select id, partner_id, product_id, quantity, 'placed', now() from line
""")
_PLAIN = text("""
    select line.product_id, sum(line.net) from line_state line join orders on orders.id = line.order_id
    where orders.status in ('placed', 'claimed', 'shipped') and line.billable > 0
      and (orders.placed_at at time zone 'Europe/Bucharest')::date between :first and :last
    group by line.product_id
""")
