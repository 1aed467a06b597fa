"""Cells as people fill them: numbers with their signs, codes that a sheet has spoilt, long texts, formulas as text."""

from decimal import Decimal
from typing import Any

import pytest

from core.imports import fields, numbers, partners, prices, products, staging, stock
from core.imports.problems import Problem
from core.imports.staging import Keys, Kind, Marks, read_rows
from tests.core.imports.dialects import read
from tests.core.imports.workbooks import xlsx

HEAD = "cod\tdenumire\tpret\tstoc\ttva\n"


def rows(data: str | bytes, kind: Kind = products.KIND) -> tuple[list[dict[str, Any]], list[Problem]]:
    file, problems = read(data, kind.columns), list[Problem]()
    present = [column for column in kind.columns if column.name in file.columns]
    marks, keys = Marks(present), Keys(kind.key, file.columns)
    for row in file.rows:
        marks.look(row)
        keys.look(row)
    found = list(read_rows(present, file.rows, marks.readings({Decimal(21): "standard"}), problems))
    return found, problems + keys.problems()


def prices_of(*written: str) -> list[Any]:
    """What these cells of one column are read as; a fault's message where one is refused."""
    found, problems = rows(HEAD + "".join(f"A{at}\tUnu\t{cell}\t\t\n" for at, cell in enumerate(written)))
    by_line = {row["line"]: row["list_price"] for row in found} | {p.line: p.message for p in problems}
    return [by_line[line] for line in sorted(line for line in by_line if line)]


@pytest.mark.parametrize(("written", "meant"), [
    ("1.234,50", "1234.5"), ("1 234,50", "1234.5"), ("1\u00a0234,50", "1234.5"), ("1\u202f234,50", "1234.5"),
    ("1\u2009234,50", "1234.5"), ("12,50 lei", "12.5"), ("12,50 Lei", "12.5"), ("12,50RON", "12.5"),
    ("1.234,50\u00a0lei", "1234.5"), ("'12,50", "12.5"), ("’12,50", "12.5"), ("12,50 ", "12.5"), ("0,00", "0"),
])  # fmt: skip
def test_a_price_is_read_whatever_stands_around_it(written: str, meant: str) -> None:
    assert prices_of(written) == [Decimal(meant)]


@pytest.mark.parametrize(("written", "message"), [
    ("12,50-", fields.NEGATIVE), ("−12,50", fields.NEGATIVE), ("12,50- lei", fields.NEGATIVE),
    ("12,50 EUR", numbers.NOT_A_NUMBER), ("12 %", numbers.NOT_A_NUMBER), ("la cerere", numbers.NOT_A_NUMBER),
])  # fmt: skip
def test_what_is_no_price_in_lei_is_refused(written: str, message: str) -> None:
    assert prices_of(written) == [message]


def test_percent_may_stand_behind_a_rate() -> None:
    assert rows(HEAD + "A\tUnu\t1\t\t21 %\nB\tDoi\t1\t\t21,00%\n")[0][1]["vat"] == "standard"


def test_a_rate_that_a_sheet_holds_as_a_fraction_is_understood_and_such_a_discount_is_asked_about() -> None:
    assert rows(xlsx([["Cod", "Denumire", "Pret", "TVA"], ["A", "Unu", 1, 0.21]]))[0][0]["vat"] == "standard"
    _, (problem,) = rows(xlsx([["Cod client", "Discount"], ["C", 0.05], ["D", 5]]), partners.KIND)
    assert (problem.line, problem.message) == (2, fields.FRACTION)
    assert problem.text("en").startswith("A sheet holds 5 % as 0.05. Is it that?")


def test_a_point_in_a_column_of_decimal_commas_groups_thousands() -> None:
    assert prices_of("2.500", "3,75") == [2500, Decimal("3.75")]
    assert prices_of("2.500", "3.75") == [Decimal("2.5"), Decimal("3.75")]


def test_each_column_decides_for_itself_and_the_others_decide_where_it_is_silent() -> None:
    found, problems = rows(HEAD + "A\tUnu\t1.5\t2.500\t\nB\tDoi\t2.5\t1,5\t\n")
    assert ([row["stock"] for row in found], problems) == ([2500, Decimal("1.5")], [])
    assert [row["stock"] for row in rows(HEAD + "A\tUnu\t1,5\t2.500\t\n")[0]] == [2500]


def test_a_column_that_nothing_decides_is_refused_once_with_both_readings() -> None:
    _, (problem,) = rows(HEAD + "A\tUnu\t2.500\t\t\nB\tDoi\t1.250\t\t\nC\tTrei\t7\t\t\n")
    assert (problem.line, problem.column, problem.message) == (2, "list_price", staging.UNDECIDED)
    assert problem.text("en").startswith("The column has 2 numbers that can be read in two ways, and none that decides")
    assert "“2.500” can mean 2500 or 2.5" in problem.text("en")
    assert "„2.500” poate însemna 2500 sau 2,5" in problem.text("ro")


def test_a_column_that_contradicts_itself_is_not_decided() -> None:
    assert prices_of("1,5", "1.5", "2.500") == [Decimal("1.5"), Decimal("1.5"), numbers.AMBIGUOUS]


def test_numbers_of_a_workbook_decide_nothing_about_texts_beside_them() -> None:
    found, _ = rows(
        xlsx([["Cod", "Denumire", "Pret"], ["A", "Unu", 1.5], ["B", "Doi", "2.500"], ["C", "Trei", "3,75"]])
    )
    assert [row["list_price"] for row in found] == [Decimal("1.5"), 2500, Decimal("3.75")]


@pytest.mark.parametrize(("code", "message"), [("5.94E+12", fields.SCIENTIFIC), ("5,94123E+12", fields.SCIENTIFIC)])
def test_a_bar_code_that_a_sheet_has_shortened_is_refused_with_a_hint(code: str, message: str) -> None:
    for column in ("cod bare", "inlocuit de"):
        _, (problem,) = rows(f"cod\tdenumire\tpret\t{column}\nA\tUnu\t1\t{code}\n")
        assert (problem.line, problem.message) == (2, message)
    assert "„Text”" in problem.text("ro")


def test_an_apostrophe_before_a_bar_code_is_the_sheets() -> None:
    assert rows("cod\tdenumire\tpret\tean\nA\tUnu\t1\t'5941234567899\n")[0][0]["ean"] == "5941234567899"


def test_a_name_of_500_characters_is_refused_with_the_limit_and_a_description_of_500_is_kept() -> None:
    long = "ș" * 500
    _, (problem,) = rows(HEAD + f"A\t{long}\t1\t\t\n")
    assert problem.text("en") == "The text has 500 characters; 200 are allowed."
    assert rows(f"cod\tdenumire\tpret\tdescriere\nA\tUnu\t1\t{long}\n")[0][0]["description"] == long


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)"])
def test_a_formula_as_text_is_kept_as_text(text: str) -> None:
    assert rows(HEAD + f"A\t{text}\t1\t\t\n")[0][0]["name"] == text
    assert rows(xlsx([["Cod", "Denumire", "Pret"], ["A", text, 1]]))[0][0]["name"] == text


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    _, (problem,) = rows("cod;stoc\nA;1\nB;2\n;\nA;3\n", stock.KIND)
    assert (problem.line, problem.text("en")) == (5, "A stands on lines 2, 5. Keep one of them.")
    _, (problem,) = rows("cod client;cod;pret\nC;A;1\nD;A;1\nC;A;2\n", prices.KIND)
    assert problem.text("ro").startswith("C, A ")
