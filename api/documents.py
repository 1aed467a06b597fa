"""`GET /documents/{id}.pdf` and `.xml`: a document for those who may see it, never from a shareable media address."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core.db import transaction
from core.documents.efactura.building import SENT
from core.documents.efactura.checking import CannotBeBuilt
from core.documents.efactura.keeping import xml_of
from core.documents.models import OPENING
from core.documents.queries import visible_document
from core.documents.rendering import pdf_of
from core.errors import NotAllowed, NotFound
from core.i18n import N_
from core.permissions import may
from core.principal import SYSTEM, Principal

LOGIN_NEEDED = N_("Log in to see this document.")


async def pdf(request: Request) -> Response:
    """The PDF, shown in the browser. Who is not signed in is sent to the log-in, and comes back after it."""
    return await _answer(request, _pdf, answers.pdf)


async def xml(request: Request) -> Response:
    """The XML of e-Factura as a download; of what was issued without what it needs, what that is."""
    return await _answer(request, _xml, answers.xml)


Found = tuple[str, bytes] | None


async def _answer(
    request: Request, find: Callable[[Principal, int], Found], show: Callable[[bytes, str], Response]
) -> Response:
    document_id = answers.number_in(request)
    if document_id is None:
        return answers.not_found()
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED)
    if not may(principal, "documents.see"):
        return answers.refused(NotAllowed(), principal, 403)
    try:
        found = await run_in_threadpool(find, principal, document_id)
    except NotFound:
        found = None
    except CannotBeBuilt as refusal:
        return answers.refused(refusal, principal, 409)
    if found is None:
        return answers.not_found(principal)
    filename, content = found
    return show(content, filename)


def _pdf(principal: Principal, document_id: int) -> Found:
    """File name and bytes; None also for what stems from the program before, which has no PDF.

    Whether it may be seen is asked as the user; only then the system renders or reads it.
    """
    with transaction(principal) as session:
        document = visible_document(session, document_id)
        if document is None or document.kind == OPENING:
            return None
        filename = f"{document.file_stem}.pdf"
    with transaction(SYSTEM) as session:
        return filename, pdf_of(session, document_id)


def _xml(principal: Principal, document_id: int) -> Found:
    """As `_pdf`; None also for the kinds that do not go to e-Factura. Raises NotFound, CannotBeBuilt."""
    with transaction(principal) as session:
        document = visible_document(session, document_id)
        if document is None or document.kind not in SENT:
            return None
        filename = f"{document.file_stem}.xml"
    with transaction(SYSTEM) as session:
        return filename, xml_of(session, document_id)
