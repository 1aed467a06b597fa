"""The second wall: what a partner's transaction sees even when a query forgets to ask whose rows they are."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from core.db import transaction
from core.documents.issuing import issue_invoice
from core.documents.payments import record_payment
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_company, make_product, make_staff, set_own_price

pytestmark = pytest.mark.usefixtures("database")

OWNED = {
    "partner_price": "partner_id", "cart": "partner_id", "orders": "partner_id", "order_line": "partner_id",
    "stock_hold": "partner_id", "event": "partner_id", "document": "partner_id", "document_line": "partner_id",
    "document_vat": "partner_id", "payment": "partner_id", "partner": "id",
}  # fmt: skip


def trade(buyer: Principal, staff: Principal) -> None:
    """Something in every table: a price, an order with its invoice and a payment, and a cart under way."""
    product = make_product(stock=10)
    set_own_price(buyer.partner_id, product.id, "5")
    order_id = steps.order(buyer, {product.id: 2})
    steps.claim(staff, order_id)
    with transaction(staff) as session:
        document = issue_invoice(session, order_id, steps.NOON)
        record_payment(session, document.id, document.gross, document.issued_on, "", steps.NOON)
    steps.fill(buyer, {product.id: 1})


@pytest.fixture
def two_partners():
    make_company()
    staff, buyers = make_staff(), [make_buyer(), make_buyer()]
    for buyer in buyers:
        trade(buyer, staff)
    return buyers


@pytest.mark.parametrize(("table", "owner"), OWNED.items())
def test_a_bare_select_shows_a_partner_only_its_own_rows(two_partners, table, owner):
    for buyer in two_partners:
        with transaction(buyer) as session:
            seen = set(session.execute(text(f"select {owner} from {table}")).scalars())
        assert seen == {buyer.partner_id}


def test_a_partner_sees_its_own_cart_lines_and_users_only(two_partners):
    one, _ = two_partners
    with transaction(one) as session:
        assert session.execute(text("select count(*) from cart_line")).scalar_one() == 1
        assert session.execute(text("select array_agg(id) from app_user")).scalar_one() == [one.user_id]


@pytest.mark.parametrize("statement", [
    "select password_hash from app_user", "select * from login_session", "select * from mail",
    "update orders set net = 0", "update partner set discount = 99", "delete from event",
    "update stock set on_hand = 9",
    "insert into payment (document_id, partner_id, amount, paid_on, recorded_at) select 1, 1, 1, now(), now()",
])  # fmt: skip
def test_what_partners_have_no_business_with_is_refused_by_the_database(two_partners, statement):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(two_partners[0]) as session:
        session.execute(text(statement))


def test_an_order_cannot_be_written_in_another_partners_name(two_partners):
    one, other = two_partners
    with pytest.raises(DBAPIError, match="row-level security"), transaction(one) as session:
        session.execute(
            text("insert into event (at, kind, partner_id) values (now(), 'order_placed', :other)"),
            {"other": other.partner_id},
        )


@pytest.mark.parametrize(
    "table", ["event", "stock_movement", "stock_hold", "order_line", "document", "document_line", "payment"]
)
@pytest.mark.parametrize("change", ["delete from {}", "update {} set partner_id = partner_id", "truncate {} cascade"])
def test_facts_cannot_be_changed_even_by_the_system(two_partners, table, change):
    if table == "stock_movement":
        change = change.replace("partner_id", "quantity")
    with pytest.raises(DBAPIError, match="append-only"), transaction(SYSTEM) as session:
        session.execute(text(change.format(table)))


@pytest.mark.parametrize("statement", [
    "update orders set status = 'shipped' where id = :order",
    "update orders set status = 'lapsed', ended_at = now() where id = :order",
    "insert into orders (partner_id, user_id, cart_token, placed_at, net, vat, gross)"
    " values (:partner, :stranger, gen_random_uuid(), now(), 0, 0, 0)",
])  # fmt: skip
def test_all_a_partner_may_write_on_an_order_is_to_place_and_to_cancel_it(two_partners, statement):
    one, other = two_partners
    order_id = steps.order(one, {make_product(stock=1).id: 1})
    params = {"order": order_id, "partner": one.partner_id, "stranger": other.user_id}
    with pytest.raises(DBAPIError, match="row-level security"), transaction(one) as session:
        session.execute(text(statement), params)


def test_every_table_with_partner_data_is_behind_the_wall():
    with transaction(SYSTEM) as session:
        open_tables = session.execute(
            text("""
            select relname from pg_class join pg_attribute on attrelid = pg_class.oid
            where relkind = 'r' and attname = 'partner_id' and not attisdropped and not relrowsecurity
              and relnamespace = 'public'::regnamespace""")
        )
        assert list(open_tables.scalars()) == []


def test_the_next_transaction_of_the_connection_is_free_of_the_last_ones_role(two_partners):
    with transaction(two_partners[0]) as session:
        session.execute(text("select 1"))
    with transaction(SYSTEM) as session:
        assert len(set(session.execute(text("select partner_id from orders")).scalars())) == 2
