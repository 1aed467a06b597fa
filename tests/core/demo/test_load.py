"""The demo company: loaded once for all tests here, which only look at it."""

import csv
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from stdnum import iban
from stdnum.ro import cui

from core import clock, db
from core.auth.models import User
from core.auth.signing_in import check_password
from core.check import run_checks
from core.company import company
from core.db import transaction
from core.demo import load
from core.demo.load import DatabaseInUse, DemoLogin, load_demo
from core.demo.scenario import CART_OWNER
from core.messages import queries as messages
from core.orders.approving import waiting_carts
from core.orders.cart import view_cart
from core.partners.models import Partner
from core.permissions import STAFF_ROLES
from core.principal import SYSTEM, Principal
from core.receivables.balances import Balance, balance
from tests.databases import Servers, fresh_database, use_database
from tests.factories import make_partner, principal_of

Loaded = tuple[str, datetime, list[DemoLogin]]


@pytest.fixture(scope="module")
def loaded(servers: Servers, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """The name of a database with the demo company, when it was loaded, and who can log in."""
    with fresh_database(servers, tmp_path_factory.mktemp("demo"), template_database) as name:
        as_of = clock.now()
        yield name, as_of, load_demo(as_of)


@pytest.fixture
def demo(loaded: Loaded, servers: Servers, tmp_path: Path) -> Loaded:
    """The loaded database, in use."""
    use_database(servers, loaded[0], tmp_path)
    return loaded


def rows(statement: str) -> list[tuple[object, ...]]:
    with transaction(SYSTEM) as session:
        return [tuple(row) for row in session.execute(text(statement))]


def row_counts() -> dict[str, int]:
    with transaction(SYSTEM) as session:
        tables = db.Base.metadata.tables
        return {name: session.scalar(select(func.count()).select_from(tables[name])) or 0 for name in tables}


def balance_of(code: str) -> Balance:
    with transaction(SYSTEM) as session:
        partner = session.scalars(select(Partner).filter_by(code=code)).one()
        return balance(session, clock.now().date(), partner.id)


def owner_of_the_cart() -> Principal:
    with transaction(SYSTEM) as session:
        owners = select(User).join(Partner).where(Partner.code == CART_OWNER, User.role == "owner")
        return principal_of(session.scalars(owners).one())


def stock_in_the_file() -> dict[str, Decimal]:
    with Path(load.__file__).with_name("products.csv").open(encoding="utf-8", newline="") as file:
        return {row["sku"]: Decimal(row["stock"]) for row in csv.DictReader(file)}


def test_every_rule_holds(demo: Loaded) -> None:
    assert {rule: found for rule, found in run_checks().items() if found} == {}


def test_loading_again_changes_nothing_and_is_quick(demo: Loaded) -> None:
    before = row_counts()
    started = time.perf_counter()
    assert load_demo() == demo[2]
    assert time.perf_counter() - started < 0.5
    assert row_counts() == before


def test_everybody_listed_can_log_in(demo: Loaded) -> None:
    for log_in in demo[2]:
        with transaction(SYSTEM) as session:
            user = check_password(session, log_in.email, log_in.password)
        assert user is not None, log_in


def test_staff_of_every_role_and_two_partners_are_listed(demo: Loaded) -> None:
    emails = [log_in.email for log_in in demo[2]]
    kinds = dict(
        rows("select u.email, coalesce(code, 'staff') from app_user u left join partner on partner.id = partner_id")
    )
    assert [kinds[email] for email in emails] == ["staff"] * 5 + ["P1001", "P1002", "P1001", "P1001"]
    roles = dict(rows("select email, role from app_user"))
    assert [roles[email] for email in emails] == [*STAFF_ROLES, "owner", "owner", "buyer", "accountant"]
    assert all(roles[log_in.email] in log_in.role for log_in in demo[2])


def test_the_company_can_issue_invoices_and_be_paid(demo: Loaded) -> None:
    with transaction(SYSTEM) as session:
        row = company(session)
    assert cui.is_valid(row.cui)
    assert iban.is_valid(row.iban)
    assert row.order_emails == ["comenzi@rampa.example"]
    assert row.claim_hours == 24


def test_every_partner_has_orders_invoices_and_something_open(demo: Loaded) -> None:
    codes = [str(code) for (code,) in rows("select code from partner order by code")]
    ordered = rows("select distinct code from partner join orders on orders.partner_id = partner.id")
    assert codes == [f"P{1001 + n}" for n in range(12)]
    assert len(ordered) == 12
    for code in codes:
        found = balance_of(code)
        assert found.invoiced > found.unpaid > 0, code


@pytest.mark.parametrize("code", ["P1001", "P1002"])
def test_the_partners_shown_have_arrears_and_a_half_paid_invoice(demo: Loaded, code: str) -> None:
    found = balance_of(code)
    half_paid = rows(f"""
        select number from document d join partner on partner.id = d.partner_id, lateral (
            select sum(amount) as paid from allocation where document_id = d.id) p
        where code = '{code}' and 0 < paid and paid < gross
    """)
    assert 0 < found.overdue < found.unpaid
    assert half_paid


def test_the_history_has_every_end_an_order_can_have(demo: Loaded) -> None:
    counts = dict(rows("select status, count(*) from orders group by status"))
    assert counts["shipped"] > 180
    assert counts["lapsed"] >= 3
    assert counts["cancelled"] >= 5
    assert rows("select 1 from orders where status = 'cancelled' and end_reason = ''") == []


def test_orders_wait_with_different_times_left(demo: Loaded) -> None:
    deadlines = [row[0] for row in rows("select claim_deadline from orders where status = 'placed' order by 1")]
    left = [deadline - demo[1] for deadline in deadlines if isinstance(deadline, datetime)]
    assert 3 <= len(left) <= 5
    assert timedelta(minutes=20) < left[0] < timedelta(hours=1)
    assert left[-1] > timedelta(hours=23)


def test_claimed_orders_wait_for_their_invoice_each_with_its_own_story(demo: Loaded) -> None:
    waiting = rows("""
        select id from orders where status = 'claimed' and invoiced_at is null
    """)
    assert len(waiting) == 4


def test_the_demo_shows_a_proposal_a_part_delivery_a_backorder_a_prepayment_and_a_waiting_list(demo: Loaded) -> None:
    assert rows("select count(*) from proposal where answer is null") == [(1,)]
    assert rows("select count(*) from delivery join orders on orders.id = order_id where status = 'claimed'") == [(1,)]
    assert rows("select count(*) from line_state where waiting > 0") == [(1,)]
    assert rows("select count(*) from orders where pay_deadline > now() and paid_at is null") == [(1,)]
    assert rows("select count(*) from stock_wait") == [(1,)]


def test_a_partner_finds_a_cart_that_can_be_ordered(demo: Loaded) -> None:
    with transaction(owner_of_the_cart()) as session:
        cart = view_cart(session, clock.now())
    assert len(cart.items) == 3
    assert not any(item.short for item in cart.items)


def test_a_buyers_cart_waits_for_its_owner_and_can_be_approved(demo: Loaded) -> None:
    with transaction(owner_of_the_cart()) as session:
        [waiting] = waiting_carts(session, clock.now())
    assert waiting.cart.limit == 1500
    assert 0 < waiting.cart.over < 500
    assert not any(item.short for item in waiting.cart.items)
    assert waiting.cart.asked_at is not None
    assert waiting.cart.asked_at < demo[1]


def test_stock_ends_at_what_the_file_says(demo: Loaded) -> None:
    on_hand = dict(rows("select sku, on_hand from stock join product on product.id = product_id"))
    assert on_hand == stock_in_the_file()
    assert 0 in on_hand.values()


def test_the_demo_shows_messages_with_receipts_and_a_conversation_with_a_file(demo: Loaded) -> None:
    assert rows("select level from message order by level") == [("confirm",), ("important",), ("plain",)]
    [(confirmed, read)] = rows("select count(confirmed_at), count(*) from message_read")
    assert confirmed == 3
    assert isinstance(read, int)
    assert read > 8
    assert rows("select by_staff from thread_entry order by id") == [(False,), (True,)]
    assert rows("select name from thread_file") == [("adresa șantierului.txt",)]
    with transaction(owner_of_the_cart()) as session:
        waiting = messages.waiting(session, clock.now())
    assert not waiting.to_confirm
    assert waiting.count == 3


def test_only_what_happened_in_the_last_day_is_still_told(demo: Loaded) -> None:
    assert rows("select count(*) from outbox where handled_at is null") == [(0,)]
    [(mails, oldest)] = rows("select count(*), min(event.at) from mail join event on event.id = event_id")
    assert 10 <= mails < 40
    assert isinstance(oldest, datetime)
    assert oldest >= demo[1] - timedelta(hours=24)


def test_an_installation_in_use_is_left_alone(database: str) -> None:
    make_partner()
    before = row_counts()
    with pytest.raises(DatabaseInUse):
        load_demo()
    assert row_counts() == before


def test_the_demo_shows_what_was_open_before_a_return_cash_a_proforma_and_a_dispute(demo: Loaded) -> None:
    kinds = rows("select kind, count(*) from document where kind <> 'invoice' group by kind order by kind")
    assert kinds == [("opening", 2), ("proforma", 1), ("receipt", 1), ("storno", 1)]
    assert rows("select count(*) from dispute") == [(1,)]


def test_the_demo_shows_every_way_that_an_invoice_stands_with_anaf(demo: Loaded) -> None:
    found = dict(rows("select state, count(*) from anaf_submission group by state"))
    assert set(found) == {"accepted", "refused", "queued"}
    assert found["refused"] == 1
    late = "select document_id from anaf_submission join document on document.id = document_id where state = 'queued'"
    assert not rows(f"{late} and issued_at < now() - interval '3 days'")
