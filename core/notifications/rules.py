"""Who hears of an event, in which language, by which template."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from core.auth.models import User
from core.company import company
from core.documents.models import Document
from core.events import Event
from core.notifications.addresses import listed
from core.orders.models import Order
from core.partners.models import Partner

log = structlog.get_logger()

STAFF_LANGUAGE = "ro"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address, and what it is sent: `template` is a folder in templates/."""

    address: str
    language: str
    template: str


def recipients(session: Session, event: Event) -> list[Recipient]:
    """Everybody who must hear of `event`, each address once (the first rule that names it wins).

    Raises KeyError for a kind without rules: a kind in core.events.NOTIFYING needs them.
    """
    found: dict[str, Recipient] = {}
    for recipient in RULES[event.kind](session, event):
        found.setdefault(recipient.address, recipient)
    if not found:
        log.warning("nobody_to_tell", event_id=event.id, kind=event.kind)
    return list(found.values())


def _order_placed(session: Session, event: Event) -> Iterable[Recipient]:
    yield from _distributor(session, "order_received")
    yield from _who_ordered(session, event, "order_confirmed")


def _order_cancelled(session: Session, event: Event) -> Iterable[Recipient]:
    return _who_ordered(session, event, "order_cancelled")


def _order_lapsed(session: Session, event: Event) -> Iterable[Recipient]:
    return _who_ordered(session, event, "order_lapsed")


def _invoice_issued(session: Session, event: Event) -> Iterable[Recipient]:
    """The partner's own address is where its invoices go; without one, whoever ordered."""
    document = session.get_one(Document, event.document_id)
    user = _user_of(session, document.order_id)
    found = listed(session.get_one(Partner, document.partner_id).email)
    if not found and user is not None:
        found = [user.email]
    return [Recipient(address, user.language if user else "ro", "invoice_issued") for address in found]


def _distributor(session: Session, template: str) -> list[Recipient]:
    row = company(session)
    found = listed(" ".join(row.order_emails)) or listed(row.email)
    return [Recipient(address, STAFF_LANGUAGE, template) for address in found]


def _who_ordered(session: Session, event: Event, template: str) -> list[Recipient]:
    """The user who placed the order; somebody who has left is stood in for by the partner's own address."""
    order = session.get_one(Order, event.order_id)
    user = session.get_one(User, order.user_id)
    found = [user.email] if user.active else listed(session.get_one(Partner, order.partner_id).email)
    return [Recipient(address, user.language, template) for address in found]


def _user_of(session: Session, order_id: int | None) -> User | None:
    return session.get_one(User, session.get_one(Order, order_id).user_id) if order_id else None


RULES: dict[str, Callable[[Session, Event], Iterable[Recipient]]] = {
    "order_placed": _order_placed,
    "order_cancelled": _order_cancelled,
    "order_lapsed": _order_lapsed,
    "invoice_issued": _invoice_issued,
}
