"""`GET /documents/{id}.pdf`: a document for those who may see it, never from a shareable media address."""

import re
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from api.headers import is_navigation, signed_in
from core.db import transaction
from core.documents.queries import visible_document
from core.documents.rendering import pdf_of
from core.errors import NotAllowed, NotFound
from core.i18n import N_, translate
from core.permissions import may
from core.principal import SYSTEM, Principal

ID = re.compile("[0-9]{1,10}")  # of thousands of digits Python makes no number
LOGIN_NEEDED = N_("Log in to see this document.")


async def pdf(request: Request) -> Response:
    """The PDF, shown in the browser. Who is not signed in is sent to the log-in, and comes back after it."""
    if not ID.fullmatch(request.path_params["id"]):
        return _not_found("ro")
    principal = await signed_in(request)
    if principal is None:
        return _login_first(request)
    if not may(principal, "documents.see"):
        return PlainTextResponse(NotAllowed().text(principal.language), 403, _headers())
    found = await run_in_threadpool(_pdf, principal, int(request.path_params["id"]))
    if found is None:
        return _not_found(principal.language)
    filename, content = found
    return Response(content, media_type="application/pdf", headers=_headers() | _shown_as(filename))


def _not_found(language: str) -> Response:
    return PlainTextResponse(NotFound().text(language), 404, _headers())


def _login_first(request: Request) -> Response:
    if is_navigation(request.headers):
        return RedirectResponse("/?" + urlencode({"next": request.url.path}), 303, _headers())
    return PlainTextResponse(translate(LOGIN_NEEDED, "ro"), 401, _headers())


def _pdf(principal: Principal, document_id: int) -> tuple[str, bytes] | None:
    """File name and bytes. Whether it may be seen is asked as the user; only then the system renders or reads it."""
    with transaction(principal) as session:
        document = visible_document(session, document_id)
        if document is None:
            return None
        filename = f"{document.series}-{document.number:05d}.pdf"
    with transaction(SYSTEM) as session:
        return filename, pdf_of(session, document_id)


def _shown_as(filename: str) -> dict[str, str]:
    """The general policy's object-src would stop browsers whose PDF viewer is a plug-in."""
    return {
        "content-disposition": f'inline; filename="{filename}"',
        "content-security-policy": "frame-ancestors 'self'",
    }


def _headers() -> dict[str, str]:
    return {"cache-control": "private, no-store"}
