"""Who is reminded of what, when, and never of what."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import text

from core.db import transaction
from core.documents import annulling, parties
from core.errors import NotAllowed, NotFound
from core.principal import SYSTEM, Principal
from core.receivables import overdue, reminding, undoing, writing_off
from core.receivables.payments import record_payment
from tests.core.documents.steps import pay, set_up_company
from tests.core.orders.steps import NOON, scalar
from tests.core.receivables.debts import (
    DAY,
    buyer,
    done,
    due,
    events,
    late,
    remind,
    remind_now,
    set_company,
)
from tests.factories import make_staff
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def named() -> list[tuple[int, int, Decimal]]:
    """Document, its step, and what was open on it, of everything that was ever named."""
    with transaction(SYSTEM) as session:
        rows = session.execute(text("select document_id, step, open from reminded_document order by 1, 2"))
        return [(row.document_id, row.step, row.open) for row in rows]


@pytest.mark.parametrize(("days", "step"), [(0, 0), (2, 0), (3, 1), (14, 1), (15, 2), (29, 2), (30, 3), (400, 3)])
def test_the_step_is_the_highest_whose_days_an_invoice_is_late(days: int, step: int) -> None:
    who = buyer()
    late(who, days)
    assert due() == ({who.partner_id: step} if step else {})


def test_each_step_is_said_once_for_an_invoice() -> None:
    who = buyer()
    late(who, 3)
    said = [remind(who, NOON + n * DAY) for n in range(40)]
    assert [(n, reminder.step) for n, reminder in enumerate(said) if reminder] == [(0, 1), (12, 2), (27, 3)]


def test_a_reminder_names_all_that_is_overdue_in_the_words_of_the_highest_step_that_is_new() -> None:
    who = buyer()
    old, middle, fresh = late(who, 40), late(who, 16), late(who, 1)
    late(who, 0)
    reminder = remind(who)
    assert reminder is not None
    assert (reminder.step, reminder.by, str(reminder.sent_on)) == (3, None, "2026-11-23")
    assert named() == [(old.id, 3, old.gross), (middle.id, 2, middle.gross), (fresh.id, 0, fresh.gross)]
    (event,) = events("reminder_sent")
    assert event.data == {
        "reminder": reminder.id, "step": 3, "amount": "363.00",
        "number": f"{old.full_number}, {middle.full_number}, {fresh.full_number}",
    }  # fmt: skip


def test_an_old_debt_does_not_make_a_first_reminder_a_last_one() -> None:
    who = buyer()
    late(who, 40)
    remind(who)
    late(who, 2)
    reminder = remind(who, NOON + DAY)
    assert reminder is not None
    assert reminder.step == 1


def test_who_was_reminded_later_in_words_is_not_told_the_earlier_ones_when_the_days_change() -> None:
    who = buyer()
    late(who, 30)
    remind(who)
    scalar("update reminder_step set days = 60 where number = 3 returning number")
    assert due(NOON + DAY) == {}


def test_nothing_is_sent_of_what_is_disputed_and_the_rest_is() -> None:
    who = buyer()
    disputed, other = late(who, 20), late(who, 5)
    done(writing_off.dispute, disputed.id, "half of it was broken", NOON)
    remind(who)
    assert [document for document, _, _ in named()] == [other.id]
    done(writing_off.end_dispute, disputed.id, NOON)
    assert due(NOON + DAY) == {who.partner_id: 2}


def test_nothing_is_sent_of_what_was_annulled_paid_or_written_off() -> None:
    who = buyer()
    annulled, paid, lost = late(who, 20), late(who, 20), late(who, 20)
    done(annulling.annul, annulled.id, "never delivered", NOON)
    pay(paid, "121.00")
    done(writing_off.write_off, lost.id, "bankrupt", NOON)
    assert due(NOON + 5 * DAY) == {}
    assert remind(who, NOON + 5 * DAY) is None


def test_who_paid_something_today_or_yesterday_is_left_alone_until_the_day_after() -> None:
    who = buyer()
    pay(late(who, 20), "21.00")
    assert [bool(due(NOON + n * DAY)) for n in range(3)] == [False, False, True]
    with pytest.raises(reminding.JustPaid):
        remind_now(who, as_of=NOON + DAY)


def test_a_payment_that_was_taken_back_keeps_nobody_from_being_reminded() -> None:
    who = buyer()
    pay(late(who, 20), "21.00")
    payment = scalar("select id from payment")
    done(undoing.undo_payment, payment, "somebody else's", NOON)
    assert due() == {who.partner_id: 2}


def test_a_debt_given_up_is_no_payment() -> None:
    who = buyer()
    lost = late(who, 30)
    late(who, 20)
    done(writing_off.write_off, lost.id, "too small to sue for", NOON)
    assert due() == {who.partner_id: 2}


def test_a_credit_keeps_the_partner_out_only_if_it_covers_all_that_is_overdue() -> None:
    who = buyer()
    late(who, 20)
    done(record_payment, who.partner_id, Decimal("120.99"), NOON.date(), NOON, pays={})
    assert due(NOON + 2 * DAY) == {who.partner_id: 2}
    done(record_payment, who.partner_id, Decimal("0.01"), NOON.date(), NOON, pays={})
    assert due(NOON + 2 * DAY) == {}
    with pytest.raises(reminding.CreditCovers):
        remind_now(who, as_of=NOON + 2 * DAY)


def test_a_partner_whose_reminders_are_off_gets_none_by_hand_either() -> None:
    who = buyer(reminders=False)
    late(who, 20)
    assert due() == {}
    with pytest.raises(reminding.RemindersOff):
        remind_now(who)


def test_by_hand_a_step_is_chosen_and_said_again_on_another_day() -> None:
    who, accountant = buyer(), make_staff(role="accounting")
    document = late(who, 1)
    reminder = remind_now(who, 2, by=accountant)
    assert (reminder.step, reminder.by) == (2, accountant.user_id)
    assert named() == [(document.id, 1, document.gross)]
    with pytest.raises(reminding.RemindedToday):
        remind_now(who, 3)
    assert remind_now(who, 2, NOON + DAY).step == 2
    assert due(NOON + 5 * DAY) == {}
    assert due(NOON + 14 * DAY) == {who.partner_id: 2}


def test_there_is_nothing_to_remind_of_before_the_due_day_has_passed() -> None:
    who = buyer()
    late(who, 0)
    with pytest.raises(reminding.NothingOverdue):
        remind_now(who)
    with pytest.raises(NotFound):
        remind_now(who, 9)


@pytest.mark.parametrize("role", ["sales", "warehouse", "analyst"])
def test_only_who_records_payments_sends_reminders(role: str) -> None:
    who = buyer()
    late(who, 20)
    with pytest.raises(NotAllowed):
        remind_now(who, by=make_staff(role=role))
    with pytest.raises(NotAllowed):
        done(reminding.remind_due, who.partner_id, NOON, by=who)
    assert events("reminder_sent") == []


@pytest.mark.parametrize(("when", "goes"), [
    (datetime(2026, 11, 23, 6, 59, tzinfo=UTC), False),   # Monday, 8:59 in Bucharest
    (datetime(2026, 11, 23, 7, 0, tzinfo=UTC), True),
    (datetime(2026, 11, 23, 9, 59, tzinfo=UTC), True),
    (datetime(2026, 11, 23, 10, 0, tzinfo=UTC), False),
    (datetime(2026, 11, 22, 8, 0, tzinfo=UTC), False),    # Sunday
    (datetime(2026, 12, 1, 8, 0, tzinfo=UTC), False),     # the national day
    (datetime(2026, 7, 6, 6, 0, tzinfo=UTC), True),       # 9:00 in summer
])  # fmt: skip
def test_by_itself_reminders_go_out_in_the_morning_of_a_working_day(when: datetime, goes: bool) -> None:
    who = buyer()
    late(who, 300)
    set_company(reminders=True)
    assert done(reminding.due_by_itself, when) == ([who.partner_id] if goes else [])


def test_nothing_goes_out_by_itself_while_reminders_are_off() -> None:
    late(buyer(), 20)
    assert done(reminding.due_by_itself, datetime(2026, 11, 23, 8, tzinfo=UTC)) == []


def test_an_evening_in_utc_is_the_next_day_where_the_distributor_is() -> None:
    who = buyer()
    late(who, 2)
    evening = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    reminder = remind(who, evening)
    assert reminder is not None
    assert str(reminder.sent_on) == "2026-11-24"


# What happens at the same moment.


def test_two_workers_at_once_send_one_reminder() -> None:
    people = [buyer() for _ in range(3)]
    for who in people:
        late(who, 20)
    outcome = at_once([partial(remind, who) for who in people for _ in range(4)])
    assert [result for result in outcome if isinstance(result, Exception)] == []
    assert len([result for result in outcome if result]) == 3
    assert len(events("reminder_sent")) == 3


class Meeting:
    """Both have read what is due before either writes, if nothing keeps them apart."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float = 30) -> None:
        gate = threading.Barrier(2)

        def read(*args: object) -> object:
            found = overdue.overdue_of(*args)  # type: ignore[arg-type]
            gate.wait(timeout=seconds)
            return found

        monkeypatch.setattr(reminding, "overdue_of", read)
        monkeypatch.setattr(parties, "lock", lambda *_: None)


def test_without_the_lock_the_unique_day_still_keeps_the_second_one_out(monkeypatch: pytest.MonkeyPatch) -> None:
    who = buyer()
    late(who, 20)
    Meeting(monkeypatch)
    outcome = at_once([partial(remind, who)] * 2)
    assert len([result for result in outcome if result is None]) == 1
    assert len(events("reminder_sent")) == 1


def test_with_neither_two_reminders_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the two above."""
    who = buyer()
    late(who, 20)
    with transaction(SYSTEM) as session:
        session.execute(text("alter table reminder drop constraint uq_reminder_partner_id_sent_on"))
    Meeting(monkeypatch)
    at_once([partial(remind, who)] * 2)
    assert len(events("reminder_sent")) == 2


def pay_while_reminding(who: Principal, document_id: int) -> object:
    """The reminder begins while a payment of the whole invoice is written and not committed yet."""
    outcome: list[object] = []
    with transaction(SYSTEM) as session:
        record_payment(
            session, who.partner_id or 0, Decimal("121.00"), NOON.date(), NOON, pays={document_id: Decimal("121.00")}
        )
        thread = threading.Thread(target=lambda: outcome.append(remind(who)))
        thread.start()
        thread.join(timeout=1)  # it waits for the lock, or is through without one
    thread.join(timeout=30)
    return outcome[0]


def test_what_is_paid_while_the_reminder_is_made_is_not_named() -> None:
    who = buyer()
    document = late(who, 20)
    assert pay_while_reminding(who, document.id) is None
    assert named() == []


def test_without_the_lock_an_invoice_that_is_being_paid_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the one above."""
    who = buyer()
    document = late(who, 20)
    locked = threading.Event()
    real = parties.lock

    def lock_once(*args: object) -> None:
        if not locked.is_set():
            locked.set()
            real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(parties, "lock", lock_once)
    assert pay_while_reminding(who, document.id) is not None
    assert len(named()) == 1
