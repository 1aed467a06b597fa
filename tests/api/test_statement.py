"""The statement of account as files: whose it is, and what is in them."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from core.auth.models import User
from core.db import transaction
from core.documents.models import Document
from core.exports import statement_paper
from core.principal import SYSTEM
from core.receivables.payments import record_payment
from tests.core.documents.steps import invoice, set_up_company, text_of
from tests.core.exports.workbooks import read_book
from tests.core.orders.steps import NOON
from tests.factories import make_partner, make_user, principal_of

DAYS = "from=2026-11-01&to=2026-11-30"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORMS = pytest.mark.parametrize("form", ["pdf", "xlsx"])


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company(name="Distribuție Carpați SRL")


@pytest.fixture
def owner(database: str) -> User:
    return make_user(make_partner(name="Electro Țară SRL"), language="en")


@pytest.fixture
def document(owner: User) -> Document:
    """An invoice of 121.00 lei, of which 21.00 were paid with a text that looks like a formula."""
    issued = invoice(principal_of(owner))
    with transaction(SYSTEM) as session:
        record_payment(
            session, issued.partner_id, Decimal(21), NOON.date(), NOON, pays={issued.id: Decimal(21)},
            reference='=HYPERLINK("http://evil.example")',
        )  # fmt: skip
    return issued


def test_a_partner_takes_out_its_statement_on_paper(
    client: TestClient, owner: User, document: Document, sign_in: Callable[[User], None]
) -> None:
    sign_in(owner)
    answer = client.get(f"/statement.pdf?{DAYS}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    words = text_of(answer.content)
    for said in ("Statement of account", "Electro Țară SRL", "Distribuție Carpați SRL", document.full_number, "121.00",
                 "Closing balance", "100.00"):  # fmt: skip
        assert said in words, said


def test_its_language_is_the_readers(
    client: TestClient, owner: User, document: Document, sign_in: Callable[[User], None]
) -> None:
    sign_in(make_user(make_partner(), language="ro"))
    assert "Fișă de cont" in text_of(client.get(f"/statement.pdf?{DAYS}").content)


def test_in_the_workbook_days_are_days_amounts_are_numbers_and_no_text_is_a_formula(
    client: TestClient, owner: User, document: Document, sign_in: Callable[[User], None]
) -> None:
    sign_in(owner)
    answer = client.get(f"/statement.xlsx?{DAYS}")
    assert 'filename="statement-2026-11-01-' in answer.headers["content-disposition"]
    entries, still_open = read_book(io.BytesIO(answer.content)).values()
    rows = entries[3:]
    assert rows[0][-1] == "Balance, lei"
    assert rows[1][6] == 0
    assert rows[2] == [date(2026, 11, 23), document.full_number, "Invoice", document.due_on, 121, None, 121]
    assert rows[3][2] == 'Payment · Bank transfer · =HYPERLINK("http://evil.example")'
    assert rows[3][4:] == [None, 21, 100]
    assert rows[4][4:] == [121, 21, 100]
    assert still_open[4] == [document.full_number, date(2026, 11, 23), document.due_on, None, 121, 100]
    sheets = ZipFile(io.BytesIO(answer.content))
    for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        assert b"<f>" not in sheets.read(name)
        assert b'<pane ySplit="5"' in sheets.read(name)


@FORMS
def test_another_partners_account_and_an_absent_one_are_the_same_to_a_partner(
    client: TestClient, document: Document, sign_in: Callable[[User], None], form: str
) -> None:
    sign_in(make_user(make_partner()))
    guessed = [document.partner_id, 999_999, 0, "99999999999", "-1", "x", "\u0661", ""]
    found = [client.get(f"/statement.{form}?{DAYS}&partner={whose}") for whose in guessed]
    assert {answer.status_code for answer in found} == {404}
    assert len({answer.content for answer in found}) == 1


def test_a_partner_without_a_word_about_whose_sees_its_own_and_nothing_of_others(
    client: TestClient, document: Document, sign_in: Callable[[User], None]
) -> None:
    sign_in(make_user(make_partner(), language="en"))
    words = text_of(client.get(f"/statement.pdf?{DAYS}").content)
    assert "Nothing was invoiced or paid in this period." in words
    assert document.full_number not in words


def test_staff_say_whose_account_it_is(client: TestClient, document: Document, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user(role="accounting"))
    answer = client.get(f"/statement.pdf?{DAYS}&partner={document.partner_id}")
    assert document.full_number in text_of(answer.content)
    assert client.get(f"/statement.pdf?{DAYS}").status_code == 404


@FORMS
@pytest.mark.parametrize("role", ["buyer", "warehouse"])
def test_who_may_not_see_documents_is_refused(
    client: TestClient, document: Document, sign_in: Callable[[User], None], form: str, role: str
) -> None:
    partner = make_partner() if role == "buyer" else None
    sign_in(make_user(partner, role=role))
    assert client.get(f"/statement.{form}?{DAYS}&partner={document.partner_id}").status_code == 403


def test_who_is_not_signed_in_is_led_to_the_login_or_refused(client: TestClient) -> None:
    assert client.get(f"/statement.pdf?{DAYS}").status_code == 401
    answer = client.get(f"/statement.pdf?{DAYS}", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?next=%2Fdocuments")


@pytest.mark.parametrize(
    "query", ["", "from=2026-01-01", "from=x&to=y", "from=2026-11-30&to=2026-11-01", "from=2026-13-01&to=2026-01-01"]
)
def test_what_is_no_period_is_refused_in_words(
    client: TestClient, owner: User, sign_in: Callable[[User], None], query: str
) -> None:
    sign_in(owner)
    answer = client.get(f"/statement.pdf?{query}")
    assert answer.status_code == 400
    assert "period" in answer.text


def test_nobody_is_late_for_days_that_are_still_to_come(
    client: TestClient, owner: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(owner)
    answer = client.get("/statement.xlsx?from=2026-01-01&to=2999-12-31")
    assert "2999" not in answer.headers["content-disposition"]
    title = next(iter(read_book(io.BytesIO(answer.content)).values()))[0][0]
    assert "2999" not in str(title)


def test_what_is_too_long_for_paper_is_refused_with_a_way_on(
    client: TestClient,
    owner: User,
    document: Document,
    sign_in: Callable[[User], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statement_paper, "MOST_ON_PAPER", 1)
    sign_in(owner)
    answer = client.get(f"/statement.pdf?{DAYS}")
    assert answer.status_code == 409
    assert "XLSX" in answer.text
    assert client.get(f"/statement.xlsx?{DAYS}").status_code == 200
