"""`GET /exports/files/{id}`: a file that was made for who asks, streamed; as long as they may see what is in it."""

from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api import answers
from api.headers import signed_in
from core import clock
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.exports.running import MEDIA, Run, finished, piece
from core.i18n import N_
from core.principal import Principal

LOGIN_NEEDED = N_("Log in to get this file.")


async def export_file(request: Request) -> Response:
    """The file. Another's, one that is not there and one that is over are answered the same."""
    run_id = answers.number_in(request)
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED)
    try:
        run = await run_in_threadpool(_finished, principal, run_id or 0)
    except NotAllowed as refusal:
        return answers.refused(refusal, principal, 403)
    except NotFound:
        return answers.not_found(principal)
    except Refusal as refusal:
        return answers.refused(refusal, principal, 409)
    headers = answers.NOT_KEPT | {
        "content-disposition": f'attachment; filename="{run.filename}"', "x-content-type-options": "nosniff",
    }  # fmt: skip
    return StreamingResponse(_pieces(principal, run.id), media_type=MEDIA[run.form], headers=headers)


def _finished(principal: Principal, run_id: int) -> Run:
    with transaction(principal) as session:
        return finished(session, run_id, clock.now())


def _pieces(principal: Principal, run_id: int) -> Iterator[bytes]:
    """Each in a transaction of its own: however slowly the file is taken, none stays open."""
    position = 0
    while True:
        with transaction(principal) as session:
            content = piece(session, run_id, position)
        if content is None:
            return
        yield content
        position += 1
