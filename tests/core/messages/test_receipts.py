"""Receipts and reminders: who has not, and that nobody is reminded twice a day."""

import pytest
from sqlalchemy import text

from core.db import transaction
from core.errors import NotFound
from core.messages import posting
from core.messages.listing import messages_page
from core.messages.receipts import NobodyToRemind, NotShownNow
from core.notifications.models import Mail
from core.principal import SYSTEM, Principal
from tests.core.messages import steps
from tests.core.messages.steps import DAY, NOON
from tests.core.notifications.steps import handle_all, open_company
from tests.factories import make_buyer, make_group, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def staff(database: str) -> Principal:
    open_company()
    return make_staff(role="sales")


def mailed(kind: str) -> list[str]:
    """The addresses of the mails about events of a kind, once their events are handled."""
    handle_all()
    with transaction(SYSTEM) as session:
        found = session.execute(
            text("select recipient from mail join event on event.id = event_id where kind = :kind order by 1"),
            {"kind": kind},
        )
        return list(found.scalars())


def test_receipts_name_first_who_has_not(staff: Principal) -> None:
    early, late = make_buyer(), make_buyer()
    gone = steps.colleague_of(early, active=False)
    message = steps.post(staff, level="confirm")
    steps.read(late, message)
    steps.confirm(early, message)
    found = steps.receipts_of(staff, message)
    assert list(found) == [late.user_id, early.user_id]
    assert gone.user_id not in found
    assert [one.done for one in found.values()] == [False, True]


def test_who_has_read_it_stays_in_the_list_when_they_have_left(staff: Principal) -> None:
    buyer = make_buyer()
    message = steps.post(staff)
    steps.read(buyer, message)
    with transaction(SYSTEM) as session:
        session.execute(text("update app_user set active = false where id = :id"), {"id": buyer.user_id})
    receipt = steps.receipts_of(staff, message)[buyer.user_id]
    assert (receipt.done, receipt.reached) == (True, False)


def test_those_are_reminded_who_have_not_and_once_a_day(staff: Principal) -> None:
    done, left = make_buyer(), make_buyer()
    message = steps.post(staff, level="confirm")
    steps.confirm(done, message)
    assert steps.remind(staff, message) == 1
    with pytest.raises(NobodyToRemind):
        steps.remind(staff, message, NOON.replace(hour=21, minute=59))
    assert steps.remind(staff, message, NOON.replace(hour=22)) == 1  # midnight in Bucharest
    assert mailed("message_reminded") == [left.email, left.email]
    assert steps.receipts_of(staff, message)[left.user_id].reminded_at == NOON.replace(hour=22)


def test_several_who_remind_at_once_remind_each_person_once(staff: Principal) -> None:
    people = [make_buyer() for _ in range(3)]
    message = steps.post(staff)
    answers = at_once([lambda: steps.remind(staff, message)] * 5)
    assert sum(answer for answer in answers if isinstance(answer, int)) == 3
    assert {type(answer) for answer in answers if not isinstance(answer, int)} <= {NobodyToRemind}
    assert mailed("message_reminded") == sorted(person.email for person in people)


def test_who_confirms_before_the_reminder_is_mailed_gets_none(staff: Principal) -> None:
    buyer = make_buyer()
    message = steps.post(staff, level="confirm")
    steps.remind(staff, message)
    steps.confirm(buyer, message)
    assert mailed("message_reminded") == []


def test_nobody_is_reminded_of_what_partners_do_not_see(staff: Principal) -> None:
    make_buyer()
    over = steps.post(staff, valid_until=NOON.date())
    planned = steps.post(staff, valid_from=(NOON + DAY).date())
    withdrawn = steps.post(staff)
    with transaction(staff) as session:
        posting.withdraw(session, withdrawn, NOON)
    for message, as_of in ((over, NOON + DAY), (planned, NOON), (withdrawn, NOON)):
        with pytest.raises(NotShownNow):
            steps.remind(staff, message, as_of)
    with pytest.raises(NotFound):
        steps.remind(staff, 999)


@pytest.mark.parametrize(("draft", "told"), [
    ({}, False), ({"by_mail": True}, True), ({"level": "important"}, True), ({"level": "confirm"}, True),
])  # fmt: skip
def test_news_of_a_message_goes_to_each_person_it_is_for_in_their_language(
    staff: Principal, draft: dict[str, object], told: bool
) -> None:
    one = make_buyer()
    other = steps.colleague_of(one, language="en")
    steps.colleague_of(one, active=False)
    make_buyer(status="closed")
    steps.post(staff, body="Closed on **Friday**. [More](https://rampa.example)", **draft)
    assert mailed("message_posted") == sorted([one.email, other.email]) * told
    with transaction(SYSTEM) as session:
        for mail in session.query(Mail):
            assert "<strong>Friday</strong>" in mail.body_html
            assert "Closed on Friday. More (https://rampa.example)" in mail.body_text
        assert [mail.language for mail in session.query(Mail).order_by(Mail.language)] == ["en", "ro"] * told


def test_who_switched_news_off_still_hears_of_what_must_be_confirmed(staff: Principal) -> None:
    buyer = make_buyer()
    with transaction(SYSTEM) as session:
        session.execute(text("update app_user set muted = array['message_posted']"))
    steps.post(staff, level="important")
    assert mailed("message_posted") == []
    steps.post(staff, level="confirm")
    assert mailed("message_posted") == [buyer.email]


def test_a_message_of_a_later_day_is_mailed_on_that_day_and_never_if_it_was_withdrawn(staff: Principal) -> None:
    buyer = make_buyer()
    later = {"level": "important", "valid_from": (NOON + DAY).date()}
    steps.post(staff, title="First", **later)
    assert mailed("message_posted") == []
    second = steps.post(staff, title="Second", **later)
    steps.announce(NOON + DAY)
    with transaction(staff) as session:
        posting.withdraw(session, second, NOON + DAY)
    assert mailed("message_posted") == [buyer.email]


def test_whom_it_is_not_for_is_neither_listed_nor_told_nor_reminded(staff: Principal) -> None:
    group = make_group()
    inside, single = make_buyer(group_id=group.id), make_buyer()
    make_buyer(group_id=make_group().id)
    for audience, chosen, who in (("groups", group.id, inside), ("partners", single.partner_id, single)):
        message = steps.post(staff, level="important", audience=audience, chosen=frozenset({chosen}))
        assert list(steps.receipts_of(staff, message)) == [who.user_id]
        assert steps.remind(staff, message) == 1
        with transaction(staff) as session:
            assert messages_page(session, NOON)[0][0].people == 1
    assert mailed("message_posted") == mailed("message_reminded") == sorted([inside.email, single.email])
