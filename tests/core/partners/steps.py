"""What the tests of partners do again and again."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from core.auth.asking import ask_access
from core.db import transaction
from core.partners.data import PartnerData
from core.principal import SYSTEM, visitor

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CUI = "18547290"
OTHER_CUI = "14399840"


def company(**values: Any) -> PartnerData:
    usual = {"name": "Exemplu SRL", "cui": CUI, "email": "ana@exemplu.example", "contact_name": "Ana Pop"}
    return PartnerData(**usual | values)


def ask(note: str = "", as_of: datetime = NOW, address: str = "192.0.2.7", **values: Any) -> None:
    """Somebody at this address asks for access."""
    with transaction(visitor(address)) as session:
        ask_access(session, company(**values), note, as_of)


def proposal(**values: Any) -> int:
    """A request that waits for an answer: the id of its partner."""
    ask(**values)
    return one("select max(id) from partner where status = 'proposed'")[0]


def one(query: str, **params: Any) -> tuple[Any, ...]:
    with transaction(SYSTEM) as session:
        return tuple(session.execute(text(query), params).one())


def events(kind: str) -> list[dict[str, Any]]:
    """The data of all events of a kind, the oldest first."""
    with transaction(SYSTEM) as session:
        return list(session.scalars(text("select data from event where kind = :kind order by id"), {"kind": kind}))
