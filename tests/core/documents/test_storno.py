"""An invoice that reached the buyer is taken back by a storno, which mirrors it, or corrected; another is annulled."""

from decimal import Decimal
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.db import transaction
from core.documents import annulling, correcting, storno
from core.documents.freehand import FreeLine, issue_freehand
from core.documents.models import Document, DocumentLine, DocumentVat
from core.errors import NotAllowed, NotFound
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import claimed_order, invoice, issue, pay, set_up_company
from tests.core.orders.steps import NOON, assert_invariants, scalar
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def back(document: Document, quantities: dict[int, str] | None = None, who: Principal = SYSTEM) -> Document:
    wanted = None if quantities is None else {position: Decimal(value) for position, value in quantities.items()}
    with transaction(who) as session:
        return storno.storno(session, document.id, "goods came back", NOON, wanted)


def rows(document: Document) -> list[DocumentLine]:
    with transaction(SYSTEM) as session:
        return list(
            session.scalars(
                select(DocumentLine).where(DocumentLine.document_id == document.id).order_by(DocumentLine.position)
            )
        )


def vat(document: Document) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    with transaction(SYSTEM) as session:
        parts = session.scalars(select(DocumentVat).where(DocumentVat.document_id == document.id))
        return sorted((part.category, part.rate, part.base, part.vat) for part in parts)


def open_on(document: Document) -> Decimal:
    found: Decimal = scalar("select open from receivable where document_id = :id", id=document.id)
    return found


def credit() -> Decimal:
    found: Decimal = scalar('select coalesce(sum("left"), 0) from credit')
    return found


def test_a_storno_of_all_mirrors_its_original_and_leaves_nothing_open() -> None:
    document = invoice(prices=("100", "3.335"))
    taken = back(document)
    assert (taken.kind, taken.refers_to, taken.note) == ("storno", document.id, "goods came back")
    assert (taken.net, taken.vat, taken.gross) == (-document.net, -document.vat, -document.gross)
    assert vat(taken) == [(category, rate, -base, -tax) for category, rate, base, tax in vat(document)]
    assert [(line.quantity, line.unit_price, line.net) for line in rows(taken)] == [
        (-line.quantity, line.unit_price, -line.net) for line in rows(document)
    ]
    assert (open_on(document), credit()) == (0, 0)
    assert_invariants()


def test_what_was_paid_on_it_is_the_partners_credit() -> None:
    document = invoice()
    pay(document, "50")
    back(document)
    assert (open_on(document), credit()) == (0, 50)
    assert_invariants()


def test_the_order_can_be_invoiced_anew_and_only_once() -> None:
    order_id = claimed_order()
    back(issue(order_id))
    assert scalar("select invoiced_at from orders where id = :id", id=order_id) is None
    again = issue(order_id)
    assert again.gross == 121
    assert scalar("select invoiced from orders where id = :id", id=order_id) == 121
    assert_invariants()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_stornos_of_parts_in_any_order_come_to_the_original_to_the_ban(data: st.DataObject) -> None:
    prices = data.draw(st.lists(st.decimals("0.0001", "999.9999", places=4), min_size=1, max_size=4))
    counts = [data.draw(st.integers(1, 7)) for _ in prices]
    classes = [data.draw(st.sampled_from(["standard", "reduced", "exempt"])) for _ in prices]
    lines = [
        FreeLine("Marfă", "buc", Decimal(n), price, vat_class)
        for n, price, vat_class in zip(counts, prices, classes, strict=True)
    ]
    with transaction(SYSTEM) as session:
        document = issue_freehand(session, "invoice", make_buyer().partner_id or 0, lines, NOON)
    taken = []
    while any(counts):
        part = {at: data.draw(st.integers(0, left)) for at, left in enumerate(counts, start=1)}
        if not any(part.values()):
            part = dict(enumerate(counts, start=1))
        taken.append(back(document, {at: str(n) for at, n in part.items() if n}))
        counts = [left - part.get(at, 0) for at, left in enumerate(counts, start=1)]
    for name in ("net", "vat", "gross"):
        assert sum(getattr(one, name) for one in taken) == -getattr(document, name)
    assert open_on(document) == 0
    with pytest.raises(storno.TakenBackAlready):
        back(document)
    assert_invariants()


def test_more_than_was_invoiced_is_not_taken_back_also_not_in_two_parts() -> None:
    document = invoice()
    for wanted in ("1.001", "-1", "NaN"):
        with pytest.raises(storno.MoreThanInvoiced):
            back(document, {1: wanted})
    back(document, {1: "0.4"})
    with pytest.raises(storno.MoreThanInvoiced):
        back(document, {1: "0.7"})
    assert_invariants()


def test_of_eight_who_take_it_back_at_once_one_does() -> None:
    document = invoice()
    found = at_once([partial(back, document) for _ in range(8)])
    assert [type(result) for result in found if not isinstance(result, Document)] == [storno.TakenBackAlready] * 7
    assert_invariants()


def test_what_is_no_invoice_that_stands_is_not_taken_back() -> None:
    document = invoice()
    taken = back(document, {1: "0.5"})
    with pytest.raises(storno.NotAnInvoice):
        back(taken)
    with pytest.raises(NotFound):
        back(Document(id=9_999))
    with pytest.raises(storno.ReasonMissing), transaction(SYSTEM) as session:
        storno.storno(session, document.id, "  ", NOON)
    for who in (make_buyer(), make_staff(role="sales")):
        with pytest.raises(NotAllowed):
            back(document, who=who)


def test_a_corrected_invoice_takes_the_place_of_the_wrong_one() -> None:
    order_id = claimed_order(prices=("100", "10"))
    document = issue(order_id)
    pay(document, "133.10")
    right = {2: correcting.Corrected("Mufă", Decimal(1), Decimal("9.5"))}
    with transaction(make_staff(role="accounting")) as session:
        taken, new = correcting.correct(session, document.id, right, "a wrong price", NOON)
    assert (taken.gross, new.gross) == (-document.gross, Decimal("132.50"))
    assert (new.type_code, new.refers_to) == ("384", document.id)
    assert [line.name for line in rows(new)][1] == "Mufă"
    assert (open_on(new), credit()) == (Decimal("132.50"), Decimal("133.10"))
    assert_invariants()


def test_a_correction_that_changes_nothing_leaves_no_storno_behind() -> None:
    document = invoice()
    with pytest.raises(correcting.NothingChanged), transaction(SYSTEM) as session:
        correcting.correct(session, document.id, {}, "nothing", NOON)
    assert scalar("select count(*) from document") == 1


def test_an_annulled_invoice_owes_nothing_and_its_order_waits_for_another() -> None:
    order_id = claimed_order()
    document = issue(order_id)
    with transaction(make_staff()) as session:
        annulling.annul(session, document.id, "a wrong partner", NOON)
    assert open_on(document) == 0
    assert scalar("select invoiced_at from orders where id = :id", id=order_id) is None
    assert issue(order_id).number == document.number + 1
    with pytest.raises(annulling.AnnulledAlready), transaction(SYSTEM) as session:
        annulling.annul(session, document.id, "again", NOON)
    with pytest.raises(storno.NotAnInvoice):
        back(document)
    assert_invariants()


def test_what_was_paid_or_taken_back_is_not_annulled_and_a_storno_never() -> None:
    paid, partly = invoice(), invoice()
    pay(paid, "1")
    taken = back(partly, {1: "0.5"})
    refusals = ((paid, annulling.PaidOrTakenBack), (partly, annulling.PaidOrTakenBack), (taken, annulling.NotAnnulled))
    for document, refusal in refusals:
        with pytest.raises(refusal), transaction(SYSTEM) as session:
            annulling.annul(session, document.id, "why not", NOON)
    assert_invariants()
