"""What is missing or wrong about seller and buyer, before e-Factura says so."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from babel import Locale
from stdnum import iban
from stdnum.ro import cui

from core.documents.efactura.nodes import one_line
from core.documents.efactura.parties import LONGEST_STREET, LONGEST_STREET_MORE
from core.documents.efactura.places import CAPITAL, HOME, Place, place_of
from core.documents.efactura.problems import PARTNER_PAGE, SETTINGS, Problem
from core.documents.models import Document
from core.documents.vat import NOT_REGISTERED
from core.i18n import N_

LONGEST_NAME, LONGEST_CITY = 200, 50
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
"""Regions that CLDR lists with two letters as well."""


def party_problems(document: Document) -> Iterator[Problem]:
    """Of both parties; `document.seller` and `document.buyer` as core.documents.parties copies them."""
    yield from _party(document.seller, SETTINGS)
    yield from _accounts(document.seller)
    taxed = any(part.category != NOT_REGISTERED for part in document.vat_totals)
    if taxed and not document.seller["vat_payer"]:
        words = N_("{party}: not registered for VAT, so the lines must be without VAT. Check it ({where}).")
        yield Problem(words, party=document.seller["name"], where=SETTINGS)
    yield from _party(document.buyer, PARTNER_PAGE)


def _party(party: dict[str, Any], where: str) -> Iterator[Problem]:
    about = {"party": one_line(party["name"]) or one_line(party["cui"]), "where": where}
    place, number = place_of(party), one_line(party["cui"])
    if not one_line(party["name"]):
        yield Problem(N_("{party}: the name is missing. Fill it in ({where})."), **about)
    if place.country == HOME and not _is_cui(number):
        yield Problem(N_("{party}: “{value}” is no valid CUI. Check its digits ({where})."), **about, value=number)
    elif not number:
        yield Problem(N_("{party}: the tax number is missing. Fill it in ({where})."), **about)
    yield from _place(party, place, about)
    longest = LONGEST_STREET + LONGEST_STREET_MORE
    for text, most in ((one_line(party["name"]), LONGEST_NAME), (place.city, LONGEST_CITY), (place.street, longest)):
        if len(text) > most:
            words = N_("{party}: “{value}” has {length} characters; e-Factura takes {largest}. Shorten it ({where}).")
            yield Problem(words, **about, value=text, length=len(text), largest=most)


def _place(party: dict[str, Any], place: Place, about: dict[str, str]) -> Iterator[Problem]:
    county = one_line(party.get("county") or "")
    if place.country not in _countries():
        yield Problem(N_("{party}: “{value}” is no country. Use its two letters, as DE ({where})."),
                      **about, value=place.country)  # fmt: skip
    if not place.street:
        yield Problem(N_("{party}: street and number are missing. Fill in the address ({where})."), **about)
    if place.county == CAPITAL and place.country == HOME and not place.city:
        yield Problem(N_("{party}: in Bucharest e-Factura wants the sector. Write “Sector 1” to “Sector 6” as the city"
                         " ({where})."), **about)  # fmt: skip
    elif not place.city:
        yield Problem(N_("{party}: the city is missing. Fill it in ({where})."), **about)
    if place.country == HOME and not place.county:
        words = N_("{party}: “{value}” is no county of Romania. Write its name or its two letters ({where}).")
        missing = N_("{party}: the county is missing. Write its name or its two letters ({where}).")
        yield Problem(words, **about, value=county) if county else Problem(missing, **about)


def _accounts(seller: dict[str, Any]) -> Iterator[Problem]:
    named = [one_line(seller.get("iban") or "")]
    named += [account.split(" ")[0] for account in seller.get("more_accounts") or []]
    for account in filter(None, named):
        if not _is_iban(account):
            words = N_("{party}: “{value}” is no valid IBAN. Check it ({where}).")
            yield Problem(words, party=seller["name"], value=account, where=SETTINGS)


@lru_cache(maxsize=2000)
def _is_cui(number: str) -> bool:
    return bool(cui.is_valid(number))


@lru_cache(maxsize=100)
def _is_iban(account: str) -> bool:
    return bool(iban.is_valid(account))


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    codes = map(str, Locale.parse("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES)
