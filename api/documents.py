"""`GET /documents/{id}.pdf`: a document for those who may see it, never from a shareable media address."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from api.headers import is_navigation
from api.sessions import SESSION_COOKIE
from core import clock
from core.auth.sessions import principal_of_cookie
from core.db import transaction
from core.documents.queries import visible_document
from core.documents.rendering import pdf_of
from core.errors import NotFound
from core.i18n import N_, translate
from core.principal import SYSTEM, Principal

LOGIN_NEEDED = N_("Log in to see this document.")


async def pdf(request: Request) -> Response:
    """The PDF, shown in the browser. Who is not signed in is sent to the log-in, and comes back after it."""
    principal = await run_in_threadpool(_principal, request.cookies.get(SESSION_COOKIE, ""))
    if principal is None:
        return _login_first(request)
    found = await run_in_threadpool(_pdf, principal, request.path_params["id"])
    if found is None:
        return PlainTextResponse(NotFound().text(principal.language), 404, _headers())
    filename, content = found
    return Response(content, media_type="application/pdf", headers=_headers() | _shown_as(filename))


def _login_first(request: Request) -> Response:
    if is_navigation(request.headers):
        return RedirectResponse("/?" + urlencode({"next": request.url.path}), 303, _headers())
    return PlainTextResponse(translate(LOGIN_NEEDED, "ro"), 401, _headers())


def _principal(cookie: str) -> Principal | None:
    with transaction(SYSTEM) as session:
        return principal_of_cookie(session, cookie, clock.now())


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
