"""`GET /files/{id}`: a product's attachment, to be saved: whatever is in it never runs as a page of this site."""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core.catalog.attachments import Attachment, attachment
from core.db import transaction
from core.errors import NotAllowed
from core.i18n import N_
from core.permissions import may
from core.principal import Principal

LOGIN_NEEDED = N_("Log in to get this file.")


async def file(request: Request) -> Response:
    """The file under its name. One that is not there and one of a product that is not offered to who asks are answered
    the same."""
    file_id = answers.number_in(request)
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED)
    if not may(principal, "catalog.see", "products.see"):
        return answers.refused(NotAllowed(), principal, 403)
    found = await run_in_threadpool(_file, principal, file_id) if file_id else None
    if found is None:
        return answers.not_found(principal)
    kept, content = found
    return Response(content, headers=_headers(kept), media_type=kept.media_type)


def _file(principal: Principal, file_id: int) -> tuple[Attachment, bytes] | None:
    with transaction(principal) as session:
        return attachment(session, file_id)


def _headers(kept: Attachment) -> dict[str, str]:
    return answers.NOT_KEPT | {
        "content-disposition": f"attachment; filename*=utf-8''{quote(kept.name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
    }
