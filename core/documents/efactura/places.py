"""Where somebody is, as e-Factura wants it: counties as `RO-CJ` (ISO 3166-2), in Bucharest the sector as the city."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from core.documents.efactura.nodes import one_line
from core.search import fold

COUNTIES = {
    "AB": "Alba", "AG": "Argeș", "AR": "Arad", "B": "București", "BC": "Bacău", "BH": "Bihor", "BN": "Bistrița-Năsăud",
    "BR": "Brăila", "BT": "Botoșani", "BV": "Brașov", "BZ": "Buzău", "CJ": "Cluj", "CL": "Călărași",
    "CS": "Caraș-Severin", "CT": "Constanța", "CV": "Covasna", "DB": "Dâmbovița", "DJ": "Dolj", "GJ": "Gorj",
    "GL": "Galați", "GR": "Giurgiu", "HD": "Hunedoara", "HR": "Harghita", "IF": "Ilfov", "IL": "Ialomița",
    "IS": "Iași", "MH": "Mehedinți", "MM": "Maramureș", "MS": "Mureș", "NT": "Neamț", "OT": "Olt", "PH": "Prahova",
    "SB": "Sibiu", "SJ": "Sălaj", "SM": "Satu Mare", "SV": "Suceava", "TL": "Tulcea", "TM": "Timiș", "TR": "Teleorman",
    "VL": "Vâlcea", "VN": "Vrancea", "VS": "Vaslui",
}  # fmt: skip
HOME, CAPITAL = "RO", "RO-B"
_SECTOR = re.compile(r"\bsect(?:or(?:ul)?)?[\s.]*([1-6])\b")
_OF_A_COUNTY = re.compile(r"\b(judetul|judet|jud|municipiul|mun|orasul|oras|ro)\b")
_OF_A_CITY = re.compile(
    r"^(localitatea|loc|municipiul|mun|orașul|oraș|oras|comuna|com|satul|sat)\b[\s.]*", re.IGNORECASE
)
_NOT_LETTERS = re.compile(r"[^a-z]")


class Place(NamedTuple):
    """An address; `county` is a code of ISO 3166-2 where the country is Romania. What is not known is empty."""

    street: str
    city: str
    county: str
    country: str


def place_of(party: dict[str, Any]) -> Place:
    """Where a party of a document is. In Bucharest its city is `SECTOR1` to `SECTOR6`, empty if no text names it."""
    street, city, county = (one_line(party.get(name) or "") for name in ("address", "city", "county"))
    country = one_line(party.get("country") or HOME).upper()
    if country != HOME:
        return Place(street, city, county, country)
    code = county_code(county) or ("" if county else _capital(city))
    return Place(street, _sector(city, county, street) if code == CAPITAL else city, code, country)


@lru_cache(maxsize=2000)
def county_code(text: str) -> str:
    """The code of a Romanian county, however its name or its two letters are written; empty if it is none."""
    return f"{HOME}-{code}" if (code := _CODES.get(_letters(text))) else _capital(text)


def place_in(text: str) -> Place | None:
    """The address in a text with commas, as “Str. Fabricii 7, Cluj-Napoca, jud. Cluj”, if it can be told for sure."""
    parts = [part for part in map(one_line, re.split(r"[,;\n]", text)) if part]
    at = next((at for at in range(len(parts) - 1, 0, -1) if _names_county(parts, at)), 0)
    if not at:
        return None
    code = county_code(parts[at])
    if code == CAPITAL:
        city, others = _sector(*parts), [part for part in parts if not _capital(part)]
    else:
        city, others = _OF_A_CITY.sub("", parts[at - 1]), parts[: at - 1] + parts[at + 1 :]
    if not city or not others or (code != CAPITAL and any(sign.isdigit() for sign in city)):
        return None
    return Place(", ".join(others), city, code, HOME)


def _names_county(parts: list[str], at: int) -> bool:
    said = fold(parts[at])
    return bool(county_code(parts[at])) and (said.startswith("jud") or at == len(parts) - 1)


def _capital(text: str) -> str:
    """That of Bucharest, if this is a name of it, of a sector, or of both."""
    rest, sectors = _SECTOR.subn(" ", fold(text))
    letters = _letters(rest)
    return CAPITAL if letters in _CAPITAL or (sectors and not letters) else ""


def _sector(*texts: str) -> str:
    found = next((match for text in texts if (match := _SECTOR.search(fold(text)))), None)
    return f"SECTOR{found[1]}" if found else ""


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", _OF_A_COUNTY.sub(" ", fold(text)))


_CAPITAL = {"b", "bucuresti", "bucharest"}
_CODES = {
    written: code
    for code, name in COUNTIES.items()
    for written in (_letters(name), _letters(name.replace("â", "î")), code.lower())  # Dîmbovița: the older spelling
}
