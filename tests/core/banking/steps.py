"""What the tests about bank statements do again and again, in the words of the product."""

import itertools
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.banking import booking, importing, setting_aside
from core.banking.models import BankEntry
from core.banking.proposing import Proposal, open_entries, propose
from core.db import transaction
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import TODAY
from tests.core.orders.steps import NOON

OWN = "RO49AAAA1B31007593840000"
IBANS = (
    "RO78BTRLRONCRT0A12345600", "RO56RNCB0000000012345678", "RO54RZBR0000060012345678", "RO04BRDE450SV12345678900",
    "RO72INGB0000999912345678", "RO50CECE0000000RON123456",
)  # fmt: skip
_serial = itertools.count(1)


@dataclass(frozen=True)
class Money:
    """An entry as a bank writes it; without a `reference` the bank gives none."""

    amount: str
    text: str
    name: str = ""
    iban: str = ""
    reference: str = ""
    day: date = TODAY
    mark: str = "C"


def mt940(*entries: Money, account: str = OWN, number: int | None = None) -> bytes:
    """A statement with these entries; another one each time, unless its number is given."""
    lines = [f":20:X\n:25:{account}\n:28C:{number or next(_serial)}/1\n:60F:C261101RON0,00"]
    total = Decimal(0)
    for one in entries:
        total += Decimal(one.amount) * (1 if one.mark in ("C", "RD") else -1)
        amount = one.amount.replace(".", ",")
        lines.append(f":61:{one.day:%y%m%d%m%d}{one.mark}{amount}NTRFNONREF//{one.reference}".removesuffix("//"))
        lines.append(f":86:051+00INCASARE+20{one.text}+31{one.iban}+32{one.name}")
    lines.append(f":62F:{'C' if total >= 0 else 'D'}{TODAY:%y%m%d}RON{abs(total)}".replace(".", ","))
    return ("\n".join(lines) + "\n").encode()


def load(data: bytes, who: Principal = SYSTEM, name: str = "extras.sta") -> importing.Loaded:
    with transaction(who) as session:
        return importing.load(session, data, name, NOON)


def received(*entries: Money, who: Principal = SYSTEM) -> list[int]:
    """Load a statement with these entries; the ids of those that are new, in their order."""
    with transaction(SYSTEM) as session:
        before = set(session.scalars(select(BankEntry.id)))
    load(mt940(*entries), who)
    found = [entry for entry in kept() if entry.id not in before]
    texts = [" ".join(one.text.split()) for one in entries]
    return [entry.id for entry in sorted(found, key=lambda entry: texts.index(entry.details))]


def kept(**about: Any) -> list[BankEntry]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(BankEntry).filter_by(**about).order_by(BankEntry.id)))


def entry(entry_id: int) -> BankEntry:
    return kept(id=entry_id)[0]


def proposals() -> dict[int, Proposal]:
    with transaction(SYSTEM) as session:
        return propose(session, open_entries(session))


def proposal(entry_id: int) -> Proposal:
    return proposals()[entry_id]


def reasons(found: Proposal) -> list[str]:
    return [one.text("en") for one in found.reasons]


def book(entry_id: int, who: Principal = SYSTEM, seen: str | None = None, as_of: datetime = NOON) -> int:
    """Book it as it is proposed now, or was `seen`."""
    mark = proposal(entry_id).mark if seen is None else seen
    with transaction(who) as session:
        return booking.book(session, entry_id, mark, as_of)


def book_on(entry_id: int, partner: Principal, pays: dict[int, Decimal] | None = None, who: Principal = SYSTEM) -> int:
    with transaction(who) as session:
        return booking.book_on(session, entry_id, partner.partner_id or 0, pays, NOON)


def book_certain(who: Principal = SYSTEM) -> booking.Booked:
    marks = {entry_id: found.mark for entry_id, found in proposals().items() if found.certain}
    return booking.book_all(who, marks, NOON)


def set_aside(entry_id: int, reason: str = "Împrumut", who: Principal = SYSTEM) -> None:
    with transaction(who) as session:
        setting_aside.set_aside(session, entry_id, reason, NOON)


def reopen(entry_id: int, who: Principal = SYSTEM) -> None:
    with transaction(who) as session:
        setting_aside.reopen(session, entry_id, NOON)


def take_back(entry_id: int, who: Principal = SYSTEM) -> None:
    with transaction(who) as session:
        setting_aside.take_back(session, entry_id, "Greșit", NOON)
