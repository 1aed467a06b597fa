"""Five working days, and who hears when they run out."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.anaf import deadlines, sending
from core.anaf.models import AnafSubmission
from core.db import transaction
from core.documents.annulling import AtAnaf, annul
from core.documents.storno import storno
from core.principal import SYSTEM
from tests.anaf_fake import Anaf
from tests.core.anaf.steps import (
    DAY,
    HOUR,
    connected,
    days_pass,
    events,
    ready,
    run,
    send_all,
    states,
    submission,
)
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

INSERTED = """
    insert into annulment (document_id, partner_id, reason, at) select id, partner_id, 'x', now() from document
"""


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        (date(2026, 11, 2), date(2026, 11, 9)),  # Monday: the next Monday
        (date(2026, 11, 6), date(2026, 11, 13)),  # Friday
        (date(2026, 11, 7), date(2026, 11, 13)),  # Saturday
        (date(2026, 11, 23), date(2026, 12, 2)),  # 30 November and 1 December are holidays
        (date(2026, 12, 24), date(2027, 1, 4)),  # Christmas, New Year on a Friday, a weekend
        (date(2026, 4, 8), date(2026, 4, 17)),  # Orthodox Good Friday and Easter Monday
    ],
)
def test_the_last_day_is_the_fifth_working_day_after_the_day_of_issue(issued: date, last: date) -> None:
    assert deadlines.last_day(issued) == last
    assert deadlines.days_left(last, issued) == 5


def test_days_left_count_working_days_and_end_below_zero() -> None:
    last = date(2026, 12, 2)
    days = [date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1), last, date(2026, 12, 3)]
    assert [deadlines.days_left(last, day) for day in days] == [2, 1, 1, 1, 0, -1]
    assert [deadlines.stage_of(last, day) for day in days] == [1, 1, 1, 1, 2, 3]


def test_staff_hear_once_of_each_stage_and_of_all_invoices_together(anaf: Anaf) -> None:
    documents = ready(2)
    connected(anaf)
    anaf.broken = "503 down"
    days_pass(NOON, 12, 6 * HOUR)
    told = events("anaf_late")
    assert [event.data["stage"] for event in told] == [1, 2, 3]
    assert all(event.data["numbers"] == [document.full_number for document in documents] for event in told)


def test_nobody_hears_where_nobody_has_connected(anaf: Anaf) -> None:
    ready(1)
    days_pass(NOON, 12, 6 * HOUR)
    assert events("anaf_late") == []


def test_an_accepted_invoice_is_never_late_and_a_refused_one_is_until_it_is_taken_back(anaf: Anaf) -> None:
    accepted, refused, taken_back = ready(3)
    connected(anaf)
    anaf.nok = {refused.full_number: "[BR-RO-120]", taken_back.full_number: "[BR-RO-120]"}
    days_pass(NOON, 1, HOUR)
    with transaction(make_staff(role="accounting")) as session:
        storno(session, taken_back.id, "greșită", NOON + DAY)
    days_pass(NOON + DAY, 3, 6 * HOUR)
    assert [event.data["numbers"] for event in events("anaf_late")] == [[refused.full_number]]
    assert states([accepted]) == ["accepted"]


def test_an_annulled_invoice_is_not_sent(anaf: Anaf) -> None:
    (document,) = ready()
    with transaction(make_staff()) as session:
        annul(session, document.id, "greșită", NOON)
    connected(anaf)
    send_all()
    assert states([document]) == ["not_needed"]
    assert not anaf.uploads


@pytest.mark.parametrize("state", ["sending", "uploaded", "accepted", "unknown"])
def test_what_anaf_may_have_is_not_annulled(anaf: Anaf, state: str) -> None:
    (document,) = ready()
    connected(anaf)
    if state == "unknown":
        anaf.modes.append("lost")
    with transaction(SYSTEM) as session:
        taken = sending.take_next(session, NOON)
    if state != "sending":
        outcome = sending.hand_over(taken)
        with transaction(SYSTEM) as session:
            sending.note(session, taken, outcome, NOON)
    if state == "accepted":
        days_pass(NOON + HOUR, 1, HOUR)
    assert states([document]) == [state]
    with pytest.raises(AtAnaf), transaction(make_staff()) as session:
        annul(session, document.id, "greșită", NOON)
    with pytest.raises(IntegrityError, match="annulment_spares_anaf"):
        run(INSERTED)


def test_of_annulling_and_sending_at_once_one_wins(anaf: Anaf) -> None:
    documents = ready(4)
    connected(anaf)
    staff = make_staff()

    def annul_one(document_id: int) -> None:
        with transaction(staff) as session:
            annul(session, document_id, "greșită", NOON)

    at_once([send_all, *(lambda document=document: annul_one(document.id) for document in documents)])
    days_pass(NOON + HOUR, 1, HOUR)
    with transaction(SYSTEM) as session:
        annulled = {row[0] for row in session.execute(text("select document_id from annulment"))}
    for document, state in zip(documents, states(documents), strict=True):
        assert state == ("not_needed" if document.id in annulled else "accepted")
        assert anaf.accepted()[document.full_number] == (0 if document.id in annulled else 1)


@pytest.mark.parametrize(
    "step",
    [
        "state = 'queued'", "state = 'sending', taken_until = now()", "state = 'unknown'", "state = 'not_needed'",
        "state = 'refused', message = 'x'",
    ],
)  # fmt: skip
def test_what_is_accepted_stays_so(anaf: Anaf, step: str) -> None:
    ready()
    connected(anaf)
    days_pass(NOON, 1, HOUR)
    with pytest.raises(IntegrityError, match="does not go"):
        run(f"update anaf_submission set {step}")


def test_without_the_archive_nothing_is_accepted(anaf: Anaf) -> None:
    ready()
    connected(anaf)
    send_all()
    with pytest.raises(IntegrityError, match="as it signed it"):
        run("update anaf_submission set state = 'accepted', verdict = 'ok', download_id = '1'")


def test_an_index_belongs_to_one_invoice(anaf: Anaf) -> None:
    first, second = ready(2)
    connected(anaf)
    send_all()
    with pytest.raises(IntegrityError, match="upload_index"):
        run("update anaf_submission set upload_index = :index where document_id = :id",
            index=submission(first).upload_index, id=second.id)  # fmt: skip


def test_a_partner_sees_the_states_of_its_own_and_nothing_more(anaf: Anaf) -> None:
    ready(2)
    with transaction(SYSTEM) as session:
        mine = session.query(AnafSubmission).first()
    buyer = make_buyer()
    see = text("select document_id, state from anaf_submission")
    with transaction(buyer) as session:
        assert session.execute(see).all() == []
    with transaction(type(buyer)("partner", buyer.user_id, mine.partner_id, role="owner")) as session:
        assert session.execute(see).all() == [(mine.document_id, "queued")]
    for statement in (
        "select message from anaf_submission", "update anaf_submission set state = 'sending'",
        "select 1 from anaf_connection", "select 1 from anaf_message",
        "insert into anaf_submission (document_id, partner_id, queued_at, next_try_at) values (1, 1, now(), now())",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="permission denied"), transaction(buyer) as session:
            session.execute(text(statement))
