"""Held is what the holds say because the database adds them up; what partners write must fit the order it is for."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.db import transaction
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")

ORDER = """
    insert into orders (partner_id, user_id, cart_token, placed_at, net, vat, gross)
    values (:partner, :user, gen_random_uuid(), now(), 0, 0, 0) returning id as order
"""
LINE = """
    insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price,
                            unit_price, vat_class, vat_rate, net)
    values (:order, :partner, 99, :product, '', '', '', 3, 0, 0, 'standard', 21, 0) returning id as line
"""
HOLD = """
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    values (:line, :partner, :product, :quantity, :kind, now()) returning id as hold
"""
EVENT = "insert into event (at, kind, partner_id) values (now(), 'order_placed', :partner) returning id as event"
OUTBOX = "insert into outbox (event_id) values (:event) returning 1 as waiting"
CANCEL = "update orders set status = 'cancelled', ended_at = now() where id = :order returning id as order"


class Writer:
    """Statements as a transaction could send them past the functions of the product; each may name what came before."""

    def __init__(self, who: Principal, buyer: Principal, product_id: int) -> None:
        self.who = who
        self.known: dict[str, object] = {"partner": buyer.partner_id, "user": buyer.user_id, "product": product_id}

    def send(self, *statements: str, **values: object) -> None:
        self.known |= values
        with transaction(self.who) as session:
            for statement in statements:
                self.known |= session.execute(text(statement), self.known).mappings().one()


def held(product_id: object) -> int:
    return int(steps.scalar("select held from stock where product_id = :id", id=product_id))


@pytest.fixture
def partner() -> Writer:
    buyer = make_buyer()
    return Writer(buyer, buyer, make_product(stock=10).id)


@pytest.fixture
def system(partner: Writer) -> Writer:
    return Writer(SYSTEM, partner.who, partner.known["product"])  # type: ignore[arg-type]


def test_held_follows_the_holds_whoever_writes_them(system: Writer) -> None:
    system.send(ORDER, LINE, HOLD, kind="placed", quantity=3)
    assert held(system.known["product"]) == 3
    system.send(HOLD, kind="released", quantity=-3)
    assert held(system.known["product"]) == 0


def test_holds_of_one_product_in_one_statement_are_added_together(system: Writer) -> None:
    system.send(ORDER, LINE)
    system.send(LINE.replace("99", "100"))
    with transaction(SYSTEM) as session:
        session.execute(text("""
            insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
            select id, partner_id, product_id, quantity, 'placed', now() from order_line
        """))  # fmt: skip
    assert held(system.known["product"]) == 6


def test_more_than_is_there_cannot_be_held_by_a_fact_alone(system: Writer) -> None:
    with pytest.raises(IntegrityError, match="never_oversold"):
        system.send(ORDER, LINE, HOLD, kind="placed", quantity=11)


def test_the_last_goods_on_the_shelf_can_be_shipped() -> None:
    product, staff = make_product(stock=4), make_staff()
    order_id = steps.order(make_buyer(), {product.id: 4})
    steps.claim(staff, order_id)
    steps.ship(staff, order_id)
    assert steps.scalar("select array[on_hand, held] from stock") == [0, 0]
    steps.assert_invariants()


def test_what_a_partner_writes_in_one_transaction_is_taken_when_it_fits(partner: Writer) -> None:
    partner.send(ORDER, LINE, HOLD, EVENT, OUTBOX, kind="placed", quantity=3)
    partner.send(CANCEL, HOLD, kind="released", quantity=-3)
    assert held(partner.known["product"]) == 0


@pytest.mark.parametrize("statement", [
    "update stock set held = 0 returning 1 as one",
    "select 1 as one from stock for no key update",
])  # fmt: skip
def test_a_partner_touches_stock_only_through_holds_and_in_product_order(partner: Writer, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        partner.send(statement)


def test_a_partner_adds_no_line_to_an_order_of_before(partner: Writer) -> None:
    partner.send(ORDER)
    with pytest.raises(DBAPIError, match="does not fit"):
        partner.send(LINE)


def test_a_partner_adds_no_line_to_an_order_that_it_has_just_changed(partner: Writer) -> None:
    partner.send(ORDER)
    with pytest.raises(DBAPIError, match="does not fit"):
        partner.send(CANCEL, LINE)


@pytest.mark.parametrize("quantity", [2, 4])
def test_a_partner_holds_what_its_line_says(partner: Writer, quantity: int) -> None:
    with pytest.raises(DBAPIError, match=r"does not fit|out of its bounds"):
        partner.send(ORDER, LINE, HOLD, kind="placed", quantity=quantity)


@pytest.mark.parametrize("kind", ["released", "shipped"])
def test_a_partner_ends_no_hold_of_an_order_that_is_not_cancelled(partner: Writer, kind: str) -> None:
    partner.send(ORDER, LINE, HOLD, kind="placed", quantity=3)
    with pytest.raises(DBAPIError, match=r"does not fit|deliveries_ship"):
        partner.send(HOLD, kind=kind, quantity=-3)


def test_a_partner_gives_back_no_less_than_it_held(partner: Writer) -> None:
    partner.send(ORDER, LINE, HOLD, kind="placed", quantity=3)
    with pytest.raises(DBAPIError, match="does not fit"):
        partner.send(CANCEL, HOLD, kind="released", quantity=-2)


def test_a_partner_holds_no_other_product_than_its_line(partner: Writer) -> None:
    other = make_product(stock=10).id
    with pytest.raises(DBAPIError, match="does not fit"):
        partner.send(ORDER, LINE, HOLD.replace(":product", str(other)), kind="placed", quantity=3)


def test_a_partner_has_nobody_told_of_what_happened_before(partner: Writer) -> None:
    partner.send(EVENT)
    with pytest.raises(DBAPIError, match="does not fit"):
        partner.send(OUTBOX)


def test_a_partner_has_nobody_told_of_what_happened_to_others(partner: Writer) -> None:
    stranger = make_buyer()
    other = Writer(SYSTEM, stranger, 0)
    other.send(EVENT)
    with pytest.raises(DBAPIError, match="does not fit"):
        partner.send(OUTBOX, event=other.known["event"])
