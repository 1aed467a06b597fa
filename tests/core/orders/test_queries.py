from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.db import transaction
from core.errors import NotFound
from core.orders import queries
from core.orders.cancelling import cancel_part
from core.orders.claiming import assign, give_back
from core.orders.details import Details
from core.orders.placing import place
from core.orders.proposing import answer, propose
from core.orders.shipping import ship_part
from core.principal import SYSTEM, Principal
from core.receivables.prepaying import record_order_payment
from tests.core.documents.steps import issue, set_up_company
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")
LATER = NOON + timedelta(hours=1)


def detail(order: int, who: Principal = SYSTEM) -> queries.OrderDetail:
    with transaction(who) as session:
        return queries.order_detail(session, order)


def found(who: Principal, **filters: object) -> list[int]:
    with transaction(who) as session:
        return [row.id for row in queries.orders_page(session, **filters)[0]]  # type: ignore[arg-type]


def fates(order: int) -> list[tuple[int, ...]]:
    """Of each line: held, shipped, on backorder, cancelled, counted."""
    names = ("held", "shipped", "waiting", "cancelled", "counted")
    return [tuple(int(getattr(line, name)) for name in names) for line in detail(order).lines]


def claimed(buyer: Principal, quantities: dict[int, int], staff: Principal | None = None) -> int:
    order = steps.order(buyer, quantities)
    steps.claim(staff or make_staff(), order)
    return order


def test_who_sees_no_prices_is_told_what_was_agreed_and_not_how_it_came_about() -> None:
    buyer = make_buyer()
    order = steps.order(buyer, {make_product(stock=9).id: 2})
    steps.scalar("update partner set prices_hidden = true where id = :id returning 1", id=buyer.partner_id)
    for who, told in ((buyer, False), (make_staff(), True)):
        shown = detail(order, who)
        (line,) = shown.lines
        assert (line.list_price is not None, line.price_rule is not None) == (told, told)
        assert (line.unit_price, line.net, shown.order.net) == (10, 20, 20)


def test_lines_say_what_became_of_them_and_the_amounts_are_of_the_rest() -> None:
    staff = make_staff()
    order = claimed(make_buyer(), {make_product(stock=6, backorder=True).id: 10}, staff)
    assert fates(order) == [(6, 0, 4, 0, 10)]
    line = detail(order).lines[0].id
    with transaction(staff) as session:
        ship_part(session, order, {line: Decimal(5)}, "keep", LATER, "first half")
        cancel_part(session, order, {line: Decimal(3)}, "late", LATER)
    assert fates(order) == [(1, 5, 1, 3, 7)]
    shown = detail(order)
    assert [line.net for line in shown.lines] == [shown.order.net] == [Decimal("70.00")]
    assert shown.order.waiting
    assert [(delivery.number, delivery.note, [line.quantity for line in delivery.lines])
            for delivery in shown.deliveries] == [(1, "first half", [5])]  # fmt: skip


def test_a_substitute_stands_beside_the_line_that_it_replaces() -> None:
    buyer, staff = make_buyer(), make_staff()
    order = claimed(buyer, {make_product(stock=6).id: 4}, staff)
    make_product(stock=6, sku="OTHER")
    first = detail(order).lines[0].id
    with transaction(staff) as session:
        proposal = propose(session, order, first, Decimal(1), LATER, "OTHER", Decimal(3))
    assert detail(order).order.proposal
    with transaction(buyer) as session:
        answer(session, proposal, True, LATER)
    shown = detail(order)
    assert [(line.replaces, line.counted) for line in shown.lines] == [(None, 1), (first, 3)]
    assert not shown.order.proposal


def test_an_order_that_ended_shows_what_it_came_to() -> None:
    """What was cancelled before does not count, what the end took does: as in the order's amounts."""
    buyer, staff = make_buyer(), make_staff()
    cancelled = claimed(buyer, {make_product(stock=6).id: 6}, staff)
    with transaction(staff) as session:
        cancel_part(session, cancelled, {detail(cancelled).lines[0].id: Decimal(2)}, "broken", LATER)
    steps.cancel(staff, cancelled, as_of=LATER + timedelta(hours=1))
    lapsed = steps.order(buyer, {make_product(stock=2, backorder=True).id: 3})
    steps.lapse(NOON + timedelta(days=2))
    for order, counted in ((cancelled, 4), (lapsed, 3)):
        shown = detail(order)
        assert [line.counted for line in shown.lines] == [counted]
        assert [line.net for line in shown.lines] == [shown.order.net]


def test_a_partner_finds_its_orders_by_its_own_number_and_no_others() -> None:
    buyer, product = make_buyer(), make_product(stock=9)
    token = steps.fill(buyer, {product.id: 1})
    with transaction(buyer) as session:
        mine = place(session, token, NOON, Details(reference="Șantier 7/B")).order_id
    steps.order(buyer, {product.id: 1})
    assert found(buyer, search="santier 7/b") == [mine]
    assert found(make_staff(), search="santier") == [mine]
    assert found(make_buyer(), search="santier") == []
    with pytest.raises(NotFound):
        detail(mine, make_buyer())


def test_words_of_a_search_may_stand_partly_in_the_partners_name_and_partly_in_its_number_for_the_order() -> None:
    buyer = principal_of(make_user(make_partner(name="Ștefan Instal SRL", code="ST-9")))
    product = make_product(stock=9)
    token = steps.fill(buyer, {product.id: 1})
    with transaction(buyer) as session:
        mine = place(session, token, NOON, Details(reference="Șantier 7/B")).order_id
    plain = steps.order(buyer, {product.id: 1})
    staff = make_staff()
    assert found(staff, search="stefan santier") == [mine]
    assert found(staff, search="stefan st-9") == [plain, mine]
    assert found(staff, search="stefan altceva") == []


def test_only_mine_are_claimed_by_me_or_held_for_me() -> None:
    buyer, me = make_buyer(), make_staff()
    on_my_table, held_for_me, _others = (steps.order(buyer, {make_product(stock=1).id: 1}) for _ in range(3))
    steps.claim(me, on_my_table)
    with transaction(make_staff()) as session:
        assign(session, held_for_me, me.user_id or 0, LATER)
    assert found(me, mine=True) == [held_for_me, on_my_table]
    assert len(found(me)) == 3
    row = detail(held_for_me).order
    assert (row.assigned_to_id, row.assigned_to) == (me.user_id, me.name)


def test_what_staff_tell_each_other_stays_with_them() -> None:
    buyer, staff = make_buyer(), make_staff(name="Radu")
    order = steps.order(buyer, {make_product(stock=1).id: 1})
    steps.claim(staff, order)
    with transaction(staff) as session:
        give_back(session, order, LATER, "too difficult")
        assign(session, order, staff.user_id or 0, LATER)
    partners, staffs = detail(order, buyer), detail(order, staff)
    assert [entry.kind for entry in staffs.timeline][-2:] == ["order_given_back", "order_assigned"]
    assert [(entry.kind, entry.by, entry.by_staff, entry.data) for entry in partners.timeline][-1] == (
        "order_given_back", None, True, {},
    )  # fmt: skip
    assert (staffs.order.assigned_to, partners.order.assigned_to) == ("Radu", None)


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("buyer", False), ("accountant", True)])
def test_documents_and_payments_are_for_who_may_see_documents(role: str, sees: bool) -> None:
    set_up_company()
    partner = make_partner()
    order = claimed(principal_of(make_user(partner)), {make_product(stock=1, list_price=Decimal(100)).id: 1})
    with transaction(SYSTEM) as session:
        record_order_payment(session, order, Decimal(21), date(2026, 11, 23), "", NOON)
    issue(order, LATER)
    shown = detail(order, principal_of(make_user(partner, role=role)))
    assert [(paper.number, paper.gross, paper.open) for paper in shown.documents] == (
        [("FCT 00001", 121, 100)] if sees else []
    )
    assert [payment.amount for payment in shown.payments] == ([21] if sees else [])
    assert (shown.order.paid, shown.order.to_pay) == (21, 100)


def test_orders_that_staff_placed_are_the_partners_all_the_same() -> None:
    buyer = make_buyer()
    order = steps.order(buyer, {make_product(stock=1).id: 1})
    assert not detail(order, buyer).order.placed_by_staff
    steps.scalar("update orders set user_id = :user returning id", user=make_staff().user_id)
    assert found(buyer) == [order]
    assert detail(order, buyer).order.placed_by_staff
