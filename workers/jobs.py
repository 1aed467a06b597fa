"""The background jobs. Each opens its transactions and calls one thing; running one twice does no harm."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from core import clock, queue
from core.anaf import asking, deadlines, finding, sending, tokens
from core.anaf.client import Access
from core.auth import browsers, links, sessions, throttling
from core.db import transaction
from core.documents import bulk, ended_orders, rendering
from core.errors import Refusal
from core.exports import repeating, running
from core.imports import feeding
from core.imports import runs as imports
from core.messages import posting
from core.notifications import delivery, digests, handling, relaying, smtp
from core.orders import awaiting, lapsing, purging, warning
from core.pricing import refreshing
from core.principal import SYSTEM
from core.receivables import monthly, reminding
from core.reports import refreshing as summaries
from core.stock import backordering, running_low
from workers import attaching

log = structlog.get_logger(__name__)

SENDING_TIME = timedelta(seconds=60)
"""A run takes no new mail after this long: with the slowest server it still ends before its own time limit."""
NOTING_TIME = timedelta(seconds=60)
ISSUING_TIME = timedelta(seconds=240)
MOST_ANAF_CALLS = 150
"""So many in a run, which begins every minute: ANAF allows 1000 a minute."""
REFRESHING_TIME = timedelta(seconds=20)
"""A run starts no new piece of work after this long: a worker that puts prices in order does nothing else."""


def _now() -> datetime:
    """The portal's clock, before the first transaction of a job: its process is too new to know the demo's."""
    with transaction(SYSTEM):
        return clock.now()


def relay() -> None:
    """Hand the events that wait in the outbox to the queue."""
    while _relay_batch() == relaying.BATCH:
        pass


def _relay_batch() -> int:
    with transaction(SYSTEM) as session:
        return relaying.relay_outbox(session, queue.enqueue, clock.now())


def handle_events(event_ids: list[int]) -> None:
    """Write the mails about events and have them sent. A second call adds no mail.

    One that cannot be handled keeps none of the others waiting. Raises what went wrong in the end.
    """
    written, failures = 0, list[Exception]()
    for event_id in event_ids:
        try:
            with transaction(SYSTEM) as session:
                written += handling.handle(session, event_id, clock.now())
        except Exception as error:  # noqa: BLE001 (raised in the end, with those of the others)
            error.add_note(f"event {event_id}")
            failures.append(error)
    if written:
        queue.enqueue("workers.jobs.send_waiting", [], f"send-{event_ids[0]}-{event_ids[-1]}")
    if failures:
        raise ExceptionGroup("events that could not be handled", failures)


def send_waiting() -> None:
    """Send the mails that are due, until none is left, the server is down, or SENDING_TIME is over."""
    last = clock.real_now() + SENDING_TIME
    with transaction(SYSTEM) as session:
        delivery.give_up_on_the_silent(session, clock.now())
    with smtp.sending() as send:
        while clock.real_now() < last and _send_next(send):
            pass


def _send_next(send: Callable[[delivery.Taken], delivery.Outcome]) -> bool:
    with transaction(SYSTEM) as session:
        taken = delivery.take_next(session, clock.now())
    if taken is None:
        return False
    outcome = send(attaching.with_attachment(taken, clock.now()))
    _written(lambda session: delivery.note(session, taken, outcome, clock.now()))
    return not outcome.server_down


def _written(note: Callable[[Session], object]) -> None:
    """What a server said is known here only: a database that is just starting again is waited for."""
    last = clock.real_now() + NOTING_TIME
    while True:
        try:
            with transaction(SYSTEM) as session:
                note(session)
        except OperationalError:
            if clock.real_now() > last:
                raise
            time.sleep(1)
        else:
            return


def sweep() -> None:
    """End the orders whose time is over, warn of those whose time runs out, give what came free to who waits, and show
    the messages whose day has come."""
    last: int | None = 0
    while last is not None:
        last = _lapse_batch(last)
    while _warn_batch():
        pass
    with transaction(SYSTEM) as session:
        backordering.fill_all(session, clock.now())
    with transaction(SYSTEM) as session:
        awaiting.tell_first(session, clock.now())
    with transaction(SYSTEM) as session:
        posting.announce_due(session, clock.now())


def tell_low_stock() -> None:
    """Tell the distributor of the goods that run low."""
    while _tell_low_batch() == running_low.MOST_NAMED:
        pass


def _tell_low_batch() -> int:
    with transaction(SYSTEM) as session:
        return running_low.tell(session, clock.now())


def gather_mails() -> None:
    """In the morning: one mail of what was held since yesterday, for everybody who wants it so."""
    with transaction(SYSTEM) as session:
        digests.gather_due(session, clock.now())


def _lapse_batch(after: int) -> int | None:
    with transaction(SYSTEM) as session:
        return lapsing.lapse_due(session, clock.now(), after)[1]


def _warn_batch() -> int:
    with transaction(SYSTEM) as session:
        return warning.warn_due(session, clock.now())


def refresh_prices() -> None:
    """Make the stale sort keys of prices anew, until none is left or REFRESHING_TIME is over; the next run goes on."""
    last = clock.real_now() + REFRESHING_TIME
    while clock.real_now() < last and _refresh_batch():
        pass


def _refresh_batch() -> int:
    with transaction(SYSTEM) as session:
        return refreshing.refresh(session, clock.now())


def refresh_reports() -> None:
    """Bring the reports up to date, until nothing is left or REFRESHING_TIME is over; the next run goes on."""
    last = clock.real_now() + REFRESHING_TIME
    while clock.real_now() < last and _refresh_reports_batch() == summaries.BATCH:
        pass


def _refresh_reports_batch() -> int:
    as_of = _now()
    with transaction(SYSTEM) as session:
        return summaries.refresh(session, as_of)


def remind() -> None:
    """On the mornings of working days: remind who is overdue, and announce last month's statements."""
    with transaction(SYSTEM) as session:
        due, statements = reminding.due_by_itself(session, clock.now()), monthly.statements_due(session, clock.now())
    for partner_id in due:
        _for_one(reminding.remind_due, partner_id)
    for partner_id in statements:
        _for_one(monthly.send_statement, partner_id)


def _for_one(tell: Callable[[Session, int, datetime], object], partner_id: int) -> None:
    """One partner whose ledger somebody holds does not keep the others waiting: the next run finds it."""
    try:
        with transaction(SYSTEM) as session:
            tell(session, partner_id, clock.now())
    except (Refusal, OperationalError) as error:
        log.warning("not told", partner_id=partner_id, error=str(error))


def issue_invoices() -> None:
    """Issue the invoices that runs wait for, until none is left or ISSUING_TIME is over; the next run goes on."""
    last = clock.real_now() + ISSUING_TIME
    while clock.real_now() < last and bulk.issue_next(_now()):
        pass


def take_back_advances() -> None:
    """Take back the advance invoices of orders that lapsed or were cancelled."""
    with transaction(SYSTEM) as session:
        found = ended_orders.advances_to_take_back(session)
    while found:
        for document_id in found:
            _take_back(document_id)
        with transaction(SYSTEM) as session:
            found = ended_orders.advances_to_take_back(session, found[-1])


def _take_back(document_id: int) -> None:
    """What is refused is told to staff and stops no other; the next run tries again."""
    try:
        with transaction(SYSTEM) as session:
            ended_orders.take_back(session, document_id, clock.now())
    except Refusal as refusal:
        with transaction(SYSTEM) as session:
            if ended_orders.note_refusal(session, document_id, refusal, clock.now()):
                log.warning("advance not taken back", document_id=document_id, error=str(refusal))
    except SQLAlchemyError as error:
        log.error("advance not taken back", document_id=document_id, error=str(error))


def repeat_exports() -> None:
    """In the morning: ask for the files that people want again and again."""
    while repeating.ask_next(_now()):
        pass


def make_exports() -> None:
    """Make the files that people asked for, until none waits or ISSUING_TIME is over; the next run goes on."""
    last = clock.real_now() + ISSUING_TIME
    while clock.real_now() < last and running.make_next(_now()):
        pass


def work_imports() -> None:
    """Look at, load and undo the files that wait for it, until none does or ISSUING_TIME is over."""
    last = clock.real_now() + ISSUING_TIME
    while clock.real_now() < last and imports.work_next(_now()):
        pass


def fetch_imports() -> None:
    """Fetch the files that come by themselves, and load them, until none is due or ISSUING_TIME is over."""
    last = clock.real_now() + ISSUING_TIME
    while clock.real_now() < last and feeding.work_next(_now(), clock.real_now()):
        pass


def send_invoices() -> None:
    """Hand the invoices that wait to ANAF, until none is left, ANAF does not take them now, or the run's time is
    over. Where nobody has connected, they go on waiting."""
    last = clock.real_now() + SENDING_TIME
    for _ in range(MOST_ANAF_CALLS):
        if clock.real_now() > last or not _send_invoice():
            return


def _send_invoice() -> bool:
    with transaction(SYSTEM) as session:
        taken = sending.take_next(session, clock.now())
    if taken is None:
        return False
    outcome = sending.hand_over(taken)
    _written(lambda session: sending.note(session, taken, outcome, clock.now()))
    return not outcome.stop


def ask_anaf() -> None:
    """Keep the connection, ask what became of uploads, look for invoices in doubt, tell of those that are late."""
    steps: list[Callable[[Session, datetime], object]] = [
        lambda session, _: deadlines.date_new(session), sending.give_up_on_the_silent, tokens.keep_fresh,
    ]  # fmt: skip
    for step in steps:
        _in_turn(step)
    last = clock.real_now() + SENDING_TIME
    for _ in range(MOST_ANAF_CALLS):
        if clock.real_now() > last or not _ask_next():
            break
    _look_for_missing()
    _in_turn(deadlines.warn_late)


def _in_turn(step: Callable[[Session, datetime], object]) -> None:
    with transaction(SYSTEM) as session:
        step(session, clock.now())


def _ask_next() -> bool:
    with transaction(SYSTEM) as session:
        asked = asking.take_next(session, clock.now())
    if asked is None:
        return False
    answer = asking.ask(asked)
    _written(lambda session: asking.note(session, asked, answer, clock.now()))
    return answer.error is None


def _look_for_missing() -> None:
    with transaction(SYSTEM) as session:
        search = finding.take_next(session, clock.now())
    if search is None:
        return

    def remember(access: Access, found: finding.Found) -> None:
        _written(lambda session: finding.note_message(session, access, found, clock.now()))

    looked = finding.look(search, remember)
    _written(lambda session: finding.note(session, search, looked, clock.now()))


def render_documents() -> None:
    """Make and keep the PDFs of what was issued lately, so that they are there before anybody asks."""
    last = clock.real_now() + REFRESHING_TIME
    while clock.real_now() < last and _render_next():
        pass


def _render_next() -> bool:
    with transaction(SYSTEM) as session:
        return rendering.render_next(session, clock.now())


def tidy() -> None:
    """Remove what is no longer needed."""
    with transaction(SYSTEM) as session:
        sessions.forget_expired(session, clock.real_now())
        links.forget_old_links(session, clock.real_now())
        throttling.forget_old(session, clock.real_now())
        browsers.forget_old(session, clock.real_now())
        running.forget_old(session, clock.now())
        imports.forget_old(session, clock.now())
        delivery.forget_old(session, clock.now())
    while _purge_batch():
        pass


def _purge_batch() -> int:
    with transaction(SYSTEM) as session:
        return purging.purge_due(session, clock.now())


def ping() -> str:
    """Show that the queue and the worker work."""
    return "pong"
