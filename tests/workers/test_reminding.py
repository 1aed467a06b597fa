"""The job that reminds and announces statements, and what leaves with the mail."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from core import clock
from core.db import transaction
from core.orders.limits import lock_partner
from core.principal import SYSTEM
from core.receivables import monthly, reminding
from core.receivables.statement import TooManyEntries
from tests.core.documents.steps import set_up_company, text_of
from tests.core.receivables.debts import buyer, done, events, late, set_company
from tests.workers.mails import left_now
from workers import attaching, jobs

DECEMBER = datetime(2026, 12, 2, 8, tzinfo=UTC)
"""Wednesday morning, the first working day of the month."""


@pytest.fixture(autouse=True)
def _morning(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_company()
    set_company(reminders=True)
    monkeypatch.setattr(clock, "now", lambda: DECEMBER)


def test_run_as_often_as_it_likes_each_partner_is_told_once() -> None:
    who = buyer(monthly_statement=True)
    late(who, 5)
    for _ in range(3):
        jobs.remind()
    assert len(events("reminder_sent")) == len(events("statement_sent")) == 1


def test_a_partner_that_somebody_works_on_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    held, free = buyer(name="A"), buyer(name="B")
    late(held, 5), late(free, 5)
    monkeypatch.setattr(reminding.parties, "lock", lock_without_patience)
    with transaction(SYSTEM) as session:
        lock_partner(session, held.partner_id or 0)
        jobs.remind()
    assert [event.partner_id for event in events("reminder_sent")] == [free.partner_id]
    jobs.remind()
    assert [event.partner_id for event in events("reminder_sent")] == [free.partner_id, held.partner_id]


def lock_without_patience(session: object, partner_id: int) -> None:
    """As `parties.lock`, but it gives up at once."""
    session.execute(text("set local lock_timeout = '50ms'"))  # type: ignore[attr-defined]
    lock_partner(session, partner_id)  # type: ignore[arg-type]


def test_a_statement_and_an_invoice_leave_with_the_mails_that_announce_them_and_with_no_others() -> None:
    document = late(buyer(name="Instal Pro SRL", monthly_statement=True), 5)
    jobs.remind()
    files = {str(message["Subject"]): list(message.iter_attachments()) for message in left_now(DECEMBER)}
    (statement,) = files.pop("Fișa de cont de la 01.11.2026 la 30.11.2026 este gata")
    assert (statement.get_filename(), statement.get_content_type()) == (
        "statement-2026-11-01-2026-11-30.pdf", "application/pdf"
    )  # fmt: skip
    paper = text_of(statement.get_content())
    assert "Instal Pro SRL" in paper
    assert document.full_number in paper
    invoice = document.full_number.replace(" ", "-")
    assert [each.get_filename() for found in files.values() for each in found] == [f"{invoice}.pdf"]


def test_a_statement_that_cannot_be_made_does_not_keep_its_mail_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise TooManyEntries

    monkeypatch.setattr(attaching, "statement", refuse)
    who = buyer(monthly_statement=True)
    late(who, 5)
    done(monthly.send_statement, who.partner_id, DECEMBER)
    message = next(found for found in left_now(DECEMBER) if "Fișa" in str(found["Subject"]))
    assert list(message.iter_attachments()) == []
