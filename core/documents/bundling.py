"""Several documents at once, under the names that their files get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.documents.models import OPENING, Annulment, Document
from core.documents.queries import LARGEST_ID, own_documents
from core.errors import NotFound, Refusal
from core.i18n import N_, translate

MOST_AT_ONCE = 200


class TooManyDocuments(Refusal):
    message = N_("At most {most} documents fit in one file. Choose fewer.")


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document and the name of its file."""

    id: int
    filename: str
    issued_on: date


def named_documents(session: Session, ids: Sequence[int], language: str) -> list[NamedDocument]:
    """The documents with these ids, in order of issue; the file of an annulled one says so, in `language`.

    Raises NotAllowed, TooManyDocuments, and NotFound where the principal may not see one of them, one has no PDF (it is
    of the program before), or there are none.
    """
    wanted = set(ids)
    if len(wanted) > MOST_AT_ONCE:
        raise TooManyDocuments(most=MOST_AT_ONCE)
    if not wanted or not all(0 < document_id <= LARGEST_ID for document_id in wanted):
        raise NotFound
    found = session.execute(
        select(Document, Annulment.document_id)
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .where(Document.id.in_(wanted), Document.kind != OPENING, *own_documents(session))
        .order_by(Document.issued_on, Document.id)
    ).all()
    if len(found) != len(wanted):
        raise NotFound
    named, taken = [], set()
    for document, annulled in found:
        name = document.file_stem
        if annulled:
            name += "-" + translate(N_("annulled"), language)
        if name in taken:
            name += f"-{document.id}"
        taken.add(name)
        named.append(NamedDocument(document.id, f"{name}.pdf", document.issued_on))
    return named
