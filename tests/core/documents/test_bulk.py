"""Invoices of many orders in the background: each once, whoever works and whoever is killed."""

from functools import partial

import pytest

from core.db import transaction
from core.documents import bulk
from core.documents.rendering import render_next
from core.errors import NotAllowed
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import TODAY, claimed_order, set_up_company
from tests.core.orders.steps import NOON, assert_invariants, cancel, order, scalar
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def start(who: Principal, shipped_only: bool = False) -> int:
    with transaction(who) as session:
        return bulk.start_run(session, TODAY, shipped_only, "ro", NOON)


def last() -> bulk.Progress:
    with transaction(SYSTEM) as session:
        run = bulk.latest_run(session)
    assert run is not None
    return run


def work() -> int:
    done = 0
    while bulk.issue_next(NOON):
        done += 1
    return done


def test_every_order_gets_its_invoice_in_the_name_of_who_asked() -> None:
    orders = [claimed_order() for _ in range(3)]
    order(make_buyer(), {make_product(stock=1).id: 1})
    start(make_staff(name="Ioana Pop", role="accounting"))
    assert (last().total, last().over) == (3, False)
    assert work() == 3
    assert (last().issued, last().refused, last().over) == (3, [], True)
    assert scalar("select array_agg(distinct issuer_name) from document") == ["Ioana Pop"]
    assert scalar("select array_agg(order_id order by order_id) from document") == orders
    assert_invariants()


def test_what_cannot_be_invoiced_is_told_and_the_others_go_on() -> None:
    without_cui = make_buyer(cui="", name="Fără CUI SRL")
    refused, fine = claimed_order(without_cui), claimed_order()
    gone = claimed_order()
    staff = make_staff()
    start(staff)
    cancel(staff, gone)
    work()
    assert last().issued == 1
    assert [number for number, _ in last().refused] == [refused, gone]
    assert "Fără CUI SRL" in last().refused[0][1]
    assert scalar("select order_id from document") == fine


def test_an_order_that_e_factura_would_refuse_says_what_is_missing_and_takes_no_number() -> None:
    refused, fine = claimed_order(make_buyer(county="", name="Fără Județ SRL")), claimed_order()
    start(make_staff())
    work()
    [(number, why)] = last().refused
    assert number == refused
    assert "Fără Județ SRL: lipsește județul" in why
    assert scalar("select number from document where order_id = :id", id=fine) == 1


def test_four_workers_at_once_issue_each_invoice_once() -> None:
    for _ in range(12):
        claimed_order()
    start(make_staff())
    found = at_once([partial(work) for _ in range(4)])
    assert sum(found) == 12
    assert scalar("select count(*) from document") == 12
    assert_invariants()


def test_one_run_at_a_time_and_none_for_nothing() -> None:
    with pytest.raises(bulk.NothingToInvoice):
        start(make_staff())
    claimed_order()
    start(make_staff(name="Ioana Pop"))
    claimed_order()
    with pytest.raises(bulk.StillRunning) as refusal:
        start(make_staff())
    assert "Ioana Pop" in refusal.value.text("ro")


def test_who_may_not_issue_documents_starts_nothing() -> None:
    claimed_order()
    for who in (make_buyer(), make_staff(role="warehouse")):
        with pytest.raises(NotAllowed):
            start(who)


def test_what_was_issued_lately_is_printed_before_anybody_asks() -> None:
    claimed_order()
    start(make_staff())
    work()
    with transaction(SYSTEM) as session:
        assert render_next(session, NOON)
    with transaction(SYSTEM) as session:
        assert not render_next(session, NOON)
    assert scalar("select count(*) from document_file where format = 'pdf'") == 1
