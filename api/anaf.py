"""`GET /documents/{id}/anaf.zip`: what ANAF signed. `GET /anaf/callback`: the way back from ANAF's log-in."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import answers
from api.documents import LOGIN_NEEDED
from api.headers import signed_in
from core import clock
from core.anaf import connecting, queries
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.i18n import N_
from core.permissions import may
from core.principal import Principal

NO_ADMIN = N_("Log in as an administrator, then connect to ANAF again.")
SETTINGS = "/staff-settings"


async def archive(request: Request) -> Response:
    """The archive, as a file; for those who may see the document."""
    document_id = answers.number_in(request)
    if document_id is None:
        return answers.not_found()
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED)
    if not may(principal, "documents.see"):
        return answers.refused(NotAllowed(), principal, 403)
    try:
        name, content = await run_in_threadpool(_archive, principal, document_id)
    except NotFound:
        return answers.not_found(principal)
    headers = answers.NOT_KEPT | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/zip", headers=headers)


def _archive(principal: Principal, document_id: int) -> tuple[str, bytes]:
    with transaction(principal) as session:
        document, content = queries.archive(session, document_id)
        return f"{document.full_number.replace(' ', '-').replace('/', '-')}-anaf.zip", content


async def callback(request: Request) -> Response:
    """Take the code that ANAF gave the browser, and go back to the settings, which say what came of it.

    The address names what was begun by whom (core.anaf.connecting): a link that somebody else made connects nothing.
    """
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, NO_ADMIN, SETTINGS)
    if not may(principal, "settings.edit"):
        return answers.refused(NotAllowed(), principal, 403)
    code, state = (request.query_params.get(name, "") for name in ("code", "state"))
    try:
        await run_in_threadpool(_connect, principal, code, state)
    except Refusal as refusal:
        return answers.refused(refusal, principal, 400)
    return RedirectResponse(SETTINGS, 303, answers.NOT_KEPT)


def _connect(principal: Principal, code: str, state: str) -> None:
    with transaction(principal) as session:
        connecting.connect(session, code, state, clock.now())
