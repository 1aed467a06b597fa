"""How the cells of a file are read: text in, value out, or a Fault that says what is wrong with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache

from babel import Locale
from stdnum.exceptions import ValidationError
from stdnum.ro import cui as stdnum_cui

from core.catalog.categories import clean_path
from core.catalog.codes import WrongCode, check_ean, check_nc_code
from core.catalog.facts import LARGEST_DESCRIPTION
from core.i18n import LANGUAGES, N_
from core.imports.decoding import with_comma_below
from core.imports.numbers import Exact, parse_number
from core.imports.problems import Fault
from core.partners.data import EMAIL

NEGATIVE = N_("{value} is negative.")
DECIMALS = N_("{value} has more than {decimals} decimals.")
TOO_LARGE = N_("{value} is too large; the largest is {largest}.")
NOTHING_OPEN = N_("Nothing is open there. Take the row out.")
ZERO = N_("The quantity in a pack must be more than 0.")
NOT_POSITIVE = N_("{value} is not more than 0. Leave the cell empty where there is no such quantity.")
NOT_A_DAY = N_("“{value}” is not a day. Write it as 31.12.2026 or 2026-12-31.")
NOT_WHOLE = N_("{value} is not a whole number of days.")
UNKNOWN_VAT = N_("There is no VAT rate of {value} % today. The rates are: {rates}.")
TOO_LONG = N_("The text has {length} characters; {largest} are allowed.")
BAD_CUI = N_("“{value}” is not a valid CUI. Check its digits, or leave it empty.")
BAD_EMAIL = N_("“{value}” is not an e-mail address.")
SCIENTIFIC = N_(
    "“{value}” has lost its digits. Give the column the format “Number” without decimals, or “Text”, first."
)
FRACTION = N_(
    "A sheet holds {percent} % as {fraction}. Is it that? Give the column the format “Number” and write {percent}."
)
BAD_YES_NO = N_("“{value}” is neither yes nor no.")

LONGEST_NUMBER = 400
"""Characters: more than the largest number of a sheet has; of a million digits Python makes none."""
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII)
_LOST_DIGITS = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]{1,3}", re.ASCII | re.IGNORECASE)
_EVERYBODY = {"all", "everybody", "toti", "toți", "toata lumea", "toată lumea", "*"}
_YES = {"da", "yes", "true", "1", "x", "y", "d"}
_NO = {"nu", "no", "false", "0", "n"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a cell depends on: the decimal mark the file uses, and today's VAT classes by rate."""

    decimal_mark: str | None = None
    vat_classes: dict[Decimal, str] = field(default_factory=dict)


def sku(text: str, _: Reading) -> str:
    """A key: exactly as written, letter case included."""
    return _limited(_with_digits(text), 64)


def document_number(text: str, _: Reading) -> str:
    """Series and number as another program wrote them, with one blank where there are several."""
    return _limited(" ".join(_with_digits(_clean(text)).split()), 64)


def short_text(text: str, _: Reading) -> str:
    return _limited(_clean(text), 64)


def long_text(text: str, _: Reading) -> str:
    return _limited(_clean(text), 200)


def category(text: str, _: Reading) -> str:
    """A way from the top with one blank around each `>`, so that `A>B` and `A > B` are one category."""
    return _limited(clean_path(_clean(text)), 200)


def paragraphs(text: str, _: Reading) -> str:
    """A text with its line breaks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _limited("\n".join(_clean(line) for line in lines).strip(), LARGEST_DESCRIPTION)


def ean(text: str, _: Reading) -> str:
    return _code(text, check_ean)


def nc_code(text: str, _: Reading) -> str:
    return _code(text, check_nc_code)


def audience(text: str, _: Reading) -> list[str]:
    """Names of groups and codes of partners, with | between them; none for everybody."""
    if _clean(text).lower() in _EVERYBODY:
        return []
    return sorted({_limited(name, 200) for name in (_clean(part) for part in text.split("|")) if name})


def calendar_day(text: str, _: Reading) -> date:
    """A day as it is written in Romania, or in ISO 8601; a time after it does not count."""
    found = _DAY.fullmatch(re.split("[T ]", text)[0])
    parts = [part for part in found.groups() if part] if found else []
    try:
        year, month, day = (int(part) for part in (parts if found and found[1] else reversed(parts)))
        return date(year, month, day)
    except ValueError as error:
        raise Fault(NOT_A_DAY, value=text) from error


def price(text: str, reading: Reading) -> Decimal:
    """A net unit price in lei, up to 4 decimals."""
    return _number(text, reading, 4, Decimal("9999999999.9999"))


def price_in_any_currency(text: str, reading: Reading) -> Decimal:
    """A net unit price in the currency of its list."""
    return price(text, reading)


def stock(text: str, reading: Reading) -> Decimal:
    """A quantity, up to 3 decimals."""
    return _number(text, reading, 3, Decimal("999999999.999"))


def amount(text: str, reading: Reading) -> Decimal:
    """An amount of money, up to 2 decimals."""
    return _number(text, reading, 2, Decimal("999999999999.99"))


def open_amount(text: str, reading: Reading) -> Decimal:
    """What is open of a document, up to 2 decimals: below 0 for a credit, and never 0."""
    value = _number(text, reading, 2, Decimal("999999999999.99"), signed=True)
    if not value:
        raise Fault(NOTHING_OPEN)
    return value


def hours(text: str, reading: Reading) -> Decimal:
    """A time span of at most ten years, down to the hundredth of an hour."""
    return _number(text, reading, 2, Decimal(87600))


def pack(text: str, reading: Reading) -> Decimal:
    value = stock(text, reading)
    if not value:
        raise Fault(ZERO)
    return value


def positive(text: str, reading: Reading) -> Decimal:
    """A quantity of more than 0, up to 3 decimals."""
    value = stock(text, reading)
    if not value:
        raise Fault(NOT_POSITIVE, value=text)
    return value


def discount(text: str, reading: Reading) -> Decimal:
    """Percent, up to 2 decimals; a percent sign may follow."""
    percent = _number(text.removesuffix("%").rstrip(), reading, 2, Decimal(100))
    if isinstance(text, Exact) and 0 < percent < 1:
        raise Fault(FRACTION, percent=percent * 100, fraction=percent)
    return percent


def days(text: str, reading: Reading) -> int:
    value = _number(text, reading, 3, Decimal(3650))
    if value != int(value):
        raise Fault(NOT_WHOLE, value=text)
    return int(value)


def vat_class(text: str, reading: Reading) -> str:
    """The VAT class that has this rate today; a percent sign may follow. A sheet holds 21 % as 0.21."""
    rate = _number(text.removesuffix("%").rstrip(), reading, 3, Decimal(100))
    found = reading.vat_classes.get(rate * 100 if isinstance(text, Exact) and 0 < rate < 1 else rate)
    if found is None:
        rates = ", ".join(f"{known:f} %" for known in sorted(reading.vat_classes, reverse=True))
        raise Fault(UNKNOWN_VAT, value=text, rates=rates)
    return found


def cui(text: str, _: Reading) -> str:
    """The digits of a CUI with a right check digit; RO before them is dropped (see Partner.vat_payer)."""
    try:
        valid: str = stdnum_cui.validate(text)
    except ValidationError as error:
        raise Fault(BAD_CUI, value=text) from error
    return valid


def email(text: str, _: Reading) -> str:
    if not EMAIL.fullmatch(text):
        raise Fault(BAD_EMAIL, value=text)
    return _limited(text.lower(), 254)


def yes_no(text: str, _: Reading) -> bool:
    if text.lower() not in _YES | _NO:
        raise Fault(BAD_YES_NO, value=text)
    return text.lower() in _YES


def country(text: str, _: Reading) -> str:
    """Two letters where the name or the code is known (in Romanian or English), else the text as it is."""
    return _limited(_countries().get(_clean(text).lower(), _clean(text)), 64)


NUMBERS = frozenset({price, price_in_any_currency, stock, pack, positive, discount, days, vat_class, open_amount})
"""The readers whose cells tell which decimal mark a file uses."""


def _clean(text: str) -> str:
    """Composed letters, ș and ț with the comma below (FISCAL 3), no line breaks; blanks inside stay."""
    return re.sub(r"[\r\n\t]+", " ", with_comma_below(text)).strip()


def _code(text: str, check: Callable[[str], str]) -> str:
    try:
        return check(_with_digits(text.lstrip("'")))
    except WrongCode as refusal:
        raise Fault(refusal.message, **refusal.params) from refusal


def _with_digits(text: str) -> str:
    """What a spreadsheet makes of a long code has too few of them."""
    if _LOST_DIGITS.fullmatch(text):
        raise Fault(SCIENTIFIC, value=text)
    return text


def _limited(text: str, largest: int) -> str:
    if len(text) > largest:
        raise Fault(TOO_LONG, length=len(text), largest=largest)
    return text


def _number(text: str, reading: Reading, decimals: int, largest: Decimal, signed: bool = False) -> Decimal:
    value = parse_number(_limited(text, LONGEST_NUMBER), reading.decimal_mark)
    if value < 0 and not signed:
        raise Fault(NEGATIVE, value=text)
    if abs(value) > largest:
        raise Fault(TOO_LARGE, value=text, largest=largest)
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN)
    if rounded != value:
        raise Fault(DECIMALS, value=text, decimals=decimals)
    return rounded + 0  # "-0" is 0


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Names and codes in lower case → ISO 3166 code; what UK programs and people in a hurry write goes last."""
    known = {"usa": "US", "uk": "GB", "eire": "IE", "rsa": "ZA", "czech republic": "CZ", "anglia": "GB"}
    for language in LANGUAGES:
        territories = {
            code: name for code, name in Locale(language).territories.items() if re.fullmatch("[A-Z]{2}", code)
        }
        known |= {name.lower(): code for code, name in territories.items()} | {
            code.lower(): code for code in territories
        }
    return known
