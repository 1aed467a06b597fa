"""From an order to its mails through real Redis: nothing is lost and nothing comes twice."""

import os
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from redis.exceptions import ConnectionError as RedisIsDown
from rq import Retry, SimpleWorker
from rq.job import Job
from sqlalchemy import func, select, text, update

from core import clock, config, queue
from core.auth.models import LoginSession
from core.company import company
from core.db import transaction
from core.events import Event, Outbox, record
from core.notifications.relaying import LOST_AFTER, relay_outbox
from core.orders import awaiting, lapsing
from core.orders.models import Order
from core.principal import SYSTEM
from core.stock.models import Stock
from tests import factories
from tests.core.imports import feed_steps
from tests.core.messages import steps as messages
from tests.core.notifications import steps
from tests.core.orders.steps import NOON
from tests.threads import at_once
from workers import jobs
from workers.failing import job_raised


@pytest.fixture
def redis(database: str, servers: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Redis database of the test run's own, empty before and after."""
    number = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    use_redis(monkeypatch, servers[1] + ("&" if "?" in servers[1] else "?") + f"db={number}")
    queue.connection().flushdb()
    yield
    use_redis(monkeypatch, servers[1] + ("&" if "?" in servers[1] else "?") + f"db={number}")
    queue.connection().flushdb()
    config.settings.cache_clear()


def use_redis(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    config.settings.cache_clear()


def work() -> None:
    """A worker that does everything that waits, then ends."""
    SimpleWorker([queue.queue()], connection=queue.connection()).work(burst=True, logging_level="ERROR")


def unhandled() -> int:
    with transaction(SYSTEM) as session:
        return session.scalars(select(func.count()).select_from(Outbox).where(Outbox.handled_at.is_(None))).one()


def let_time_pass(since_dispatch: timedelta) -> None:
    with transaction(SYSTEM) as session:
        session.execute(update(Outbox).values(dispatched_at=Outbox.dispatched_at - since_dispatch))


def written_files() -> list[str]:
    return sorted(path.name.partition("-")[2] for path in (config.settings().data_dir / "mail").glob("*.eml"))


@pytest.mark.usefixtures("redis")
def test_an_order_becomes_two_delivered_mails():
    steps.open_company()
    buyer = factories.make_buyer()
    steps.order(buyer)
    jobs.relay()
    work()
    assert written_files() == sorted(["comenzi@electro.example.eml", f"{buyer.email}.eml"])
    assert steps.states() == {"sent": 2}
    assert unhandled() == 0


def test_an_order_placed_while_redis_is_down_is_told_later_and_once(redis, monkeypatch):
    steps.open_company()
    steps.order()
    working = config.settings().redis_url
    use_redis(monkeypatch, "redis://127.0.0.1:1/0")
    with pytest.raises(RedisIsDown):
        jobs.relay()
    assert unhandled() == 1
    use_redis(monkeypatch, working)
    jobs.relay()
    work()
    assert steps.states() == {"sent": 2}
    assert len(written_files()) == 2


@pytest.mark.usefixtures("redis")
def test_three_relays_at_once_have_every_event_handled_once():
    steps.open_company()
    steps.placed_events(200)
    assert at_once([jobs.relay] * 3) == [None] * 3
    handed_over = [event_id for job in queue.queue().jobs for event_id in job.args[0]]
    assert len(handed_over) == len(set(handed_over)) == 200
    for event_id in handed_over:
        steps.handle(event_id)
    assert unhandled() == 0
    assert len(steps.mails()) == 400


@pytest.mark.usefixtures("redis")
def test_a_relay_that_dies_before_it_commits_puts_no_event_into_the_queue_twice():
    events = steps.placed_events(3)
    with pytest.raises(KeyboardInterrupt):
        relay_and_die()
    jobs.relay()
    assert [job.args[0] for job in queue.queue().jobs] == [events]


def relay_and_die() -> None:
    with transaction(SYSTEM) as session:
        relay_outbox(session, queue.enqueue, clock.now())
        raise KeyboardInterrupt


@pytest.mark.usefixtures("redis")
def test_what_redis_lost_is_put_into_the_queue_again():
    steps.open_company()
    steps.order()
    jobs.relay()
    queue.connection().flushdb()
    jobs.relay()
    assert queue.queue().count == 0
    let_time_pass(LOST_AFTER)
    jobs.relay()
    work()
    assert steps.states() == {"sent": 2}


@pytest.mark.usefixtures("redis")
def test_an_event_whose_job_used_up_its_tries_is_put_into_the_queue_again():
    (event_id,) = steps.placed_events(1)
    put_company_in("Nowhere/Atlantis")
    jobs.relay()
    use_up_the_tries(f"events-{event_id}-{event_id}-1")
    put_company_in("Europe/Bucharest")
    let_time_pass(LOST_AFTER)
    jobs.relay()
    work()
    assert steps.states() == {"sent": 2}


def put_company_in(zone: str) -> None:
    """Mails cannot be written for a place that is none; the settings and a trigger refuse it."""
    steps.open_company()
    with transaction(SYSTEM) as session:
        for statement in (
            "alter table company disable trigger user",
            f"update company set time_zone = '{zone}'",
            "alter table company enable trigger user",
        ):
            session.execute(text(statement))


def use_up_the_tries(job_id: str) -> None:
    job = Job.fetch(job_id, connection=queue.connection())
    job.retries_left = 0
    job.save()
    work()
    assert Job.fetch(job_id, connection=queue.connection()).is_failed


@pytest.mark.usefixtures("redis")
def test_a_job_that_fails_is_planned_again_and_the_event_goes_on_waiting():
    steps.placed_events(1)
    put_company_in("Nowhere/Atlantis")
    jobs.relay()
    work()
    assert queue.queue().scheduled_job_registry.count == 1
    assert unhandled() == 1
    assert steps.mails() == []


@pytest.mark.usefixtures("redis")
def test_an_event_that_cannot_be_handled_keeps_no_other_waiting():
    steps.open_company()
    order_id = steps.order()
    with transaction(SYSTEM) as session:  # its mail would tell of goods, and this event has none
        broken = record(session, "order_shipped", NOON, order_id=order_id, lines=[{}]).id
    steps.order()
    jobs.relay()
    work()
    assert len(steps.mails()) == 4
    assert broken not in {mail.event_id for mail in steps.mails()}
    assert unhandled() == 1
    assert queue.queue().scheduled_job_registry.count == 1


@pytest.mark.usefixtures("redis")
def test_the_same_job_is_not_put_into_the_queue_twice():
    assert queue.enqueue("workers.jobs.ping", [], "only-one")
    assert not queue.enqueue("workers.jobs.ping", [], "only-one")
    work()
    assert not queue.enqueue("workers.jobs.ping", [], "only-one")


@pytest.mark.usefixtures("database")
def test_senders_at_once_write_each_mail_once():
    steps.open_company(order_emails=[f"desk{n}@electro.example" for n in range(10)])
    steps.order()
    steps.handle_all(clock.now())
    at_once([jobs.send_waiting] * 3)
    assert steps.states() == {"sent": 11}
    assert {mail.tries for mail in steps.mails()} == {1}


@pytest.mark.usefixtures("database")
def test_the_sweep_ends_every_order_that_is_due():
    with transaction(SYSTEM) as session:
        hours = company(session).claim_hours
    late = clock.now() - timedelta(hours=int(hours) + 1)
    due = [steps.order(as_of=late) for _ in range(3)]
    fresh = steps.order(as_of=clock.now())
    jobs.sweep()
    statuses = [steps.orders.status(order_id) for order_id in [*due, fresh]]
    assert statuses == ["lapsed"] * 3 + ["placed"]


@pytest.mark.usefixtures("database")
def test_the_sweep_warns_of_what_will_lapse_and_gives_what_came_free_to_who_waits():
    product = factories.make_product(stock=10, backorder=True)
    lapses = order_of(product.id, 8, hours_ago=25)
    waits = order_of(product.id, 5, hours_ago=13)
    wished = factories.make_product(stock=1)
    longs_for = factories.make_buyer()
    with transaction(longs_for) as session:
        awaiting.wait_for(session, wished.id, Decimal(1), clock.now())
    jobs.sweep()
    assert [steps.orders.status(order_id) for order_id in (lapses, waits)] == ["lapsed", "placed"]
    assert happened("order_waiting_long") == [waits]
    assert happened("backorder_filled") == [waits]
    assert len(happened("stock_back")) == 1
    jobs.sweep()
    assert len(happened("order_waiting_long")) == len(happened("stock_back")) == 1


@pytest.mark.usefixtures("database")
def test_the_sweep_fills_backorders_from_goods_that_came_free_unnoticed():
    product = factories.make_product(stock=1, backorder=True)
    waits = order_of(product.id, 5, hours_ago=0)
    with transaction(SYSTEM) as session:
        session.execute(update(Stock).values(on_hand=5))
    jobs.sweep()
    assert happened("backorder_filled") == [waits]
    assert steps.orders.available(product.id) == 0


@pytest.mark.usefixtures("database")
def test_the_sweep_shows_the_messages_whose_day_has_come():
    buyer, staff = factories.make_buyer(), factories.make_staff()
    yesterday, tomorrow = clock.now() - timedelta(days=1), clock.now() + timedelta(days=2)
    due, later = (
        messages.post(staff, yesterday - timedelta(days=1), title=day.isoformat(), valid_from=day.date())
        for day in (yesterday, tomorrow)
    )
    jobs.sweep()
    assert [row.id for row in messages.waiting(buyer, clock.now()).messages] == [due]
    assert due != later


@pytest.mark.usefixtures("database")
def test_tidying_removes_every_order_that_lapsed_long_ago():
    long_ago = [steps.order(as_of=clock.now() - timedelta(days=40)) for _ in range(2)]
    with transaction(SYSTEM) as session:
        lapsing.lapse_due(session, clock.now() - timedelta(days=35))
        session.execute(update(Outbox).values(handled_at=clock.now()))
    waits = steps.order(as_of=clock.now())
    jobs.tidy()
    assert sorted(happened("order_purged")) == long_ago
    with transaction(SYSTEM) as session:
        assert session.scalars(select(Order.id)).all() == [waits]


def order_of(product_id: int, quantity: int, hours_ago: int) -> int:
    placed = clock.now() - timedelta(hours=hours_ago)
    return steps.orders.order(factories.make_buyer(), {product_id: quantity}, placed)


def happened(kind: str) -> list[int | None]:
    """The orders of the events of a kind."""
    with transaction(SYSTEM) as session:
        return list(session.scalars(select(Event.order_id).filter_by(kind=kind).order_by(Event.id)))


@pytest.mark.usefixtures("database")
def test_tidying_removes_sessions_that_have_ended_and_no_other():
    buyer = factories.make_buyer()
    for name, days in {"ended": -1, "open": 1}.items():
        expires = clock.now() + timedelta(days=days)
        factories.add(LoginSession(token_hash=name, user_id=buyer.user_id, expires_at=expires))
    jobs.tidy()
    with transaction(SYSTEM) as session:
        assert session.scalars(select(LoginSession.token_hash)).all() == ["open"]


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize(("retries", "told"), [(None, 1), (Retry(max=1, interval=60), 0)])
def test_a_job_that_raised_is_told_to_administrators_once_it_is_not_tried_again(retries, told):
    admin = factories.make_staff(role="admin")
    queue.queue().enqueue_call("math.sqrt", args=(-1,), retry=retries)
    worker = SimpleWorker([queue.queue()], connection=queue.connection(), exception_handlers=[job_raised])
    worker.work(burst=True, logging_level="CRITICAL")
    steps.handle_all()
    mails = steps.mails(template="job_failed")
    assert [mail.recipient for mail in mails] == [admin.email] * told
    assert all("ValueError" in mail.body_text and "sqrt" in mail.subject for mail in mails)


@pytest.mark.usefixtures("database")
def test_in_the_morning_held_mails_come_as_one_and_goods_that_run_low_are_told(monkeypatch):
    steps.open_company()
    buyer = factories.make_user(factories.make_partner(), gathered=["order_confirmed"])
    steps.order(factories.principal_of(buyer), low_stock=Decimal(500))
    jobs.tell_low_stock()
    steps.handle_all()
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=1))
    jobs.gather_mails()
    steps.handle_all()
    assert [mail.template for mail in steps.mails(state="queued")] == ["order_received", "stock_low", "daily_mail"]


def test_files_that_come_by_themselves_are_loaded_by_the_job(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    product = factories.make_product(sku="A1")
    feed_steps.a_feed(url=feed_steps.URL)
    with transaction(SYSTEM) as session:
        session.execute(text("update import_source set next_at = now() - interval '1 minute'"))
    monkeypatch.setattr(jobs.feeding.work_next, "__defaults__", (feed_steps.brings("sku,stock\nA1,5\n"),))
    jobs.fetch_imports()
    jobs.fetch_imports()
    with transaction(SYSTEM) as session:
        assert session.scalars(select(Stock.on_hand).filter_by(product_id=product.id)).one() == 5
        assert session.scalars(select(func.count()).select_from(Event).filter_by(kind="imported")).one() == 1
