"""The XML of a document, checked, built and kept: when it is issued, or when it is first asked for."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from core.company import company
from core.documents.efactura.building import SENT, build
from core.documents.efactura.checking import CannotBeBuilt, Known, NotForEfactura, problems
from core.documents.efactura.party_checks import party_problems
from core.documents.kept import keep, kept
from core.documents.models import Document, DocumentFile
from core.documents.parties import copied
from core.documents.queries import visible_document
from core.errors import NotFound
from core.money import round_amount
from core.partners.models import Partner


def keep_at_issue(session: Session, document: Document) -> None:
    """Check what was just written and keep its XML in the transaction that issues it, as made at that moment: by that
    it is known that it is to go to ANAF.

    Nothing where the company's setting `efactura` is off, or the kind does not go there. Raises NotForEfactura.
    """
    if document.kind not in SENT or not company(session).efactura:
        return
    if found := problems(document, _known(session, document)):
        raise NotForEfactura(found)
    keep(session, document, "xml", build(document), made_at=document.issued_at)


def xml_of(session: Session, document_id: int) -> bytes:
    """The XML of an invoice or a storno: the kept bytes if there are any, else made now and kept with their SHA-256.

    As with `rendering.pdf_of`, two callers at once get the same bytes, and a partner's transaction only reads: check
    `visible_document` in it, then call this in one of the system. Raises NotFound, also where none is kept and the
    setting `efactura` is off; CannotBeBuilt for what was issued without what e-Factura needs; DamagedFile.
    """
    document = visible_document(session, document_id)
    if document is None or document.kind not in SENT:
        raise NotFound
    found = kept(session, document_id, "xml")
    if found is None:
        if not company(session).efactura:
            raise NotFound
        if wrong := problems(document, _known(session, document)):
            raise CannotBeBuilt(wrong)
        keep(session, document, "xml", build(document))
        found = kept(session, document_id, "xml")
    if found is None:
        raise NotFound
    return found


def has_xml(session: Session, document: Document) -> bool:
    """Is there an XML of the document, or may one be asked for?"""
    if document.kind not in SENT:
        return False
    is_kept = exists().where(DocumentFile.document_id == document.id, DocumentFile.format == "xml")
    return company(session).efactura or bool(session.scalar(select(is_kept)))


def parties_again(session: Session, original: Document) -> tuple[dict[str, Any], dict[str, Any]]:
    """Seller and buyer for what takes back or corrects an invoice: as they stand on it, or as they are today where
    e-Factura would refuse them as they were, since what was issued without it may lack an address. Whether they are
    registered for VAT stays as it was."""
    as_they_were = original.seller, original.buyer
    now = company(session)
    if not now.efactura or not any(party_problems(original)):
        return as_they_were
    today = copied(now), copied(session.get_one(Partner, original.partner_id))
    seller, buyer = (
        party | {"vat_payer": before["vat_payer"]} for party, before in zip(today, as_they_were, strict=True)
    )
    return seller, buyer


def _known(session: Session, document: Document) -> Known:
    """What the checks ask of the database; little of it for most documents."""
    days = {document.issued_on, document.delivered_on or document.issued_on}
    rates = {rate for day in days for rate in _rates(session, day)}
    parts = {}
    if any(line.net != round_amount(line.quantity * line.unit_price) for line in document.lines):
        parts = {row.position: row.parts for row in session.execute(_PARTS, {"document": document.id})}
    if document.kind != "storno":
        return Known(rates, parts)
    stornos: int = session.execute(_STORNOS, {"original": document.refers_to}).scalar_one()
    return Known(rates, parts, stornos)


def _rates(session: Session, day: date) -> list[Decimal]:
    return list(session.execute(_RATES, {"day": day}).scalars())


_RATES = text("""
    select rate from (
        select distinct on (vat_class) rate from vat_rate where valid_from <= :day order by vat_class, valid_from desc
    ) valid where rate > 0
""")
# Lines of one order line, or that take back one line, share its roundings.
_PARTS = text("""
    select line.position,
           (select count(*) from document_line part where part.order_line_id = line.order_line_id)
           + (select count(*) from document_line part
              where (part.reverses_document, part.reverses_position)
                  = (line.reverses_document, line.reverses_position)) as parts
    from document_line line
    where line.document_id = :document and line.net <> round(line.quantity * line.unit_price, 2)
""")
_STORNOS = text("select count(*) from document where refers_to = :original and kind = 'storno'")
