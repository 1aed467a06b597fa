"""The text of an MT940 entry (:86:) taken apart: every bank separates it in a way of its own.

Seen in Romania: `+20…+32`, `~20…~33`, `^20…`, `?20…` (numbers as the German banks gave them: 20-29 and 60-63 what it
is for, 31 the account, 32-33 the name), words between slashes (`/ORDP/`, `/REMI/`), words before colons, and free text.
"""

import re
from dataclasses import dataclass

from core.banking.ibans import clean, found_in

LONGEST = 600
LONGEST_NAME = 120
LONGEST_RAW = 4_000
_SEPARATORS = "?+~^<|"
_FULL = 27
"""A part this long was cut in the middle of a word: parts of the text have 27 characters, lines 65."""
_WORDS = re.compile(r"/(ORDP|NAME|REMI|IBAN|ACCW|CNTP|EREF|BENM|ADDR|ISDT|BUSP|MARF|BIC)/")
_NAME = r"(?:PL[AĂ]TITOR|ORDONATOR|NUME(?: PL[AĂ]TITOR| ORDONATOR)?|REMITENT|ORDERING PARTY|PAYER)"
_LABELS = re.compile(
    rf"(?P<name>{_NAME})\s*[:=]|(?P<details>DETALII(?: PLAT[AĂ])?|EXPLICA[TȚ]II|DETAILS)\s*[:=]"
    r"|(?P<other>IBAN|CONT|BANCA|CIF|CUI|CNP|REF(?:ERIN[TȚ][AĂ])?|BIC|DATA)\s*[:=]",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[;|]|\s{3,}")


@dataclass(frozen=True, slots=True)
class Details:
    """What it is for, who paid, and from which account (IBAN); each may be empty."""

    text: str
    name: str = ""
    iban: str = ""


def split(raw: str, own: frozenset[str] = frozenset()) -> Details:
    """Take the text of an entry apart; `own` are the IBANs of ours, which are not the payer's."""
    lines = raw[:LONGEST_RAW].strip().splitlines()
    whole, spaced = "".join(lines), _joined(lines, 65)
    found = _numbered(whole) or _slashed(spaced) or _labelled(spaced) or Details(spaced)
    iban = found.iban or next((iban for iban in found_in(whole) if iban not in own), "")
    return Details(tidy(found.text)[:LONGEST], tidy(found.name)[:LONGEST_NAME], "" if iban in own else iban)


def tidy(text: str) -> str:
    """On one line, with one blank where there are several."""
    return " ".join(text.split())


def _joined(parts: list[str], full: int) -> str:
    """Parts of one text: a full one goes on in the next without a blank."""
    text = ""
    for part in parts:
        text += part if len(part) >= full else part + " "
    return text


def _numbered(whole: str) -> Details | None:
    for sign in _SEPARATORS:
        first = re.match(rf"\d{{0,3}}\s*{re.escape(sign)}\d\d", whole)
        parts = re.split(rf"{re.escape(sign)}(\d\d)", whole)
        if not first or len(parts) < 5:  # two numbered parts at least
            continue
        fields = list(zip(parts[1::2], parts[2::2], strict=True))
        purpose = [text for number, text in fields if number[0] == "2" or "60" <= number <= "63"]
        names = [text for number, text in fields if number in ("32", "33")]
        account = next((text for number, text in fields if number == "31"), "")
        return Details(_joined(purpose, _FULL), _joined(names, _FULL), clean(account))
    return None


def _slashed(whole: str) -> Details | None:
    parts = _WORDS.split(whole)
    if len(parts) < 3:
        return None
    fields: dict[str, str] = {}
    for word, text in zip(parts[1::2], parts[2::2], strict=True):
        fields[word] = " ".join(filter(None, (fields.get(word), text.strip(" /"))))
    name = fields.get("NAME") or fields.get("ORDP") or fields.get("CNTP") or ""
    iban = next(found_in(" ".join(fields.get(word, "") for word in ("IBAN", "ACCW", "CNTP", "ORDP"))), "")
    return Details(fields.get("REMI", "") or parts[0], name, iban)


def _labelled(whole: str) -> Details | None:
    """`Platitor: X; Detalii: Y`: what follows a word and a colon, up to the next such word."""
    marks = list(_LABELS.finditer(whole))
    name, text = "", ""
    ends = [*(mark.start() for mark in marks[1:]), len(whole)]
    for mark, end in zip(marks, ends, strict=False):
        value = whole[mark.end() : end].strip(" ;,|")
        if mark["name"]:
            name = name or _ADDRESS.split(value)[0]
        elif mark["details"]:
            text = text or value
    return Details(text or whole, name) if name or text else None
