"""What reminders say: what may be written, what is kept of it, and the way back."""

from typing import Any

import pytest

from core.errors import NotAllowed, NotFound
from core.receivables import reminder_texts
from core.receivables.reminder_texts import STANDARD, TEXTS, back_to_standard, change_step, filled, reminder_steps
from tests.core.orders.steps import NOON
from tests.core.receivables.debts import done, events
from tests.factories import make_buyer, make_staff

pytestmark = pytest.mark.usefixtures("database")


def kept(number: int = 1) -> dict[str, str]:
    step = next(step for step in done(reminder_steps) if step.number == number)
    return {name: getattr(step, name) for name in TEXTS}


def test_a_new_portal_begins_with_the_standard_texts() -> None:
    steps = done(reminder_steps)
    assert {step.number: {name: getattr(step, name) for name in TEXTS} for step in steps} == STANDARD
    assert [step.days for step in steps] == [3, 15, 30]


def test_every_standard_text_could_be_written_by_hand() -> None:
    for texts in STANDARD.values():
        assert {name: reminder_texts.checked_text(name, words) for name, words in texts.items()} == texts


@pytest.mark.parametrize(("words", "found"), [
    ("Pay {ammount}", "{ammount}"), ("{Total}", "{Total}"), ("{}", "{}"), ("{partner.email}", "{partner.email}"),
    ("{total", "{"), ("total}", "}"), ("{{total}}", "{"), ("{total!r}", "{total!r}"), ("{ total }", "{ total }"),
])  # fmt: skip
def test_what_is_in_braces_and_is_no_placeholder_is_named(words: str, found: str) -> None:
    with pytest.raises(reminder_texts.UnknownPlaceholder) as refusal:
        done(change_step, 1, {"body_ro": words}, NOON)
    assert refusal.value.params["found"] == found
    assert "{partner}, {total}, {numbers}, {days}" in refusal.value.text("ro")
    assert kept() == STANDARD[1]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("words", "refusal"), [
    ("  \n ", reminder_texts.TextMissing), ("x" * 4001, reminder_texts.TextTooLong), ("\0", reminder_texts.TextMissing),
])  # fmt: skip
def test_a_text_is_there_and_not_too_long(name: str, words: str, refusal: Any) -> None:
    with pytest.raises(refusal):
        done(change_step, 1, {name: words}, NOON)


def test_a_subject_is_one_line() -> None:
    done(change_step, 1, {"subject_en": "Pay\r\nBcc: spy@evil.example {total}"}, NOON)
    assert kept()["subject_en"] == "Pay Bcc: spy@evil.example {total}"


@pytest.mark.parametrize(("number", "days"), [(1, 15), (1, 16), (2, 3), (2, 30), (3, 15), (1, 0), (3, 366), (1, -1)])
def test_each_step_comes_later_than_the_one_before(number: int, days: int) -> None:
    with pytest.raises(reminder_texts.DaysNotRising):
        done(change_step, number, {"days": days}, NOON)


def test_a_change_is_in_the_audit_with_what_differs_and_going_back_too() -> None:
    admin = make_staff()
    done(change_step, 2, STANDARD[2] | {"subject_en": "Pay {total}", "days": 14}, NOON, by=admin)
    done(change_step, 2, {"subject_en": "Pay {total}"}, NOON, by=admin)
    done(back_to_standard, 2, NOON, by=admin)
    first, second = events("settings_changed")
    assert first.data == {
        "step": 2, "changes": {"days": ["15", "14"], "subject_en": [STANDARD[2]["subject_en"], "Pay {total}"]}
    }  # fmt: skip
    assert second.data["changes"] == {"subject_en": ["Pay {total}", STANDARD[2]["subject_en"]]}
    assert kept(2) == STANDARD[2]
    assert [step.days for step in done(reminder_steps)] == [3, 14, 30]


def test_only_who_edits_settings_changes_the_texts_and_only_of_steps_there_are() -> None:
    for who in (make_staff(role="accounting"), make_buyer()):
        for step in (lambda session: change_step(session, 1, {"days": 4}, NOON),
                     lambda session: back_to_standard(session, 1, NOON)):  # fmt: skip
            with pytest.raises(NotAllowed):
                done(step, by=who)
    for step in (change_step, lambda session, number, _, at: back_to_standard(session, number, at)):
        with pytest.raises(NotFound):
            done(step, 4, {"days": 40}, NOON)


def test_a_fact_is_put_in_as_it_is() -> None:
    assert filled("{partner}: {total}", {"partner": "{total} SRL", "total": "5 lei"}) == "{total} SRL: 5 lei"
