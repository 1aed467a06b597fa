"""`GET /statement.pdf` and `/statement.xlsx`, `?from=2026-01-01&to=2026-03-31[&partner=7]`: a statement of account."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core import clock
from core.company import Company, company
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.exports.statement_book import statement_xlsx
from core.exports.statement_paper import TooLongForStatement, statement_pdf
from core.i18n import N_
from core.permissions import may
from core.principal import Principal
from core.receivables.statement import PeriodNotValid, Statement, TooManyEntries, statement

LOGIN_NEEDED = N_("Log in to see your statement of account.")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_turns = CapacityLimiter(2)
"""Files that are made at the same time: each keeps a processor busy. Who comes later waits."""


class NoSuchPeriod(Refusal):
    message = N_("This address names no period. Take the statement from its page.")


class Asked(NamedTuple):
    """The days, both included, and (for staff) whose account it is."""

    first: date
    last: date
    partner_id: int | None


async def as_pdf(request: Request) -> Response:
    """The statement on paper, shown in the browser."""
    return await _answer(request, _pdf, lambda content, name: answers.pdf(content, f"{name}.pdf"))


async def as_xlsx(request: Request) -> Response:
    """The statement as a workbook, to be saved."""
    return await _answer(request, _xlsx, _saved)


async def _answer(
    request: Request, make: Callable[[Principal, Asked], tuple[bytes, str]], answer: Callable[[bytes, str], Response]
) -> Response:
    principal = await signed_in(request)
    if principal is None:
        back_to = "/staff-invoices" if "partner" in request.query_params else "/documents"
        return answers.login_first(request, LOGIN_NEEDED, back_to)
    if not may(principal, "documents.see"):
        return answers.refused(NotAllowed(), principal, 403)
    try:
        asked = read_query(request.query_params)
        content, name = await run_sync(make, principal, asked, limiter=_turns)
    except NotFound:
        return answers.not_found(principal)
    except (NoSuchPeriod, PeriodNotValid) as refusal:
        return answers.refused(refusal, principal, 400)
    except (TooManyEntries, TooLongForStatement) as refusal:
        return answers.refused(refusal, principal, 409)
    return answer(content, name)


def read_query(query: QueryParams) -> Asked:
    """Raises NoSuchPeriod where a day is missing or none, NotFound for what is no partner's id."""
    try:
        first, last = date.fromisoformat(query["from"]), date.fromisoformat(query["to"])
    except (KeyError, ValueError) as error:
        raise NoSuchPeriod from error
    digits = query.get("partner")
    if digits is not None and not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise NotFound
    return Asked(first, last, None if digits is None else int(digits))


def _read(principal: Principal, asked: Asked) -> tuple[Statement, Company, date]:
    """A period that has not ended ends today: nobody is late for a day that is still to come."""
    with transaction(principal) as session:
        seller = company(session)
        today = clock.local_date(clock.now(), seller.time_zone)
        seller.logo  # noqa: B018 (deferred: it is read now, while there is a session)
        return statement(session, asked.first, min(asked.last, today), asked.partner_id), seller, today


def _pdf(principal: Principal, asked: Asked) -> tuple[bytes, str]:
    """The file and its name, without an ending."""
    found, seller, today = _read(principal, asked)
    return statement_pdf(found, seller, today, principal.language), _name(found)


def _xlsx(principal: Principal, asked: Asked) -> tuple[bytes, str]:
    found, seller, _today = _read(principal, asked)
    return statement_xlsx(found, seller, principal.language), _name(found)


def _name(found: Statement) -> str:
    return f"statement-{found.first}-{found.last}"


def _saved(content: bytes, name: str) -> Response:
    headers = answers.NOT_KEPT | {"content-disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)
