"""Every figure of the reports, on a real wholesaler's history repeated to LINES order lines over three years.

The time is that of a transaction from its begin to its end, as the page asks for it. The last rows say how long it took
to summarise everything, what 100 new orders take until the reports know them, and how large the tables are. An order in
thirty has lapsed; none is shipped, so that a line has one hold. Without documents: the tab Money is not measured here.
"""

import csv
import gzip
import statistics
import time
from collections.abc import Callable, Sized
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.place import HISTORY
from core import clock
from core.db import engine, transaction
from core.imports.files import apply
from core.principal import SYSTEM, Principal
from core.reports import movers, own, pivot, rows, sales, service, stock
from core.reports.periods import Named, Period, named_period
from core.reports.refreshing import BATCH, refresh

LINES = 5_000_000
HISTORY_LINES = 390_000
YEARS = 3
ROUNDS = 20
TODAY = clock.now().date()

Figure = Callable[[Session], object]


def run() -> list[dict[str, Any]]:
    """One row per figure; times in milliseconds, `rows` that it returned."""
    _build()
    begin = time.perf_counter()
    _refresh()
    all_made = round(time.perf_counter() - begin, 1)
    _vacuum()
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
    return found | _row_figures(named_period("last_12_months", TODAY))


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
    with transaction(SYSTEM) as session:
        _insert(session, 0, timedelta(0), limit=100)
        session.execute(text("insert into stale_order (order_id) select id from orders order by id desc limit 100"))
        lines = session.execute(text("select count(*) from order_line where order_id in (select order_id from"
                                     " stale_order)")).scalar_one()  # fmt: skip
    begin = time.perf_counter()
    _refresh()
    return {"figure": "refresh after 100 new orders", "p50_ms": round((time.perf_counter() - begin) * 1000, 1),
            "rows": lines}  # fmt: skip


def _refresh() -> None:
    done = BATCH
    while done == BATCH:
        with transaction(SYSTEM) as session:
            done = refresh(session, clock.now())


def _build() -> None:
    with transaction(SYSTEM) as session:
        for kind in ("products", "partners"):
            apply(session, kind, (HISTORY / f"{kind}.csv").read_bytes())
        session.execute(_CATEGORIES)
        session.execute(_KINDS)
        session.execute(_COUNTIES)
        session.execute(_STOCK)
        session.execute(_USERS)
        session.execute(_HISTORY)
        with gzip.open(HISTORY / "order_lines.csv.gz", "rt", newline="") as source:
            cursor = cast(Any, session.connection().connection.driver_connection).cursor()
            with cursor.copy("copy bench_history from stdin") as copy:
                for row in csv.reader(source):
                    if row[0] != "order_ref":
                        copy.write_row(row)
        session.execute(text("analyze bench_history"))
    for copy_number in range(round(LINES / HISTORY_LINES)):
        with transaction(SYSTEM) as session:
            _insert(session, copy_number, timedelta(days=365 * (copy_number % YEARS)))
    with transaction(SYSTEM) as session:
        session.execute(text("insert into stale_order (order_id) select id from orders order by id"))
    _vacuum()


def _insert(session: Session, copy_number: int, back: timedelta, limit: int | None = None) -> None:
    asked = {"copy": copy_number, "back": back, "now": clock.now(), "limit": limit}
    # A mark and a sum for every row of a million would take longer than the rows.
    for table in ("orders", "order_line", "stock_hold"):
        session.execute(text(f"alter table {table} disable trigger user"))
    session.execute(_ORDERS, asked)
    session.execute(_LINES)
    session.execute(_HOLDS)
    for table in ("orders", "order_line", "stock_hold"):
        session.execute(text(f"alter table {table} enable trigger user"))
    session.execute(text("drop table bench_new"))


def _vacuum() -> None:
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _largest_buyer() -> Principal:
    with transaction(SYSTEM) as session:
        partner = session.execute(text("select key from sales_sum where what = 'partner' group by key order by"
                                       " sum(lines) desc limit 1")).scalar_one()  # fmt: skip
    return Principal("partner", 1, partner, role="owner")


def _sizes() -> list[dict[str, Any]]:
    sized = text("select relname, reltuples::bigint as rows, pg_size_pretty(pg_total_relation_size(oid)) as size"
                 " from pg_class where relname in ('order_line', 'sold_line', 'sales_sum', 'order_fate')")  # fmt: skip
    with transaction(SYSTEM) as session:
        return [{"figure": f"{row.relname}: {row.size}", "rows": row.rows} for row in session.execute(sized)]


_CATEGORIES = text(
    "insert into category (path) select format('Raion %s > Grupa %s', n / 5, n) from generate_series(0, 59) n"
)
_KINDS = text("""
    update product set brand = 'Marca ' || product.id % 40, category_id = place.id
    from (select id, row_number() over (order by id) - 1 as n from category where parent_id is not null) place
    where place.n = product.id % 60
""")
_COUNTIES = text("update partner set county = 'J' || id % 42")
_STOCK = text("""
    insert into stock (product_id, on_hand) select id, 100 from product
    on conflict (product_id, warehouse_id) do update set on_hand = 100
""")
_USERS = text("""
    insert into app_user (email, name, kind, role, password_hash)
    values ('bench@rampa.example', 'Bench', 'staff', 'admin', '-')
""")
_HISTORY = text("""
    create table bench_history (order_ref text, placed_at timestamptz, partner_code text, sku text, quantity numeric,
                                unit_price numeric)
""")
# The newest order of a copy is of today, or of the same day a year or two back.
_ORDERS = text("""
    create temp table bench_new as
    with placed as (
        select order_ref, min(placed_at) as placed_at, min(partner_code) as code from bench_history group by order_ref
        order by 2 desc limit :limit
    ), added as (
        insert into orders (partner_id, user_id, cart_token, status, placed_at, claimed_at, claimed_by, ended_at,
                            reference, net, vat, gross)
        select partner.id, 1, gen_random_uuid(), case when n % 30 = 0 then 'lapsed' else 'claimed' end,
               at, at + n % 300 * interval '1 minute', 1, case when n % 30 = 0 then at + interval '1 day' end,
               order_ref, 0, 0, 0
        from (
            select order_ref, code, row_number() over (order by placed_at, order_ref) as n,
                   placed_at + (cast(:now as timestamptz) - (select max(placed_at) from bench_history)) - :back as at
            from placed
        ) numbered join partner on partner.code = numbered.code
        order by at returning id, partner_id, reference, placed_at
    )
    select * from added where cast(:copy as int) >= 0
""")
_LINES = text("""
    insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price,
                            unit_price, vat_class, vat_rate, net)
    select new.id, new.partner_id, row_number() over (partition by new.id order by product.id), product.id, product.sku,
           product.name, product.unit, sum(line.quantity), product.list_price, max(line.unit_price), 'standard', 21,
           round(sum(line.quantity) * max(line.unit_price), 2)
    from bench_new new join bench_history line on line.order_ref = new.reference
    join product on product.sku = btrim(line.sku)
    group by new.id, new.partner_id, product.id order by new.id
""")
_HOLDS = text("""
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select line.id, line.partner_id, line.product_id, line.quantity, 'placed', new.placed_at
    from bench_new new join order_line line on line.order_id = new.id order by line.id
""")
_PLAIN = text("""
    select line.product_id, sum(line.net) from line_state line join orders on orders.id = line.order_id
    where orders.status in ('placed', 'claimed', 'shipped') and line.billable > 0
      and (orders.placed_at at time zone 'Europe/Bucharest')::date between :first and :last
    group by line.product_id
""")
