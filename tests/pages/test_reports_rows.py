"""Every figure of the reports has its rows: what a click on it shows, and the way to its file."""

from datetime import timedelta
from decimal import Decimal

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.clock import local_date
from core.db import transaction
from core.principal import SYSTEM
from core.receivables.payments import record_payment
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders import steps
from tests.factories import make_buyer, make_user
from tests.pages.shop import Opener
from tests.pages.test_reports import REPORTS, a_year_ago, choose, exports, metrics, run, tab, trade, up_to_date

ZONE = "Europe/Bucharest"


@pytest.fixture
def analyst(database: str) -> User:
    return make_user(role="analyst", language="en")


def choose_point(page: AppTest, about: str, at: int | str = 0, field: str = "at") -> AppTest:
    """Click a point or bar of the chart with this description."""
    chart = next(each for each in page.get("vega_lite_chart") if each.proto.alt == about)
    key = chart.proto.id.split("-", 2)[2]
    page.session_state[key] = {"selection": {"chosen": [{field: f"{at:04}" if isinstance(at, int) else at}]}}
    return run(page)


def rows_of(page: AppTest, about: str) -> pd.DataFrame:
    frame: pd.DataFrame = next(frame.value for frame in page.dataframe if frame.proto.alt == about)
    return frame


def test_a_month_of_the_rates_shows_the_orders_that_lapsed_in_it(open_page: Opener, analyst: User) -> None:
    lapsed = [trade(at=clock.now() - timedelta(days=days)) for days in (70, 35)]
    steps.lapse(clock.now())
    trade()
    up_to_date()
    page = tab(open_page(analyst, REPORTS), "Service")
    page.segmented_control(key="reports-period").set_value("last_12_months")
    orders = "Orders, newest first"
    assert list(rows_of(run(page), orders)["order_id"]) == lapsed[::-1]
    page = choose_point(page, "Lapse rate and fill rate by month")
    assert list(rows_of(page, orders)["order_id"]) == lapsed[:1]
    day = clock.local_date(clock.now() - timedelta(days=70), "Europe/Bucharest")
    assert any(f"what=orders&first={day:%Y-%m}" in url and "status=lapsed" in url for url in exports(page))


def test_dead_stock_shows_what_came_and_left_and_was_ordered_of_it(open_page: Opener, analyst: User) -> None:
    order = trade(at=a_year_ago(), name="Dead", list_price=Decimal(25), created_at=clock.now() - timedelta(days=900))
    up_to_date()
    page = choose(tab(open_page(analyst, REPORTS), "Stock"), "Dead stock, the dearest first")
    moved = rows_of(page, "Stock movements, newest first")
    assert (list(moved["kind"]), list(moved["balance"])) == (["Received"], [9])
    assert any("what=movements" in url for url in exports(page))
    page.segmented_control(key="stock-dead-part").set_value("lines")
    assert list(rows_of(run(page), "Order lines, newest first")["order_id"]) == [order]


def test_the_turnover_of_a_category_is_made_of_its_products_and_these_of_what_came_and_left(
    open_page: Opener, analyst: User
) -> None:
    trade(name="Cablu", category="Electrice")
    trade(name="Clește", category="Unelte")
    up_to_date()
    page = tab(open_page(analyst, REPORTS), "Stock")
    assert metrics(page)["Average stock"][0] == "180.00 RON"
    page = choose(page, "Stock turnover by category")
    table = "Products, most average stock first"
    assert list(rows_of(page, table)["name"]) == ["Cablu"]
    assert any("what=turnover&category=Electrice" in url for url in exports(page))
    assert list(rows_of(choose(page, table), "Stock movements, newest first")["quantity"]) == [9]


def test_a_month_of_days_outstanding_shows_what_was_unpaid_then_and_what_was_invoiced(
    open_page: Opener, analyst: User
) -> None:
    set_up_company()
    old = issue(claimed_order(make_buyer()), clock.now() - timedelta(days=100))
    today = clock.local_date(clock.now(), "Europe/Bucharest")
    with transaction(SYSTEM) as session:
        record_payment(session, old.partner_id, old.lei_gross, today, clock.now())
    up_to_date()
    page = tab(open_page(analyst, REPORTS), "Money")
    assert page.info[0].value == "Every invoice is paid."
    page = choose_point(page, "Days sales outstanding at the end of each month", 9)
    assert list(rows_of(page, "Open invoices, the latest first")["number"]) == [old.full_number]
    assert any("what=invoices&on=" in url for url in exports(page))
    page.segmented_control(key="money-dso-part").set_value("issued")
    assert list(rows_of(run(page), "Invoices, newest first")["gross"]) == [old.lei_gross]
    assert any("what=issued&on=" in url for url in exports(page))


def test_a_bar_of_the_ages_chooses_its_invoices(open_page: Opener, analyst: User) -> None:
    set_up_company()
    now, then = clock.now(), clock.now() - timedelta(days=50)
    issue(claimed_order(make_buyer(payment_days=10)), then)
    issue(claimed_order(make_buyer(payment_days=10)), clock.now())
    up_to_date()
    page = tab(open_page(analyst, REPORTS), "Money")
    page = choose_point(page, "What is unpaid, by its age", "to_60", "name")
    assert list(rows_of(page, "Open invoices, the latest first")["days"]) == [
        (local_date(now, ZONE) - local_date(then, ZONE)).days - 10
    ]


def test_what_a_figure_is_compared_with_has_its_order_lines_too(open_page: Opener, analyst: User) -> None:
    before, now = trade(at=a_year_ago()), trade()
    up_to_date()
    page = open_page(analyst, REPORTS)
    page.segmented_control(key="reports-period").set_value("last_12_months")
    page.toggle(key="reports-all").set_value(True)
    lines = "Order lines, newest first"
    assert list(rows_of(run(page), lines)["order_id"]) == [now]
    which = next(each for each in page.segmented_control if each.label == "Order lines of")
    which.set_value(which.options[1])
    assert list(rows_of(run(page), lines)["order_id"]) == [before]
