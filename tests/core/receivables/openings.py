"""What the tests about opening documents do again and again, in the words of the product."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.db import transaction
from core.documents.models import Document
from core.imports.files import Report, apply
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import TODAY
from tests.core.orders.steps import NOON

HEAD = "cod partener;numar document;data;scadenta;sold;observatii\n"


def load(rows: str, who: Principal = SYSTEM, as_of: datetime = NOON) -> Report:
    """Load rows below the usual header."""
    with transaction(who) as session:
        return apply(session, "opening", (HEAD + rows).encode(), "solduri.csv", as_of)


def code(of: Principal | int | None) -> str:
    partner_id = of.partner_id if isinstance(of, Principal) else of
    with transaction(SYSTEM) as session:
        return session.get_one(Partner, partner_id).code


def row(of: Principal | int, number: str, amount: str, late: int = 0, note: str = "") -> str:
    """A row of a document that is so many days late today (due days ahead: below 0), issued a month before that."""
    due = TODAY - timedelta(days=late)
    issued = min(due - timedelta(days=30), TODAY)
    return f"{code(of)};{number};{issued:%d.%m.%Y};{due:%d.%m.%Y};{amount};{note}\n"


def opening(of: Principal, number: str = "ABC 7", amount: str = "500", late: int = 0, **more: Any) -> Document:
    load(row(of, number, amount, late), **more)
    return document(of, number)


def document(of: Principal, number: str) -> Document:
    """The one of this number that was loaded last."""
    query = select(Document).filter_by(kind="opening", partner_id=of.partner_id, series=number)
    with transaction(SYSTEM) as session:
        return session.scalars(query.order_by(Document.id.desc())).first() or Document()


def day(late: int) -> date:
    return TODAY - timedelta(days=late)


def lei(amount: str | int) -> Decimal:
    return Decimal(amount)
