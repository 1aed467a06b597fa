"""Cells of CSV files."""

import pytest

from core.exports.csv_text import harmless


@pytest.mark.parametrize(("cell", "safe"), [
    ("=1+1", "'=1+1"), ("+40 7", "'+40 7"), ("-5", "'-5"), ("@sum", "'@sum"), ("\tx", "'\tx"), ("\rx", "'\rx"),
    ("\nx", "'\nx"), ("5-3=2", "5-3=2"), ("", ""),
])  # fmt: skip
def test_no_cell_is_a_formula(cell: str, safe: str) -> None:
    assert harmless(cell) == safe
