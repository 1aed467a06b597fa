"""`GET /documents/{id}.pdf`: a document for those who may see it, never from a shareable media address."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core.db import transaction
from core.documents.models import OPENING
from core.documents.queries import visible_document
from core.documents.rendering import pdf_of
from core.errors import NotAllowed
from core.i18n import N_
from core.permissions import may
from core.principal import SYSTEM, Principal

LOGIN_NEEDED = N_("Log in to see this document.")


async def pdf(request: Request) -> Response:
    """The PDF, shown in the browser. Who is not signed in is sent to the log-in, and comes back after it."""
    document_id = answers.number_in(request)
    if document_id is None:
        return answers.not_found()
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED)
    if not may(principal, "documents.see"):
        return answers.refused(NotAllowed(), principal, 403)
    found = await run_in_threadpool(_pdf, principal, document_id)
    if found is None:
        return answers.not_found(principal)
    filename, content = found
    return answers.pdf(content, filename)


def _pdf(principal: Principal, document_id: int) -> tuple[str, bytes] | None:
    """File name and bytes; None also for what stems from the program before, which has no PDF.

    Whether it may be seen is asked as the user; only then the system renders or reads it.
    """
    with transaction(principal) as session:
        document = visible_document(session, document_id)
        if document is None or document.kind == OPENING:
            return None
        filename = f"{document.full_number.replace(' ', '-').replace('/', '-')}.pdf"
    with transaction(SYSTEM) as session:
        return filename, pdf_of(session, document_id)
