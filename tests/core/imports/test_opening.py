"""Opening balances from a file: what is read, new, there already or refused, and what the database keeps of it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core import clock
from core.db import transaction
from core.documents.models import Document
from core.errors import NotAllowed
from core.imports import files
from core.imports import opening as opening_import
from core.imports.files import Preview, Report
from core.imports.problems import ImportRefused
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import TODAY, invoice, set_up_company
from tests.core.imports.workbooks import xlsx
from tests.core.orders.steps import NOON, assert_invariants, scalar
from tests.core.receivables.openings import HEAD, code, document, load, opening, row
from tests.factories import make_buyer, make_partner, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def look(data: str | bytes) -> Preview:
    with transaction(SYSTEM) as session:
        return files.preview(session, "opening", data.encode() if isinstance(data, str) else data, NOON)


def counts(report: Report) -> tuple[int, int, int]:
    return report.created, report.changed, report.unchanged


def why(rows: str, head: str = HEAD) -> list[tuple[int | None, str, str]]:
    """The faults of a file: line, column, reason; loading it is refused and leaves nothing."""
    shown = look(head + rows)
    before = scalar("select count(*) from document")
    with transaction(SYSTEM) as session, pytest.raises(ImportRefused):
        files.apply(session, "opening", (head + rows).encode(), "", NOON)
    assert scalar("select count(*) from document") == before
    return [(problem.line, problem.column, problem.text("en")) for problem in shown.problems]


@pytest.mark.parametrize("head", [
    "Cod partener;Număr document;Data;Scadența;Sold (lei);Observații",
    "cod client;nr. factură;data facturii;data scadenței;rest de plată;explicații",
    "Client;Factura;Data document;Scadenta;De încasat;Obs.",
    "partner;number;issued_on;due_on;open;note",
    "customer code;invoice number;invoice date;due date;amount due;notes",
    "partner code;document no;date;due;balance;remarks",
])  # fmt: skip
def test_columns_are_known_by_what_programs_call_them(head: str) -> None:
    buyer = make_buyer(code="C-7")
    rows = "C-7;FCT  000123;15.10.2026;2026-11-14;1.234,50 lei;telefonic\nC-7;AV 9;01.11.2026;;-200,00;\n"
    with transaction(SYSTEM) as session:
        report = files.apply(session, "opening", f"{head}\n{rows}".encode(), "", NOON)
    assert counts(report) == (2, 0, 0)
    one = document(buyer, "FCT 000123")
    assert (one.issued_on, one.due_on, one.lei_gross) == (date(2026, 10, 15), date(2026, 11, 14), Decimal("1234.50"))
    assert (one.note, one.full_number, one.number, one.vat) == ("telefonic", "FCT 000123", None, 0)
    assert document(buyer, "AV 9").lei_gross == -200


def test_a_workbook_brings_days_and_amounts_as_they_are() -> None:
    buyer = make_buyer(code="C-7")
    rows = [["Solduri clienți la 30.09.2026"], [], ["Cod client", "Nr factura", "Data", "Scadenta", "Sold"],
            ["C-7", 123, date(2026, 9, 1), date(2026, 9, 30), 1.234], ["Total", None, None, None, 1.234]]  # fmt: skip
    assert "1.234 has more than 2 decimals" in look(xlsx(rows)).problems[0].text("en")
    rows[3][4], rows[4][4] = 1234.5, 1234.5
    with transaction(SYSTEM) as session:
        files.apply(session, "opening", xlsx(rows), "solduri.xlsx", NOON)
    assert document(buyer, "123").lei_gross == Decimal("1234.50")


def test_without_a_due_day_the_partners_days_to_pay_count() -> None:
    buyer = make_buyer(payment_days=21)
    load(f"{code(buyer)};A 1;01.11.2026;;10;\n")
    assert document(buyer, "A 1").due_on == date(2026, 11, 22)


def test_the_same_file_again_changes_nothing_and_a_longer_one_brings_only_what_is_new() -> None:
    buyer = make_buyer()
    first = row(buyer, "A 1", "100") + row(buyer, "A 2", "-30")
    assert counts(load(first)) == (2, 0, 0)
    assert counts(load(first)) == (0, 0, 2)
    shown = look(HEAD + first + row(buyer, "A 3", "5"))
    assert (counts(shown), shown.problems) == ((1, 0, 2), [])
    assert scalar("select count(*) from document") == 2
    assert scalar("select count(*) from event where kind = 'opening_recorded'") == 2
    assert_invariants()


def test_two_partners_may_have_the_same_number() -> None:
    one, two = make_buyer(), make_buyer()
    assert counts(load(row(one, "1", "100") + row(two, "1", "100"))) == (2, 0, 0)
    assert_invariants()


def test_the_same_number_with_another_amount_says_what_to_do() -> None:
    buyer = make_buyer()
    opening(buyer, "A 1", "100")
    ((line, column, reason),) = why(row(buyer, "A 2", "7") + row(buyer, "A 1", "80.50"))
    assert (line, column) == (3, "open")
    assert reason.startswith("A 1 of this partner was loaded with 100 open, and here it says 80.5.")
    assert "take the row out" in reason


def test_each_fault_has_its_line_its_column_and_a_sentence() -> None:
    set_up_company()
    buyer = make_buyer(name="Electro SRL")
    ours = invoice(buyer)
    c = code(buyer)
    tomorrow = clock.now().date() + timedelta(days=2)
    found = why(
        f"nobody;A 1;01.11.2026;;10;\n{c};A 2;{tomorrow:%d.%m.%Y};;10;\n{c};A 3;01.11.2026;31.10.2026;10;\n"
        f"{c};A 4;01.11.2026;;0;\n{c};A 5;01.11.2026;;10 EUR;\n{c};A 6;;;10;\n{c};;01.11.2026;;10;\n"
        f"{c};A  7;01.11.2026;;10;\n{c};A 7;01.11.2026;;10;\n{c};{ours.full_number};01.11.2026;;10;\n"
    )
    assert [(line, column) for line, column, _ in found] == [
        (2, "partner"), (3, "issued_on"), (4, "due_on"), (5, "open"), (6, "open"), (7, "issued_on"), (8, "number"),
        (10, "number"), (11, "number"),
    ]  # fmt: skip
    reasons = [reason for *_, reason in found]
    assert reasons[0] == "There is no partner with the code nobody. Letter case counts."
    assert reasons[3] == "Nothing is open there. Take the row out."
    assert "stands on lines 9, 10" in reasons[7]
    assert "issued here" in reasons[8]


def test_a_file_with_a_fault_leaves_nothing() -> None:
    buyer = make_buyer()
    why(row(buyer, "A 1", "100") + "nobody;A 2;01.11.2026;;10;\n")
    assert scalar("select count(*) from event where kind in ('opening_recorded', 'imported')") == 0


@pytest.mark.parametrize(("role", "may"), [("admin", True), ("accounting", True), ("sales", False),
                                           ("warehouse", False), ("analyst", False)])  # fmt: skip
def test_who_records_payments_may_load_opening_balances(role: str, may: bool) -> None:
    buyer, staff = make_buyer(), make_staff(role=role, name="Ioana")
    if not may:
        with pytest.raises(NotAllowed):
            load(row(buyer, "A 1", "100"), staff)
        return
    load(row(buyer, "A 1", "100"), staff)
    one = document(buyer, "A 1")
    assert (one.issued_by, one.issuer_name, one.issued_at) == (staff.user_id, "Ioana", NOON)
    assert scalar("select user_id from event where kind = 'opening_recorded'") == staff.user_id


def test_a_partner_may_load_nothing() -> None:
    buyer = make_buyer()
    with pytest.raises(NotAllowed):
        load(row(buyer, "A 1", "100"), buyer)


def same_file(times: int) -> tuple[list[Any], Principal]:
    """What several who load the same three rows at the same moment meet."""
    buyer = make_buyer()
    rows = "".join(row(buyer, f"A {n}", "100") for n in range(3))
    load(row(make_buyer(), "B 1", "1"))  # what is done once in a process is done
    actions: list[Callable[[], Report]] = [lambda: load(rows)] * times
    return at_once(actions), buyer


def test_the_same_file_loaded_by_several_at_once_makes_each_document_once() -> None:
    met, _ = same_file(4)
    assert sorted(counts(report) for report in met) == [(0, 0, 3), (0, 0, 3), (0, 0, 3), (3, 0, 0)]
    assert scalar("select count(*) from document") == 4
    assert_invariants()


def test_without_the_lock_the_database_refuses_what_would_be_there_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: only the lock lets who comes second find the rows there; the constraint alone makes it fail."""
    monkeypatch.setattr(opening_import.parties, "lock_many", lambda *_: None)
    failed = False
    for _ in range(10):  # who is faster is up to the threads
        met, buyer = same_file(4)
        failed |= any(isinstance(one, IntegrityError) for one in met)
        with transaction(SYSTEM) as session:
            numbers = session.query(Document).filter_by(kind="opening", partner_id=buyer.partner_id).count()
        assert numbers == 3
    assert failed
    assert_invariants()


WRITE = """
    insert into document (kind, series, partner_id, issued_on, due_on, issued_at, issuer_name, seller, buyer,
                          net, vat, gross, lei_net, lei_vat, lei_gross{more})
    values ('opening', :series, :partner, cast(:day as date), cast(:due as date), :at, '', '{{}}', '{{}}',
            :amount, :vat, :amount + :vat, :amount, :vat, :amount + :vat{values})
"""


@pytest.mark.parametrize(("wrong", "constraint"), [
    ({"series": "A 1"}, "pk_opening_number"),
    ({"series": ""}, "only_opening_without_series"),
    ({"amount": 0}, "sign_is_of_the_kind"),
    ({"due": TODAY - timedelta(days=1)}, "due_not_before_issue"),
    ({"day": TODAY + timedelta(days=1), "due": TODAY + timedelta(days=1)}, "of a day to come"),
    ({"vat": 1}, "opening_is_an_amount"),
    ({"type_code": "380"}, "opening_is_an_amount"),
    ({"number": 5}, "only_opening_without_series"),
    ({"refers_to": 1}, "never taken back by another"),
])  # fmt: skip
def test_the_database_keeps_what_an_opening_document_is(wrong: dict[str, Any], constraint: str) -> None:
    buyer = make_buyer()
    first = opening(buyer, "A 1")
    given = {
        "series": "A 2",
        "partner": buyer.partner_id,
        "day": TODAY,
        "due": TODAY,
        "at": NOON,
        "amount": 5,
        "vat": 0,
    }
    more = [name for name in wrong if name not in given]
    if "refers_to" in wrong:
        wrong = {"refers_to": first.id}
    insert = WRITE.format(more="".join(f", {name}" for name in more), values="".join(f", :{name}" for name in more))
    with transaction(SYSTEM) as session:
        session.execute(text(WRITE.format(more="", values="")), given)
    with pytest.raises(IntegrityError, match=constraint), transaction(SYSTEM) as session:
        session.execute(text(insert), given | {"series": "A 3"} | wrong)


def test_an_opening_document_is_never_changed_nor_gets_a_file() -> None:
    one = opening(make_buyer())
    for change in (
        "update document set lei_gross = 1", "delete from document", "truncate document cascade",
        "insert into document_file (document_id, partner_id, content, sha256, made_at)"
        " select id, partner_id, 'x', encode(sha256('x'), 'hex'), now() from document",
    ):  # fmt: skip
        with pytest.raises(DBAPIError), transaction(SYSTEM) as session:
            session.execute(text(change))
    assert document_stands(one.id)


def document_stands(document_id: int) -> bool:
    return bool(scalar("select exists (select from opening_number where document_id = :id)", id=document_id))


def test_a_partners_transaction_reads_its_own_and_writes_nothing() -> None:
    set_up_company()
    buyer, other = make_buyer(), make_buyer()
    opening(buyer, "A 1")
    opening(other, "B 1", "-5")
    with transaction(buyer) as session:
        assert list(session.scalars(text("select series from document"))) == ["A 1"]
        assert session.scalar(text("select sum(amount) from ledger")) == 500
        assert session.scalar(text("select count(*) from credit")) == 0
    with pytest.raises(DBAPIError), transaction(buyer) as session:
        session.execute(text("select from opening_number"))
    with pytest.raises(DBAPIError), transaction(buyer) as session:
        session.execute(text("delete from document"))


def test_an_unknown_partner_does_not_hide_the_others() -> None:
    make_partner(code="C-1")
    shown = look(HEAD + "C-1;A 1;01.11.2026;;10;\nC-2;A 1;01.11.2026;;10;\n")
    assert [problem.line for problem in shown.problems] == [3]
