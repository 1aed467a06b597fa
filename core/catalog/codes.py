"""Numbers that others gave a product: its bar code and its code of the Combined Nomenclature."""

import re

from stdnum import ean

from core.errors import Refusal
from core.i18n import N_

EAN_LENGTHS = (8, 12, 13, 14)


class WrongCode(Refusal):
    """A code that cannot be; an empty one is none."""


class EanNotDigits(WrongCode):
    message = N_("“{value}” is no EAN: it has digits only. If a spreadsheet made it so, format the column as text.")


class EanLength(WrongCode):
    message = N_("“{value}” is no EAN: it has {count} digits, and an EAN or GTIN has 8, 12, 13 or 14.")


class EanCheckDigit(WrongCode):
    message = N_("“{value}” is no EAN: with these digits the last one would be {digit}. Is one of them mistyped?")


class BadNcCode(WrongCode):
    message = N_("“{value}” is no code of the Combined Nomenclature: it has 8 digits.")


def check_ean(text: str) -> str:
    """The digits of an EAN or GTIN, without blanks and hyphens; '' for ''. Raises WrongCode with what is wrong."""
    digits = _digits(text)
    if not digits:
        return ""
    if not (digits.isascii() and digits.isdigit()):
        raise EanNotDigits(value=text)
    if len(digits) not in EAN_LENGTHS:
        raise EanLength(value=text, count=len(digits))
    if not ean.is_valid(digits):
        raise EanCheckDigit(value=text, digit=ean.calc_check_digit(digits[:-1]))
    return digits


def check_nc_code(text: str) -> str:
    """The 8 digits of a code such as '8544 49 95'; '' for ''. Raises WrongCode."""
    digits = _digits(text)
    if digits and not re.fullmatch("[0-9]{8}", digits):
        raise BadNcCode(value=text)
    return digits


def _digits(text: str) -> str:
    return re.sub(r"[\s.-]", "", text)
