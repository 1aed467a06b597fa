"""The demo's clock: every process has it, nobody's log-in depends on it, and nowhere else is it ever moved."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock
from core.auth.links import address_of_link, make_link
from core.auth.sessions import open_session, principal_of_cookie
from core.config import ROOT, settings
from core.db import engine, transaction
from core.demo.moving import NoDemo, NothingRuns, TooFar, back_to_real_time, go_to_next_deadline, move_clock
from core.errors import NotAllowed
from core.installation import installation
from core.notifications import delivery
from core.notifications.models import Mail
from core.notifications.smtp import FOLDER, send
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.core.orders.steps import scalar
from tests.factories import add, make_buyer, make_product, make_staff, make_user
from workers import jobs

pytestmark = pytest.mark.usefixtures("database")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Moving = Callable[[Session], object]


@pytest.fixture
def demo(database: str) -> Principal:
    """The administrator of a demo."""
    with transaction(SYSTEM) as session:
        installation(session).demo_since = clock.real_now()
    return make_staff()


def move(who: Principal, moving: Moving) -> timedelta:
    """How far ahead the clock is then."""
    with transaction(who) as session:
        moving(session)
    with transaction(SYSTEM):
        return clock.now() - clock.real_now()


def about(wanted: timedelta) -> object:
    return pytest.approx(wanted.total_seconds(), abs=5)


MOVES: list[Moving] = [lambda session: move_clock(session, HOUR), go_to_next_deadline, back_to_real_time]


@pytest.mark.parametrize("moving", MOVES)
def test_outside_a_demo_no_clock_is_moved(database: str, moving: Moving) -> None:
    with pytest.raises(NoDemo):
        move(make_staff(), moving)
    with pytest.raises(IntegrityError), transaction(SYSTEM) as session:
        session.execute(text("update installation set clock_moved = interval '1 hour'"))
    with transaction(SYSTEM):
        assert not clock.in_demo()
        assert clock.now() - clock.real_now() < timedelta(seconds=1)


@pytest.mark.parametrize("moving", MOVES)
def test_who_may_not_change_the_settings_does_not_move_it(demo: Principal, moving: Moving) -> None:
    for other in (make_staff(role="sales"), make_buyer()):
        with pytest.raises(NotAllowed):
            move(other, moving)


def test_the_clock_goes_ahead_step_by_step_and_back_to_the_real_time(demo: Principal) -> None:
    assert move(demo, lambda session: move_clock(session, HOUR)).total_seconds() == about(HOUR)
    assert move(demo, lambda session: move_clock(session, DAY)).total_seconds() == about(HOUR + DAY)
    assert move(demo, lambda session: move_clock(session, -DAY)).total_seconds() == about(HOUR + DAY)
    with pytest.raises(TooFar):
        move(demo, lambda session: move_clock(session, 3650 * DAY))
    assert move(demo, back_to_real_time).total_seconds() == about(timedelta())


def test_a_minute_before_the_next_deadline_an_order_still_waits_and_a_minute_later_it_lapses(demo: Principal) -> None:
    with pytest.raises(NothingRuns):
        move(demo, go_to_next_deadline)
    order_id = steps.order(make_buyer(), {make_product(stock=5).id: 2}, clock.now())
    ahead = move(demo, go_to_next_deadline)
    assert ahead.total_seconds() == about(24 * HOUR - timedelta(minutes=1))
    jobs.sweep()
    assert scalar(f"select status from orders where id = {order_id}") == "placed"
    assert move(demo, go_to_next_deadline).total_seconds() == about(ahead)
    move(demo, lambda session: move_clock(session, timedelta(minutes=2)))
    jobs.sweep()
    assert scalar(f"select status from orders where id = {order_id}") == "lapsed"


def test_another_process_has_the_same_clock(demo: Principal) -> None:
    move(demo, lambda session: move_clock(session, 3 * DAY))
    script = (
        "from core import clock\nfrom core.db import transaction\nfrom core.principal import SYSTEM\n"
        "with transaction(SYSTEM): print((clock.now() - clock.real_now()).total_seconds())"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(told.stdout) == about(3 * DAY)


def test_the_clock_costs_no_statement(database: str) -> None:
    statements: list[str] = []
    event.listen(engine(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    with transaction(SYSTEM):
        clock.now()
    assert len(statements) == 1


def test_who_is_logged_in_stays_so_when_the_clock_jumps_and_a_link_still_opens(demo: Principal) -> None:
    person = make_user()
    with transaction(SYSTEM) as session:
        cookie = open_session(session, person.id, clock.real_now())
        link = make_link(session, person.id, "invite", clock.real_now())
    move(demo, lambda session: move_clock(session, 90 * DAY))
    with transaction(SYSTEM) as session:
        assert principal_of_cookie(session, cookie, clock.real_now())
        assert address_of_link(session, link, clock.real(clock.now()))


def test_mails_of_a_demo_go_to_files_and_their_links_still_work(
    demo: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_user()
    move(demo, lambda session: move_clock(session, 90 * DAY))
    with transaction(SYSTEM) as session:
        link = make_link(session, person.id, "invite", clock.real_now())
    monkeypatch.setattr(settings(), "smtp_host", "mail.invalid")
    event_id = scalar("select max(id) from event")
    add(
        Mail(
            event_id=event_id, recipient=person.email, language="en", subject="x", body_text="x", body_html="x",
            link_id=link, created_at=clock.now(), next_try_at=clock.now(),
        )
    )  # fmt: skip
    with transaction(SYSTEM) as session:
        taken = delivery.take_next(session, clock.now())
    assert taken
    assert send(taken).state == "sent"
    assert len(list((settings().data_dir / FOLDER).glob("*.eml"))) == 1
