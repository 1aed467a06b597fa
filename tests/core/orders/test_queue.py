"""The claim queue: what waits, for how long yet, for whom, and who wants to be told."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.auth import account
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import claiming, queue
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")


def waiting(staff: Principal, hours: float = 0, **wanted: object) -> queue.Queue:
    with transaction(staff) as session:
        return queue.waiting(session, steps.NOON + timedelta(hours=hours), **wanted)  # type: ignore[arg-type]


def numbers(found: queue.Queue) -> list[int]:
    return [row.id for row in found.rows]


def change(statement: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


def assign(staff: Principal, order_id: int, colleague: Principal) -> None:
    with transaction(staff) as session:
        claiming.assign(session, order_id, colleague.user_id or 0, steps.NOON)


@pytest.fixture
def staff() -> Principal:
    return make_staff(name="Ana Pop", role="sales")


@pytest.fixture
def three(staff: Principal) -> list[int]:
    """Orders of Zimbru (10 lei), Ăla (30) and Mediu (20), an hour apart; the last has the nearest deadline."""
    product, orders = make_product(stock=100), []
    for hour, (name, pieces) in enumerate([("Zimbru SRL", 1), ("Ăla SRL", 3), ("Mediu SRL", 2)]):
        buyer = make_buyer(name=name, claim_hours=Decimal(24 - 4 * hour))
        orders.append(steps.order(buyer, {product.id: pieces}, steps.NOON + timedelta(hours=hour)))
    return orders


def test_a_row_tells_what_one_wants_to_know_before_claiming(staff: Principal) -> None:
    buyer = make_buyer(name="Instalații SRL")
    there, coming = make_product(stock=4), make_product(backorder=True)
    order_id = steps.order(buyer, {there.id: 4, coming.id: "2.5"})
    change("update orders set reference = 'PO 7', wished_on = '2026-12-01', note = 'Ring' where id = :id", id=order_id)
    assign(staff, order_id, staff)
    (row,) = waiting(staff, hours=3).rows
    assert (row.id, row.partner, row.ordered_by) == (order_id, "Instalații SRL", buyer.name)
    assert (row.placed_at, row.waited_seconds) == (steps.NOON, 3 * 3600)
    assert (row.deadline, row.warnings) == (steps.NOON + timedelta(hours=24), 2)
    assert (row.lines, row.held, row.awaited) == (2, Decimal(4), Decimal("2.5"))
    assert (row.gross, row.currency) == (Decimal("78.65"), "RON")
    assert (row.assigned_to, row.held_for) == (staff.user_id, "Ana Pop")
    assert (row.prepay, row.paid, row.unpaid_until) == (False, False, None)
    assert (row.reference, row.wished_on, row.note) == ("PO 7", date(2026, 12, 1), "Ring")


@pytest.mark.parametrize(("sort", "expected"), [
    ("deadline", [2, 1, 0]), ("waiting", [0, 1, 2]), ("value", [1, 2, 0]), ("partner", [1, 2, 0]),
])  # fmt: skip
def test_the_queue_is_sorted_as_one_works(staff: Principal, three: list[int], sort: str, expected: list[int]) -> None:
    assert numbers(waiting(staff, 2, sort=sort)) == [three[n] for n in expected]


def test_an_order_without_a_deadline_comes_last(staff: Principal, three: list[int]) -> None:
    change("update orders set claim_deadline = null, claim_warnings = '{}' where id = :id", id=three[2])
    assert numbers(waiting(staff, 2))[-1] == three[2]


@pytest.mark.parametrize(("hours", "left"), [(11.9, 2), (12, 1), (19, 1), (19.2, 0), (23.9, 0)])
def test_the_colour_follows_the_warnings_whether_or_not_they_were_sent(
    staff: Principal, hours: float, left: int
) -> None:
    steps.order(make_buyer(), {make_product(stock=1).id: 1})
    assert [row.warnings for row in waiting(staff, hours).rows] == [left]
    change("update orders set claim_warnings = array(select w from unnest(claim_warnings) w where w > :at)",
           at=steps.NOON + timedelta(hours=hours))  # fmt: skip
    assert [row.warnings for row in waiting(staff, hours).rows] == [left]


def test_what_has_lapsed_is_not_there_whether_or_not_the_sweep_has_run(staff: Principal, three: list[int]) -> None:
    assert numbers(waiting(staff, 18)) == [three[1], three[0]]
    assert numbers(waiting(staff, 24)) == []


def test_who_pays_first_is_marked_and_an_order_that_was_not_paid_in_time_is_gone(staff: Principal) -> None:
    buyer, product = make_buyer(prepay=True, unpaid_hours=Decimal(6)), make_product(stock=9)
    unpaid, paid = (steps.order(buyer, {product.id: 1}) for _ in range(2))
    change("update orders set paid_at = :at where id = :id", at=steps.NOON, id=paid)
    rows = {row.id: row for row in waiting(staff, 5).rows}
    assert (rows[unpaid].prepay, rows[unpaid].paid) == (True, False)
    assert rows[unpaid].unpaid_until == steps.NOON + timedelta(hours=6)
    assert (rows[paid].prepay, rows[paid].paid, rows[paid].unpaid_until) == (True, True, None)
    assert numbers(waiting(staff, 6)) == [paid]


def test_it_is_searched_by_number_partner_and_reference(staff: Principal, three: list[int]) -> None:
    change("update orders set reference = 'Șantier 9' where id = :id", id=three[0])
    assert numbers(waiting(staff, search=str(three[1]))) == [three[1]]
    assert numbers(waiting(staff, search="ala srl")) == [three[1]]
    assert numbers(waiting(staff, search="santier")) == [three[0]]
    assert numbers(waiting(staff, search="%")) == []
    assert numbers(waiting(staff, search="\0")) == numbers(waiting(staff))


def test_the_counts_are_of_everything_even_where_not_all_is_shown(staff: Principal, three: list[int]) -> None:
    found = waiting(staff, 2, size=1)
    assert (numbers(found), found.count, found.gross) == ([three[2]], 3, Decimal("72.60"))
    found = waiting(staff, 2, size=2, page=9)
    assert (numbers(found), found.count, found.gross) == ([three[0]], 3, Decimal("72.60"))
    found = waiting(staff, search="zimbru")
    assert (found.count, found.waiting, found.newest) == (1, 3, three[-1])
    nothing = waiting(staff, search="nobody")
    assert (nothing.rows, nothing.count, nothing.gross, nothing.newest) == ([], 0, 0, three[-1])


def test_everybody_finds_what_is_held_for_them_and_what_they_claimed(staff: Principal, three: list[int]) -> None:
    colleague = make_staff(role="warehouse", name="Dan")
    assign(staff, three[0], colleague)
    steps.claim(colleague, three[1])
    assert numbers(waiting(colleague, mine=True)) == [three[0]]
    assert numbers(waiting(staff, mine=True)) == []
    with transaction(colleague) as session:
        mine = queue.claimed(session, steps.NOON)
        assert numbers(queue.claimed(session, steps.NOON, search="zimbru")) == []
    assert (numbers(mine), mine.count, mine.waiting) == ([three[1]], 1, 2)
    steps.ship(make_staff(), three[1])
    with transaction(colleague) as session:
        assert queue.claimed(session, steps.NOON).rows == []


@pytest.mark.parametrize("role", ["accounting", "analyst"])
def test_the_queue_is_for_those_who_claim(role: str) -> None:
    other = principal_of(make_user(role=role))
    for read in (queue.waiting, queue.claimed, queue.badge):
        with pytest.raises(NotAllowed), transaction(other) as session:
            read(session, steps.NOON)


def test_the_badge_counts_for_who_wants_it(staff: Principal, three: list[int]) -> None:
    for alert, told in (("badge", 3), ("sound", 3), ("none", None)):
        with transaction(staff) as session:
            account.set_new_order_alert(session, alert)
        with transaction(staff) as session:
            assert account.new_order_alert(session) == alert
            assert queue.badge(session, steps.NOON) == told
    with transaction(make_staff()) as session:
        assert queue.badge(session, steps.NOON + timedelta(hours=18)) == 2


def test_the_alert_is_one_of_three_and_the_staffs_own(staff: Principal) -> None:
    with pytest.raises(NotFound), transaction(staff) as session:
        account.set_new_order_alert(session, "trumpet")
    with pytest.raises(NotAllowed), transaction(principal_of(make_user(make_partner())), wall=False) as session:
        account.set_new_order_alert(session, "sound")
    assert steps.scalar("select count(*) from app_user where new_order_alert <> 'badge'") == 0
