"""The company register: what is publicly known about a CUI. A file, or a service that answers as ANAF's does.

Which one is the setting COMPANY_REGISTER; without it nothing can be looked up.
"""

import csv
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import structlog

from core import clock
from core.config import settings
from core.errors import Refusal
from core.i18n import N_
from core.partners.data import PartnerData, clean_cui, tidy

TIMEOUT = 5
LARGEST_ANSWER = 1_000_000
SERVICES = ("https://", "http://127.0.0.1:")
COLUMNS = ("name", "reg_com", "address", "city", "county")
_BROKEN = (OSError, HTTPException, ValueError, TypeError, KeyError, AttributeError, csv.Error)
"""Absent, late, or something else than a register."""

log = structlog.get_logger(__name__)


class RegisterSilent(Refusal):
    message = N_("The register does not answer: type the data by hand.")


@dataclass(frozen=True, slots=True)
class Found:
    """What the register says of a company; `inactive` also when it was struck off."""

    company: PartnerData
    inactive: bool = False


def has_register() -> bool:
    """Can anything be looked up in this installation?"""
    return bool(settings().company_register)


def look_up(cui: str) -> Found | None:
    """What the register knows of a Romanian CUI, as it was typed; None if it does not know it.

    Not within a transaction: it may take seconds. Raises CuiMissing, BadCui, RegisterSilent.
    """
    cui, where = clean_cui(cui), settings().company_register
    if not where:
        return None
    try:
        return _ask_service(where, cui) if where.startswith(SERVICES) else _look_into_file(where, cui)
    except _BROKEN as error:
        log.warning("register_silent", register=where, error=repr(error))
        raise RegisterSilent from error


def _ask_service(url: str, cui: str) -> Found | None:
    asked = [{"cui": int(cui), "data": clock.now().date().isoformat()}]
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = Request(url, json.dumps(asked).encode(), headers)  # noqa: S310 (the installation's own setting)
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            answer = json.loads(response.read(LARGEST_ANSWER))
    except HTTPError as error:
        if error.code != 404:  # what ANAF answers with when it knows none of the companies asked for
            raise
        answer = json.loads(error.read(LARGEST_ANSWER))
    return next((_from_service(entry, cui) for entry in answer["found"]), None)


def _from_service(entry: dict[str, Any], cui: str) -> Found:
    general, seat = entry["date_generale"], entry.get("adresa_sediu_social") or {}
    street = [seat.get("sdenumire_Strada"), seat.get("snumar_Strada"), seat.get("sdetalii_Adresa")]
    data = PartnerData(
        name=tidy(general["denumire"]),
        cui=cui,
        vat_payer=bool((entry.get("inregistrare_scop_Tva") or {}).get("scpTVA")),
        reg_com=tidy(general.get("nrRegCom") or ""),
        address=tidy(" ".join(part for part in street if part)) or tidy(general.get("adresa") or ""),
        city=_city(tidy(seat.get("sdenumire_Localitate") or "")),
        county=tidy(seat.get("scod_JudetAuto") or seat.get("sdenumire_Judet") or ""),
        phone=tidy(general.get("telefon") or ""),
    )
    struck_off = str(general.get("stare_inregistrare") or "").upper().startswith("RADIERE")
    return Found(data, struck_off or bool((entry.get("stare_inactiv") or {}).get("statusInactivi")))


def _city(name: str) -> str:
    """`Mun. Iași`, `Sat Florești Com. Florești` and `Sector 2 Mun. București` without what kind of place it is."""
    name = re.sub(r"(?<=\S)\s+(Mun|Orș|Com)\..*", "", name, flags=re.IGNORECASE)
    return re.sub(r"^(Mun\.|Municipiul|Orș\.|Oraș|Com\.|Sat)\s+", "", name, flags=re.IGNORECASE)


def _look_into_file(path: str, cui: str) -> Found | None:
    row = _rows(path, Path(path).stat().st_mtime_ns).get(cui)
    if row is None:
        return None
    name, reg_com, address, city, county = (tidy(row.get(column) or "") for column in COLUMNS)
    vat_payer = (row.get("vat_payer") or "").strip().lower() in ("yes", "da", "true", "1")
    return Found(PartnerData(name, cui, vat_payer, reg_com, address, city, county))


@lru_cache(maxsize=1)
def _rows(path: str, _changed_at: int) -> dict[str, dict[str, str]]:
    """The rows of the file by CUI, read once and again when the file changes."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {(row["cui"] or "").strip().upper().removeprefix("RO").strip(): row for row in csv.DictReader(file)}
