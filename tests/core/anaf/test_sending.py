"""From an issued invoice to ANAF and back: whatever ANAF does, none is accepted twice and none is forgotten."""

import threading

import pytest
from sqlalchemy import text

from core import config
from core.anaf import connecting, deadlines, sending
from core.db import transaction
from core.principal import SYSTEM
from tests.anaf_fake import Anaf, invoice_xml
from tests.core.anaf.steps import (
    DAY,
    HOUR,
    MINUTE,
    SELLER,
    all_settled,
    ask_all,
    came_back,
    connected,
    connection,
    days_pass,
    events,
    handed_over,
    issued,
    kept_zip,
    look,
    minute,
    ready,
    run,
    send_all,
    send_next,
    states,
    submission,
)
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

LATER = NOON + 5 * MINUTE


def test_an_invoice_is_sent_accepted_and_kept_with_anafs_signature(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    send_all()
    assert (submission(document).state, submission(document).upload_index) == ("uploaded", "5000")
    ask_all(LATER)
    all_settled(anaf, [document])
    (upload,) = anaf.uploads
    assert (upload.cif, upload.standard) == (SELLER, "UBL")
    assert events("anaf_accepted")[0].document_id == document.id


def test_a_credit_note_is_sent_as_one(anaf: Anaf) -> None:
    ready(0)
    issued(root="CreditNote")
    connected(anaf)
    send_all()
    assert [upload.standard for upload in anaf.uploads] == ["CN"]


def test_without_a_connection_nothing_is_sent_and_nothing_fails(anaf: Anaf) -> None:
    documents = ready(2)
    minute(NOON)
    assert states(documents) == ["queued", "queued"]
    assert not anaf.calls


def test_an_invoice_to_a_buyer_abroad_needs_no_sending(anaf: Anaf) -> None:
    ready(0)
    abroad = issued(make_buyer(country="HU"))
    connected(anaf)
    send_all()
    assert states([abroad]) == ["not_needed"]
    assert not anaf.uploads


def test_what_waited_before_anybody_connected_is_looked_for_first(anaf: Anaf) -> None:
    """Somebody may have handed it in by hand."""
    by_hand, not_yet = ready(2)
    anaf.take(invoice_xml(by_hand.full_number, SELLER), SELLER, "UBL")
    admin = make_staff()
    with transaction(admin) as session:
        connecting.set_connection(session, "prod", "client-1", "secret-1", NOON)
    code, state = came_back(anaf, admin)
    with transaction(admin) as session:
        connecting.connect(session, code, state, NOON)
    assert states([by_hand, not_yet]) == ["unknown", "unknown"]
    days_pass(NOON, 2, HOUR)
    all_settled(anaf, [by_hand, not_yet])


@pytest.mark.parametrize("mode", ["silent", "reset", "500 taken", "rubbish"])
def test_what_anaf_took_without_an_answer_is_found_in_its_list_and_not_sent_again(anaf: Anaf, mode: str) -> None:
    documents = ready(3)
    connected(anaf)
    anaf.modes.extend(["ok", mode])
    days_pass(NOON, 2, HOUR)
    all_settled(anaf, documents)
    assert anaf.sent() == {document.full_number: 1 for document in documents}


@pytest.mark.parametrize("mode", ["lost", "500"])
def test_what_got_lost_on_the_way_is_sent_again_when_the_list_surely_does_not_have_it(anaf: Anaf, mode: str) -> None:
    documents = ready(2)
    connected(anaf)
    anaf.modes.append(mode)
    send_all()
    assert states(documents) == ["unknown", "queued"]
    for hours in (1, 2, 12, 23):
        minute(NOON + hours * HOUR)
    assert states(documents) == ["unknown", "accepted"]
    days_pass(NOON + DAY, 1, HOUR)
    all_settled(anaf, documents)


def test_what_anaf_lists_late_is_waited_for(anaf: Anaf) -> None:
    """It took the invoice, and works on it for 20 hours: the list does not have it all the while."""
    (document,) = ready()
    connected(anaf)
    anaf.modes.append("silent")
    anaf.hidden.add(document.full_number)
    send_all()
    for hours in range(1, 21):
        minute(NOON + hours * HOUR)
    assert states([document]) == ["unknown"]
    anaf.hidden.clear()
    days_pass(NOON + 21 * HOUR, 1, HOUR)
    all_settled(anaf, [document])
    assert anaf.sent()[document.full_number] == 1


def test_a_list_that_breaks_off_proves_nothing(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    anaf.modes.append("silent")
    send_all()
    anaf.broken = "500 down"
    for hours in (25, 30, 40):
        look(NOON + hours * HOUR)
    assert states([document]) == ["unknown"]
    anaf.broken = ""
    days_pass(NOON + 2 * DAY, 1, HOUR)
    all_settled(anaf, [document])


def test_invoices_of_another_program_are_looked_into_once(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    for number in range(5):
        anaf.take(invoice_xml(f"ALT {number}", SELLER), SELLER, "UBL")
    anaf.modes.append("lost")
    send_all()
    for hours in range(1, 20):
        minute(NOON + hours * HOUR)
    assert {message: count["all"] for message, count in anaf.of_message.items() if "download" in message} == {
        f"download 9500{n}": 1 for n in range(5)
    }
    assert states([document]) == ["unknown"]


def test_a_worker_that_was_killed_while_sending_leaves_doubt_and_never_a_second_upload(anaf: Anaf) -> None:
    documents = ready(2)
    connected(anaf)
    for dies_after_the_call in (True, False):
        with transaction(SYSTEM) as session:
            taken = sending.take_next(session, NOON)
        if dies_after_the_call:
            sending.hand_over(taken)
    assert states(documents) == ["sending", "sending"]
    minute(NOON + 5 * MINUTE)
    assert states(documents) == ["sending", "sending"]
    minute(NOON + sending.LEASE)
    assert "sending" not in states(documents)
    days_pass(NOON + HOUR, 3, HOUR)
    all_settled(anaf, documents)


def test_an_answer_that_comes_after_the_lease_is_written_down(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    with transaction(SYSTEM) as session:
        taken = sending.take_next(session, NOON)
    with transaction(SYSTEM) as session:
        assert sending.give_up_on_the_silent(session, NOON + sending.LEASE) == 1
    assert handed_over(taken, NOON + sending.LEASE).state == "uploaded"
    ask_all(NOON + HOUR)
    all_settled(anaf, [document])


@pytest.mark.parametrize("mode", ["429"])
def test_what_anaf_surely_did_not_take_waits_a_little_and_goes_again(anaf: Anaf, mode: str) -> None:
    documents = ready(2)
    connected(anaf)
    anaf.modes.append(mode)
    send_all()
    assert states(documents) == ["queued", "queued"]
    assert send_next(NOON + MINUTE) is None
    days_pass(NOON + 2 * MINUTE, 1, HOUR)
    all_settled(anaf, documents)


def test_where_nobody_can_be_reached_nothing_is_in_doubt(anaf: Anaf, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = ready(2)
    connected(anaf)
    monkeypatch.setenv("ANAF_API_URL", "http://127.0.0.1:9")
    config.settings.cache_clear()
    send_all()
    assert states(documents) == ["queued", "queued"]
    assert connection().error


def test_a_token_that_has_ended_early_is_renewed_and_nothing_is_lost(anaf: Anaf) -> None:
    documents = ready(2)
    connected(anaf, as_of=NOON - 2 * HOUR)
    anaf.access = "another"
    send_all()
    assert states(documents) == ["queued", "queued"]
    days_pass(NOON + MINUTE, 1, HOUR)
    all_settled(anaf, documents)
    assert anaf.calls["token"] == 1


def test_slow_work_at_anaf_is_waited_for_within_its_limits(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    anaf.slow[document.full_number] = 40
    days_pass(NOON, 2, HOUR / 2)
    all_settled(anaf, [document])
    assert anaf.calls["stareMesaj"] == 41


def test_the_limits_of_a_day_are_kept(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    anaf.slow[document.full_number] = 500
    send_all()
    as_of = NOON
    for _ in range(150):
        as_of += MINUTE
        run("update anaf_submission set next_try_at = :at", at=as_of)
        ask_all(as_of)
    assert anaf.calls["stareMesaj"] == 100
    ask_all(NOON + DAY)
    assert anaf.calls["stareMesaj"] == 101


def test_in_an_outage_few_invoices_get_into_doubt(anaf: Anaf) -> None:
    documents = ready(6)
    connected(anaf)
    anaf.modes.extend(["500"] * 50)
    for minutes in range(60):
        minute(NOON + minutes * MINUTE)
    assert states(documents).count("unknown") == 4


def test_two_workers_at_once_send_each_invoice_once(anaf: Anaf) -> None:
    documents = ready(6)
    connected(anaf)
    found = at_once([lambda: send_all(NOON)] * 3)
    assert found == [None] * 3
    assert anaf.sent() == {document.full_number: 1 for document in documents}


def test_of_two_who_take_at_the_same_moment_one_gets_the_invoice(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    both = threading.Barrier(2)

    def take() -> int | None:
        with transaction(SYSTEM) as session:
            taken = sending.take_next(session, NOON)
            both.wait(10)  # neither has committed
        return taken.document_id if taken else None

    assert set(at_once([take, take])) == {document.id, None}


def test_without_the_taking_two_workers_send_an_invoice_twice(anaf: Anaf) -> None:
    """The control: the same race, by workers who only look whether it was sent."""
    (document,) = ready()
    connected(anaf)
    with transaction(SYSTEM) as session:
        taken = sending.take_next(session, NOON)
    seen = threading.Barrier(2)

    def send() -> None:
        with transaction(SYSTEM) as session:
            sent = session.execute(text("select upload_index from anaf_submission")).scalar_one()
        seen.wait(10)
        if sent is None:
            sending.hand_over(taken)

    at_once([send, send])
    assert anaf.sent() == {document.full_number: 2}


def test_two_workers_who_ask_at_once_keep_one_archive(anaf: Anaf) -> None:
    documents = ready(4)
    connected(anaf)
    send_all()

    def ask() -> None:
        ask_all(LATER)

    assert at_once([ask, ask, ask]) == [None] * 3
    all_settled(anaf, documents)
    assert len(events("anaf_accepted")) == 4


def test_nothing_of_anafs_test_environment_counts(anaf: Anaf) -> None:
    """Tried out there first, every invoice goes to the real one afterwards."""
    documents = ready(2)
    connected(anaf, "test")
    days_pass(NOON, 1, HOUR)
    assert states(documents) == ["accepted", "accepted"]
    assert [kept_zip(document) for document in documents] == [None, None]
    anaf.uploads.clear()
    with transaction(SYSTEM) as session:
        connecting.set_connection(session, "prod", "client-1", "", NOON + DAY)
    days_pass(NOON + DAY, 2, HOUR)
    all_settled(anaf, documents)


def test_an_archive_of_another_invoice_is_not_taken_for_this_one(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    send_all()
    anaf.uploads[0].xml = anaf.uploads[0].xml.replace(document.full_number.encode(), b"FCT 99999")
    ask_all(LATER)
    assert submission(document).state == "uploaded"
    assert submission(document).message
    assert kept_zip(document) is None


def test_a_later_deadline_does_not_overtake_an_earlier_one(anaf: Anaf) -> None:
    documents = ready(2)
    with transaction(SYSTEM) as session:
        deadlines.date_new(session)
    run("update anaf_submission set due_on = due_on - 1 where document_id = :id", id=documents[1].id)
    connected(anaf)
    send_all()
    assert [upload.number for upload in anaf.uploads] == [documents[1].full_number, documents[0].full_number]
