"""The pivot table on the page of reports, as Streamlit runs it."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.db import transaction
from core.exports.saving import saved_pivots
from core.reports.pivot import Pivot, pivot_of
from tests.factories import make_user, principal_of
from tests.pages.shop import Opener
from tests.pages.test_reports import REPORTS, trade, up_to_date


@pytest.fixture
def analyst(database: str) -> User:
    return make_user(role="analyst", language="en")


def opened(open_page: Opener, analyst: User) -> AppTest:
    page = open_page(analyst, REPORTS)
    page.session_state["reports-tab"] = "Pivot"
    page.run()
    assert not page.exception
    return page


def test_rows_columns_and_measure_are_chosen_and_kept(open_page: Opener, analyst: User) -> None:
    trade(brand="Hager")
    trade(brand="Schneider")
    up_to_date()
    page = opened(open_page, analyst)
    page.multiselect(key="pivot-rows-0").set_value(["brand"]).run()
    page.selectbox(key="pivot-columns-0").set_value("").run()
    page.selectbox(key="pivot-measure-0").set_value("orders").run()
    assert not page.exception
    shown = page.dataframe[0].value
    assert shown["brand"].tolist() == ["Hager", "Schneider", "Total"]
    assert shown["total"].tolist() == [1, 1, 2]
    page.text_input(key="pivot-keep-0-en-0-name").set_value("Brands")
    page.button_group(key="pivot-keep-0-en-0-every").set_value("week")
    next(button for button in page.button if button.label == "Keep").click().run()
    with transaction(principal_of(analyst)) as session:
        ((row, _whose),) = saved_pivots(session)
    assert (row.name, pivot_of(row.asked), row.every) == ("Brands", Pivot(("brand",), "", "orders"), "week")
    assert [each.value for each in page.toast] == ["Brands is kept."]
    page.selectbox(key="pivot_kept").set_value(row.id).run()
    next(button for button in page.button if button.label == "Delete this name").click().run()
    assert not page.exception
    with transaction(principal_of(analyst)) as session:
        assert saved_pivots(session) == []


def test_money_has_two_decimals_and_counts_have_none(open_page: Opener, analyst: User) -> None:
    trade(brand="Hager")
    up_to_date()
    page = opened(open_page, analyst)
    for measure, step in (("net", 0.01), ("orders", 1), ("lines", 1), ("quantity", None)):
        page.selectbox(key="pivot-measure-0").set_value(measure).run()
        columns = json.loads(page.dataframe[0].proto.columns)
        assert columns["total"]["type_config"].get("step") == step


def test_without_rows_it_says_what_to_choose_and_without_sales_that_there_are_none(
    open_page: Opener, analyst: User
) -> None:
    up_to_date()
    page = opened(open_page, analyst)
    assert any("Nothing was sold" in each.value for each in page.info)
    page.multiselect(key="pivot-rows-0").set_value([]).run()
    assert any("Choose one or two things" in each.value for each in page.error)
