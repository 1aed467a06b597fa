"""Papers of an order, made when they are asked for and not kept: what was ordered, and what is to be picked for it."""

from collections.abc import Iterable
from typing import Any

import segno
from sqlalchemy import select
from sqlalchemy.orm import Session
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from core.catalog.models import Product
from core.company import company
from core.documents.rendering import HERE, LockedFetcher
from core.errors import Refusal
from core.i18n import N_, translate
from core.orders.contents import LineRow
from core.orders.lifecycle import STATUS_NAMES
from core.orders.queries import OrderDetail, order_detail
from core.partners.models import Partner
from core.permissions import authorize
from core.templating import environment


class NothingToPick(Refusal):
    message = N_("Nothing is held for order {order}, so there is nothing to pick.")


def confirmation_pdf(session: Session, order_id: int, language: str) -> bytes:
    """The order as it stands, for the partner's files: A4, in a language of core.i18n.LANGUAGES. No fiscal document.

    Raises NotAllowed, and NotFound for an order that the principal may not see.
    """
    detail = order_detail(session, order_id)
    return paper("order_confirmation.html", language, _facts(session, detail, language))


def picking_list_pdf(session: Session, order_id: int, language: str) -> bytes:
    """What is held for the order, to be taken from the shelves and ticked off. A4, for staff.

    Raises NotAllowed, NotFound, NothingToPick.
    """
    authorize(session, "orders.ship", "orders.claim")
    detail = order_detail(session, order_id)
    held = [line for line in detail.lines if line.held > 0]
    if not held:
        raise NothingToPick(order=order_id)
    facts = _facts(session, detail, language)
    facts |= {"held": held, "eans": _eans(session, held), "code": _code(order_id)}
    return paper("order_picking_list.html", language, facts)


def _facts(session: Session, detail: OrderDetail, language: str) -> dict[str, Any]:
    return {
        "order": detail.order,
        "lines": detail.lines,
        "positions": {line.id: line.position for line in detail.lines},
        "status": translate(STATUS_NAMES[detail.order.status], language),
        "company": company(session),
        "partner": session.get_one(Partner, detail.order.partner_id),
    }


def _eans(session: Session, lines: Iterable[LineRow]) -> dict[int, str]:
    """Product (id) → its EAN of today, empty where it has none."""
    wanted = [line.product_id for line in lines]
    return {row.id: row.ean for row in session.execute(select(Product.id, Product.ean).where(Product.id.in_(wanted)))}


def _code(order_id: int) -> str:
    """The order's number as a QR code that any scanner types: the address of a picture that holds it itself."""
    return segno.make_qr(str(order_id), error="m").svg_data_uri(scale=4, border=2)


def paper(template: str, language: str, facts: dict[str, Any]) -> bytes:
    """A template with facts, `company` among them, as a PDF with title and language; nothing outside the page is
    fetched, and every value is escaped."""
    templates = environment(HERE / "templates", language, facts["company"].time_zone)
    html = HTML(string=templates.get_template(template).render(facts), base_url="app:", url_fetcher=LockedFetcher())
    pdf: bytes = html.write_pdf(font_config=FontConfiguration(), pdf_tags=True)
    return pdf
