"""`GET /exports/audit.csv`: the audit as a file for spreadsheets, streamed. The query holds the filters of the page."""

from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api import answers
from api.headers import signed_in
from core import clock
from core.audit import MOST_EXPORTED, AuditRow, Filters, audit_page, begin_export
from core.audit_words import FIELDS, GROUPS, KINDS, SYSTEM, VISITOR, details
from core.company import company
from core.db import transaction
from core.errors import NotAllowed, Refusal
from core.exports.csv_text import BOM, csv_text, harmless
from core.i18n import N_, translate
from core.permissions import may
from core.principal import Principal

BATCH = 5000
LOGIN_NEEDED = N_("Log in to export the audit.")
MORE = N_("There are more entries than one export holds. Choose a period that ends earlier for the older ones.")
COLUMNS = (
    N_("Entry"), N_("When ({time_zone})"), N_("Who"), N_("E-mail"), N_("What"), N_("Kind"), N_("Partner code"),
    N_("Partner"), N_("Order"), N_("Document"), N_("SKU"), N_("Person"), N_("Person's e-mail"), N_("From where"),
    N_("Details"),
)  # fmt: skip


class NoSuchFilter(Refusal):
    message = N_("This address asks for something that the audit does not have. Start the export from its page.")


async def audit(request: Request) -> Response:
    """The CSV, for who may see the audit. Who is not signed in is sent to the log-in, and from there to the page."""
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED, back_to="/staff-audit")
    if not may(principal, "audit.see"):
        return answers.refused(NotAllowed(), principal, 403)
    try:
        filters = read_filters(request.query_params)
    except NoSuchFilter as refusal:
        return answers.refused(refusal, principal, 400)
    before, zone = await run_in_threadpool(_begin, principal, filters)
    today = clock.local_date(clock.now(), zone)
    attachment = {"content-disposition": f'attachment; filename="audit-{today}.csv"'}
    # Starlette takes each chunk in a thread of its own accord: the event loop never waits for the database.
    chunks = audit_csv(principal, filters, before, zone)
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=answers.NOT_KEPT | attachment)


def read_filters(query: QueryParams) -> Filters:
    """The filters as Filters.chosen() names them; unknown names do not count. Raises NoSuchFilter."""
    try:
        since, until = (date.fromisoformat(query[name]) if name in query else None for name in ("since", "until"))
    except ValueError as error:
        raise NoSuchFilter from error
    groups = tuple(query.getlist("groups"))
    if not GROUPS.keys() >= set(groups):
        raise NoSuchFilter
    return Filters(since, until, groups, *(query.get(name, "") for name in ("person", "partner", "words")))


def audit_csv(principal: Principal, filters: Filters, before: int, zone: str) -> Iterator[str]:
    """The file, a batch of entries at a time, the newest first: those before the entry of this export.

    Each batch is a transaction of its own: however slowly the file is taken, none stays open.
    """
    language = principal.language
    yield BOM + _csv([[translate(name, language).format(time_zone=zone) for name in COLUMNS]])
    for _batch in range(MOST_EXPORTED // BATCH):
        with transaction(principal) as session:
            page = audit_page(session, filters, before, BATCH)
        yield _csv([_cells(row, language, ZoneInfo(zone)) for row in page.rows])
        if not page.more:
            return
        before = page.rows[-1].id
    yield _csv([[translate(MORE, language)]])


def _csv(rows: Sequence[Sequence[str]]) -> str:
    return csv_text([harmless(cell) for cell in row] for row in rows)


def _cells(row: AuditRow, language: str, zone: ZoneInfo) -> list[str]:
    who = row.who or translate(VISITOR if row.address else SYSTEM, language)
    return [
        str(row.id), f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}", who, row.who_email,
        translate(KINDS.get(row.kind, row.kind), language), row.kind, row.partner_code, row.partner,
        str(row.order_id or ""), row.number, row.sku, row.about, row.about_email, row.address, _details(row, language),
    ]  # fmt: skip


def _details(row: AuditRow, language: str) -> str:
    """`Discount: 5.00 → 7.50, Reason: …`, the values as they were written down."""
    return ", ".join(
        f"{translate(FIELDS.get(detail.field, detail.field), language)}: "
        + (detail.new if detail.old is None else f"{detail.old} → {detail.new}")
        for detail in details(row.kind, row.data)
    )


def _begin(principal: Principal, filters: Filters) -> tuple[int, str]:
    with transaction(principal) as session:
        return begin_export(session, filters, clock.now()), company(session).time_zone
