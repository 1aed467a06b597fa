"""`./rampa check` must find what it is there for: each invariant is broken once, with its guard taken away."""

import pytest
from sqlalchemy import text

from core.check import CHECKS, run_checks
from core.db import transaction
from core.documents.issuing import issue_invoice
from core.documents.rendering import pdf_of
from core.principal import SYSTEM
from core.receivables.payments import record_payment
from core.reports.refreshing import refresh
from tests.core.orders import steps
from tests.factories import make_buyer, make_company, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")

BREAK = {
    "stock is never oversold": "alter table stock drop constraint ck_stock_never_oversold; update stock set held = 99",
    "held is the sum of the open holds": "update stock set held = held + 1",
    "on hand is the sum of the movements": "update stock set on_hand = on_hand + 1",
    "open orders keep something, ended ones hold nothing and wait for nothing":
        "update orders set status = 'shipped', ended_at = now()",
    "of a line never more is held, shipped and awaited than was ordered": "update order_line set quantity = 1",
    "what left the stock is what was delivered": """
        alter table stock_movement disable trigger stock_movement_is_append_only;
        update stock_movement set kind = 'shipment', order_line_id = (select id from order_line)""",
    "holds and backorders are of the goods of their line": """
        insert into product (sku, name, list_price) values ('OTHER', 'Other', 1);
        update order_line set product_id = (select id from product where sku = 'OTHER')""",
    "every order has lines, and its totals are those of what is not cancelled":
        "update orders set net = net + 1, gross = gross + 1",
    "the VAT of an order is computed per rate": "update orders set vat = vat + 1, gross = gross + 1",
    "every order has its placing event, and the outbox knows it": "delete from outbox",
    "no order past its deadline waits longer than an hour":
        "update orders set status = 'placed', claimed_at = null, claimed_by = null,"
        " claim_deadline = now() - interval '2h'",
    "document numbers have no gap, and are those of their year": "update series_year set next_number = next_number + 1",
    "document dates follow the numbers": """
        insert into document (kind, series_id, series, number, partner_id, issued_on, due_on, issued_at, issuer_name,
                              seller, buyer, net, vat, gross, lei_net, lei_vat, lei_gross)
        select kind, series_id, series, number + 1, partner_id, issued_on - 1, due_on, issued_at, '', seller, buyer,
               0, 0, 0, 0, 0, 0
        from document""",
    "of an order line nothing is invoiced twice, nor more than is not cancelled":
        "update document_line set quantity = quantity + 1",
    "nothing is taken back beyond what was invoiced": """
        insert into document (kind, series_id, series, number, partner_id, refers_to, issued_on, due_on, issued_at,
                              issuer_name, seller, buyer, net, vat, gross, lei_net, lei_vat, lei_gross)
        select 'storno', series_id, series, number + 1, partner_id, id, issued_on, due_on, issued_at, '', seller,
               buyer, -2 * net, -2 * vat, -2 * gross, -2 * net, -2 * vat, -2 * gross
        from document""",
    "documents are the sums of their lines and rates": "update document_line set net = net + 1",
    "kept files are as they were issued":
        "alter table document_file drop constraint ck_document_file_sha256_is_of_the_content;"
        "update document_file set content = 'x'",
    "credit is what came in and has paid nothing": 'update credit set "left" = "left" + 1',
    "every partner's ledger comes to what is open less credit and what was paid ahead":
        "update payment set amount = amount + 1",
    "an order has been invoiced what its invoices less stornos come to": "update orders set invoiced = invoiced + 1",
    "what the bank says came in is booked as one payment of the same amount, which stands": """
        insert into bank_statement (file_name, kind, sha256, position, account, currency, credits, debits, debit_count,
                                    imported_at) values ('x', 'mt940', sha256('x'), 0, 'A', 'RON', 0, 0, 0, now());
        insert into bank_entry (statement_id, account, identity, kind, booked_on, amount, currency, state, payment_id)
        select bank_statement.id, 'A', 'x', 'payment', paid_on - 1, amount, 'RON', 'booked', payment.id
        from payment, bank_statement""",
    "what stems from the program before is an amount, and stands once":
        "insert into opening_number (partner_id, number, document_id) select partner_id, 'A 1', id from document",
    "what is open to pay is what was not paid": "update receivable set open = open + 1",
    "an order is marked as invoiced when it is": "update orders set invoiced_at = null",
    "the one invoice of an order comes to what its order comes to":
        "update orders set vat = vat + 1, gross = gross + 1",
    "every invoice whose XML is kept is on its way to ANAF": "delete from anaf_submission",
    "no invoice is being sent to ANAF for longer than an hour":
        "update anaf_submission set state = 'sending', environment = 'prod', tried_at = now() - interval '2h',"
        " taken_until = now()",
    "what ANAF accepted is kept as it signed it": """
        alter table anaf_submission disable trigger anaf_submission_goes_on;
        update anaf_submission set state = 'accepted', environment = 'prod', tried_at = now(), upload_index = '1',
               download_id = '2', verdict = 'ok'""",
    "no invoice is past its last day without ANAF's answer": """
        update anaf_submission set due_on = now() - interval '2 days';
        insert into anaf_connection (id, client_id, client_secret, connected_at) values (1, 'a', 'b', now())""",
    "no event that somebody must hear of waits longer than an hour":
        "update event set at = now() - interval '2h'; update outbox set handled_at = null",
    "every conversation knows what was written last in it": "insert into thread (partner_id) select id from partner",
    "no message waits longer than a day to be shown": """
        insert into message (title, body, level, audience, valid_from, created_at)
        values ('a', 'b', 'plain', 'everyone', now() - interval '3 days', now())""",
    "row-level security is on for every table with partner data that partners' transactions reach":
        "alter table orders disable row level security",
    "what the reports count as sold are the order lines": "delete from stale_order; update sold_line set net = net + 1",
    "the sums of the reports are those of what they count as sold": "update sales_sum set net = net + 1",
    "the months of the stock are the sums of its movements": "update stock_month set quantity = quantity + 1",
    "the reports know what became of every order": "delete from stale_order; delete from order_fate",
}  # fmt: skip


@pytest.fixture
def a_sound_trade():
    make_company()
    buyer, staff, product = make_buyer(), make_staff(), make_product(stock=10)
    order_id = steps.order(buyer, {product.id: 2})
    steps.claim(staff, order_id)
    with transaction(staff) as session:
        document = issue_invoice(session, order_id, steps.NOON)
        record_payment(session, document.partner_id, document.gross, document.issued_on, steps.NOON)
    with transaction(SYSTEM) as session:
        pdf_of(session, document.id)
        session.execute(text("update outbox set dispatched_at = now(), handled_at = now()"))
        refresh(session, steps.NOON)


def test_a_sound_database_passes_every_check(a_sound_trade):
    assert {name: found for name, found in run_checks().items() if found} == {}


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_finds_its_violation(a_sound_trade, name):
    with transaction(SYSTEM) as session:
        for table in ("event", "order_line", "document", "document_line", "document_file", "payment"):
            session.execute(text(f"alter table {table} disable trigger {table}_is_append_only"))
        session.execute(text(BREAK[name]))
    assert run_checks()[name] != []
