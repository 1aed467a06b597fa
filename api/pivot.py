"""`GET /exports/pivot.xlsx`: a pivot table of the reports as a file. The query says of what and of which days."""

from datetime import date

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core.db import reading
from core.errors import NotAllowed, Refusal
from core.exports.pivot_book import PivotAsked, pivot_book
from core.exports.running import MEDIA
from core.i18n import N_
from core.permissions import may
from core.principal import Principal
from core.reports.periods import Period
from core.reports.pivot import Pivot

LOGIN_NEEDED = N_("Log in to export reports.")


class NoSuchPivot(Refusal):
    message = N_("This address asks for something that the reports do not have. Start the export from their page.")


async def pivot(request: Request) -> Response:
    """The workbook, for who may see reports."""
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED, back_to="/staff-reports")
    if not may(principal, "reports.see"):
        return answers.refused(NotAllowed(), principal, 403)
    try:
        content = await run_in_threadpool(_made, principal, request.query_params)
    except Refusal as refusal:
        return answers.refused(refusal, principal, 400)
    headers = answers.NOT_KEPT | {"content-disposition": 'attachment; filename="pivot.xlsx"'}
    return Response(content, media_type=MEDIA["xlsx"], headers=headers)


def _made(principal: Principal, query: QueryParams) -> bytes:
    try:
        period = Period(date.fromisoformat(query["first"]), date.fromisoformat(query["last"]))
    except (KeyError, ValueError) as error:
        raise NoSuchPivot from error
    rows = tuple(name for name in query.get("rows", "").split(",") if name)
    asked = PivotAsked(Pivot(rows, query.get("columns", ""), query.get("measure", "")), period)
    with reading(principal) as session:
        return pivot_book(session, asked, principal.language)[0]
