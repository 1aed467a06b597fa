"""Money in the demo besides plain payments: what was open before, a return, cash, a proforma, a dispute."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company
from core.demo.history import Cast, acting
from core.documents.proformas import issue_proforma
from core.documents.storno import storno
from core.imports import files
from core.receivables.payments import record_payment
from core.receivables.receipts import issue_receipt
from core.receivables.writing_off import dispute

RETURNS = PAYS_CASH = "P1001"
"""The code of the partner that it happens to; another one disputes an invoice."""
BROUGHT = (("P1009", "OLT 004417", 35, "1312.40"), ("P1007", "SIB 000286", 12, "-245.50"))
"""Partner, number, how many days before the start, and how much was open; below 0 for a credit."""
DAMAGED = "Două cutii au sosit deteriorate; așteptăm constatarea transportatorului."


def keep_accounts(session: Session, cast: Cast, as_of: datetime) -> None:
    """Let all of it happen at `as_of`, when everything else has: dates never go back within a series."""
    with acting(session, cast.staff["accounting"]):
        _take_back(session, as_of)
        _take_cash(session, as_of)
        for order_id in session.execute(_UNPAID).scalars().all():
            issue_proforma(session, order_id, as_of)
        disputed = session.execute(_OVERDUE, {"code": RETURNS, "day": _day(session, as_of)}).scalar_one_or_none()
        if disputed:
            dispute(session, disputed, DAMAGED, as_of)


def bring_over(session: Session, start: datetime) -> None:
    """Load what was open in the program before, when the portal began: a debt that is still not paid, and a credit."""
    day = _day(session, start)
    rows = (f"{code};{number};{day - timedelta(days=ago)};{amount}" for code, number, ago, amount in BROUGHT)
    files.apply(session, "opening", "\n".join(("partner;number;issued_on;open", *rows)).encode(), "solduri.csv", start)


def _take_back(session: Session, as_of: datetime) -> None:
    """A piece of the first line of the newest invoice comes back."""
    line = session.execute(_NEWEST_LINE, {"code": RETURNS}).one()
    back = {line.position: min(line.quantity, Decimal(1))}
    storno(session, line.document_id, "Retur: ambalaj deteriorat", as_of, back)


def _take_cash(session: Session, as_of: datetime) -> None:
    partner_id = session.execute(_PARTNER, {"code": PAYS_CASH}).scalar_one()
    payment = record_payment(
        session, partner_id, Decimal(850), _day(session, as_of), as_of, method="cash", reference="La casierie"
    )
    issue_receipt(session, payment.id, as_of)


def _day(session: Session, as_of: datetime) -> date:
    return local_date(as_of, company(session).time_zone)


_PARTNER = text("select id from partner where code = :code")
_NEWEST_LINE = text("""
    select line.document_id, line.position, line.quantity
    from document join partner on partner.id = document.partner_id
    join document_line line on line.document_id = document.id
    where partner.code = :code and document.kind = 'invoice' order by document.id desc, line.position limit 1
""")
_UNPAID = text("""
    select id from orders where prepay and paid_at is null and invoiced_at is null and status in ('placed', 'claimed')
    order by id
""")
_OVERDUE = text("""
    select document_id from receivable join partner on partner.id = receivable.partner_id
    where partner.code <> :code and open > 0 and due_on < cast(:day as date) order by due_on desc limit 1
""")
