"""The page of receivables, run as Streamlit runs it, on a real database."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.sessions import open_session
from core.config import ROOT
from core.db import transaction
from core.documents.models import Document
from core.principal import SYSTEM, Principal
from core.receivables.payments import record_payment
from pages.ui.receivables_steps import COUNT_KEY
from tests.core.documents.steps import claimed_order, issue, set_up_company
from tests.core.orders.steps import scalar
from tests.core.receivables.debts import events
from tests.factories import make_buyer, make_staff
from tests.pages.shop import words

BUCHAREST = ZoneInfo("Europe/Bucharest")
Open = Callable[..., "Debts"]


class Debts:
    """The page as somebody has it open."""

    def __init__(self, tab: AppTest) -> None:
        self.tab = tab

    def key(self, name: str, about: int | None = None) -> str:
        state = self.tab.session_state
        count = len(state[COUNT_KEY]) if COUNT_KEY in state else 0
        return f"debts-{name}-{about or 0}-en-{count}"

    def run(self) -> "Debts":
        self.tab.run()
        assert not self.tab.exception
        return self

    def open(self, name: str, about: int | None) -> "Debts":
        self.tab.session_state[self.key(name, about)] = True
        return self.run()

    def fill(self, name: str, about: int | None, value: object) -> "Debts":
        key = self.key(name, about)
        fields = [*self.tab.text_input, *self.tab.selectbox, *self.tab.multiselect, *self.tab.toggle,
                  *self.tab.text_area, *self.tab.number_input]  # fmt: skip
        next(field for field in fields if field.key == key).set_value(value)
        return self

    def click(self, label: str) -> "Debts":
        next(button for button in self.tab.button if button.label.replace("\N{NO-BREAK SPACE}", " ") == label).click()
        return self.run()

    @property
    def text(self) -> str:
        return words(self.tab)

    @property
    def buttons(self) -> list[str]:
        return [button.label.replace("\N{NO-BREAK SPACE}", " ") for button in self.tab.button]

    @property
    def metrics(self) -> dict[str, str]:
        return {metric.label: metric.value.replace("\N{NO-BREAK SPACE}", " ") for metric in self.tab.metric}

    def choose(self, row: int = 0) -> "Debts":
        """Select a row of the table that can be selected in."""
        table = next(frame for frame in self.tab.dataframe if frame.proto.id)
        self.tab.session_state[table.key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
        return self.run()


def ago(days: int) -> datetime:
    """Noon in Bucharest, so many calendar days ago."""
    today = clock.local_date(clock.now(), BUCHAREST.key)
    return datetime.combine(today - timedelta(days=days), time(12), BUCHAREST)


def late(who: Principal, days: int) -> Document:
    """An invoice of 121.00 that is so many days late today."""
    return issue(claimed_order(who), ago(days + 10))


def receive(who: Principal, amount: str, **more: object) -> int:
    with transaction(SYSTEM) as session:
        payment = record_payment(session, who.partner_id or 0, Decimal(amount), ago(5).date(), ago(5), **more)  # type: ignore[arg-type]
    return payment.id


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


@pytest.fixture
def buyer() -> Principal:
    return make_buyer(name="Plătește *târziu* SRL", payment_days=10)


@pytest.fixture
def page(cookies: dict[str, str]) -> Open:
    """page(partner, role): the page in a tab of somebody's own, on one partner or on the list."""

    staff: dict[str, Principal] = {}

    def _open(who: Principal | None = None, role: str = "accounting") -> Debts:
        me = staff.setdefault(role, make_staff(role=role, language="en"))
        with transaction(SYSTEM) as session:
            cookies["sid"] = open_session(session, me.user_id or 0, clock.now())
        tab = AppTest.from_file(ROOT / "Home.py", default_timeout=30).run().switch_page("pages/staff/receivables.py")
        if who:
            tab.query_params["partner"] = str(who.partner_id)
        return Debts(tab).run()

    return _open


def test_the_list_has_the_sums_and_leads_to_a_partner(page: Open, buyer: Principal) -> None:
    late(buyer, 40)
    late(make_buyer(name="Altul SRL", payment_days=10), 3)
    shown = page()
    assert shown.metrics == {
        "Unpaid total": "242.00 RON", "Overdue total": "242.00 RON", "Credit of partners": "0.00 RON"
    }  # fmt: skip
    shown.tab.text_input(key="debtors-search").set_value("plateste")
    shown.run()
    assert "Partners: 1 · unpaid 121.00 RON" in shown.text
    shown.choose()
    assert shown.tab.query_params["partner"] == str(buyer.partner_id)
    assert any("Plătește" in heading.value for heading in shown.tab.title)


def test_an_empty_portal_says_that_nobody_owes_anything(page: Open) -> None:
    assert "Nobody owes anything." in page().text


def test_a_payment_on_several_invoices_is_shown_before_it_is_recorded(page: Open, buyer: Principal) -> None:
    first, second = late(buyer, 20), late(buyer, 5)
    shown = page(buyer).open("pay", buyer.partner_id).fill("pay-amount", buyer.partner_id, "200").run()
    assert f"121.00 RON on {first.full_number}, paid in full" in shown.text
    assert f"79.00 RON on {second.full_number}, a part" in shown.text
    assert scalar("select count(*) from payment") == 0
    shown.click("Record the payment")
    assert "200.00 RON recorded." in shown.text
    assert shown.metrics["Unpaid total"] == "42.00 RON"
    assert scalar("select count(*) from payment") == 1


def test_only_the_chosen_invoices_are_paid_and_the_rest_is_credit(page: Open, buyer: Principal) -> None:
    late(buyer, 20)
    second = late(buyer, 5)
    shown = page(buyer).open("pay", buyer.partner_id).fill("pay-amount", buyer.partner_id, "150")
    shown.fill("pay-chosen", buyer.partner_id, [second.id]).run()
    assert "29.00 RON stays as credit" in shown.text
    shown.click("Record the payment")
    assert shown.metrics == {"Unpaid total": "121.00 RON", "Overdue total": "121.00 RON", "Credit": "29.00 RON"}


@pytest.mark.parametrize(("typed", "sentence"), [("", "Enter a value"), ("0", "more than zero"), ("x", "Amount")])
def test_an_amount_that_cannot_be_is_refused(page: Open, buyer: Principal, typed: str, sentence: str) -> None:
    late(buyer, 20)
    shown = page(buyer).open("pay", buyer.partner_id).fill("pay-amount", buyer.partner_id, typed)
    assert sentence in shown.click("Record the payment").text
    assert scalar("select count(*) from payment") == 0


def test_too_much_cash_is_said_before_it_is_refused(page: Open, buyer: Principal) -> None:
    late(buyer, 20)
    shown = page(buyer).open("pay", buyer.partner_id).fill("pay-amount", buyer.partner_id, "5000.01")
    shown.fill("pay-method", buyer.partner_id, "cash").run()
    assert "above the limit of 5,000.00 RON a day" in shown.text
    shown.click("Record the payment")
    assert scalar("select count(*) from payment") == 0


def test_the_same_payment_in_two_tabs_is_recorded_once(page: Open, buyer: Principal) -> None:
    """More than is owed, so that nothing but what the tab was shown can tell."""
    late(buyer, 20)
    tabs = [page(buyer).open("pay", buyer.partner_id).fill("pay-amount", buyer.partner_id, "500") for _ in range(2)]
    for tab in tabs:
        tab.click("Record the payment")
    assert "The partner's account has changed since you saw it" in tabs[1].text
    assert scalar("select count(*) from payment") == 1
    tabs[1].click("Record the payment")
    assert scalar("select count(*) from payment") == 2


def test_the_second_of_two_clicks_on_one_button_does_nothing(page: Open, buyer: Principal) -> None:
    late(buyer, 20)
    shown = page(buyer).open("pay", buyer.partner_id).fill("pay-amount", buyer.partner_id, "10").run()
    button = next(one for one in shown.tab.button if one.label == "Record the payment")
    button.click()
    shown.run()
    button.click()
    shown.run()
    assert scalar("select count(*) from payment") == 1


def test_the_same_money_again_is_doubted(page: Open, buyer: Principal) -> None:
    late(buyer, 20)
    shown = page(buyer)
    for _ in range(2):
        shown.open("pay", buyer.partner_id).fill("pay-amount", buyer.partner_id, "10").run()
        last = shown.text
        shown.click("Record the payment")
    assert "The same amount of the same day is recorded already" in last


def test_credit_pays_an_invoice_and_goes_back(page: Open, buyer: Principal) -> None:
    receive(buyer, "200.00")
    late(buyer, 20)
    shown = page(buyer).choose().click("Use 121.00 RON of the credit")
    assert "121.00 RON of the credit paid invoice" in shown.text
    assert shown.metrics["Credit"] == "79.00 RON"
    shown.open("refund", buyer.partner_id).click("Note it as paid back")
    assert "Say why" in shown.text
    shown.fill("refund-reason", buyer.partner_id, "asked for it").click("Note it as paid back")
    assert "This partner owes nothing and has no credit" in shown.text


def test_an_invoice_is_disputed_and_accepted_again(page: Open, buyer: Principal) -> None:
    document = late(buyer, 20)
    shown = page(buyer).choose().open("dispute", document.id).click("Note the dispute")
    assert "Say why" in shown.text
    shown.fill("dispute-reason", document.id, "*broken*").click("Note the dispute").choose()
    assert "Disputed, so nobody is reminded of it: *broken*" in shown.text
    assert "End the dispute" in shown.buttons
    shown.click("End the dispute")
    assert scalar("select count(*) from dispute") == 0


def test_a_debt_is_written_off_and_that_is_taken_back(page: Open, buyer: Principal) -> None:
    document = late(buyer, 20)
    shown = page(buyer).choose().open("write-off", document.id).fill("write-off-reason", document.id, "bankrupt")
    shown.click("Write it off")
    assert "This partner owes nothing" in shown.text
    payment = scalar("select id from payment")
    shown.open("undo", payment).fill("undo-reason", payment, "they paid after all").click("Take it back")
    assert shown.metrics["Unpaid total"] == "121.00 RON"
    assert "Written off, taken back later" in shown.text


def test_cash_gets_its_receipt_once(page: Open, buyer: Principal) -> None:
    late(buyer, 20)
    receive(buyer, "21.00", method="cash")
    shown = page(buyer).click("Give a receipt")
    assert "Receipt CHT 00001 is issued" in shown.text
    assert "Give a receipt" not in shown.buttons


def test_a_reminder_is_read_before_it_is_sent(page: Open, buyer: Principal) -> None:
    document = late(buyer, 20)
    shown = page(buyer).open("remind", buyer.partner_id)
    assert f"To: {buyer.email.partition('@')[0]}@" in shown.text
    assert f"{document.full_number}: 121.00 RON, 20 days late" in shown.text
    shown.fill("remind-step", buyer.partner_id, 3).run()
    assert "Ultima notificare: 121,00 lei de plată" in shown.text
    assert events("reminder_sent") == []
    shown.click("Send the reminder")
    (event,) = events("reminder_sent")
    assert event.data["step"] == 3
    assert "was reminded today already" in shown.open("remind", buyer.partner_id).text


def test_all_that_are_due_are_reminded_at_once_and_once(page: Open, buyer: Principal) -> None:
    late(buyer, 20), late(make_buyer(payment_days=10), 5), late(make_buyer(payment_days=10, reminders=False), 5)
    shown = page()
    shown.tab.session_state["receivables-tab"] = "Due today"
    shown.run()
    shown.click("Send all reminders: 2")
    assert "Reminders sent: 2." in shown.text
    assert "Nobody is to be reminded today." in shown.text
    assert len(events("reminder_sent")) == 2


def test_a_partners_mails_are_switched(page: Open, buyer: Principal) -> None:
    late(buyer, 20)
    shown = page(buyer).open("mails", buyer.partner_id).fill("mails-reminders", buyer.partner_id, False)
    shown.fill("mails-statement", buyer.partner_id, True).click("Save")
    assert scalar("select (not reminders and monthly_statement)::int from partner where id = :id", id=buyer.partner_id)
    assert "Reminders are off for" in shown.open("remind", buyer.partner_id).text


def test_an_administrator_writes_the_texts_and_goes_back_to_the_standard(page: Open, database: str) -> None:
    shown = page(role="admin")
    shown.tab.session_state["receivables-tab"] = "Texts of reminders"
    shown.run()
    shown.fill("text-subject_en", 1, "Pay {ammount}").click("Save")
    assert "“{ammount}” cannot stand in a reminder" in shown.text
    shown.fill("text-subject_en", 1, "Pay {total}").click("Save")
    assert scalar("select subject_en from reminder_step where number = 1") == "Pay {total}"
    shown.click("Back to the standard texts")
    assert scalar("select subject_en from reminder_step where number = 1") == "Invoice {numbers} is due"
    shown.fill("reminders-on", None, True).run()
    assert scalar("select reminders::int from company") == 1


@pytest.mark.parametrize("role", ["sales", "analyst"])
def test_who_does_not_record_payments_sees_and_changes_nothing(page: Open, buyer: Principal, role: str) -> None:
    late(buyer, 20)
    receive(buyer, "21.00", method="cash")
    shown = page(buyer, role).choose()
    assert "100.00 RON open of 121.00 RON" in shown.text
    assert set(shown.buttons) <= {"All partners", "Log out"}
    shown = page(role=role)
    shown.tab.session_state["receivables-tab"] = "Due today"
    assert set(shown.run().buttons) <= {"Log out"}
