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
from core.exports.frame_book import frame_book
from core.i18n import N_, translate
from core.permissions import may
from core.principal import Principal
from core.reports.periods import Period
from core.reports.pivot import DIMENSIONS, MEASURES, Pivot, grand_totals, table

LOGIN_NEEDED = N_("Log in to export reports.")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    return Response(content, media_type=XLSX, headers=headers)


def _made(principal: Principal, query: QueryParams) -> bytes:
    try:
        period = Period(date.fromisoformat(query["first"]), date.fromisoformat(query["last"]))
    except (KeyError, ValueError) as error:
        raise NoSuchPivot from error
    rows = tuple(name for name in query.get("rows", "").split(",") if name)
    asked = Pivot(rows, query.get("columns", ""), query.get("measure", ""))
    with reading(principal) as session:
        frame, totals = table(session, period, asked), grand_totals(session, period, asked)
    language = principal.language
    names = {name: translate(DIMENSIONS[name][0], language) for name in rows} | {"total": translate("Total", language)}
    heads = [names.get(name) or name or translate(NAMELESS, language) for name in frame.columns]
    last = [names["total"], *[None] * (len(rows) - 1), *(totals.get(name) for name in frame.columns[len(rows) :])]
    said = f"{translate(MEASURES[asked.measure][0], language)}, {period.first:%d.%m.%Y} - {period.last:%d.%m.%Y}"
    return frame_book(translate(TITLE, language), said, heads, frame, last)


NAMELESS, TITLE = N_("(none)"), N_("Pivot")
