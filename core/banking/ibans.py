"""IBANs as they stand in texts, and our own."""

import re
from collections.abc import Iterator

from stdnum import iban as stdnum_iban

from core.company import Company

_ROMANIAN = re.compile(r"RO\d{2}(?: ?[A-Z]{4})(?: ?[A-Z0-9]{4}){4}")
_ANY = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)(?![A-Z0-9])")


def clean(text: str) -> str:
    """The IBAN that a text is, without blanks; empty if it is none, or its check digits are wrong."""
    compact = re.sub(r"[\s-]", "", text).upper().removeprefix("IBAN")
    return compact if stdnum_iban.is_valid(compact) else ""


def found_in(text: str) -> Iterator[str]:
    """The IBANs in a text, one after the other."""
    upper = text.upper()
    for pattern in (_ROMANIAN, _ANY):
        for match in pattern.finditer(upper):
            if valid := clean(match[0]):
                yield valid


def own_accounts(company: Company) -> list[str]:
    """The IBANs of the distributor's accounts, the main one first."""
    found = [iban for text in (company.iban, *company.more_accounts) for iban in found_in(text)]
    return list(dict.fromkeys(found))
