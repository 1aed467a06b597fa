"""`GET /documents.zip?ids=1,2,3`: several documents as one file, made while it is sent."""

import io
from collections.abc import Iterator, Sequence
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api import answers
from api.headers import signed_in
from core import clock
from core.company import company
from core.db import transaction
from core.documents.bundling import NamedDocument, TooManyDocuments, named_documents
from core.documents.rendering import pdf_of
from core.errors import NotAllowed, NotFound
from core.i18n import N_
from core.permissions import may
from core.principal import SYSTEM, Principal

LOGIN_NEEDED = N_("Log in to see these documents.")
LONGEST_LIST = 4000
"""Characters of the list of ids: more than the most documents need."""


async def documents_zip(request: Request) -> Response:
    """The PDFs, for who may see every one of them; a single one that is not theirs, and there is no file at all."""
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED, back_to="/documents")
    if not may(principal, "documents.see"):
        return answers.refused(NotAllowed(), principal, 403)
    ids = read_ids(request.query_params.get("ids", ""))
    try:
        named, today = await run_in_threadpool(_named, principal, ids)
    except NotFound:
        return answers.not_found(principal)
    except TooManyDocuments as refusal:
        return answers.refused(refusal, principal, 400)
    attachment = {"content-disposition": f'attachment; filename="documents-{today}.zip"'}
    return StreamingResponse(zip_chunks(named), media_type="application/zip", headers=answers.NOT_KEPT | attachment)


def read_ids(words: str) -> list[int]:
    """`1,2,3`; nothing where one of them is no id of anything."""
    parts = words.split(",") if len(words) <= LONGEST_LIST else []
    if not all(part.isascii() and part.isdigit() and len(part) <= 10 for part in parts):
        return []
    return [int(part) for part in parts]


def zip_chunks(named: Sequence[NamedDocument]) -> Iterator[bytes]:
    """The file, a document at a time; only one is in memory. Who may see them was asked before, as the user."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_STORED) as file:  # a PDF is compressed already
        for document in named:
            with transaction(SYSTEM) as session:
                content = pdf_of(session, document.id)
            day = document.issued_on
            file.writestr(ZipInfo(document.filename, (day.year, day.month, day.day, 0, 0, 0)), content)
            yield pipe.taken()
    yield pipe.taken()


class _Pipe(io.RawIOBase):
    """What was written since it was last taken; it knows no way back, so the ZIP is written for a stream."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _named(principal: Principal, ids: list[int]) -> tuple[list[NamedDocument], str]:
    with transaction(principal) as session:
        today = clock.local_date(clock.now(), company(session).time_zone)
        return named_documents(session, ids, principal.language), today.isoformat()
