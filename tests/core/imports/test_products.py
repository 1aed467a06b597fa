"""The facts of products that came later to the file: read, checked, and the same after a second import."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.catalog.codes import EanCheckDigit, EanLength, EanNotDigits
from core.catalog.editing import facts_of
from core.catalog.facts import Facts
from core.catalog.models import Product
from core.catalog.visibility import OFFERED
from core.db import transaction
from core.imports import fields, products
from core.imports.files import Report, apply, preview
from core.imports.problems import ImportRefused, Problem
from core.partners.models import PartnerGroup
from core.principal import SYSTEM
from tests.core.orders import steps
from tests.factories import add, make_partner, make_product

pytestmark = pytest.mark.usefixtures("database")

HEAD = "sku,name,list_price"
FULL = f"{HEAD},description,least_quantity,multiple,rrp,weight,nc_code,expected_on,replaced_by,active,visible_to\n"
ROW = 'A,One,1,"First line\nsecond",5,2.5,9.99,0.125,8544 49 95,31.12.2026,B,nu,all\nB,Two,2,,,,,,,,,,\n'


def load(data: str) -> Report:
    with transaction(SYSTEM) as session:
        return apply(session, "products", data.encode())


def counts(report: Report) -> tuple[int, int, int]:
    return report.created, report.changed, report.unchanged


def facts(sku: str) -> Facts:
    with transaction(SYSTEM) as session:
        return facts_of(session, session.query(Product).filter_by(sku=sku).one())


def faults(data: str) -> list[Problem]:
    """What is wrong with a file; loading it is refused for the same and changes nothing."""
    with transaction(SYSTEM) as session:
        shown = preview(session, "products", data.encode()).problems
    with pytest.raises(ImportRefused) as refused, transaction(SYSTEM) as session:
        apply(session, "products", data.encode())
    assert refused.value.problems == shown
    assert all(problem.text("ro") and problem.text("en") for problem in shown)
    return shown


def places(data: str) -> list[tuple[int | None, str, str]]:
    return [(problem.line, problem.column, problem.message) for problem in faults(data)]


def test_every_new_column_is_loaded_and_a_second_import_changes_nothing() -> None:
    assert counts(load(FULL + ROW)) == (2, 0, 0)
    row = facts("A")
    assert row == Facts(
        name="One", list_price=Decimal(1), description="First line\nsecond", least_quantity=Decimal(5),
        multiple=Decimal("2.5"), rrp=Decimal("9.99"), weight=Decimal("0.125"), nc_code="85444995",
        expected_on=date(2026, 12, 31), replaced_by="B", active=False,
    )  # fmt: skip
    assert counts(load(FULL + ROW)) == (0, 0, 2)
    assert facts("A") == row


def test_of_what_is_counted_a_new_product_has_whole_units_unless_the_file_or_staff_say_otherwise() -> None:
    load(f"{HEAD},unit,multiple\nA,One,1,Sac,\nB,Two,1,m,\nC,Three,1,rolă,0.5\nD,Four,1,,\n")
    assert [facts(sku).multiple for sku in "ABCD"] == [1, None, Decimal("0.5"), 1]
    steps.scalar("update product set multiple = null where sku = 'A' returning 1")
    assert counts(load(f"{HEAD},unit\nA,One,1,Sac\n")) == (0, 0, 1)
    assert facts("A").multiple is None


def test_absent_columns_and_empty_cells_leave_the_new_facts_as_they_are() -> None:
    load(FULL + ROW)
    before = facts("A")
    assert counts(load(f"{HEAD}\nA,One,1\n")) == (0, 0, 1)
    assert counts(load(FULL + "A,One,1,,,,,,,,,,\n")) == (0, 0, 1)
    assert facts("A") == before


@pytest.mark.parametrize(("column", "before", "after"), [
    ("description", "a", "b"), ("least_quantity", "1", "2"), ("multiple", "1", "2"), ("rrp", "1", "2"),
    ("weight", "1", "2"), ("nc_code", "85444995", "85444996"), ("expected_on", "2026-12-31", "2027-01-01"),
    ("replaced_by", "B", "C"), ("active", "da", "nu"), ("visible_to", "all", "P"), ("ean", "96385074", "5941234567899"),
])  # fmt: skip
def test_each_change_of_a_column_is_counted_once(column: str, before: str, after: str) -> None:
    make_product(sku="B")
    make_product(sku="C")
    make_partner(code="P")
    load(f"{HEAD},{column}\nA,One,1,{before}\n")
    assert counts(load(f"{HEAD},{column}\nA,One,1,{after}\n")) == (0, 1, 0)
    assert counts(load(f"{HEAD},{column}\nA,One,1,{after}\n")) == (0, 0, 1)


def test_romanian_headers_are_understood() -> None:
    data = (
        "Cod produs;Denumire;Preț listă;Descriere;Cantitate minimă;Multiplu;Preț recomandat;Greutate;Cod NC;"
        "Data estimată;Înlocuit de;Activ;Vizibil pentru\n"
        "A;Unu;1,50;Lung;5;2,5;9,99;0,125;85444995;31.12.2026;;da;toți\n"
    )
    assert load(data).notices == []
    row = facts("A")
    assert (row.description, row.least_quantity, row.multiple) == ("Lung", 5, Decimal("2.5"))
    assert (row.rrp, row.weight, row.expected_on) == (Decimal("9.99"), Decimal("0.125"), date(2026, 12, 31))


@pytest.mark.parametrize(("column", "cell", "message"), [
    ("ean", "5,94E+12", fields.SCIENTIFIC), ("ean", "59412X", EanNotDigits.message),
    ("ean", "123456", EanLength.message),
    ("ean", "5941234567898", EanCheckDigit.message), ("least_quantity", "0", fields.NOT_POSITIVE),
    ("multiple", "-1", fields.NEGATIVE), ("rrp", "1.23456", fields.DECIMALS), ("weight", "-1", fields.NEGATIVE),
    ("expected_on", "31.02.2026", fields.NOT_A_DAY), ("expected_on", "soon", fields.NOT_A_DAY),
    ("expected_on", "12/31/2026", fields.NOT_A_DAY), ("description", "x" * 4001, fields.TOO_LONG),
    ("active", "maybe", fields.BAD_YES_NO), ("replaced_by", "NONE", products.UNKNOWN_REPLACEMENT),
    ("visible_to", "Nobody | all", products.UNKNOWN_AUDIENCE),
])  # fmt: skip
def test_a_wrong_cell_is_told_with_its_place(column: str, cell: str, message: str) -> None:
    data = f'{HEAD},{column}\nA,One,1,\nB,Two,1,"{cell}"\n'
    assert places(data)[0] == (3, column, message)


@pytest.mark.parametrize(("cell", "day"), [
    ("2026-12-31", date(2026, 12, 31)), ("1.2.2027", date(2027, 2, 1)), ("01/02/2027", date(2027, 2, 1)),
    ("01-02-2027", date(2027, 2, 1)), ("2026-12-31 00:00:00", date(2026, 12, 31)),
    ("2026-12-31T00:00:00", date(2026, 12, 31)),
])  # fmt: skip
def test_days_are_read_as_they_are_written_here_and_by_spreadsheets(cell: str, day: date) -> None:
    load(f"{HEAD},expected_on\nA,One,1,{cell}\n")
    assert facts("A").expected_on == day


def test_products_of_the_file_may_replace_each_other_but_not_in_a_circle() -> None:
    load(f"{HEAD},replaced_by\nA,One,1,B\nB,Two,1,C\nC,Three,1,\n")
    assert (facts("A").replaced_by, facts("B").replaced_by, facts("C").replaced_by) == ("B", "C", "")
    assert places(f"{HEAD},replaced_by\nC,Three,1,A\n") == [(2, "replaced_by", products.REPLACED_IN_A_CIRCLE)]
    assert places(f"{HEAD},replaced_by\nX,X,1,X\n") == [(2, "replaced_by", products.REPLACED_IN_A_CIRCLE)]
    shown = faults(f"{HEAD},replaced_by\nM,M,1,N\nN,N,1,M\nO,O,1,M\n")
    assert [problem.params["circle"] for problem in shown] == ["M → N → M"]
    load(f"{HEAD},replaced_by\nB,Two,1,D\nC,Three,1,A\nD,Four,1,\n")
    assert (facts("B").replaced_by, facts("C").replaced_by) == ("D", "A")


def offered(sku: str) -> set[str]:
    with transaction(SYSTEM) as session:
        query = text(f"select partner.code from partner, product where product.sku = :sku and {OFFERED}")
        return set(session.scalars(query, {"sku": sku}))


def visible(sku: str, cell: str) -> tuple[int, int, int]:
    return counts(load(f'{HEAD},visible_to\n{sku},One,1,"{cell}"\n'))


def test_who_sees_a_product_is_loaded_by_names_of_groups_and_codes_of_partners() -> None:
    group = add(PartnerGroup(name="Instalatori, mari"))
    make_partner(code="IN", group_id=group.id)
    for code in ("P", "Q"):
        make_partner(code=code)
    assert visible("A", "Q|Instalatori, mari | Q") == (1, 0, 0)
    assert offered("A") == {"IN", "Q"}
    assert visible("A", "Instalatori, mari|Q") == (0, 0, 1)
    assert visible("A", "P") == (0, 1, 0)
    assert offered("A") == {"P"}
    assert visible("A", "") == (0, 0, 1)
    assert visible("A", "Toți") == (0, 1, 0)
    assert offered("A") == {"IN", "P", "Q"}
    assert visible("A", "all") == (0, 0, 1)


def test_the_audience_of_products_that_are_not_in_the_file_stays() -> None:
    make_partner(code="P")
    visible("A", "P")
    visible("B", "P")
    visible("A", "all")
    assert offered("B") == {"P"}


def test_the_search_finds_a_product_by_what_was_imported() -> None:
    load(f"{HEAD},ean\nA,Țeavă,1,96385074\n")
    with transaction(SYSTEM) as session:
        query = "select count(*) from product where words @@ cast(:words as tsquery)"
        found: list[Any] = [session.scalar(text(query), {"words": words}) for words in ("'teav':*", "'96385074'")]
    assert found == [1, 1]
