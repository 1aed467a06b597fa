"""Columns that a person tells apart, that values give away, and that are remembered for the next file of a supplier."""

import pytest

from core.db import transaction
from core.imports import columns, runs, sources
from core.imports.files import example, preview
from core.imports.guessing import guess
from core.imports.headers import MISSING, MISSING_LIKE
from core.principal import SYSTEM
from tests.core.imports.dialects import PRODUCTS, cells, read, refused
from tests.core.imports.running import loaded, looked, work
from tests.core.imports.workbooks import xlsx
from tests.core.orders.steps import scalar

STRANGE = "Poz;Ident;Ce este;Bani;Buc\n1;F-1;Șurub M8;1,25;100\n2;F-2;Piuliță M8;0,40;250\n"
TOLD = {"sku": "Ident", "name": "Ce este", "list_price": "Bani", "stock": "Buc"}


def told(**mapping: str) -> tuple[columns.Column, ...]:
    return columns.mapped(PRODUCTS, mapping)


def test_columns_that_were_told_apart_are_read_whatever_they_are_called() -> None:
    assert cells(read(STRANGE, told(**TOLD)), "sku", "name", "list_price", "stock") == [
        ("F-1", "Șurub M8", "1,25", "100"),
        ("F-2", "Piuliță M8", "0,40", "250"),
    ]


def test_a_name_that_was_given_to_another_column_is_no_longer_that_of_its_own() -> None:
    file = "cod;denumire;pret;stoc\nA;Unu;1,5;2\n"
    table = read(file, told(ean="cod", sku="denumire", name="stoc"))
    assert cells(table, "ean", "sku", "name", "list_price") == [("A", "Unu", "2", "1,5")]
    assert "stock" not in table.columns


def test_a_column_that_was_said_to_be_missing_is_not_guessed_by_its_name() -> None:
    assert "stock" not in read("cod;denumire;pret;stoc\nA;Unu;1,5;2\n", told(stock="")).columns
    assert refused("cod;denumire;pret\nA;Unu;1,5\n", told(name="")) in (
        [(1, MISSING)],
        [(1, MISSING_LIKE)],
    )


def test_of_two_columns_with_one_name_the_first_is_meant_once_a_person_has_said_so() -> None:
    file = "cod;denumire;pret;pret\nA;Unu;1,5;2,5\n"
    assert refused(file) != []
    assert cells(read(file, told(list_price="pret")), "list_price") == [("1,5",)]


def test_a_header_of_unknown_names_is_found_by_what_was_told() -> None:
    file = "Oferta;noastră;;;\n;;;;\n" + STRANGE
    assert read(file, told(**TOLD)).understood.header == (3,)


@pytest.mark.parametrize("as_file", [lambda rows: "\n".join(";".join(row) for row in rows), xlsx])
def test_values_give_away_what_their_columns_are(as_file: object) -> None:
    rows = [["a", "b", "c", "d", "e", "f", "g"],
            ["F-1", "Șurub lung M8", "5941234567899", "1,25", "100", "21", "buc"],
            ["F-2", "Piuliță mică M8", "", "0,40", "250", "11", "set"]]  # fmt: skip
    names, *values = rows
    assert guess(PRODUCTS, names, set(), values) == {
        "sku": "a", "name": "b", "ean": "c", "list_price": "d", "stock": "e", "vat": "f", "unit": "g",
    }  # fmt: skip
    assert as_file


def test_partners_are_given_away_by_their_codes_and_addresses() -> None:
    names = ["x", "y", "z", "q"]
    values = [["C-1", "Exemplu Unu SRL", "RO18547290", "a@b.example"], ["C-2", "Exemplu Doi SRL", "18547290", ""]]
    assert guess(columns.PARTNERS, names, set(), values) == {"code": "x", "name": "y", "cui": "z", "email": "q"}


def test_known_columns_and_empty_ones_are_never_guessed_and_prices_are_no_codes() -> None:
    assert guess(PRODUCTS, ["a", "b"], {0}, [["F-1", "1,25"], ["F-2", "2,50"]]) == {"list_price": "b"}
    assert guess(PRODUCTS, ["a", ""], set(), [["", "F-1"], ["", "F-2"]]) == {}
    assert guess(PRODUCTS, ["a"], set(), []) == {}


@pytest.mark.usefixtures("database")
def test_what_was_guessed_is_only_proposed() -> None:
    run = looked("products", STRANGE)
    assert run.preview is not None
    assert run.preview.problems != []
    assert run.preview.guesses["sku"] == "Ident"
    assert run.preview.cells[0] == ["1", "F-1", "Șurub M8", "1,25", "100"]


@pytest.mark.usefixtures("database")
def test_the_next_file_of_a_supplier_is_known_by_its_columns() -> None:
    run = looked("products", STRANGE, mapping=TOLD)
    with transaction(SYSTEM) as session:
        runs.load(session, run.id, "  Furnizor SRL ")
    assert work(run.id).source == "Furnizor SRL"
    again = loaded("products", STRANGE.replace("1,25", "1,30"))
    assert (again.source, again.changed, again.unchanged) == ("Furnizor SRL", 1, 1)
    with transaction(SYSTEM) as session:
        (source,) = sources.sources(session, "products")
        assert source.mapping == TOLD
        assert sources.sources(session, "stock") == []
        assert sources.recognised(session, "stock", ["Poz", "Ident", "Ce este", "Bani", "Buc"]) is None


@pytest.mark.usefixtures("database")
def test_a_name_that_is_known_gets_the_columns_of_the_last_file() -> None:
    for column in ("Bani", "Lei"):
        file = STRANGE.replace("Bani", column)
        run = looked("products", file, mapping=TOLD | {"list_price": column})
        with transaction(SYSTEM) as session:
            runs.load(session, run.id, "Furnizor")
        work(run.id)
    assert scalar("select mapping ->> 'list_price' from import_source") == "Lei"
    with pytest.raises(sources.NameTooLong), transaction(SYSTEM) as session:
        sources.remember(session, "products", "x" * 81, {}, [])


@pytest.mark.usefixtures("database")
def test_columns_are_corrected_and_the_file_is_looked_at_again() -> None:
    run = looked("products", "cod;denumire;pret;stoc\nA;Unu;1,5;2\n")
    with transaction(SYSTEM) as session:
        runs.remap(session, run.id, {"stock": ""})
    run = work(run.id)
    assert run.preview is not None
    assert (run.state, "stock" in run.preview.columns, run.preview.created) == ("looked", False, 1)


@pytest.mark.usefixtures("database")
def test_what_is_told_of_columns_that_there_are_not_does_no_harm() -> None:
    with transaction(SYSTEM) as session:
        found = preview(session, "products", example("products"), mapping={"nonsense": "x", "ean": "not there"})
    assert found.problems == []
    assert "ean" not in found.columns
