"""Series by kind, site and year: no gap, no duplicate, dates that never go back."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import text

from core.config import ROOT
from core.db import transaction
from core.documents import annulling, numbering, series
from core.documents.freehand import FreeLine, issue_freehand
from core.documents.models import Document
from core.documents.order_lines import Terms
from core.documents.proformas import issue_proforma
from core.principal import SYSTEM
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders.steps import NOON, assert_invariants, scalar
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")
NEXT_YEAR = NOON + timedelta(days=60)


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def number_of(kind: str, on: date, series_id: int | None = None) -> numbering.Number:
    with transaction(SYSTEM) as session:
        return numbering.take_number(session, kind, on, series_id)


def add(kind: str, prefix: str, site: str = "", first: int = 1, year: int = 2026) -> int:
    with transaction(SYSTEM) as session:
        return series.add_series(session, kind, prefix, site, first, year, NOON)


def begin(series_id: int, year: int, first: int) -> None:
    with transaction(SYSTEM) as session:
        series.set_first_number(session, series_id, year, first, NOON)


def freehand(as_of: datetime, terms: Terms = Terms()) -> Document:  # noqa: B008 (a frozen value)
    with transaction(SYSTEM) as session:
        line = FreeLine("Transport", "buc", Decimal(1), Decimal(100))
        return issue_freehand(session, "invoice", make_buyer().partner_id or 0, [line], as_of, terms)


def test_every_kind_counts_for_itself() -> None:
    day = date(2026, 11, 23)
    assert [number_of(kind, day)[1:] for kind in ("invoice", "proforma", "receipt", "delivery_note", "invoice")] == [
        ("FCT", 1), ("PRO", 1), ("CHT", 1), ("AVZ", 1), ("FCT", 2),
    ]  # fmt: skip


def test_a_storno_takes_the_next_number_of_the_invoices_until_it_has_a_series_of_its_own() -> None:
    assert number_of("storno", date(2026, 11, 23))[1:] == ("FCT", 1)
    add("storno", "STO", first=100)
    assert number_of("storno", date(2026, 11, 23))[1:] == ("STO", 100)


def test_a_site_has_its_own_series_which_is_used_only_when_it_is_named() -> None:
    cluj = add("invoice", "FCT-CJ", "Cluj", first=500)
    assert number_of("invoice", date(2026, 11, 23))[1:] == ("FCT", 1)
    assert number_of("invoice", date(2026, 11, 23), cluj)[1:] == ("FCT-CJ", 500)


def test_a_new_year_goes_on_or_begins_with_the_number_it_was_given() -> None:
    first = number_of("invoice", date(2026, 12, 31))
    assert number_of("invoice", date(2027, 1, 1)).number == 2
    begin(first.series_id, 2028, 5_001)
    assert number_of("invoice", date(2027, 6, 1)).number == 3
    assert number_of("invoice", date(2028, 1, 3)).number == 5_001


def test_a_year_that_has_begun_keeps_its_first_number_and_none_is_given_twice() -> None:
    first = number_of("invoice", date(2026, 12, 30))
    with pytest.raises(series.YearBegun):
        begin(first.series_id, 2026, 7)
    number_of("invoice", date(2026, 12, 31))
    with pytest.raises(series.BadFirstNumber) as refusal:
        begin(first.series_id, 2027, 2)
    assert "3" in refusal.value.text("ro")


def test_a_year_whose_numbers_would_run_into_the_next_one_gives_no_more() -> None:
    taken = number_of("invoice", date(2026, 12, 1))
    begin(taken.series_id, 2027, 3)
    assert number_of("invoice", date(2026, 12, 2)).number == 2
    with pytest.raises(numbering.SeriesFull):
        number_of("invoice", date(2026, 12, 3))
    assert number_of("invoice", date(2027, 1, 5)).number == 3


def test_a_closed_series_gives_no_number_and_can_be_opened_again() -> None:
    taken = number_of("receipt", date(2026, 12, 1))
    for closed in (True, False):
        with transaction(SYSTEM) as session:
            series.close_series(session, taken.series_id, closed, NOON)
        if closed:
            with pytest.raises(numbering.NoSeries):
                number_of("receipt", date(2026, 12, 1))
    assert number_of("receipt", date(2026, 12, 1)).number == 2


@pytest.mark.parametrize("prefix", ["", "ș", "a b", "-X", "X" * 21, "<b>"])
def test_a_series_has_a_plain_name(prefix: str) -> None:
    with pytest.raises(series.BadPrefix):
        add("invoice", prefix)


def test_no_two_series_have_one_name() -> None:
    with pytest.raises(series.PrefixTaken):
        add("receipt", "fct")


def test_of_a_series_of_another_kind_no_number_is_taken() -> None:
    receipts = number_of("receipt", date(2026, 12, 1))
    with pytest.raises(numbering.NoSeries):
        number_of("invoice", date(2026, 12, 1), receipts.series_id)


def test_an_invoice_may_be_dated_back_to_the_last_one_of_its_series_and_no_further() -> None:
    freehand(NOON)
    freehand(NEXT_YEAR, Terms(issued_on=date(2026, 11, 24)))
    with pytest.raises(numbering.DateBeforeLastIssued):
        freehand(NEXT_YEAR, Terms(issued_on=date(2026, 11, 23)))
    assert_invariants()


def test_an_annulled_document_keeps_its_number_and_is_never_numbered_again() -> None:
    document = freehand(NOON)
    with transaction(make_staff()) as session:
        annulling.annul(session, document.id, "a wrong partner", NOON)
    assert freehand(NOON).number == document.number + 1
    assert scalar("select count(*) from document") == 2
    assert_invariants()


def test_sixteen_issuers_at_once_leave_no_gap_and_no_duplicate_with_their_dates_in_order() -> None:
    buyers = [make_buyer() for _ in range(16)]
    orders = [claimed_order(buyer) for buyer in buyers]

    def one(order_id: int, day: int) -> int:
        return issue(order_id, NOON + timedelta(days=day)).number

    found = at_once([partial(one, order_id, at % 3) for at, order_id in enumerate(orders)])
    numbers = sorted(result for result in found if isinstance(result, int))
    assert numbers == list(range(1, len(numbers) + 1))
    refused = [result for result in found if not isinstance(result, int)]
    assert all(isinstance(result, numbering.DateBeforeLastIssued) for result in refused)
    assert len(numbers) >= 5  # those of the last day are never refused
    assert_invariants()


def test_without_the_lock_of_the_series_the_same_issuers_meet_on_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the test above would find if numbers were only read and counted up."""
    orders = [claimed_order(make_buyer()) for _ in range(8)]
    unlocked = text(
        "select coalesce(max(number), 0) + 1 from document"
        " where :series > 0 and :year > 0 and cast(:day as date) is not null"
    )
    monkeypatch.setattr(numbering, "_TAKE", unlocked)
    monkeypatch.setattr(numbering, "_LOCK", text(str(numbering._LOCK).replace("for update", "")))
    monkeypatch.setattr(numbering, "_ISSUED", text("select :series, :year, cast(:day as date)"))
    found = at_once([partial(lambda order_id: issue(order_id).number, order_id) for order_id in orders])
    assert any(not isinstance(result, int) for result in found)  # the unique constraint refuses the second


CRASH = """
import os, sys
from datetime import datetime, UTC
from core.db import transaction
from core.documents import issuing
from core.principal import SYSTEM
with transaction(SYSTEM) as session:
    issuing.issue_invoice(session, int(sys.argv[1]), datetime(2026, 11, 23, 10, tzinfo=UTC))
    print("issued", flush=True)
    sys.stdin.read()
"""


def test_an_issuer_killed_in_the_middle_leaves_neither_a_number_nor_half_a_document() -> None:
    order_id = claimed_order()
    child = subprocess.Popen(
        [sys.executable, "-c", CRASH, str(order_id)], cwd=ROOT, env=dict(os.environ), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "issued\n"
    child.send_signal(signal.SIGKILL)
    child.wait(30)
    child.communicate()
    assert [scalar(f"select count(*) from {table}") for table in ("document", "document_line", "series_year")] == [
        0,
        0,
        0,
    ]
    assert issue(order_id).number == 1
    assert_invariants()


def test_a_proforma_is_no_fiscal_document_and_owes_nothing() -> None:
    order_id = claimed_order()
    with transaction(make_staff()) as session:
        proforma = issue_proforma(session, order_id, datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert (proforma.full_number, proforma.gross) == ("PRO 00001", 121)
    assert scalar("select count(*) from receivable") == 0
    assert issue(order_id).gross == 121
    assert_invariants()
