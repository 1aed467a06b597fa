"""`GET /messages/{id}/picture` and `GET /conversations/files/{id}`: for those whom what they belong to is for."""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core import clock
from core.db import transaction
from core.errors import NotAllowed
from core.i18n import N_
from core.messages.files import PICTURES, CheckedFile, thread_file
from core.messages.queries import picture_of
from core.permissions import may
from core.principal import Principal

PICTURE_LOGIN = N_("Log in to see this picture.")
FILE_LOGIN = N_("Log in to get this file.")
# A little while: the picture of a message that is not shown yet can still be changed.
KEPT = {"cache-control": "private, max-age=600", "vary": "cookie"}
CLOSED = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
"""Whatever is in a file never runs as a page of this site."""


async def picture(request: Request) -> Response:
    """The WebP. One that is not there and one of a message to others are answered the same."""
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, PICTURE_LOGIN)
    if not may(principal, "messages.see"):
        return answers.refused(NotAllowed(), principal, 403)
    message_id = answers.number_in(request)
    content = await run_in_threadpool(_picture, principal, message_id) if message_id else None
    if content is None:
        return answers.not_found(principal)
    return Response(content, headers=KEPT | CLOSED, media_type="image/webp")


async def file(request: Request) -> Response:
    """A picture is shown, any other file saved under its name. One that is not there and one of another partner are
    answered the same."""
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, FILE_LOGIN)
    if not may(principal, "messages.see"):
        return answers.refused(NotAllowed(), principal, 403)
    file_id = answers.number_in(request)
    found = await run_in_threadpool(_file, principal, file_id) if file_id else None
    if found is None:
        return answers.not_found(principal)
    shown = "inline" if found.media_type in PICTURES else "attachment"
    named = {"content-disposition": f"{shown}; filename*=utf-8''{quote(found.name, safe='')}"}
    return Response(found.content, headers=answers.NOT_KEPT | CLOSED | named, media_type=found.media_type)


def _picture(principal: Principal, message_id: int) -> bytes | None:
    with transaction(principal) as session:
        return picture_of(session, message_id, clock.now())


def _file(principal: Principal, file_id: int) -> CheckedFile | None:
    with transaction(principal) as session:
        return thread_file(session, file_id)
