"""Delivery notes (aviz de însoțire a mărfii): what goes with the goods of one delivery, without prices."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.documents.models import Document
from core.documents.order_lines import USUAL, Terms, draft_of, locked_order, parties_of
from core.documents.vat import Vat
from core.documents.writing import line_of, write
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.orders.contents import DOCUMENT_NUMBER
from core.permissions import authorize


class AlreadyNoted(Refusal):
    message = N_("This delivery already has the delivery note {number}. Annul that one first.")


def issue_delivery_note(session: Session, delivery_id: int, as_of: datetime, terms: Terms = USUAL) -> Document:
    """Issue the note for the goods of one delivery.

    Raises NotAllowed, NotFound, AlreadyNoted, and what is raised by parties, writing and numbering.
    """
    authorize(session, "documents.issue", "orders.ship")
    delivery = session.execute(_DELIVERY, {"delivery": delivery_id}).one_or_none()
    if delivery is None:
        raise NotFound
    order = locked_order(session, delivery.order_id)
    seller, buyer = parties_of(session, order)
    earlier = session.execute(_NUMBER, {"delivery": delivery_id}).scalar_one_or_none()
    if earlier:
        raise AlreadyNoted(number=earlier)
    lines = [
        line_of(row.name, row.unit, row.quantity, Decimal(0), Vat("S", row.vat_rate), sku=row.sku)
        for row in session.execute(_DELIVERED, {"delivery": delivery_id})
    ]
    left_on = local_date(delivery.at, seller.time_zone)
    draft = draft_of("delivery_note", order, seller, buyer, lines, terms, delivered_on=left_on, delivery_id=delivery_id)
    return write(session, draft, as_of)


_DELIVERY = text("select order_id, at from delivery where id = :delivery")
_NUMBER = text(f"""
    select {DOCUMENT_NUMBER} from document where delivery_id = :delivery
      and not exists (select from annulment where annulment.document_id = document.id)
""")
_DELIVERED = text("""
    select line.sku, line.name, line.unit, line.vat_rate, -hold.quantity as quantity
    from stock_hold hold join order_line line on line.id = hold.order_line_id
    where hold.delivery_id = :delivery order by line.position, hold.id
""")
