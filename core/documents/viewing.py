"""One document whole, with what hangs on it, for the distributor's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.documents.efactura.keeping import has_xml
from core.documents.models import Document, DocumentLine, DocumentVat
from core.documents.queries import visible_document
from core.errors import NotFound
from core.orders.contents import DOCUMENT_NUMBER


@dataclass(frozen=True, slots=True)
class Related:
    """Another document that refers to this one, or to which it refers."""

    id: int
    kind: str
    number: str
    gross: Decimal
    annulled: bool


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with its lines and rates; `returned` is how much of each line (by position) stornos have taken back.

    `open` and `disputed` are of debts, `credit` is left of the credit that it brought (lei); `annulled` is why it was
    annulled, empty where it stands; `has_xml`: is it in e-Factura's form as well?
    """

    document: Document
    lines: Sequence[DocumentLine]
    rates: Sequence[DocumentVat]
    related: Sequence[Related]
    returned: dict[int, Decimal]
    open: Decimal
    credit: Decimal
    disputed: str
    annulled: str
    annulled_at: datetime | None
    has_xml: bool

    @property
    def left(self) -> dict[int, Decimal]:
        """What of each line (by position) can still be taken back."""
        return {line.position: line.quantity + self.returned.get(line.position, Decimal(0)) for line in self.lines}


def document_view(session: Session, document_id: int) -> DocumentView:
    """The document as the principal may see it. Raises NotAllowed, NotFound."""
    document = visible_document(session, document_id)
    if document is None:
        raise NotFound
    about = {"document": document_id}
    state = session.execute(_STATE, about).one()
    return DocumentView(
        document,
        session.scalars(
            select(DocumentLine).where(DocumentLine.document_id == document_id).order_by(DocumentLine.position)
        ).all(),
        session.scalars(
            select(DocumentVat).where(DocumentVat.document_id == document_id).order_by(DocumentVat.rate.desc())
        ).all(),
        [Related(**row) for row in session.execute(_RELATED, about).mappings()],
        {row.position: row.quantity for row in session.execute(_RETURNED, about)},
        **state._mapping,
        has_xml=has_xml(session, document),
    )


_STATE = text("""
    select coalesce(receivable.open, 0.00) as open,
           coalesce((select "left" from credit where credit.document_id = document.id), 0.00) as credit,
           coalesce(dispute.reason, '') as disputed,
           coalesce(annulment.reason, '') as annulled, annulment.at as annulled_at
    from document
    left join receivable on receivable.document_id = document.id
    left join dispute on dispute.document_id = document.id
    left join annulment on annulment.document_id = document.id
    where document.id = :document
""")
_RELATED = text(f"""
    select document.id, kind, {DOCUMENT_NUMBER} as number, lei_gross as gross,
           exists (select from annulment where annulment.document_id = document.id) as annulled
    from document
    where document.id <> :document
      and (refers_to = :document or document.id = (select refers_to from document where id = :document)
           or document.id in (select reverses_document from document_line where document_id = :document))
    order by document.id
""")
_RETURNED = text("""
    select taken.reverses_position as position, sum(taken.quantity) as quantity
    from document_line taken join document storno on storno.id = taken.document_id and storno.kind = 'storno'
    where taken.reverses_document = :document group by taken.reverses_position
""")
