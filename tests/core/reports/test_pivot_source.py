"""A pivot table says the same, whether it is read from the sums or from every line."""

import itertools

import pandas as pd
import pytest

from core.reports import pivot
from core.reports.pivot import Pivot
from core.reports.pivot_source import LINES, source
from tests.core.reports.test_pivot import made, sold

__all__ = ["sold"]
pytestmark = pytest.mark.usefixtures("database", "sold")
FROM_SUMS = ("partner", "group", "region", "category", "brand", "product", "month")


@pytest.mark.parametrize(("row", "column"), list(itertools.combinations(FROM_SUMS, 2)))
def test_the_sums_say_what_the_lines_say(row: str, column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [Pivot((row,), column, measure) for measure in pivot.MEASURES]
    from_sums = [made(each) for each in asked]
    monkeypatch.setattr(pivot, "source", lambda *_asked: (LINES, None))
    for (frame, totals), (plain, plain_totals) in zip(from_sums, map(made, asked), strict=True):
        pd.testing.assert_frame_equal(frame, plain, check_dtype=False)
        assert totals == plain_totals


@pytest.mark.parametrize(
    ("by", "measure", "lines"),
    [(["category"], "net", False), (["category", "month"], "lines", False), (["brand"], "orders", True),
     (["partner", "month"], "orders", False), ([], "orders", False), (["partner", "brand"], "net", True),
     (["staff"], "net", True)],
)  # fmt: skip
def test_only_what_the_sums_do_not_know_is_read_from_the_lines(by: list[str], measure: str, lines: bool) -> None:
    assert (source(by, measure)[1] is None) == lines
