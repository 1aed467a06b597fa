"""Bank statements on the page of receivables, run as Streamlit runs it, on a real database."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.sessions import open_session
from core.banking.booking import book_all
from core.banking.models import BankEntry
from core.config import ROOT
from core.db import transaction
from core.documents.models import Document
from core.principal import SYSTEM, Principal
from pages.ui.receivables_steps import COUNT_KEY
from tests.core.banking.steps import Money, entry, kept, mt940, proposals
from tests.core.documents.steps import set_up_company
from tests.core.orders.steps import scalar
from tests.factories import make_buyer, make_staff
from tests.pages.conftest import open_tab
from tests.pages.shop import words
from tests.pages.test_receivables import ago, late

Open = Callable[..., "Bank"]
DAY = ago(1).date()


class Bank:
    """The tab as somebody has it open."""

    def __init__(self, tab: AppTest) -> None:
        self.tab = tab

    def key(self, name: str, about: int) -> str:
        state = self.tab.session_state
        return f"debts-{name}-{about}-en-{len(state[COUNT_KEY]) if COUNT_KEY in state else 0}"

    def drop(self, *files: tuple[str, bytes]) -> "Bank":
        self.tab.file_uploader[0].set_value([(name, data, "text/plain") for name, data in files])
        return self.run()

    def run(self) -> "Bank":
        self.tab.run()
        assert not self.tab.exception
        return self

    def open(self, name: str, about: int) -> "Bank":
        self.tab.session_state[self.key(name, about)] = True
        return self.run()

    def fill(self, name: str, about: int, value: object) -> "Bank":
        fields = [*self.tab.text_input, *self.tab.selectbox, *self.tab.multiselect]
        next(field for field in fields if field.key == self.key(name, about)).set_value(value)
        return self

    def show(self, state: str) -> "Bank":
        self.tab.segmented_control(key="bank-state").set_value(state)
        return self.run()

    def click(self, label: str) -> "Bank":
        next(button for button in self.tab.button if button.label == label).click()
        return self.run()

    @property
    def text(self) -> str:
        return words(self.tab)

    @property
    def buttons(self) -> list[str]:
        return [button.label for button in self.tab.button]


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


@pytest.fixture
def buyer() -> Principal:
    return make_buyer(name="Plătește *la timp* SRL", payment_days=10)


@pytest.fixture
def document(buyer: Principal) -> Document:
    """An invoice of 121.00."""
    return late(buyer, 3)


@pytest.fixture
def bank(cookies: dict[str, str]) -> Open:
    def _open(role: str = "accounting") -> Bank:
        me = make_staff(role=role, language="en")
        with transaction(SYSTEM) as session:
            cookies["sid"] = open_session(session, me.user_id or 0, clock.now())
        tab = AppTest.from_file(ROOT / "Home.py", default_timeout=30).run().switch_page("pages/staff/receivables.py")
        open_tab(tab.run(), "receivables-tab", "Bank statements")
        return Bank(tab)

    return _open


def one(document: Document, amount: str = "121.00", text: str = "plata") -> Money:
    return Money(amount, f"{text} {document.full_number}", name="Ion Ionescu", day=DAY)


def open_one() -> BankEntry:
    [found] = kept(state="open")
    return found


def test_a_file_is_dropped_and_what_is_certain_is_booked_with_one_click(bank: Open, document: Document) -> None:
    other = Money("55.00", "fara *numar*", name="Nimeni SRL", day=DAY)
    page = bank().drop(("extras.sta", mt940(one(document), other, Money("9.00", "comision", day=DAY, mark="D"))))
    assert "2 entries, of which 2 new." in page.text
    assert "1 payment of ours or fee" in page.text
    assert f"{document.full_number} in the text; exactly what is open on it" in page.text
    page.click("Book 1 certain one")
    assert "1 payment booked" in page.text
    assert [(row.amount, row.state) for row in kept()] == [(Decimal(121), "booked"), (Decimal(55), "open")]
    assert "Nothing tells whose it is." in page.text
    assert "Book 1 certain one" not in page.buttons
    page.drop(("again.sta", mt940(one(document), other)))
    assert "2 entries, all known already: nothing has changed." in page.text
    page.show("booked")
    assert document.full_number in page.text


def test_several_files_are_dropped_at_once_and_one_that_is_none_stops_no_other(bank: Open, document: Document) -> None:
    page = bank().drop(("a.sta", mt940(one(document))), ("b.txt", b"%PDF-1.7"), ("c.sta", mt940(one(document, "1.00"))))
    assert "This is a PDF" in page.tab.error[0].value
    assert len(kept()) == 2
    assert not page.click("Put away").tab.error


def test_an_entry_is_booked_as_it_is_proposed(bank: Open, document: Document) -> None:
    page = bank().drop(("extras.sta", mt940(one(document, "21.00"))))
    page.click("Book")
    assert (open_rest(document), scalar("select count(*) from payment")) == (100, 1)


def open_rest(document: Document) -> Decimal:
    found: Decimal = scalar(f"select open from receivable where document_id = {document.id}")
    return found


def test_a_person_chooses_partner_invoices_and_shares(bank: Open, document: Document, buyer: Principal) -> None:
    second = late(buyer, 2)
    page = bank().drop(("extras.sta", mt940(Money("150.00", "fara numar", day=DAY))))
    entry_id = open_one().id
    page.open("bank-change", entry_id)
    page.fill("bank-partner-search", entry_id, "la timp").run()
    page.fill("bank-partner-True", entry_id, buyer.partner_id).run()
    page.fill(f"bank-invoices-{buyer.partner_id}", entry_id, [second.id]).run()
    page.fill(f"bank-share-{second.id}", entry_id, "200").run()
    assert page.tab.warning[0].value == "More is shared out than came in."
    page.fill(f"bank-share-{second.id}", entry_id, "100").run()
    assert "50.00 RON stays as credit" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    page.click("Book it so")
    assert (open_rest(document), open_rest(second), entry(entry_id).state) == (121, 21, "booked")


def test_an_entry_is_set_aside_taken_up_again_and_its_payment_taken_back(bank: Open, document: Document) -> None:
    page = bank().drop(("extras.sta", mt940(one(document))))
    entry_id = open_one().id
    page.open("bank-aside", entry_id).fill("bank-aside-reason", entry_id, "Împrumut").click("Set it aside")
    assert entry(entry_id).state == "set_aside"
    page.show("set_aside")
    assert "Împrumut" in page.text
    page.click("Take up again").show("open").click("Book").show("booked")
    page.open("bank-back", entry_id).fill("bank-back-reason", entry_id, "Greșit").click("Take the payment back")
    assert (entry(entry_id).state, open_rest(document)) == ("open", 121)


def test_what_was_paid_meanwhile_is_told_and_proposed_anew(bank: Open, document: Document) -> None:
    page = bank().drop(("extras.sta", mt940(one(document), one(document, "121.00", "inca o data"))))
    marks = {entry_id: found.mark for entry_id, found in proposals().items()}
    colleague = book_all(SYSTEM, marks, clock.now())
    assert (colleague.count, len(colleague.refused)) == (1, 1)
    page.click("Book 2 certain ones")
    assert "0 payments booked" in page.text
    assert "2 entries were not booked" in page.text
    assert "booked otherwise" in page.text
    assert f"Nothing is open any more on {document.full_number}" in page.text
    assert scalar("select count(*) from payment") == 1


def test_money_that_is_no_payment_says_why_and_can_only_be_set_aside(bank: Open) -> None:
    page = bank().drop(("extras.sta", mt940(Money("50.00", "stornare", day=DAY, mark="RC"))))
    assert "The bank took this back" in page.tab.warning[0].value
    assert "Book" not in page.buttons


def test_the_columns_of_a_table_are_told_once(bank: Open, document: Document) -> None:
    table = f"Ziua;Bani;Despre\n{DAY:%d.%m.%Y};121,00;plata {document.full_number}\n".encode()
    page = bank().drop(("extras.csv", table))
    assert "What are the columns of" in page.tab.subheader[0].value
    page.fill("bank-column-date", 0, "Ziua").fill("bank-column-amount", 0, "Bani")
    page.click("Remember and load")
    assert "1 entry, of which 1 new." in page.text
    assert open_one().details == ""
    later = f"Ziua;Bani;Despre\n{DAY:%d.%m.%Y};7,00;altceva\n".encode()
    assert "1 new" in page.drop(("extras2.csv", later)).text


def test_columns_that_cannot_be_meant_are_refused_with_the_reason(bank: Open) -> None:
    page = bank().drop(("extras.csv", b"Ziua;Bani\n23.11.2026;1,00\n"))
    page.click("Remember and load")
    assert "No column holds the amounts." in page.text
    page.click("Leave this file out")
    assert not page.tab.subheader


def test_entries_are_found_by_payer_text_and_amount(bank: Open, document: Document) -> None:
    page = bank().drop(("e.sta", mt940(one(document), Money("55.25", "altceva", name="Șerban", day=DAY))))
    for typed, found in (("serban", "altceva"), ("55,25", "altceva"), ("121.00", "plata"), ("nimic", "")):
        page.tab.text_input(key="bank-search").set_value(typed)
        text = page.run().text
        assert [word for word in ("altceva", "plata") if f"{word}" in text.replace("plata FCT", "plata")] == (
            [found] if found else []
        )


def test_only_who_records_payments_has_the_tab(cookies: dict[str, str]) -> None:
    me = make_staff(role="sales", language="en")
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, me.user_id or 0, clock.now())
    tab = AppTest.from_file(ROOT / "Home.py", default_timeout=30).run().switch_page("pages/staff/receivables.py").run()
    assert [one.label for one in tab.tabs] == ["Who owes", "Due today"]
