"""A mail on its way to a real server: once, later, never, or nobody knows."""

import email
import smtplib
from datetime import timedelta
from email.policy import default

import pytest

from core import config
from core.errors import NotAllowed
from core.notifications import delivery, smtp
from tests import factories
from tests.core.notifications import steps
from tests.core.orders.steps import NOON
from tests.threads import at_once

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def one_mail(database):
    """One mail, to the distributor only, due at NOON; the buyer's own is taken out of the way."""
    buyer = factories.make_buyer()
    steps.open_company(order_emails=[buyer.email])
    steps.order(buyer)
    steps.handle_all()
    return steps.only_mail()


def test_a_mail_arrives_with_both_bodies_and_the_headers_of_a_machine(one_mail, mail_server):
    assert steps.send_due() == ["sent"]
    (message,) = mail_server.received
    assert message["To"] == one_mail.recipient
    assert message["From"] == "Electro Distribuție SA <portal@electro.example>"
    assert message["Reply-To"] == "comenzi@electro.example"
    assert message["Message-ID"] == f"<event-{one_mail.event_id}.mail-{one_mail.id}@electro.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == one_mail.subject
    assert message["Date"].datetime == NOON
    assert message.get_body(("plain",)).get_content().splitlines() == one_mail.body_text.splitlines()
    assert "<table" in message.get_body(("html",)).get_content()
    assert mail_server.envelopes == [("portal@electro.example", [one_mail.recipient])]
    assert (steps.only_mail().state, steps.only_mail().sent_at) == ("sent", NOON)


def test_a_sent_mail_is_not_sent_again(one_mail, mail_server):
    assert [steps.send_due(), steps.send_due(NOON + DAY)] == [["sent"], []]
    assert len(mail_server.received) == 1


def test_senders_at_once_deliver_each_mail_once(mail_server):
    steps.open_company(order_emails=[f"desk{n}@electro.example" for n in range(20)])
    steps.order()
    steps.handle_all()
    outcomes = at_once([steps.send_due] * 4)
    assert sum(len(sent) for sent in outcomes) == 21
    assert len(set(mail_server.recipients())) == len(mail_server.received) == 21
    assert steps.states() == {"sent": 21}


def test_a_temporary_refusal_is_tried_again_with_growing_pauses(one_mail, mail_server):
    mail_server.to_recipient[one_mail.recipient] = "451 greylisted, come back"
    assert steps.send_due() == ["queued"]
    assert (steps.only_mail().state, steps.only_mail().error) == ("queued", "451 greylisted, come back")
    assert steps.send_due(NOON + MINUTE - timedelta(seconds=1)) == []
    assert steps.send_due(NOON + MINUTE) == ["queued"]
    assert steps.only_mail().next_try_at == NOON + 6 * MINUTE
    del mail_server.to_recipient[one_mail.recipient]
    assert steps.send_due(NOON + 6 * MINUTE) == ["sent"]
    assert (steps.only_mail().tries, steps.only_mail().error) == (3, "")
    assert len(mail_server.received) == 1


def test_after_three_days_of_temporary_refusals_the_mail_has_failed(one_mail, mail_server):
    mail_server.to_recipient[one_mail.recipient] = "451 mailbox full"
    now = NOON
    while steps.only_mail().state == "queued":
        now = steps.only_mail().next_try_at
        steps.send_due(now)
    assert steps.only_mail().state == "failed"
    assert 2.5 * DAY < now - NOON < 3.5 * DAY


def test_a_permanent_refusal_fails_with_the_servers_words(one_mail, mail_server):
    mail_server.to_recipient[one_mail.recipient] = "550 5.1.1 no such mailbox"
    assert steps.send_due() == ["failed"]
    assert (steps.only_mail().state, steps.only_mail().error) == ("failed", "550 5.1.1 no such mailbox")
    assert steps.send_due(NOON + DAY) == []


def test_a_refused_sender_is_the_settings_fault_and_the_mail_waits(one_mail, mail_server):
    mail_server.to_sender = "550 sender not allowed"
    assert steps.send_due() == ["queued"]
    assert steps.only_mail().error == "550 sender not allowed"


def test_a_mail_waits_while_the_server_is_down(one_mail, dead_mail_server):
    assert steps.send_due() == ["queued"]
    assert "ConnectionRefusedError" in steps.only_mail().error
    assert steps.only_mail().next_try_at == NOON + MINUTE


def test_a_server_without_encryption_is_not_given_the_mail_when_encryption_is_set(one_mail, mail_server, monkeypatch):
    monkeypatch.setenv("SMTP_STARTTLS", "true")
    config.settings.cache_clear()
    assert steps.send_due() == ["queued"]
    assert "STARTTLS" in steps.only_mail().error
    assert mail_server.received == []


def test_silence_after_the_content_leaves_the_mail_uncertain_and_it_is_not_sent_twice(one_mail, mail_server):
    mail_server.hang_up_after_content = True
    assert steps.send_due() == ["uncertain"]
    assert steps.send_due(NOON + DAY) == []
    assert len(mail_server.received) == 1


def test_a_line_that_breaks_before_the_server_wants_the_content_leaves_no_doubt(one_mail, mail_server, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(smtplib.SMTP, "docmd", lambda line, command: line.close() or line.send(command))
        assert steps.send_due() == ["queued"]
    assert steps.send_due(NOON + MINUTE) == ["sent"]
    assert len(mail_server.received) == 1


def test_a_worker_killed_while_sending_leaves_the_mail_uncertain_and_it_is_not_sent_twice(one_mail, mail_server):
    smtp.send(steps.take())  # and dies before it can write the answer down
    assert steps.give_up_on_the_silent(NOON + delivery.LEASE - MINUTE) == 0
    assert steps.give_up_on_the_silent(NOON + delivery.LEASE) == 1
    assert steps.only_mail().state == "uncertain"
    assert steps.send_due(NOON + DAY) == []
    assert len(mail_server.received) == 1


def test_a_worker_killed_before_the_server_has_the_mail_leaves_it_to_the_next(one_mail, mail_server):
    steps.take()  # and dies
    assert steps.give_up_on_the_silent(NOON + delivery.LEASE - MINUTE) == 0
    assert steps.send_due(NOON + delivery.LEASE - MINUTE) == []
    assert steps.give_up_on_the_silent(NOON + delivery.LEASE) == 0
    assert steps.send_due(NOON + delivery.LEASE) == ["sent"]
    assert len(mail_server.received) == 1


def test_a_mail_that_workers_die_of_again_and_again_is_given_up(one_mail):
    steps.take()
    steps.change_mails(tries=delivery.MOST_TRIES)
    steps.give_up_on_the_silent(NOON + delivery.LEASE)
    assert steps.only_mail().state == "failed"


def test_a_worker_that_was_overtaken_sends_nothing(one_mail, mail_server):
    """It only slept: when it wakes up the mail is another worker's, or was sent by it."""
    slow = steps.take()
    steps.give_up_on_the_silent(NOON + delivery.LEASE)
    other = steps.take(NOON + delivery.LEASE)
    note(slow, smtp.send(slow))
    assert mail_server.received == []
    note(other, smtp.send(other))
    note(slow, smtp.send(slow))
    assert len(mail_server.received) == 1
    assert steps.only_mail().state == "sent"


def test_a_mail_from_before_the_clock_was_set_back_does_not_wait(one_mail, mail_server):
    assert steps.send_due(NOON - timedelta(hours=1)) == ["sent"]


def test_staff_send_an_uncertain_mail_again(one_mail, mail_server):
    begun()
    steps.give_up_on_the_silent(NOON + delivery.LEASE)
    steps.send_again(factories.make_staff(), one_mail.id, NOON + DAY)
    assert steps.send_due(NOON + DAY) == ["sent"]
    assert mail_server.recipients() == [one_mail.recipient]


def begun():
    """Taken by a worker that has told that the server gets its content now."""
    taken = steps.take()
    with steps.transaction(steps.SYSTEM) as session:
        assert delivery.begin(session, taken)
    return taken


def test_an_answer_that_comes_after_the_mail_was_taken_again_does_not_count(one_mail):
    slow = begun()
    steps.give_up_on_the_silent(NOON + delivery.LEASE)
    steps.send_again(factories.make_staff(), one_mail.id, NOON + DAY)
    steps.take(NOON + DAY)
    note(slow, delivery.Outcome("failed", "550 too late"))
    assert steps.only_mail().state == "taken"


def test_an_answer_after_giving_up_still_counts(one_mail, mail_server):
    slow = begun()
    steps.give_up_on_the_silent(NOON + delivery.LEASE)
    note(slow, delivery.Outcome("sent"))
    assert steps.only_mail().state == "sent"


def note(taken, outcome):
    with steps.transaction(steps.SYSTEM) as session:
        delivery.note(session, taken, outcome, NOON + DAY)


def test_two_colleagues_send_again_at_once_and_one_is_told(one_mail):
    steps.change_mails(state="failed")
    anna, bogdan = factories.make_staff(), factories.make_staff()
    outcomes = at_once([lambda: steps.send_again(anna, one_mail.id), lambda: steps.send_again(bogdan, one_mail.id)])
    assert sorted(type(outcome) for outcome in outcomes if outcome) == [delivery.CannotSendAgain]
    assert steps.only_mail().state == "queued"


@pytest.mark.parametrize("state", ["queued", "taken", "sending", "sent"])
def test_only_what_failed_or_is_uncertain_can_be_sent_again(one_mail, state):
    steps.change_mails(state=state)
    with pytest.raises(delivery.CannotSendAgain):
        steps.send_again(factories.make_staff(), one_mail.id)


def test_a_partner_cannot_send_mails_again(one_mail):
    with pytest.raises(NotAllowed):
        steps.send_again(factories.make_buyer(), one_mail.id)


def test_without_a_mail_server_mails_are_files(one_mail):
    assert steps.send_due() == ["sent"]
    (path,) = (config.settings().data_dir / "mail").iterdir()
    assert path.name == f"{one_mail.id}-{one_mail.recipient}.eml"
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert message["Subject"] == one_mail.subject


def test_a_recipient_cannot_choose_the_files_place(one_mail):
    steps.change_mails(recipient="../../etc/cron.d/x@evil.example/..")
    assert steps.send_due() == ["failed"]
    steps.change_mails(recipient="a/b'c{d}@evil.example", state="queued", next_try_at=NOON)
    assert steps.send_due() == ["sent"]
    (path,) = (config.settings().data_dir / "mail").iterdir()
    assert path.name == f"{one_mail.id}-a_b_c_d_@evil.example.eml"


@pytest.mark.parametrize(
    "address", ["a@x.example\nBcc: spy@evil.example", "a@", "țuțu@x.example", "a@x.example,b@y.ro", "a@["]
)
def test_what_is_no_address_fails_and_says_so(one_mail, mail_server, address):
    steps.change_mails(recipient=address)
    assert steps.send_due() == ["failed"]
    assert steps.only_mail().error
    assert mail_server.received == []


def test_line_breaks_in_names_make_no_headers(one_mail, mail_server):
    steps.open_company(name="Electro\r\nBcc: spy@evil.example", email="not an address @")
    steps.change_mails(subject="Hello\r\nBcc: spy@evil.example")
    assert steps.send_due() == ["sent"]
    (message,) = mail_server.received
    assert message["Bcc"] is None
    assert message["Reply-To"] is None
    assert message["Subject"] == "Hello Bcc: spy@evil.example"
    assert mail_server.envelopes[0][1] == [one_mail.recipient]
