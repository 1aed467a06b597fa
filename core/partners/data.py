"""What is kept about a partner's company, as people type it, and what of that is accepted."""

import re
import unicodedata
from dataclasses import asdict, dataclass, fields
from decimal import Decimal

from stdnum.exceptions import ValidationError
from stdnum.ro import cui as stdnum_cui

from core.errors import Refusal
from core.i18n import N_
from core.partners.models import Partner

EMAIL = re.compile(r"[^@\s,;:<>\"()\[\]\\]+@[^@\s,;:<>\"()\[\]\\.]+(\.[^@\s,;:<>\"()\[\]\\.]+)+")
"""What a log-in may have as well (core.auth.users.EMAIL)."""

HOME = "RO"
MOST_DAYS = 3650
LENGTHS = {"name": 200, "address": 200, "email": 254, "contact_name": 200}
LENGTH = 64
LONGEST_TYPED = 1000
"""Of every other text, as in imports."""

_CEDILLAS = str.maketrans("şţŞŢ", "șțȘȚ")


class NameMissing(Refusal):
    message = N_("A partner needs a name.")


class BadEmail(Refusal):
    message = N_("“{email}” is not an e-mail address.")


class CuiMissing(Refusal):
    message = N_("Enter the CUI. Only a company from another country can be without one.")


class BadCui(Refusal):
    message = N_("“{value}” is not a valid CUI. Check its digits.")


class BadTerms(Refusal):
    message = N_("The discount is 0 to 100 % with at most 2 decimals, the days to pay are 0 or more.")


class TextTooLong(Refusal):
    message = N_("The text has {length} characters; {largest} are allowed.")


@dataclass(frozen=True, slots=True)
class PartnerData:
    """A company's own data. `country` is an ISO 3166 code; `vat_payer` tells whether it is registered for VAT."""

    name: str
    cui: str = ""
    vat_payer: bool = True
    reg_com: str = ""
    address: str = ""
    city: str = ""
    county: str = ""
    country: str = HOME
    email: str = ""
    phone: str = ""
    contact_name: str = ""

    @classmethod
    def of(cls, partner: Partner) -> "PartnerData":
        """What the partner's row holds."""
        return cls(**{field.name: getattr(partner, field.name) for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Terms:
    """The distributor's own code of the partner (empty: to be made), percent off the list price, and days to pay."""

    code: str = ""
    discount: Decimal = Decimal(0)
    payment_days: int = 30

    def check(self) -> None:
        """Raises BadTerms."""
        good = 0 <= self.discount <= 100 and self.discount == round(self.discount, 2)
        if not good or not 0 <= self.payment_days <= MOST_DAYS:
            raise BadTerms


def checked(data: PartnerData, *, known_cui: str | None = None) -> PartnerData:
    """The data in the form in which it is kept. `known_cui` is what the partner has: as that, it may stay.

    Raises NameMissing, CuiMissing, BadCui, BadEmail, TextTooLong.
    """
    for value in asdict(data).values():
        if isinstance(value, str):
            require_length(value, LONGEST_TYPED)  # before it is tidied, which takes ever longer the longer it is
    texts = {name: tidy(value) for name, value in asdict(data).items() if isinstance(value, str)}
    for name, value in texts.items():
        require_length(value, LENGTHS.get(name, LENGTH))
    cui, country, email = texts.pop("cui"), texts.pop("country") or HOME, texts.pop("email").lower()
    if cui != known_cui:
        cui = clean_cui(cui, country)
    if not texts["name"]:
        raise NameMissing
    if email and not EMAIL.fullmatch(email):
        raise BadEmail(email=email)
    return PartnerData(cui=cui, country=country, email=email, vat_payer=data.vat_payer, **texts)


def clean_cui(typed: str, country: str = HOME) -> str:
    """The digits of a Romanian CUI whose check digit is right, without RO; from elsewhere what was typed.

    Raises CuiMissing, BadCui, TextTooLong.
    """
    require_length(typed, LONGEST_TYPED)  # strangers ask with it: see `checked`
    if country != HOME:
        return tidy(typed)
    if not tidy(typed):
        raise CuiMissing
    try:
        valid: str = stdnum_cui.validate(tidy(typed))
    except ValidationError as error:
        raise BadCui(value=tidy(typed)) from error
    return valid


def tidy(text: str) -> str:
    """On one line, composed letters, ș and ț with the comma below, nothing that cannot be printed."""
    line = " ".join(unicodedata.normalize("NFC", text).translate(_CEDILLAS).split())
    return "".join(sign for sign in line if sign.isprintable())


def require_length(text: str, largest: int) -> None:
    """Raises TextTooLong."""
    if len(text) > largest:
        raise TextTooLong(length=len(text), largest=largest)
