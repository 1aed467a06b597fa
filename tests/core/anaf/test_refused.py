"""What ANAF says no to: why, who hears of it, and sending the same invoice again by hand."""

import pytest

from core.anaf import sending
from core.db import transaction
from core.errors import NotAllowed
from tests.anaf_fake import Anaf
from tests.core.anaf.steps import (
    DAY,
    HOUR,
    MINUTE,
    all_settled,
    connected,
    connection,
    days_pass,
    events,
    kept_zip,
    look,
    ready,
    send_all,
    states,
    submission,
)
from tests.core.orders.steps import NOON
from tests.factories import make_staff

REASON = "[BR-RO-110]-Daca Codul tarii Cumparatorului (BT-55) este RO, atunci Subdiviziunea tarii"


def test_what_anaf_refuses_at_once_tells_why(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    anaf.modes.append("Fisierul transmis nu este valid: structura")
    send_all()
    assert (submission(document).state, submission(document).message) == (
        "refused", "Fisierul transmis nu este valid: structura",
    )  # fmt: skip
    assert not anaf.uploads


def test_what_anaf_refuses_after_a_look_tells_why_and_staff_hear_of_it_once(anaf: Anaf) -> None:
    refused, fine = ready(2)
    anaf.nok[refused.full_number] = REASON
    connected(anaf)
    days_pass(NOON, 1, HOUR)
    assert states([refused, fine]) == ["refused", "accepted"]
    assert submission(refused).message == REASON
    (event,) = events("anaf_refused")
    assert (event.document_id, event.data["reason"]) == (refused.id, REASON)
    assert kept_zip(refused) is None


def test_a_failure_within_an_answer_200_is_a_no(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    anaf.json = "Fisierul nu poate fi citit"
    send_all()
    assert states([document]) == ["refused"]


def test_a_right_that_is_missing_at_anaf_refuses_no_invoice(anaf: Anaf) -> None:
    documents = ready(3)
    connected(anaf)
    anaf.modes.extend(["Nu exista niciun CIF pentru care sa aveti drept in SPV"] * 2)
    send_all()
    assert states(documents) == ["queued"] * 3
    assert "drept in SPV" in connection().error
    days_pass(NOON + MINUTE, 1, HOUR)
    all_settled(anaf, documents)


def test_a_refused_invoice_is_sent_again_by_hand_and_by_nobody_else(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    anaf.nok[document.full_number] = REASON
    days_pass(NOON, 1, HOUR)
    with pytest.raises(NotAllowed), transaction(make_staff(role="sales")) as session:
        sending.send_again(session, document.id, NOON + DAY)
    anaf.nok.clear()
    with transaction(make_staff(role="accounting")) as session:
        sending.send_again(session, document.id, NOON + DAY)
    days_pass(NOON + DAY, 1, HOUR)
    all_settled(anaf, [document])


def test_an_invoice_in_doubt_is_sent_again_by_hand_only_after_a_look(anaf: Anaf) -> None:
    (document,) = ready()
    connected(anaf)
    anaf.modes.append("lost")
    send_all()
    staff = make_staff(role="accounting")
    with pytest.raises(sending.StillLooking), transaction(staff) as session:
        sending.send_again(session, document.id, NOON + MINUTE)
    assert look(NOON + 15 * MINUTE) == 0
    with transaction(staff) as session:
        sending.send_again(session, document.id, NOON + 16 * MINUTE)
    days_pass(NOON + HOUR, 1, HOUR)
    all_settled(anaf, [document])
    with pytest.raises(sending.NotSentAgain), transaction(staff) as session:
        sending.send_again(session, document.id, NOON + 2 * DAY)
