"""The papers of an order: what stands on them, in both languages, for whom, and that nothing typed becomes markup."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pypdf
import pytest
from sqlalchemy import update

from core.auth.models import User
from core.db import transaction
from core.documents import order_papers
from core.errors import NotAllowed, NotFound
from core.orders import cancelling, placing, proposing, shipping
from core.orders.details import NO_DETAILS, Details
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.documents.steps import set_up_company, text_of
from tests.core.orders import steps
from tests.core.orders.steps import NOON, scalar
from tests.factories import make_partner, make_product, make_staff, make_user, principal_of

DETAILS = Details("Sunați înainte", "PO-77 / ș", "Șantierul Nord\nStr. Țesătorilor 9", date(2026, 12, 1))
HOSTILE = '<img src=x onerror=alert(1)> & "Co" {{ 7 * 7 }} {% raw %}'

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def buyer(database: str) -> Principal:
    set_up_company(address="Str. Fabricii 12", city="Câmpulung", county="SV", phone="0230 111 222")
    partner = make_partner(name="Ștefan Țuțea SRL", code="C-17", address="Str. Lungă 1", city="Iași", county="IS")
    return principal_of(make_user(partner, name="Ana Pop", language="en"))


def order(buyer: Principal, quantities: dict[int, int], details: Details = DETAILS) -> int:
    token = steps.fill(buyer, quantities)  # type: ignore[arg-type]
    with transaction(buyer) as session:
        return placing.place(session, token, NOON, details).order_id


def cable(**values: Any) -> int:
    known = {"sku": "CAB-3", "name": "Cablu și țeavă 3x2,5", "ean": "5941234567899", "list_price": Decimal("1234.5")}
    product: int = make_product(**{"stock": 10} | known | values).id
    return product


def confirmation(order_id: int, who: Principal = SYSTEM, language: str = "ro") -> bytes:
    with transaction(who) as session:
        return order_papers.confirmation_pdf(session, order_id, language)


def picking_list(order_id: int, who: Principal, language: str = "ro") -> bytes:
    with transaction(who) as session:
        return order_papers.picking_list_pdf(session, order_id, language)


def printed(content: bytes) -> str:
    """The text in one line: where the paper breaks its lines does not matter."""
    return " ".join(text_of(content).split())


def line_of(order_id: int) -> int:
    line: int = scalar("select min(id) from order_line where order_id = :order", order=order_id)
    return line


def test_a_confirmation_says_who_ordered_what_where_to_and_for_how_much(buyer: Principal) -> None:
    order_id = order(buyer, {cable(): 3})
    text = printed(confirmation(order_id, buyer, "en"))
    for expected in (
        "ORDER CONFIRMATION", f"Order {order_id}", "Distribuție Carpați SRL", "Câmpulung", "Ștefan Țuțea SRL", "C-17",
        "Ana Pop", "PO-77 / ș", "1 Dec 2026", "Șantierul Nord", "Str. Țesătorilor 9", "Sunați înainte",
        "Cablu și țeavă 3x2,5", "CAB-3", "1,234.50", "3,703.50", "21", "777.74", "4,481.24 RON",
        "Tuesday, 24 Nov 2026, 12:00", "This is not a fiscal document", "Page 1 / 1",
    ):  # fmt: skip
        assert expected in text


@pytest.mark.parametrize(("language", "total"), [("ro", "4.481,24 lei"), ("en", "4,481.24 RON")])
def test_the_papers_speak_the_readers_language_and_say_which_it_is(buyer: Principal, language: str, total: str) -> None:
    order_id = order(buyer, {cable(): 3})
    content = confirmation(order_id, language=language)
    assert total in printed(content)
    for paper in (content, picking_list(order_id, make_staff(), language)):
        reader = pypdf.PdfReader(io.BytesIO(paper))
        assert reader.root_object["/Lang"] == language
        assert str(order_id) in str((reader.metadata or {}).get("/Title"))


def test_what_waits_and_what_is_cancelled_is_marked_and_only_the_rest_is_counted(buyer: Principal) -> None:
    waits = cable(sku="W", name="Comes later", stock=2, backorder=True, list_price=Decimal(10))
    given_up = cable(sku="G", name="Not wanted", list_price=Decimal(100))
    order_id = order(buyer, {waits: 5, given_up: 4})
    with transaction(buyer) as session:
        lines = {line.sku: line.id for line in order_lines(session, order_id)}
        cancelling.cancel_part(session, order_id, {lines["G"]: Decimal(3)}, "", NOON)
    text = printed(confirmation(order_id, buyer, "en"))
    assert "On backorder: 3 buc" in text
    assert "Cancelled: 3 of 4 buc" in text
    assert "181.50 RON" in text  # 5 x 10 and 1 x 100, with VAT


def order_lines(session: Any, order_id: int) -> Any:
    from core.orders.contents import lines_of

    return lines_of(session, order_id)


def test_a_line_that_is_cancelled_whole_stays_on_the_paper_with_nothing_to_pay(buyer: Principal) -> None:
    order_id = order(buyer, {cable(): 3, cable(sku="G", name="Not wanted", list_price=Decimal(100)): 4})
    with transaction(buyer) as session:
        gone = next(line.id for line in order_lines(session, order_id) if line.sku == "G")
        cancelling.cancel_part(session, order_id, {gone: Decimal(4)}, "", NOON)
    text = printed(confirmation(order_id, language="en"))
    assert "Cancelled: 4 of 4 buc" in text
    assert "4,481.24 RON" in text


def test_a_substitute_says_which_line_it_stands_for(buyer: Principal) -> None:
    staff, order_id = make_staff(), order(buyer, {cable(): 3})
    cable(sku="SUB", name="In its place")
    steps.claim(staff, order_id)
    with transaction(staff) as session:
        proposal = proposing.propose(session, order_id, line_of(order_id), Decimal(0), NOON, "SUB", Decimal(2))
    with transaction(buyer) as session:
        proposing.answer(session, proposal, True, NOON)
    text = printed(confirmation(order_id, buyer, "en"))
    assert "In place of line 1" in text
    assert "Cancelled: 3 of 3 buc" in text


def test_an_ended_order_says_that_it_ended_and_why(buyer: Principal) -> None:
    order_id = order(buyer, {cable(): 3})
    with transaction(make_staff()) as session:
        cancelling.cancel(session, order_id, "out of season", NOON)
    text = printed(confirmation(order_id, buyer, "en"))
    assert "This order is cancelled since Monday, 23 Nov 2026, 12:00. out of season" in text
    assert "4,481.24 RON" in text
    assert "Cancelled: " not in text
    assert "We will take your order over" not in text


def test_who_pays_first_reads_how_much_until_when_and_where_to(buyer: Principal) -> None:
    with transaction(SYSTEM) as session:
        session.execute(update(Partner).where(Partner.id == buyer.partner_id).values(prepay=True))
    text = printed(confirmation(order(buyer, {cable(): 3}), buyer, "en"))
    assert "Please pay 4,481.24 RON by Wednesday, 25 Nov 2026, 12:00." in text
    assert "RO49AAAA1B31007593840000" in text


def test_what_staff_ordered_for_the_partner_can_be_printed_by_its_people(buyer: Principal) -> None:
    staff = make_user(role="sales", name="Dan Agentul")
    agent = Principal("partner", staff.id, buyer.partner_id, role="agent", name=staff.name, email=staff.email)
    order_id = order(agent, {cable(): 3})
    assert "4,481.24 RON" in printed(confirmation(order_id, buyer, "en"))


def test_a_picking_list_says_what_to_take_for_whom_and_where_it_goes(buyer: Principal) -> None:
    waits = cable(sku="W-1", name="Comes later", ean="", stock=2, backorder=True)
    order_id, staff = order(buyer, {cable(): 3, waits: 5}), make_staff(name="Mia")
    steps.claim(staff, order_id)
    text = printed(picking_list(order_id, staff, "en"))
    for expected in (
        "PICKING LIST", f"Order {order_id}", "Ștefan Țuțea SRL (C-17)", "PO-77 / ș", "Șantierul Nord", "1 Dec 2026",
        "Sunați înainte", "Mia", "CAB-3", "5941234567899", "Cablu și țeavă 3x2,5", "3 buc", "W-1", "2 buc",
        "Not to be picked, on backorder: 3 buc of W-1", "Picked by",
    ):  # fmt: skip
        assert expected in text
    assert "1,234.50" not in text


def test_without_an_address_the_goods_go_to_the_partners_seat(buyer: Principal) -> None:
    order_id = order(buyer, {cable(): 3}, NO_DETAILS)
    assert "Str. Lungă 1, Iași, IS" in printed(picking_list(order_id, make_staff()))


def test_only_what_is_still_held_is_to_be_picked(buyer: Principal) -> None:
    staff, order_id = make_staff(), order(buyer, {cable(): 3})
    steps.claim(staff, order_id)
    with transaction(staff) as session:
        shipping.ship_part(session, order_id, {line_of(order_id): Decimal(2)}, "keep", NOON)
    assert "1 buc" in printed(picking_list(order_id, staff))
    with transaction(staff) as session:
        shipping.ship(session, order_id, NOON + timedelta(hours=1))
    with pytest.raises(order_papers.NothingToPick):
        picking_list(order_id, staff)


@pytest.mark.parametrize("make", [confirmation, picking_list])
def test_what_people_typed_is_printed_and_never_markup(make: Callable[..., bytes]) -> None:
    set_up_company(name=f"Carpați {HOSTILE}")
    partner = make_partner(name=HOSTILE)
    buyer = principal_of(make_user(partner, name=HOSTILE))
    details = Details(HOSTILE, HOSTILE, HOSTILE)
    order_id = order(buyer, {cable(name=HOSTILE, sku=HOSTILE, unit="<b>"): 1}, details)
    text = printed(make(order_id, make_staff(), "en")).replace(" ", "")
    assert text.count('<imgsrc=xonerror=alert(1)>&"Co"{{7*7}}{%raw%}') >= 6
    assert "<b>" in text


def test_another_partners_order_and_an_absent_one_are_not_found(buyer: Principal) -> None:
    order_id = order(buyer, {cable(): 1})
    other = principal_of(make_user(make_partner()))
    for wanted in (order_id, 999_999):
        with pytest.raises(NotFound):
            confirmation(wanted, other)


@pytest.mark.parametrize("role", ["owner", "viewer", "accounting", "analyst"])
def test_a_picking_list_is_for_who_claims_or_ships(buyer: Principal, role: str) -> None:
    order_id = order(buyer, {cable(): 1})
    partners = role in ("owner", "viewer")
    who = Principal("partner" if partners else "staff", 1, buyer.partner_id if partners else None, role=role)
    with pytest.raises(NotAllowed):
        picking_list(order_id, who)


def test_a_long_order_goes_on_over_pages_that_say_how_many_there_are(buyer: Principal) -> None:
    order_id = order(buyer, {make_product(stock=5, name=f"Article {n}").id: 1 for n in range(70)})
    content = confirmation(order_id, language="en")
    pages = len(pypdf.PdfReader(io.BytesIO(content)).pages)
    assert pages > 1
    assert f"Page {pages} / {pages}" in printed(content)
    assert "Article 69" in printed(content)


def test_nobody_is_named_who_left_no_name(buyer: Principal) -> None:
    """The name of who ordered is that of today; an order of staff shows a partner's people none."""
    order_id = order(buyer, {cable(): 1})
    with transaction(SYSTEM) as session:
        session.execute(update(User).where(User.id == buyer.user_id).values(name="Ana Ionescu"))
    assert "Ana Ionescu" in printed(confirmation(order_id, language="en"))
