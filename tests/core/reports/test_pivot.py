"""The pivot table against a plain query, its limits, and its file."""

import io
import zipfile
from decimal import Decimal

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from core.db import transaction
from core.errors import NotAllowed
from core.exports.frame_book import frame_book
from core.exports.pivot_book import PivotAsked, pivot_book
from core.exports.saving import save_pivot, saved, saved_pivots
from core.principal import SYSTEM, Principal
from core.reports import pivot, refreshing
from core.reports.periods import Period
from core.reports.pivot import DIMENSIONS, NoRows, Pivot, PivotTooLarge, grand_totals, pivot_of, table
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_group, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")

YEAR = Period(NOON.date().replace(month=1, day=1), NOON.date())


@pytest.fixture
def sold() -> None:
    """Orders of two partners in two groups, of three products; one is cut, one lapses."""
    group, staff = make_group(name="Electricieni"), make_staff(role="admin", name="Dan")
    ana, ion = make_buyer(name="Ana SRL", county="CJ", group_id=group.id), make_buyer(name="Ion SRL", county="B")
    cable = make_product(stock=99, brand="=Hager", category="Cabluri > Cupru", list_price=Decimal("3.33"))
    fuse = make_product(stock=99, brand="", category="Aparataj", list_price=Decimal("7.01"))
    first = steps.order(ana, {cable.id: 3, fuse.id: 2})
    steps.order(ion, {cable.id: 5})
    second = steps.order(ana, {fuse.id: 4})
    steps.claim(staff, first)
    steps.claim(staff, second)
    steps.cancel_part(staff, second, {1: 1})
    steps.order(ion, {fuse.id: 9}, NOON.replace(month=10))
    steps.lapse(NOON)
    with transaction(SYSTEM) as session:
        while refreshing.refresh(session, NOON):
            pass


def plain() -> pd.DataFrame:
    """The lines that count, from the orders themselves."""
    with transaction(SYSTEM) as session:
        return pd.DataFrame(session.execute(_LINES).mappings().all())


_LINES = text("""
    select partner.name as partner, coalesce(partner_group.name, '') as "group", partner.county as region,
           coalesce(category.path, '') as category, product.brand, product.sku || ' ' || product.name as product,
           to_char(orders.placed_at at time zone 'Europe/Bucharest', 'YYYY-MM') as month,
           coalesce(claimer.name, '') as staff, orders.id as order, state.net, state.billable as quantity
    from orders join line_state state on state.order_id = orders.id join partner on partner.id = orders.partner_id
    left join partner_group on partner_group.id = partner.group_id join product on product.id = state.product_id
    left join category on category.id = product.category_id left join app_user claimer on claimer.id = claimed_by
    where orders.status in ('placed', 'claimed', 'shipped') and state.billable > 0
""")


def made(asked: Pivot, who: Principal = SYSTEM) -> tuple[pd.DataFrame, dict[str, object]]:
    with transaction(who) as session:
        return table(session, YEAR, asked), grand_totals(session, YEAR, asked)


@pytest.mark.parametrize("measure", ["net", "quantity", "orders", "lines"])
@pytest.mark.parametrize(
    ("rows", "columns"),
    [(("partner",), "brand"), (("category", "product"), "month"), (("group", "staff"), "region"), (("brand",), "")],
)
def test_every_cell_and_total_is_what_a_plain_query_finds(
    sold: None, rows: tuple[str, ...], columns: str, measure: str
) -> None:
    lines = plain()
    frame, totals = made(Pivot(rows, columns, measure))
    assert len(frame) == len(lines.groupby(list(rows)))
    for row in frame.to_dict("records"):
        own = lines[(lines[list(rows)] == [row[name] for name in rows]).all(axis=1)]
        assert row["total"] == counted(own, measure)
        for head in frame.columns[len(rows) : -1]:
            assert row[head] == counted(own[own[columns] == head], measure)
    assert totals["total"] == counted(lines, measure)
    for head in frame.columns[len(rows) : -1]:
        assert totals[head] == counted(lines[lines[columns] == head], measure)


def counted(lines: pd.DataFrame, measure: str) -> object:
    if lines.empty:
        return None
    if measure == "orders":
        return lines["order"].nunique()
    return len(lines) if measure == "lines" else sum(lines[measure])


@pytest.mark.parametrize(
    "asked",
    [
        Pivot((), "month", "net"),
        Pivot(("partner", "brand", "month"), "", "net"),
        Pivot(("brand",), "brand", "net"),
        Pivot(("password_hash",), "", "net"),
        Pivot(("brand",), "1", "net"),
        Pivot(("brand",), "", "max(net)"),
    ],
)
def test_what_makes_no_table_is_refused(asked: Pivot) -> None:
    with pytest.raises(NoRows):
        made(asked)


def test_a_table_too_large_to_be_read_is_refused(sold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pivot, "MOST_COLUMNS", 1)
    with pytest.raises(PivotTooLarge, match="2 rows and 2 columns"):
        made(Pivot(("partner",), "category", "net"))


def test_a_period_without_sales_is_an_empty_table() -> None:
    frame, totals = made(Pivot(("brand",), "month", "net"))
    assert frame.empty
    assert totals == {"total": None}


@pytest.mark.parametrize("role", ["warehouse"])
def test_who_sees_no_reports_gets_no_pivot(role: str) -> None:
    for who in (make_staff(role=role), make_buyer()):
        with pytest.raises(NotAllowed):
            made(Pivot(("brand",), "", "net"), who)


def test_its_file_holds_numbers_totals_and_texts_that_never_run(sold: None) -> None:
    frame, totals = made(Pivot(("brand",), "category", "net"))
    last = ["Total", *(totals[name] for name in frame.columns[1:])]
    book = frame_book("Pivot", "2026", ["Brand", *frame.columns[1:]], frame, last, "#,##0.00")
    said, heads, *rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert said[0] == "2026"
    assert heads == ["Brand", "Aparataj", "Cabluri > Cupru", "total"]
    assert rows == [["", 35.05, "", 35.05], ["=Hager", "", 26.64, 26.64], ["Total", 35.05, 26.64, 61.69]]


@pytest.mark.parametrize(
    ("measure", "written"), [("net", "#,##0.00"), ("quantity", "#,##0.###"), ("orders", "#,##0"), ("lines", "#,##0")]
)
def test_in_its_file_money_has_two_decimals_and_counts_have_none(sold: None, measure: str, written: str) -> None:
    with transaction(SYSTEM) as session:
        content, rows = pivot_book(session, PivotAsked(Pivot(("partner",), "", measure), YEAR), "ro")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        styles = book.read("xl/styles.xml").decode()
    assert rows == 2
    builtin = {"#,##0.00": "4", "#,##0": "3"}
    assert f'formatCode="{written}"' in styles or f'numFmtId="{builtin[written]}"' in styles


def test_a_pivot_is_kept_and_shared_apart_from_the_exports() -> None:
    analyst, colleague = make_staff(role="analyst"), make_staff(role="sales")
    asked = Pivot(("partner", "brand"), "month", "orders")
    with transaction(analyst) as session:
        save_pivot(session, "Monthly", asked, NOON, shared=True)
        assert saved(session) == []
    with transaction(colleague) as session:
        ((row, whose),) = saved_pivots(session)
    assert (row.name, whose, pivot_of(row.asked)) == ("Monthly", analyst.name, asked)
    with transaction(make_staff(role="warehouse")) as session, pytest.raises(NotAllowed):
        saved_pivots(session)


def test_every_dimension_can_be_asked_for(sold: None) -> None:
    for name in DIMENSIONS:
        assert not made(Pivot((name,), "", "lines"))[0].empty
