"""`GET /exports/report.csv`: the rows that a figure of the reports is made of, streamed. The query says of which."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any, cast, get_args

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api import answers
from api.headers import signed_in
from core import clock
from core.company import company
from core.db import reading, transaction
from core.errors import NotAllowed, Refusal
from core.exports.report import COLUMNS, Cell, What, report_head, report_lines
from core.i18n import N_, translate
from core.orders.models import STATUSES
from core.permissions import may
from core.principal import SYSTEM, Principal
from core.reports import money, outstanding, service, stock
from core.reports.movements import KINDS, movements
from core.reports.periods import BadPeriod, Period
from core.reports.rows import MOST_EXPORTED, Slice, SoldRow, next_sold_rows
from core.reports.sales import GROUPS, breakdown
from pages.ui.orders import STATES

BATCH = 5000
LOGIN_NEEDED = N_("Log in to export reports.")
Fetch = Callable[[Session, list[Any]], list[Any]]
"""The next BATCH rows, after the rows (of the last batch) that were given already."""


class NoSuchReport(Refusal):
    message = N_("This address asks for something that the reports do not have. Start the export from their page.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for: rows of what, and how they are fetched."""

    what: What
    fetch: Fetch


async def rows(request: Request) -> Response:
    """The CSV, for who may see reports. Who is not signed in is sent to the log-in, and from there to the page."""
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED, back_to="/staff-reports")
    if not may(principal, "reports.see"):
        return answers.refused(NotAllowed(), principal, 403)
    today = clock.local_date(clock.now(), await run_in_threadpool(_time_zone))
    try:
        if "\0" in "".join(request.query_params.values()):  # no name has one, and the database takes none
            raise NoSuchReport
        chosen = read(request.query_params, today)
    except (NoSuchReport, BadPeriod) as refusal:
        return answers.refused(refusal, principal, 400)
    attachment = {"content-disposition": f'attachment; filename="{chosen.what}-{today}.csv"'}
    chunks = report_csv(principal, chosen)
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=answers.NOT_KEPT | attachment)


def read(query: QueryParams, today: date) -> Chosen:
    """What the page's address asks for. Raises NoSuchReport, BadPeriod."""
    what = query.get("what", "")
    try:
        if what == "sales":
            return Chosen(what, _sales(query))
        if what == "groups":
            return Chosen(what, _groups(query))
        if what == "orders":
            return Chosen(what, _orders(query))
        if what == "invoices":
            return Chosen(what, _invoices(query, today))
        if what == "issued":
            return Chosen(what, _issued(date.fromisoformat(query["on"])))
        if what == "dead":
            return Chosen(what, _dead(int(query["days"]), today))
        if what == "turnover":
            return Chosen(what, _turnover(query["category"], today))
        if what == "movements":
            return Chosen(what, _movements(query["product"]))
    except (KeyError, ValueError) as error:
        raise NoSuchReport from error
    raise NoSuchReport


def report_csv(principal: Principal, chosen: Chosen) -> Iterator[str]:
    """The file, a batch at a time, each in a transaction of its own: however slowly it is taken, none stays open."""
    yield report_head(chosen.what, principal.language)
    given: list[Any] = []
    for _batch in range(MOST_EXPORTED // BATCH):
        with reading(principal) as session:
            given = chosen.fetch(session, given)
        yield report_lines(
            ([_cell(row, name, principal.language) for name in COLUMNS[chosen.what]] for row in given),
            principal.language,
        )
        if len(given) < BATCH:
            return


def _cell(row: Any, name: str, language: str) -> Cell:
    if name == "hours":
        return None if row.claim_seconds is None else round(Decimal(row.claim_seconds) / 3600, 2)
    if name == "status":
        return translate(STATES[row.status], language)
    if name == "kind":
        return translate(KINDS[row.kind], language)
    return cast(Cell, getattr(row, name))


def _period(query: QueryParams) -> Period:
    return Period(date.fromisoformat(query["first"]), date.fromisoformat(query["last"]))


def _sales(query: QueryParams) -> Fetch:
    by, key = query.get("by"), query.get("key", "")
    if by not in (None, *GROUPS) or (by in ("partner", "product") and not is_id(key)):
        raise NoSuchReport
    of = Slice(_period(query), cast(Any, by), key)

    def fetch(session: Session, given: list[SoldRow]) -> list[SoldRow]:
        return next_sold_rows(session, of, given[-1] if given else None, BATCH)

    return fetch


def _groups(query: QueryParams) -> Fetch:
    """All of them at once: there are no more than partners or products."""
    period, by = _period(query), query["by"]
    if by not in GROUPS:
        raise NoSuchReport
    waiting = [True]

    def fetch(session: Session, _given: list[Any]) -> list[Any]:
        if not waiting:
            return []
        waiting.clear()
        return list(breakdown(session, period, cast(Any, by)).itertuples())

    return fetch


def is_id(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= 10 and int(key) <= answers.LARGEST_ID


def _orders(query: QueryParams) -> Fetch:
    status, partner = query.get("status"), query.get("partner")
    if status not in (None, *STATUSES) or not (partner is None or is_id(partner)):
        raise NoSuchReport
    of = service.Fates(_period(query), status, int(partner) if partner else None)
    return _in_turn(lambda session, offset: service.fates(session, of, BATCH, offset))


def _invoices(query: QueryParams, today: date) -> Fetch:
    """Of an age as of today, or those that were open at the end of another day."""
    if "on" in query:
        day = date.fromisoformat(query["on"])
        return _in_turn(lambda session, offset: outstanding.open_then(session, day, BATCH, offset))
    age = query.get("age")
    if age not in (None, *get_args(money.Age)):
        raise NoSuchReport
    return _in_turn(lambda session, offset: money.open_invoices(session, today, cast(Any, age), BATCH, offset))


def _issued(day: date) -> Fetch:
    return _in_turn(lambda session, offset: outstanding.invoiced_before(session, day, BATCH, offset))


def _turnover(category: str, today: date) -> Fetch:
    return _in_turn(lambda session, offset: stock.turnover_of_products(session, today, category, BATCH, offset))


def _movements(product: str) -> Fetch:
    if not is_id(product):
        raise NoSuchReport
    return _in_turn(lambda session, offset: movements(session, int(product), BATCH, offset))


def _dead(days: int, today: date) -> Fetch:
    if not 0 < days <= 3650:
        raise NoSuchReport
    return _in_turn(lambda session, offset: stock.dead_stock(session, today, days, BATCH, offset).rows)


def _in_turn(rows_from: Callable[[Session, int], list[Any]]) -> Fetch:
    """Batch after batch by their place in the list."""
    batches = count()
    return lambda session, _given: rows_from(session, next(batches) * BATCH)


def _time_zone() -> str:
    with transaction(SYSTEM) as session:
        return company(session).time_zone
