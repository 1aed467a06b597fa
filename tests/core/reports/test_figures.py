"""Every figure against a plain query over the order lines, after lives of orders that nobody thought of."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from core.clock import local_date
from core.db import transaction
from core.principal import SYSTEM
from core.reports import movers, rows, sales, service, stock
from core.reports.periods import Period, one_year_before
from core.reports.refreshing import refresh
from tests.core.orders.test_state_machine import Trade
from tests.factories import make_company

pytestmark = pytest.mark.usefixtures("database")

ZERO = Decimal(0)
# The plain truth: no summary, no view of the reports, every line as the holds and backorders say.
PLAIN = """
    select o.id as order_id, (o.placed_at at time zone 'Europe/Bucharest')::date as day, l.partner_id, l.product_id,
           p.county as region, coalesce(split_part(c.path, ' > ', 1), '') as category, pr.brand,
           q.counted as quantity, round(q.counted * l.unit_price, 2) as net
    from order_line l join orders o on o.id = l.order_id join partner p on p.id = l.partner_id
    join product pr on pr.id = l.product_id left join category c on c.id = pr.category_id
    cross join lateral (
        select coalesce((select sum(quantity) from stock_hold where order_line_id = l.id), 0)
             + coalesce((select -sum(quantity) from stock_hold where order_line_id = l.id and kind = 'shipped'), 0)
             + coalesce((select sum(quantity) from backorder where order_line_id = l.id), 0) as counted
    ) q
    where o.status not in ('cancelled', 'lapsed') and q.counted > 0
"""
FATES = """
    select status, extract(epoch from claimed_at - placed_at)::int as wait,
           (placed_at at time zone 'Europe/Bucharest')::date as day,
           (select sum(round(quantity * unit_price, 2)) from order_line
            where order_id = orders.id and replaces is null) as ordered,
           (select sum(round(shipped * l.unit_price, 2)) from line_state join order_line l using (id)
            where l.order_id = orders.id and replaces is null) as shipped
    from orders
"""


def plain(statement: str = PLAIN) -> list[Any]:
    with transaction(SYSTEM) as session:
        return list(session.execute(text(statement)))


def ask(function: Callable[..., Any], *args: Any) -> Any:
    with transaction(SYSTEM) as session:
        return function(session, *args)


def every_line(part: rows.Slice) -> list[rows.SoldRow]:
    """As a file has them, a few at a time."""
    found: list[rows.SoldRow] = []
    while batch := ask(rows.next_sold_rows, part, found[-1] if found else None, 3):
        found += batch
    assert found[: rows.PAGE_SIZE] == ask(rows.sold_rows, part)
    return found


def grouped(lines: list[Any], period: Period, key: Callable[[Any], Any]) -> dict[Any, Decimal]:
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for line in lines:
        if period.first <= line.day <= period.last:
            sums[key(line)] += line.net
    return dict(sums)


def column(frame: pd.DataFrame, key: str, value: str) -> dict[Any, Decimal]:
    return {row[key]: row[value] for row in frame.to_dict("records") if row[value]}


class Reported(Trade):
    """Trade over three years, looked at through the reports."""

    def __init__(self) -> None:
        super().__init__()
        self.first = local_date(self.now, "Europe/Bucharest")
        with transaction(SYSTEM) as session:
            session.execute(text("insert into category (path) values ('Electrice > Cabluri'), ('Unelte')"
                                 " on conflict do nothing"))  # fmt: skip
            session.execute(
                text("""
                update product set brand = case id % 3 when 0 then '' when 1 then 'Arctic' else 'Bosch' end,
                    category_id = case when id % 4 > 0 then (select id from category
                                                             where path = case id % 2 when 0 then 'Unelte'
                                                                          else 'Electrice > Cabluri' end) end""")
            )
            session.execute(text("update partner set county = case id % 2 when 0 then 'CJ' else '' end"))

    @rule(days=st.sampled_from([9, 45, 200]))
    def much_time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def nobody_refreshes(self) -> None:
        """The next look comes after more changes."""

    @rule(begin=st.integers(0, 60), end=st.integers(0, 60), monthly=st.booleans())
    def the_reports_are_right(self, begin: int, end: int, monthly: bool) -> None:
        while ask(refresh, self.now, 7) == 7:
            pass
        today = local_date(self.now, "Europe/Bucharest")
        last = max(today - timedelta(days=end), self.first)
        period = Period(max((last - timedelta(days=begin * 7)).replace(day=1) if monthly
                            else last - timedelta(days=begin * 7), last - timedelta(days=800)), last)  # fmt: skip
        lines = plain()
        self.done["look"] += 1
        same_sales(period, lines)
        same_service(period)
        same_stock(today, lines)

    @invariant()
    def everything_adds_up(self) -> None:
        """Looked at where nothing else is: at the end."""

    def teardown(self) -> None:
        super().everything_adds_up()


def same_sales(period: Period, lines: list[Any]) -> None:
    total = ask(sales.totals, period)
    within = [line for line in lines if period.first <= line.day <= period.last]
    assert total == sales.Totals(
        sum((line.net for line in within), ZERO), len({line.order_id for line in within}), len(within)
    )
    earlier = period.year_before
    keys: dict[sales.By, Callable[[Any], Any]] = {
        "category": lambda line: line.category, "brand": lambda line: line.brand, "region": lambda line: line.region,
        "partner": lambda line: str(line.partner_id), "product": lambda line: str(line.product_id),
    }  # fmt: skip
    for by, key in keys.items():
        found = ask(sales.breakdown, period, by)
        assert column(found, "key", "net") == grouped(lines, period, key)
        assert column(found, "key", "before") == grouped(lines, earlier, key)
        for value, net in grouped(lines, period, key).items():
            part = rows.Slice(period, by, value)
            listed = every_line(part)
            assert sum((row.net for row in listed), ZERO) == net == ask(rows.slice_totals, part).net
            assert len(listed) == ask(rows.slice_totals, part).lines
    steps: tuple[sales.Step, ...] = ("day", "week", "month")
    for step in steps:
        over = ask(sales.over_time, period, step)
        assert over["net"].sum() == total.net
        assert over["before"].sum() == ask(sales.totals, earlier).net
        for row in over.to_dict("records"):
            part = Period(row["start"], row["end"])
            assert row["net"] == sum(grouped(lines, part, lambda _line: 0).values(), ZERO)
    gone = ask(movers.movers, period, "product", "falling")
    assert (gone["change"] < 0).all()


def same_service(period: Period) -> None:
    fates = [fate for fate in plain(FATES) if period.first <= fate.day <= period.last]
    found = ask(service.service, period)
    waits = sorted(fate.wait for fate in fates if fate.wait is not None and fate.status != "lapsed")
    over = [fate for fate in fates if fate.status in ("shipped", "cancelled")]
    assert (found.placed, found.lapsed) == (len(fates), sum(fate.status == "lapsed" for fate in fates))
    assert (found.claimed, found.over) == (len(waits), len(over))
    assert found.median == (waits[(len(waits) + 1) // 2 - 1] if waits else None)
    assert found.ordered == sum((fate.ordered or ZERO for fate in over), ZERO)
    assert found.shipped == sum((fate.shipped or ZERO for fate in over), ZERO)
    monthly = ask(service.by_month, period)
    assert (monthly["placed"].sum(), monthly["lapsed"].sum()) == (found.placed, found.lapsed)


def same_stock(today: date, lines: list[Any]) -> None:
    held = dict(plain("select product_id, on_hand * list_price from stock join product on id = product_id"))
    prices = dict(plain("select id, list_price from product"))
    sold = [line for line in lines if today - timedelta(days=364) <= line.day <= today]
    found = ask(stock.turnover, today)
    # Each product is rounded to the ban, so that the rows come to their sum.
    near = {"abs": Decimal("0.005") * max(len(prices), 1)}
    assert found.stock == pytest.approx(sum(held.values(), ZERO), **near)
    at_list = sum((line.quantity * prices[line.product_id] for line in sold), ZERO)
    assert found.sold == pytest.approx(at_list, **near)
    assert found.average == pytest.approx(average_at_list(today, prices), **near)
    for row in ask(stock.turnover_by_category, today).to_dict("records"):
        parts = ask(stock.turnover_of_products, today, row["name"], 1000)
        for name in ("stock", "average", "sold"):
            assert sum((getattr(part, name) for part in parts), ZERO) == row[name]
    dead = ask(stock.dead_stock, today, 30)
    moved = {line.product_id for line in lines if line.day > today - timedelta(days=30)}
    born = today - timedelta(days=30)
    new = {row.id for row in plain("select id, created_at from product") if row.created_at.date() > born}
    assert {row.product_id for row in dead.rows} == {key for key, value in held.items() if value} - moved - new


def average_at_list(today: date, prices: dict[int, Decimal]) -> Decimal:
    """The mean of what the movements say was there as each month of the 365 days began, and of what is there."""
    moved = plain(
        """select (at at time zone 'Europe/Bucharest')::date as day, product_id, quantity from stock_movement"""
    )
    first = min((line.day for line in moved), default=today)
    days = (today - timedelta(days=back) for back in range(365))
    starts = [day for day in days if day.day == 1 and day > first]
    points = [sum((prices[line.product_id] * line.quantity for line in moved if line.day < start), ZERO)
              for start in starts]  # fmt: skip
    now = sum((prices[line.product_id] * line.quantity for line in moved), ZERO)
    return (sum(points, ZERO) + now) / (len(points) + 1)


def test_whatever_happens_to_orders_the_reports_say_what_the_order_lines_say() -> None:
    make_company()
    Reported.done.clear()
    run_state_machine_as_test(
        Reported,
        settings=settings(
            max_examples=9,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(Reported.done) >= 9, "hardly anything was carried out: the rules ask for what is refused"
    assert Reported.done["look"] >= 20
    assert one_year_before(date(2028, 2, 29)) == date(2027, 2, 28)
