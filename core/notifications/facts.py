"""What the templates of mails may use of an event."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.anaf.wording import STATE_NAMES, explained
from core.auth.links import LIVES
from core.auth.models import User
from core.company import company
from core.config import settings
from core.documents.models import Document
from core.events import Event
from core.exports.mailing import told_of
from core.i18n import fill, translate
from core.messages.formatting import as_html, as_text
from core.messages.models import Message, Thread, ThreadEntry, ThreadFile
from core.notifications.digests import gathered
from core.notifications.links import mark
from core.orders.contents import lines_of
from core.orders.models import Order, Proposal
from core.partners.models import Partner
from core.receivables.monthly import last_of, month_of
from core.receivables.notices import sent_notice
from core.receivables.thanking import paid
from core.stock.showing import DISPLAY, Display

LINES_SHOWN = 50
"""A longer order is shown in part: mail programs cut off what is longer than about 100 KB."""


ISSUED = frozenset({"invoice_issued", "proforma_issued", "storno_issued"})
"""Kinds of event that say that a document was issued."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, and where in it, as core.imports keeps it; '' and None for the file as a whole."""

    line: int | None
    column: str
    message: str
    params: dict[str, Any]

    def text(self, language: str) -> str:
        """The reason."""
        return fill(self.message, language, self.params)


@dataclass(frozen=True, slots=True)
class LateInvoice:
    """An invoice that ANAF must have by `due_on`, and its state there."""

    id: int
    number: str
    partner: str
    due_on: date
    state: str

    def standing(self, language: str) -> str:
        """Its state in words."""
        return translate(STATE_NAMES[self.state], language)


def facts_of(session: Session, event: Event, language: str) -> dict[str, Any]:
    """The facts by name: the event and what it is about, as it stands now, for a reader of 'ro' or 'en'."""
    row = company(session)
    facts: dict[str, Any] = {"company": row, "portal": settings().public_url.rstrip("/"), "sender": row.name or "Rampa"}
    facts |= {"event": event, "lines_shown": LINES_SHOWN, "lives": LIVES}
    facts["doer"] = session.get(User, event.user_id) if event.user_id else None
    facts["partner"] = session.get(Partner, event.partner_id) if event.partner_id else None
    if event.document_id is not None:
        facts["document"] = session.get_one(Document, event.document_id)
    if event.order_id is not None:
        facts |= _of_order(session, event.order_id)
    if event.kind == "payment_recorded":
        facts["paid"] = paid(session, event.data["payment_id"], language)
    if event.kind == "export_ready":
        facts["export"] = told_of(session, event.data["run"], event.at, language)
    if event.kind == "import_failed":
        facts["faults"] = [Fault(*each) for each in event.data["faults"]]
    if event.kind == "anaf_refused":
        facts["explained"] = explained(event.data["reason"])
    if event.kind == "anaf_late":
        facts["late"] = late_ones(event.data["documents"])
    if event.kind == "mails_gathered":
        facts["gathered"] = gathered(session, event.data["mails"])
    return facts | _of_data(session, event) | _of_messages(session, event.data)


def late_ones(documents: list[dict[str, Any]]) -> list[LateInvoice]:
    """The invoices that an event `anaf_late` names."""
    return [
        LateInvoice(each["id"], each["number"], each["partner"], date.fromisoformat(each["due_on"]),
                    each["state"])
        for each in documents
    ]  # fmt: skip


def link_id_of(event: Event) -> uuid.UUID | None:
    """The id of the access link that the event is about."""
    return uuid.UUID(event.data["link"]) if "link" in event.data else None


def _of_order(session: Session, order_id: int) -> dict[str, Any]:
    """The order with its lines, and what is still to be paid of it while there is no invoice."""
    order = session.get_one(Order, order_id)
    return {
        "order": order,
        "orderer": session.get_one(User, order.user_id),
        "held_for": session.get(User, order.assigned_to) if order.assigned_to else None,
        "lines": lines_of(session, order_id),
        "to_pay": session.execute(_TO_PAY, {"order": order_id}).scalar_one(),
    }


def _of_data(session: Session, event: Event) -> dict[str, Any]:
    """What the event's data stand for; of a link only its mark: it is put in when the mail leaves."""
    data, facts = event.data, dict[str, Any]()
    if "user" in data:
        facts["user"] = session.get_one(User, data["user"])
    if "proposal" in data:
        facts["proposal"] = session.get_one(Proposal, data["proposal"])
    if "until" in data:
        facts["until"] = datetime.fromisoformat(data["until"])
    if "reminder" in data:
        facts["notice"] = sent_notice(session, data["reminder"])
    if "month" in data:
        facts["first"] = month_of(data["month"])
        facts["last"] = last_of(facts["first"])
    if "gross" in data:
        facts["gross"] = Decimal(data["gross"])
    if "available" in data:
        facts["available"] = _told(session, event.partner_id, Decimal(data["available"]))
    if link_id := link_id_of(event):
        facts["link"] = mark(link_id)
    return facts


def _of_messages(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    if "message" in data:
        return _of_message(session, data["message"])
    return _of_entry(session, data["entry"]) if "entry" in data else {}


def _of_message(session: Session, message_id: int) -> dict[str, Any]:
    """A message with its text for mails: as safe HTML and as plain text."""
    row = session.get_one(Message, message_id)
    return {"message": row, "message_html": Markup(as_html(row.body)), "message_text": as_text(row.body)}  # noqa: S704


def _of_entry(session: Session, entry_id: int) -> dict[str, Any]:
    """What was written in a conversation, which one, and the names of its files."""
    entry = session.get_one(ThreadEntry, entry_id)
    names = select(ThreadFile.name).filter_by(entry_id=entry_id).order_by(ThreadFile.id)
    return {
        "entry": entry,
        "thread": session.get_one(Thread, entry.thread_id),
        "files": session.scalars(names).all(),
    }


def _told(session: Session, partner_id: int | None, available: Decimal) -> Decimal | None:
    """The stock where the partner may know it, else None."""
    row = session.execute(_DISPLAY, {"partner": partner_id}).one()
    return Display(row.stock_display, row.stock_cap).told(available)


_DISPLAY = text(f"select {DISPLAY} from partner cross join company where partner.id = :partner")
_TO_PAY = text("""
select greatest(gross - (select coalesce(sum(amount), 0) from allocation where order_id = :order), 0)
from orders where id = :order
""")
