"""Invoices of many orders at month's end: issued in the background, each in a transaction of its own."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import transaction
from core.documents.issuing import issue_invoice
from core.documents.models import IssueRun
from core.documents.order_lines import Terms
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.orders.lapsing import UNPAID
from core.permissions import authorize
from core.principal import SYSTEM, Principal


class NothingToInvoice(Refusal):
    message = N_("There is no order to invoice.")


class StillRunning(Refusal):
    message = N_("The run of {name} has not ended yet. Wait for it.")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `refused` are orders with the reason, in the language of who started it."""

    id: int
    started_at: datetime
    starter_name: str
    total: int
    issued: int
    refused: list[tuple[int, str]]

    @property
    def over(self) -> bool:
        return self.issued + len(self.refused) >= self.total


def to_invoice(session: Session, shipped_only: bool) -> int:
    """How many orders have something to invoice now. Raises NotAllowed."""
    authorize(session, "documents.issue")
    return int(session.execute(text(f"select count(*) from ({_FOUND}) found"), {"shipped": shipped_only}).scalar_one())


def start_run(session: Session, issued_on: date, shipped_only: bool, language: str, as_of: datetime) -> int:
    """Ask for the invoices of every order that can be invoiced: all of it, or what was shipped; returns the run's id.

    The job `issue_invoices` does it. Records `issue_run_started`. Raises NotAllowed, NothingToInvoice, StillRunning.
    """
    me = authorize(session, "documents.issue")
    session.execute(_ONE_AT_A_TIME)
    last = latest_run(session)
    if last is not None and not last.over:
        raise StillRunning(name=last.starter_name)
    run = IssueRun(
        started_at=as_of, started_by=me.user_id, starter_name=me.name, issued_on=issued_on,
        shipped_only=shipped_only, language=language,
    )  # fmt: skip
    session.add(run)
    session.flush()
    added = session.execute(_ORDERS, {"run": run.id, "shipped": shipped_only}).all()
    if not added:
        raise NothingToInvoice
    record(session, "issue_run_started", as_of, orders=len(added))
    return run.id


def latest_run(session: Session) -> Progress | None:
    """The run that was started last, if there was one. Raises NotAllowed."""
    authorize(session, "documents.see")
    row = session.execute(_LATEST).one_or_none()
    if row is None:
        return None
    refused = [(int(order), why) for order, why in row.refused]
    return Progress(row.id, row.started_at, row.starter_name, row.total, row.issued, refused)


def issue_next(as_of: datetime) -> bool:
    """Issue the next invoice that any run waits for, as who started it; False if none waits.

    The order is marked in the transaction that issues: whoever is killed in between has done nothing. Several may work
    at once.
    """
    with transaction(SYSTEM) as session:
        run = session.execute(_WAITING).one_or_none()
    if run is None:
        return False
    row: dict[str, Any] = {"run": run.id}
    try:
        with transaction(Principal("system", run.started_by, name=run.starter_name)) as session:
            row["order"] = session.execute(_NEXT, row).scalar_one_or_none()
            if row["order"] is None:  # others are at all that is left
                return False
            terms = Terms(issued_on=run.issued_on)
            row["document"] = issue_invoice(session, row["order"], as_of, run.shipped_only, terms).id
            session.execute(_DONE, row)
    except Refusal as refusal:
        with transaction(SYSTEM) as session:
            session.execute(_REFUSED, row | {"said": refusal.text(run.language)})
    return True


# What waits for money or for goods is left alone: staff decide on it one by one.
_FOUND = f"""
    select orders.id from orders
    where orders.status in ('claimed', 'shipped') and (orders.invoiced < orders.gross or orders.invoiced_at is null)
      and not ({UNPAID})
      and case when cast(:shipped as bool)
               then exists (select from delivery where delivery.order_id = orders.id)
               else (select coalesce(sum(waiting), 0) = 0 from line_state where line_state.order_id = orders.id) end
"""
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(4712)")
_ORDERS = text(
    f"insert into issue_run_order (run_id, order_id) select :run, id from ({_FOUND}) found returning order_id"
)
_LATEST = text("""
    select run.id, run.started_at, run.starter_name, count(*) as total, count(document_id) as issued,
           coalesce(array_agg(array[order_id::text, said] order by order_id) filter (where said <> ''), '{}') as refused
    from issue_run run join issue_run_order on run_id = run.id
    where run.id = (select max(id) from issue_run) group by run.id
""")
_WAITING = text("""
    select id, started_by, starter_name, issued_on, shipped_only, language from issue_run
    where exists (select from issue_run_order where run_id = issue_run.id and document_id is null and said = '')
    order by id limit 1
""")
_NEXT = text("""
    select order_id from issue_run_order where run_id = :run and document_id is null and said = ''
    order by order_id limit 1 for update skip locked
""")
_DONE = text("update issue_run_order set document_id = :document where run_id = :run and order_id = :order")
_REFUSED = text("""
    update issue_run_order set said = :said where run_id = :run and order_id = :order and document_id is null
""")
