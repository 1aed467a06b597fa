"""`GET /exports/price-list.xlsx`, `.csv`, `.pdf`: the partner's own prices. The query holds the catalogue's filters.

Each batch of products is a transaction of its own: however long a list takes, none stays open. CSV is sent as it is
read, in threads; XLSX and PDF are made in a process beside this one. The event loop waits for neither.
"""

import sys
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from anyio import CapacityLimiter, run_process
from anyio.to_thread import run_sync
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api import answers
from api.headers import signed_in
from api.price_list_file import batches, job, remember
from core import clock
from core.config import ROOT
from core.db import transaction
from core.errors import NotAllowed
from core.exports.price_list import FLAGS, Format, Listing, TooLongForPaper, begin
from core.exports.price_list_csv import csv_head, csv_lines
from core.exports.taken import Keeper
from core.i18n import N_
from core.orders.search_conditions import Filters
from core.permissions import may
from core.pricing.quoting import PricesHidden
from core.principal import Principal
from core.search import LONGEST, without_nul

LOGIN_NEEDED = N_("Log in to take out your price list.")
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}
CHUNK = 64 * 1024
MOST_AT_ONCE = 2
"""XLSX and PDF files that are made at the same time: each keeps a processor busy. Who comes later waits."""
_turns = CapacityLimiter(MOST_AT_ONCE)


async def price_list(request: Request) -> Response:
    """The file, for who sees the catalogue and its prices."""
    form: Format = request.path_params["form"]
    if form not in TYPES:
        return answers.not_found()
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED, back_to="/catalog")
    if not may(principal, "catalog.see"):
        return answers.refused(NotAllowed(), principal, 403)
    try:
        listing = await run_sync(_begin, principal, read_filters(request.query_params), form)
    except PricesHidden as refusal:
        return answers.refused(refusal, principal, 403)
    except TooLongForPaper as refusal:
        return answers.refused(refusal, principal, 409)
    name = f"price-list-{listing.on}.{form}"
    headers = answers.NOT_KEPT | {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(await _made(form, principal, listing), media_type=TYPES[form], headers=headers)


def read_filters(query: QueryParams) -> Filters:
    """The filters by their names; those that are unknown do not count."""
    flags: dict[str, Any] = {name: query.get(name) == "1" for name in FLAGS}
    words = {name: without_nul(query.get(name, "")) for name in ("search", "category", "brand")}
    return Filters(words["search"][:LONGEST], words["category"] or None, words["brand"] or None, **flags)


async def _made(form: Format, principal: Principal, listing: Listing) -> Iterator[bytes]:
    """The chunks of the file; Starlette takes each in a thread."""
    if form == "csv":
        return csv_chunks(principal, listing)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (it goes when it was read)
    command = [sys.executable, "-m", "api.price_list_file"]
    async with _turns:
        await run_process(command, input=job(form, principal, listing), stdout=file, stderr=None, cwd=ROOT)
    return _chunks(file)


def csv_chunks(principal: Principal, listing: Listing) -> Iterator[bytes]:
    """The file batch by batch. What was taken out is remembered when all of it was."""
    kept = Keeper()
    yield csv_head(listing, principal.language).encode()
    for rows in batches(principal, listing, kept):
        yield csv_lines(listing, rows, principal.language).encode()
    remember(principal, listing, kept)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _begin(principal: Principal, filters: Filters, form: Format) -> Listing:
    with transaction(principal) as session:
        return begin(session, filters, form, clock.now())
