"""Counties and sectors, however people write them."""

import pytest

from core.documents.efactura.places import COUNTIES, Place, county_code, place_in, place_of
from core.search import fold


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("CJ", "RO-CJ"), ("cj", "RO-CJ"), ("RO-CJ", "RO-CJ"), ("Cluj", "RO-CJ"), ("jud. Cluj", "RO-CJ"),
        ("JUDEȚUL CLUJ", "RO-CJ"), ("Judeţ Iaşi", "RO-IS"), ("Bistrita Nasaud", "RO-BN"), ("Bistrița-Năsăud", "RO-BN"),
        ("satu-mare", "RO-SM"), ("Caraş Severin", "RO-CS"), ("Dîmbovița", "RO-DB"), ("Vîlcea", "RO-VL"),
        ("București", "RO-B"), ("Municipiul București", "RO-B"), ("mun. Bucuresti", "RO-B"), ("B", "RO-B"),
        ("Sector 3", "RO-B"), ("București, Sector 6", "RO-B"), ("Bucharest", "RO-B"),
        ("", ""), ("-", ""), ("12", ""), ("Narnia", ""), ("Budapesta", ""), ("Cluj-Napoca", ""),
    ],
)  # fmt: skip
def test_a_county_is_known_however_it_is_written(written: str, code: str) -> None:
    assert county_code(written) == code


def test_every_county_is_known_with_and_without_diacritics_and_in_capitals() -> None:
    assert len(COUNTIES) == 42
    for code, name in COUNTIES.items():
        for written in (name, fold(name), name.upper(), f"Județul {name}", code, code.lower()):
            assert county_code(written) == f"RO-{code}", written


@pytest.mark.parametrize(
    ("city", "county", "street", "sector"),
    [
        ("Sector 3", "București", "Str. 1", "SECTOR3"), ("Sectorul 3", "B", "Str. 1", "SECTOR3"),
        ("București, Sector 6", "B", "Str. 1", "SECTOR6"), ("Sector 3, București", "B", "Str. 1", "SECTOR3"),
        ("SECTOR1", "RO-B", "Str. 1", "SECTOR1"), ("Bucureşti", "B", "Bd. Unirii 1, sect. 4", "SECTOR4"),
        ("București", "Sector 5", "Str. 1", "SECTOR5"), ("Sector 2", "", "Str. 1", "SECTOR2"),
        ("Bucuresti Sectorul 2", "Municipiul București", "Str. 1", "SECTOR2"),
        ("București", "B", "Str. 1", ""), ("Sector 7", "B", "Str. 1", ""), ("Sector 33", "B", "Str. 1", ""),
    ],
)  # fmt: skip
def test_in_bucharest_the_sector_is_the_city(city: str, county: str, street: str, sector: str) -> None:
    party = {"city": city, "county": county, "address": street, "country": "RO"}
    assert place_of(party)[1:3] == (sector, "RO-B")


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("Str. Fabricii 7, Cluj-Napoca, jud. Cluj", Place("Str. Fabricii 7", "Cluj-Napoca", "RO-CJ", "RO")),
        ("Depozit, Str. Fabricii 7, mun. Iași, Iași", Place("Depozit, Str. Fabricii 7", "Iași", "RO-IS", "RO")),
        ("Bd. Timișoara 26, București, Sector 6", Place("Bd. Timișoara 26", "SECTOR6", "RO-B", "RO")),
        ("Bd. Timișoara 26, sector 6, București", Place("Bd. Timișoara 26", "SECTOR6", "RO-B", "RO")),
        ("Str. A 1, Oradea, jud. Bihor, tel. 0700000000", Place("Str. A 1, tel. 0700000000", "Oradea", "RO-BH", "RO")),
        ("Depozit Chitila, Șos. Banatului nr. 12, jud. Ilfov", None), ("Cluj-Napoca, Cluj", None),
        ("București, Sector 6", None), ("Str. A 1, București", None), ("", None), ("la sediu", None),
    ],
)  # fmt: skip
def test_an_address_in_one_text_is_read_only_where_it_is_sure(written: str, place: Place | None) -> None:
    assert place_in(written) == place
