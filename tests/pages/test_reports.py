"""The pages of reports, run as Streamlit runs them, on a real database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.clock import local_date
from core.db import transaction
from core.principal import SYSTEM, Principal
from core.reports.periods import one_year_before
from core.reports.refreshing import refresh
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders import steps
from tests.factories import (
    make_buyer,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_user,
    principal_of,
)
from tests.pages.shop import Opener, words

REPORTS, PURCHASES = "pages/staff/reports.py", "pages/partner/purchases.py"


ZONE = "Europe/Bucharest"


@pytest.fixture
def analyst(database: str) -> User:
    return make_user(role="analyst", language="en")


def up_to_date() -> None:
    with transaction(SYSTEM) as session:
        refresh(session, clock.now())


def trade(buyer: Principal | None = None, at: datetime | None = None, **product: object) -> int:
    """An order of three pieces at 10 lei, now; returns its id."""
    goods = make_product(stock=9, **product)  # type: ignore[arg-type]
    return steps.order(buyer or make_buyer(name="Instal SRL", county="CJ"), {goods.id: 3}, at or clock.now())


def a_year_ago() -> datetime:
    """Noon of the same day of the year before."""
    day = one_year_before(clock.local_date(clock.now(), "Europe/Bucharest"))
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def tab(page: AppTest, name: str) -> AppTest:
    page.session_state["reports-tab"] = name
    return run(page)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def metrics(page: AppTest) -> dict[str, tuple[str, str]]:
    return {each.label: (each.value.replace("\N{NO-BREAK SPACE}", " "), each.delta.replace("\N{NO-BREAK SPACE}", " "))
            for each in page.metric}  # fmt: skip


def choose(page: AppTest, about: str, row: int = 0) -> AppTest:
    """Select a row of the table with this description."""
    table = next(frame for frame in page.dataframe if frame.proto.alt == about)
    page.session_state[table.key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return run(page)


def exports(page: AppTest) -> list[str]:
    return [link.url for link in page.get("link_button")]


def test_the_analyst_finds_the_reports_in_the_menu_and_the_warehouse_does_not(open_page: Opener, analyst: User) -> None:
    assert open_page(analyst, REPORTS).title[0].value == "Reports"
    warehouse = make_user(role="warehouse", language="en")
    assert open_page(warehouse, REPORTS).subheader[0].value == "You have no access to this page"


def test_before_the_first_refresh_the_page_says_what_to_do(open_page: Opener, analyst: User) -> None:
    assert "being made for the first time" in open_page(analyst, REPORTS).info[0].value


def test_a_worker_that_stands_still_is_told(open_page: Opener, analyst: User) -> None:
    with transaction(SYSTEM) as session:
        refresh(session, clock.now() - timedelta(minutes=5))
    assert "the worker stands still" in open_page(analyst, REPORTS).warning[0].value
    up_to_date()
    assert not open_page(analyst, REPORTS).warning


def test_without_sales_every_tab_says_so(open_page: Opener, analyst: User) -> None:
    up_to_date()
    page = open_page(analyst, REPORTS)
    assert page.info[0].value.startswith("Nothing was sold in these days")
    assert tab(page, "Movers").info[0].value.startswith("Nothing was sold in these days")
    assert tab(page, "Service").info[0].value.startswith("No order was placed")
    assert tab(page, "Stock").info[0].value.startswith("There is nothing on stock")
    assert tab(page, "Money").info[0].value == "Every invoice is paid."


def test_sales_are_shown_beside_the_year_before_and_a_row_opens_its_order_lines(
    open_page: Opener, analyst: User
) -> None:
    order = trade(category="Electrice > Cabluri", name="Cablu *gros*")
    trade(at=a_year_ago())
    up_to_date()
    page = open_page(analyst, REPORTS)
    page.segmented_control(key="reports-period").set_value("last_12_months")
    assert metrics(run(page))["Net sales"] == ("30.00 RON", "0 %")
    page = choose(page, "Category")
    assert "Electrice" in words(page)
    lines = next(frame for frame in page.dataframe if frame.proto.alt == "Order lines, newest first")
    assert list(lines.value["order_id"]) == [order]
    assert any("by=category&key=Electrice" in url for url in exports(page))


def test_a_bar_of_the_chart_opens_its_order_lines(open_page: Opener, analyst: User) -> None:
    order = trade()
    up_to_date()
    page = open_page(analyst, REPORTS)
    today = clock.local_date(clock.now(), "Europe/Bucharest")
    first = today.replace(day=1)
    page.session_state[f"reports-time-day-{first}-{today}"] = {
        "selection": {"chosen": [{"at": f"{(today - first).days:04}"}]}
    }
    lines = next(frame for frame in run(page).dataframe if frame.proto.alt == "Order lines, newest first")
    assert list(lines.value["order_id"]) == [order]


def test_what_is_lost_shows_the_lines_of_the_year_before(open_page: Opener, analyst: User) -> None:
    order = trade(at=a_year_ago())
    up_to_date()
    page = tab(open_page(analyst, REPORTS), "Movers")
    page.segmented_control(key="movers-which").set_value("lost")
    page = choose(run(page), "Product")
    lines = next(frame for frame in page.dataframe if frame.proto.alt == "Order lines, newest first")
    assert list(lines.value["order_id"]) == [order]


def test_service_names_what_lapsed_and_whose_it_was(open_page: Opener, analyst: User) -> None:
    lapsed = trade(at=clock.now() - timedelta(hours=30))
    steps.lapse(clock.now())
    trade()
    up_to_date()
    page = tab(open_page(analyst, REPORTS), "Service")
    page.segmented_control(key="reports-period").set_value("last_12_months")
    assert metrics(run(page))["Lapse rate"][0] == "50 %"
    table = next(frame for frame in page.dataframe if frame.proto.alt == "Orders, newest first")
    assert list(table.value["order_id"]) == [lapsed]
    assert any("what=orders" in url and "status=lapsed" in url for url in exports(page))


def test_stock_that_nobody_buys_is_dead_and_what_sells_is_not(open_page: Opener, analyst: User) -> None:
    trade(name="Sells")
    make_product(stock=4, name="Dead", list_price=Decimal(25), created_at=clock.now() - timedelta(days=900))
    up_to_date()
    page = tab(open_page(analyst, REPORTS), "Stock")
    table = next(frame for frame in page.dataframe if frame.proto.alt == "Dead stock, the dearest first")
    assert list(table.value["name"]) == ["Dead"]
    assert metrics(page)["On stock, at list price"][0] == "190.00 RON"


def test_money_has_the_open_invoices_of_each_age(open_page: Opener, analyst: User) -> None:
    set_up_company()
    now, then = clock.now(), clock.now() - timedelta(days=50)
    issue(claimed_order(make_buyer(payment_days=10)), then)
    issue(claimed_order(make_buyer(payment_days=10)), clock.now())
    up_to_date()
    page = tab(open_page(analyst, REPORTS), "Money")
    assert metrics(page)["Unpaid total"][0] == "242.00 RON"
    page.segmented_control(key="money-age").set_value("to_60")
    table = next(frame for frame in run(page).dataframe if frame.proto.alt.startswith("Open invoices"))
    assert list(table.value["days"]) == [(local_date(now, ZONE) - local_date(then, ZONE)).days - 10]


@pytest.mark.parametrize("role", ["owner", "buyer", "accountant"])
def test_a_partners_people_see_what_it_bought(open_page: Opener, role: str) -> None:
    partner = make_partner()
    me = make_user(partner, role=role, language="en")
    trade(principal_of(make_user(partner)), name="Țeavă")
    trade(make_buyer(), name="Another's")
    up_to_date()
    page = open_page(me, PURCHASES)
    assert metrics(page)["Bought, net"][0] == "30.00 RON"
    assert list(page.dataframe[0].value["name"]) == ["Țeavă"]
    assert ("What you could save" in str([each.value for each in page.subheader])) == (role != "accountant")


def test_a_partner_reads_what_larger_quantities_would_save(open_page: Opener) -> None:
    goods, prices = make_product(stock=90, name="Șurub"), make_price_list()
    make_list_price(prices, goods, "8", from_quantity=10)
    partner = make_partner(price_list_id=prices.id)
    me = make_user(partner, language="en")
    for _ in range(4):
        steps.order(principal_of(me), {goods.id: 5}, clock.now())
    up_to_date()
    page = open_page(me, PURCHASES)
    assert "40.00 RON" in words(page)


def test_a_partner_without_orders_is_told_what_to_do(open_page: Opener) -> None:
    page = open_page(make_user(make_partner(), language="en"), PURCHASES)
    assert page.info[0].value.startswith("Nothing was bought in these days.")


def test_an_own_period_that_ends_before_it_begins_is_refused_in_words(open_page: Opener, analyst: User) -> None:
    trade()
    up_to_date()
    page = open_page(analyst, REPORTS)
    page.segmented_control(key="reports-period").set_value("own")
    run(page)
    today = clock.local_date(clock.now(), "Europe/Bucharest")
    page.date_input(key="reports-first").set_value(today)
    page.date_input(key="reports-last").set_value(today - timedelta(days=1))
    assert "first day that is not after the last" in run(page).warning[0].value
    assert metrics(page)["Net sales"][0] == "30.00 RON"
