"""What the soak does all day works, and what it would call broken is."""

from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.soak import life
from benchmarks.soak.buying import submit
from benchmarks.soak.portal import free_port
from benchmarks.soak.sink import Sink
from benchmarks.soak.verdict import verdict, wrong_mails, wrong_orders
from core import clock
from tests import factories
from tests.core.notifications import steps as mailing
from tests.core.notifications.conftest import use_mail_server
from tests.core.orders import steps
from tests.faults.conftest import full_carts

pytestmark = pytest.mark.usefixtures("database")


def test_every_deed_is_done_now_and_then_and_none_ends_in_an_error() -> None:
    factories.make_company()
    for number in range(3):
        partner = factories.make_partner(address="Str. Lungă 5", city="Brașov", county="BV")
        factories.make_user(partner, email=f"buyer{number}@bench.example")
    factories.make_user()
    for _ in range(8):
        factories.make_product(stock=100)
    me = life.Person(seed=1, number=0, of=1)
    deeds = Counter(f"{deed['deed']}: {deed['how']}" for deed in (life.do(me) for _ in range(80)))
    assert {f"{name}: done" for name in ("place", "claim", "ship", "invoice", "pay", "cancel", "count")} <= set(deeds)
    assert not [deed for deed in deeds if "error" in deed]
    assert not [sentence for sentence in verdict([], Sink(0)) if "events were not handled" not in sentence]


def test_an_order_that_is_lost_or_was_never_told_of_is_named() -> None:
    (buyer, token), (_, theirs) = full_carts(2)
    answer = submit(buyer, token)
    assert wrong_orders([answer, submit(buyer, token)]) == []
    assert wrong_orders([replace(answer, order_id=answer.order_id + 1)])
    assert wrong_orders([replace(answer, order_id=None, refusal="Shortage")])
    assert wrong_orders([replace(answer, token=theirs)])


def test_a_mail_that_came_twice_or_never_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = Sink(free_port())
    sink.start()
    use_mail_server(monkeypatch, sink.port)
    [(buyer, token)] = full_carts(1)
    steps.place(buyer, token, clock.now())
    assert "1 events were not handled" in wrong_mails(sink)
    mailing.handle_all(clock.now())
    mailing.send_due(clock.now())
    sink.stop()
    assert wrong_mails(sink) == []
    first = next(iter(sink.came))
    sink.came[first] = 2
    assert len(wrong_mails(sink)) == 1
    del sink.came[first]
    assert len(wrong_mails(sink)) == 1
