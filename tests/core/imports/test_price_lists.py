"""Prices of price lists from a file: the same rules as for rows that are typed."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.db import transaction
from core.imports.files import apply, preview
from core.imports.price_lists import NO_DAYS, OTHER_CURRENCY, UNKNOWN_LIST
from core.imports.problems import ImportRefused, Problem
from core.pricing.staging import SAME_DAYS, UNKNOWN_SKU
from core.principal import SYSTEM
from tests.core.pricing.list_steps import prices
from tests.factories import make_list_price, make_price_list, make_product

pytestmark = pytest.mark.usefixtures("database")


def faults(content: str) -> list[Problem]:
    with transaction(SYSTEM) as session:
        shown = preview(session, "price_lists", content.encode())
    with pytest.raises(ImportRefused) as refused, transaction(SYSTEM) as session:
        apply(session, "price_lists", content.encode())
    assert refused.value.problems == shown.problems
    return shown.problems


def test_a_file_of_several_lists_is_loaded_and_the_second_time_changes_nothing() -> None:
    one, two = make_price_list(name="En-gros"), make_price_list(name="Instalatori")
    make_list_price(one, make_product(sku="A"), "9")
    make_product(sku="B")
    data = (
        b"lista;cod produs;pret net;de la cantitatea;valabil din;valabil pana la\n"
        b"En-gros;A;10,5;;;\nEn-gros;A;9,90;24;;\n"
        b"Instalatori;B;1,25;;01.01.2030;31.12.2030\nInstalatori;B;1,5;;2031-01-01;\n"
    )
    with transaction(SYSTEM) as session:
        report = apply(session, "price_lists", data, "preturi.csv")
    assert (report.created, report.changed, report.unchanged) == (3, 1, 0)
    assert prices(one) == [("A", 0, Decimal("10.5"), None, None), ("A", 24, Decimal("9.9"), None, None)]
    assert prices(two) == [
        ("B", 0, Decimal("1.25"), date(2030, 1, 1), date(2030, 12, 31)),
        ("B", 0, Decimal("1.5"), date(2031, 1, 1), None),
    ]
    with transaction(SYSTEM) as session:
        again = apply(session, "price_lists", data)
        assert session.scalar(text("select count(*) from event where kind = 'imported'")) == 2
    assert (again.created, again.changed, again.unchanged) == (0, 0, 4)


def test_faults_name_line_and_column_and_nothing_is_loaded() -> None:
    found = make_price_list(name="L")
    make_product(sku="A")
    head = "list,sku,net,from_quantity,valid_from,valid_until\n"
    told = faults(head + "M,A,1,,,\nL,B,1,,,\nL,A,1,,02.01.2030,01.01.2030\nL,A,1,5,,\nL,A,2,5,,\n")
    assert [(problem.line, problem.column, problem.message) for problem in told] == [
        (2, "list", UNKNOWN_LIST), (3, "sku", UNKNOWN_SKU), (4, "valid_until", NO_DAYS), (6, "sku", SAME_DAYS),
    ]  # fmt: skip
    assert all("{" not in problem.text("en") for problem in told)
    assert prices(found) == []


def test_a_currency_behind_a_price_is_the_lists_own_or_refused() -> None:
    for name, currency, rate in (("Lei", "RON", 1), ("Euro", "EUR", 5)):
        make_price_list(name=name, currency=currency, lei_rate=rate)
    make_product(sku="A")
    head = "lista;cod;pret\n"
    with transaction(SYSTEM) as session:
        shown = preview(session, "price_lists", f"{head}Lei;A;1,50 lei\nEuro;A;€\u00a01\n".encode())
        fine = preview(session, "price_lists", f"{head}Lei;A;1,50 lei\nEuro;A;1,20 €\n".encode())
    assert (len(shown.problems), fine.problems, fine.created) == (1, [], 2)
    told = faults(f"{head}Lei;A;1,50 EUR\nEuro;A;6 lei\n")
    assert [(problem.line, problem.column, problem.message) for problem in told] == [
        (2, "net", OTHER_CURRENCY), (3, "net", OTHER_CURRENCY),
    ]  # fmt: skip
    assert told[0].text("en") == "The price is in EUR, but the list Lei is in RON."
