"""The second wall: what a partner's transaction sees even when a query forgets to ask whose rows they are."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from core.db import beyond_wall, transaction
from core.documents.issuing import issue_invoice
from core.errors import NotFound
from core.partners.models import Partner
from core.permissions import VIEWER
from core.pricing.models import PartnerException, Promotion, PromotionItem
from core.principal import SYSTEM, Principal
from core.receivables.payments import record_payment
from tests.core.orders import steps
from tests.factories import (
    add,
    make_buyer,
    make_company,
    make_product,
    make_staff,
    make_user,
    principal_of,
    set_own_price,
)

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
        record_payment(session, document.partner_id, document.gross, document.issued_on, steps.NOON)
    steps.fill(buyer, {product.id: 1})


@pytest.fixture
def two_partners():
    make_company()
    staff, buyers = make_staff(), [make_buyer(), make_buyer()]
    for buyer in buyers:
        trade(buyer, staff)
    return buyers


def colleague_of(buyer: Principal, role: str = "buyer") -> Principal:
    with transaction(SYSTEM) as session:
        return principal_of(make_user(session.get_one(Partner, buyer.partner_id), role=role))


def test_a_bare_select_shows_a_partner_only_its_own_rows(two_partners):
    for buyer in two_partners:
        with transaction(buyer) as session:
            seen = {
                table: set(session.execute(text(f"select {owner} from {table}")).scalars())
                for table, owner in OWNED.items()
            }
        assert seen == {table: {buyer.partner_id} for table in OWNED}


def test_staff_who_look_as_a_partner_see_its_rows_only_and_no_cart(two_partners):
    one, _ = two_partners
    with transaction(Principal("partner", make_staff().user_id, one.partner_id, role=VIEWER)) as session:
        seen = {
            table: set(session.execute(text(f"select {owner} from {table}")).scalars())
            for table, owner in OWNED.items()
        }
    assert seen == {table: {one.partner_id} for table in OWNED} | {"cart": set()}


def test_a_partner_sees_its_own_cart_lines_and_users_only(two_partners):
    one, _ = two_partners
    colleague = colleague_of(one)
    with transaction(one) as session:
        assert session.execute(text("select count(*) from cart_line")).scalar_one() == 1
        users = session.execute(text("select id, email, name, kind, partner_id, language, active, role from app_user"))
        assert {row.id for row in users} == {one.user_id, colleague.user_id}


def lines_seen(principal: Principal) -> set[int]:
    """Whose cart lines."""
    with transaction(principal) as session:
        return set(session.execute(text("select user_id from cart join cart_line on cart_id = cart.id")).scalars())


def test_a_colleagues_cart_is_open_to_the_owner_only_while_it_waits_for_approval(two_partners):
    owner, stranger = two_partners
    buyer, other_buyer, accountant = (colleague_of(owner, role) for role in ("buyer", "buyer", "accountant"))
    steps.fill(buyer, {make_product(stock=1).id: 1})
    for asked in (False, True, False):
        with transaction(buyer) as session:
            session.execute(
                text("update cart set approval_asked_at = case when :asked then now() end"), {"asked": asked}
            )
        assert lines_seen(owner) == {owner.user_id} | ({buyer.user_id} if asked else set())
        assert lines_seen(buyer) == {buyer.user_id}
        assert (lines_seen(other_buyer), lines_seen(accountant)) == (set(), set())
        assert lines_seen(stranger) == {stranger.user_id}


def test_a_cart_that_does_not_wait_cannot_be_changed_by_the_owner(two_partners):
    owner, _ = two_partners
    buyer = colleague_of(owner)
    steps.fill(buyer, {make_product(stock=1).id: 1})
    about = {"buyer": buyer.user_id}
    with transaction(owner) as session:
        for change in ("update cart set token = gen_random_uuid()", "delete from cart"):
            assert session.execute(text(f"{change} where user_id = :buyer returning id"), about).all() == []
        emptied = text(
            "delete from cart_line where cart_id in (select id from cart where user_id = :buyer) returning 1"
        )
        assert session.execute(emptied, about).all() == []


def test_no_cart_is_made_for_a_stranger(two_partners):
    one, other = two_partners
    stranger = colleague_of(other)
    with pytest.raises(DBAPIError, match="row-level security"), transaction(one) as session:
        session.execute(
            text("insert into cart (user_id, partner_id) values (:user, :partner)"),
            {"user": stranger.user_id, "partner": one.partner_id},
        )


@pytest.mark.parametrize("statement", [
    "select * from app_user", "select password_hash from app_user", "select totp_secret from app_user",
    "select totp_step from app_user", "select muted from app_user", "update app_user set language = 'en'",
    "update app_user set role = 'owner'", "update app_user set spending_limit = null", "delete from app_user",
    "insert into app_user (email, name, kind, role) values ('a@b.example', 'A', 'staff', 'admin')",
    "select * from login_session", "update login_session set user_id = 1", "select * from login_ticket",
    "insert into login_ticket (token_hash, user_id, browser_hash, expires_at) values ('', 1, '', now())",
    "select * from throttle", "delete from throttle", "select * from access_link",
    "insert into access_link (user_id, purpose, created_at, expires_at) values (1, 'reset', now(), now())",
    "select * from recovery_code", "delete from recovery_code", "select * from mail", "select * from outbox",
    "update orders set net = 0", "update orders set approved_by = 1", "update partner set discount = 99",
    "update partner set status = 'active'", "update company set two_factor_roles = '{}'", "delete from event",
    "update stock set on_hand = 9",
    "insert into payment (partner_id, amount, paid_on, recorded_at) select 1, 1, now(), now()",
])  # fmt: skip
def test_what_partners_have_no_business_with_is_refused_by_the_database(two_partners, statement):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(two_partners[0]) as session:
        session.execute(text(statement))


def test_who_is_no_owner_approves_no_order(two_partners):
    owner, _ = two_partners
    with transaction(SYSTEM) as session:
        partner = session.get_one(Partner, owner.partner_id)
    buyer = principal_of(make_user(partner, role="buyer"))
    for user_id in (buyer.user_id, owner.user_id):
        with pytest.raises(DBAPIError, match="row-level security"), transaction(buyer) as session:
            session.execute(_APPROVED, {"partner": buyer.partner_id, "user": user_id, "me": buyer.user_id})


_APPROVED = text("""
    insert into orders (partner_id, user_id, approved_by, cart_token, placed_at, net, vat, gross)
    values (:partner, :user, :me, gen_random_uuid(), now(), 0, 0, 0)
""")


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
    "insert into orders (partner_id, user_id, approved_by, cart_token, placed_at, net, vat, gross)"
    " values (:partner, :stranger, :me, gen_random_uuid(), now(), 0, 0, 0)",
    "insert into orders (partner_id, user_id, approved_by, cart_token, placed_at, net, vat, gross)"
    " values (:partner, :colleague, :colleague, gen_random_uuid(), now(), 0, 0, 0)",
])  # fmt: skip
def test_all_a_partner_may_write_on_an_order_is_to_place_and_to_cancel_it(two_partners, statement):
    one, other = two_partners
    order_id = steps.order(one, {make_product(stock=1).id: 1})
    params = {"order": order_id, "partner": one.partner_id, "me": one.user_id, "stranger": other.user_id}
    params["colleague"] = colleague_of(one).user_id
    with pytest.raises(DBAPIError, match="row-level security"), transaction(one) as session:
        session.execute(text(statement), params)


SHARED = {
    "company", "category", "vat_rate", "product", "product_image", "product_file", "search_word", "word_deletion",
    "warehouse", "stock", "outbox", "offer_version",
}  # fmt: skip
"""What partners' database role may touch although its rows belong to no partner; of the outbox it may only add."""
OWN_VIEWS = {"own_profile_price", "own_exception", "own_promotion"}
"""Views that show a partner its own rows of tables that are closed to it: no wall stands behind them."""


def test_every_table_with_partner_data_is_behind_the_wall():
    """And so is everything that partners' role may touch at all, whatever its columns are called. A view that asks with
    the rights of who looks at it is behind the walls of its tables."""
    with transaction(SYSTEM) as session:
        tables = session.execute(
            text("""
            select relname, relrowsecurity
                     or (relkind = 'v' and 'security_invoker=true' = any(coalesce(reloptions, '{}'))) as walled,
                   exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'partner_id'
                           and not attisdropped) as of_a_partner,
                   has_any_column_privilege('rampa_partner', oid, 'select, insert, update, references')
                   or has_table_privilege('rampa_partner', oid, 'delete, truncate, trigger') as touched
            from pg_class where relkind in ('r', 'p', 'v', 'm') and relnamespace = 'public'::regnamespace""")
        ).all()
    assert {table.relname for table in tables if table.of_a_partner and not table.walled} == set()
    assert {table.relname for table in tables if table.touched and not table.walled} == SHARED | OWN_VIEWS
    assert OWNED.keys() <= {table.relname for table in tables if table.walled}


def test_the_sort_keys_and_promotions_of_another_partner_are_in_no_view(two_partners):
    goods = [make_product(list_price=Decimal(price)) for price in (10, 20)]
    for buyer, product in zip(two_partners, goods, strict=True):
        set_own_price(buyer.partner_id, product.id, "5")
        promotion = add(Promotion(name="Only one's", valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31),
                                  partner_id=buyer.partner_id))  # fmt: skip
        add(PromotionItem(promotion_id=promotion.id, product_id=product.id, percent=50))
        add(PartnerException(partner_id=buyer.partner_id, product_id=product.id, net=5, gross=6))
    for buyer, product in zip(two_partners, goods, strict=True):
        with transaction(buyer) as session:
            for view in ("own_exception", "own_promotion"):
                assert session.scalars(text(f"select product_id from {view}")).all() == [product.id]


def test_the_price_of_another_partner_is_refused(two_partners):
    one, other = two_partners
    product = make_product()
    many = "array[cast(:product as int)], array[1::numeric]"
    for asked in ("quote(:partner, :product, 1", f"price_steps(:partner, {many}", f"explain_prices(:partner, {many}"):
        with pytest.raises(DBAPIError, match="another partner"), transaction(one) as session:
            session.execute(text(f"select {asked}, current_date)"),
                            {"partner": other.partner_id, "product": product.id})  # fmt: skip
    with pytest.raises(DBAPIError, match="permission denied"), transaction(one) as session:
        session.execute(text("select quote_profile(1, :product, 1, current_date)"), {"product": product.id})


def test_the_next_transaction_of_the_connection_is_free_of_the_last_ones_role(two_partners):
    with transaction(two_partners[0]) as session:
        session.execute(text("select 1"))
    with transaction(SYSTEM) as session:
        assert len(set(session.execute(text("select partner_id from orders")).scalars())) == 2


def test_a_refusal_beyond_the_wall_leaves_the_partner_within_it():
    mine, foreign = make_buyer(), make_buyer()
    for buyer in (mine, foreign):
        steps.order(buyer, {make_product(stock=5).id: 1})

    def refused(session: Session) -> None:
        with beyond_wall(session):
            assert session.execute(text("select count(*) from orders")).scalar_one() == 2
            raise NotFound

    with transaction(mine) as session:
        with pytest.raises(NotFound):
            refused(session)
        assert session.execute(text("select count(*) from orders")).scalar_one() == 1
