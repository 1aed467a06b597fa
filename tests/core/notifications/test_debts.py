"""The mails about debts: reminders and monthly statements."""

from decimal import Decimal

import pytest
from sqlalchemy import update

from core.auth.models import User
from core.notifications import facts
from core.receivables import monthly, reminding, writing_off
from core.receivables.reminder_texts import change_step
from tests import factories
from tests.core.documents.steps import pay, set_up_company
from tests.core.notifications import steps
from tests.core.orders.steps import NOON
from tests.core.receivables.debts import DAY, buyer, done, late, remind, remind_now

MORNING_OF_DECEMBER = NOON.replace(month=12, day=2, hour=8)
"""Wednesday: the first of December is a public holiday."""


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company(name="Distribuție <b>Carpați</b> SRL", bank="Banca Întâi")


def test_a_reminder_has_the_words_of_its_step_and_a_table_of_the_invoices_in_both_forms() -> None:
    who = buyer(name="Instal <b>Pro</b> SRL")
    first, second = late(who, 20), late(who, 1, ("1000",))
    pay(first, "21.00")
    remind_now(who, 2, NOON + 2 * DAY)
    steps.handle_all()
    mail = steps.only_mail(subject="A doua notificare: 1.310,00 lei de plată")
    for body in (mail.body_text, mail.body_html):
        for words in (
            "1.310,00\N{NO-BREAK SPACE}lei", "până la 22 zile", first.full_number, second.full_number, "03.11.2026",
            "RO49AAAA1B31007593840000", "Banca Întâi", "/documents",
        ):  # fmt: skip
            assert words in body, words
    assert f"{first.full_number}: 100,00\N{NO-BREAK SPACE}lei" in mail.body_text
    assert ">121,00</td>" in mail.body_html
    assert ">1.210,00</td>" in mail.body_html


def test_it_goes_to_who_sees_documents_each_in_their_language() -> None:
    partner = factories.make_partner(payment_days=10)
    owner = factories.make_user(partner, language="en")
    accountant = factories.make_user(partner, role="accountant", language="ro", muted=["invoice_issued"])
    factories.make_user(partner, role="buyer")
    late(factories.principal_of(owner), 5)
    remind(factories.principal_of(owner))
    steps.handle_all()
    subjects = {mail.recipient: mail.subject for mail in steps.mails() if "due on" not in mail.subject}
    assert subjects == {
        owner.email: "Invoice FCT 00001 is due", accountant.email: "Factura FCT 00001 a ajuns la scadență"
    }  # fmt: skip


def test_a_partner_without_people_is_told_at_its_own_address() -> None:
    who = buyer(email="office@instal.example")
    late(who, 5)
    done(lambda session: session.execute(update(User).values(active=False)))
    remind(who)
    steps.handle_all()
    assert [mail.recipient for mail in steps.mails() if "scadență" in mail.subject] == ["office@instal.example"]


@pytest.mark.parametrize("how", ["paid", "disputed"])
def test_what_was_settled_before_the_mail_was_written_is_not_dunned(how: str) -> None:
    who = buyer()
    document = late(who, 5)
    steps.handle_all()
    remind(who)
    if how == "paid":
        pay(document, "121.00")
    else:
        done(writing_off.dispute, document.id, "broken", NOON)
    steps.handle_all()
    assert steps.mails(template="reminder_sent") == []


def test_the_texts_are_those_of_now_and_what_is_in_a_name_is_no_placeholder() -> None:
    who = buyer(name="{total} <i>SRL</i>")
    late(who, 5)
    texts = {"subject_ro": "{partner}: {numbers}", "body_ro": "Unu {days}\n\nDoi <b>\nTrei"}
    done(change_step, 1, texts, NOON)
    remind(who)
    steps.handle_all()
    mail = steps.only_mail(subject="{total} <i>SRL</i>: FCT 00001")
    assert "Unu 5\n\nDoi <b>\nTrei" in mail.body_text
    assert "Doi &lt;b&gt;<br>Trei</p>" in mail.body_html
    assert "{total} &lt;i&gt;SRL&lt;/i&gt;: FCT 00001" in mail.body_html


def test_a_subject_names_three_invoices_and_counts_the_others() -> None:
    who = buyer()
    for _ in range(4):
        late(who, 5)
    remind(who)
    steps.handle_all()
    assert steps.only_mail(subject="Factura FCT 00001, FCT 00002, FCT 00003 (din 4 facturi) a ajuns la scadență")


def test_a_statement_leads_to_the_last_month() -> None:
    who = buyer(monthly_statement=True)
    late(who, 5)
    assert done(monthly.send_statement, who.partner_id, MORNING_OF_DECEMBER)
    steps.handle_all()
    mail = steps.only_mail(subject="Fișa de cont de la 01.11.2026 la 30.11.2026 este gata")
    assert mail.recipient == who.email
    assert "/statement.pdf?from=2026-11-01&to=2026-11-30" in mail.body_text
    assert "/statement.pdf?from=2026-11-01&amp;to=2026-11-30" in mail.body_html


def test_a_statement_can_be_switched_off_and_a_reminder_cannot() -> None:
    partner = factories.make_partner(payment_days=10, monthly_statement=True)
    owner = factories.make_user(partner, muted=["statement_sent", "reminder_sent"])
    late(factories.principal_of(owner), 5)
    done(monthly.send_statement, partner.id, MORNING_OF_DECEMBER)
    done(reminding.remind_due, partner.id, NOON)
    steps.handle_all()
    subjects = [mail.subject for mail in steps.mails(recipient=owner.email)]
    assert [subject for subject in subjects if "cont" in subject] == []
    assert len([subject for subject in subjects if "scadență" in subject]) == 1


def test_a_mail_of_a_hundred_invoices_shows_a_part_and_the_sum_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "LINES_SHOWN", 1)
    who = buyer()
    late(who, 6), late(who, 5)
    remind(who)
    steps.handle_all()
    mail = next(mail for mail in steps.mails() if "scadență" in mail.subject)
    for body in (mail.body_text, mail.body_html):
        assert "Primele 1 din 2 facturi" in body
        assert str(Decimal(242)) + ",00" in body
