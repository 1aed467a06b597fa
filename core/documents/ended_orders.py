"""Advance invoices of orders that ended with nothing else invoiced: the system takes them back, or says why not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.documents.models import Document
from core.documents.order_lines import STANDS, locked_order
from core.documents.storno import storno
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import LANGUAGES
from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize

REASONS = {"lapsed": "Comanda {order} a expirat.", "cancelled": "Comanda {order} a fost anulată."}
"""How the order ended → what is printed on the storno."""


@dataclass(frozen=True, slots=True)
class StandingAdvance:
    """An advance invoice that stands though its order has ended; `why` it could not be taken back, by language: empty
    while nothing is known against it."""

    document_id: int
    number: str
    why: dict[str, str]


def advances_to_take_back(session: Session, after: int = 0, limit: int = 100) -> list[int]:
    """The advance invoices (ids above `after`, in their order) of orders that lapsed or were cancelled and have nothing
    else invoiced, as far as something is left of them. Raises NotAllowed."""
    authorize(session, "documents.correct")
    return list(session.scalars(_FOUND, {"after": after, "limit": limit}))


def take_back(session: Session, document_id: int, as_of: datetime) -> Document | None:
    """Issue the storno of such an advance, as by hand; what was paid on it is the partner's credit.

    None where there is nothing to take back any more: once the order is locked, it is looked at again. Raises
    NotAllowed, NotFound and what core.documents.storno.storno raises.
    """
    authorize(session, "documents.correct")
    document = session.get(Document, document_id)
    if document is None or document.order_id is None:
        raise NotFound
    order = locked_order(session, document.order_id)
    if session.scalar(_STILL, {"document": document_id}) is None:
        return None
    return storno(session, document_id, REASONS[order.status].format(order=order.id), as_of)


def note_refusal(session: Session, document_id: int, refusal: Refusal, as_of: datetime) -> bool:
    """Write down for staff, who read it on the order's page, why such an advance could not be taken back; was it?

    Not what stands there already, nor where there is nothing to take back any more. Records `advance_kept`. Raises
    NotFound.
    """
    document = session.get(Document, document_id)
    if document is None or document.order_id is None:
        raise NotFound
    locked_order(session, document.order_id)
    if session.scalar(_STILL, {"document": document_id}) is None:
        return False
    why: dict[str, Any] = {f"why_{language}": refusal.text(language) for language in LANGUAGES}
    last = session.scalar(_LAST_REFUSAL, {"document": document_id})
    if last is not None and all(last.get(name) == words for name, words in why.items()):
        return False
    record(
        session, "advance_kept", as_of, partner_id=document.partner_id, order_id=document.order_id,
        document_id=document_id, number=document.full_number, **why,
    )  # fmt: skip
    return True


def standing_advances(session: Session, order_id: int) -> list[StandingAdvance]:
    """The advances of an ended order that still stand; for staff. Raises NotAllowed."""
    authorize(session, "documents.see")
    found = []
    for row in session.execute(_OF_ORDER, {"order": order_id}):
        why = {language: row.refusal[f"why_{language}"] for language in LANGUAGES} if row.refusal else {}
        found.append(StandingAdvance(row.id, row.number, why))
    return found


_ENDED = f"""
    document.kind = 'invoice' and document.advance and {STANDS}
    and orders.status in ('lapsed', 'cancelled') and orders.invoiced_at is null
    and coalesce((select sum(back.lei_gross) <> -document.lei_gross from document back
                  where back.refers_to = document.id and back.kind = 'storno'), true)
"""
"""SQL: the document `document` is an advance invoice of the ended order `orders`, which has nothing else invoiced, and
was not taken back whole."""
_FOUND = text(f"""
    select document.id from document join orders on orders.id = document.order_id
    where {_ENDED} and document.id > :after order by document.id limit :limit
""")
_STILL = text(f"""
    select document.id from document join orders on orders.id = document.order_id
    where {_ENDED} and document.id = :document
""")
_LAST_REFUSAL = text("""
    select data from event
    where order_id = (select order_id from document where id = :document)
      and kind = 'advance_kept' and document_id = :document
    order by id desc limit 1
""")
_OF_ORDER = text(f"""
    select document.id, {DOCUMENT_NUMBER} as number,
           (select data from event
            where event.order_id = orders.id and event.kind = 'advance_kept' and event.document_id = document.id
            order by event.id desc limit 1) as refusal
    from document join orders on orders.id = document.order_id
    where {_ENDED} and orders.id = :order order by document.id
""")
