"""`./rampa check`: the invariants of DESIGN 4, asked of the live database."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import transaction
from core.principal import SYSTEM

# Each statement returns one row per violation, as a sentence.
CHECKS = {
    "stock is never oversold": """
        select format('product %s: held %s of %s', product_id, held, on_hand) from stock
        where held < 0 or held > on_hand""",
    "held is the sum of the open holds": """
        select format('product %s: held %s, holds say %s', stock.product_id, held, coalesce(said, 0))
        from stock left join (select product_id, warehouse_id, sum(quantity) said from stock_hold group by 1, 2) h
          using (product_id, warehouse_id) where held <> coalesce(said, 0)""",
    "on hand is the sum of the movements": """
        select format('product %s: on hand %s, movements say %s', stock.product_id, on_hand, coalesce(said, 0))
        from stock left join (select product_id, warehouse_id, sum(quantity) said from stock_movement group by 1, 2) m
          using (product_id, warehouse_id) where on_hand <> coalesce(said, 0)""",
    "open orders keep something, ended ones hold nothing and wait for nothing": """
        select format('order %s (%s): held %s, on backorder %s', orders.id, status, sum(held), sum(waiting))
        from orders join line_state on line_state.order_id = orders.id group by orders.id
        having (sum(held + waiting) > 0) <> (status in ('placed', 'claimed'))""",
    "of a line never more is held, shipped and awaited than was ordered": """
        select format('order %s line %s: held %s, shipped %s, waiting %s of %s',
                      order_id, position, held, shipped, waiting, ordered)
        from line_state where least(held, shipped, waiting, cancelled) < 0""",
    "what left the stock is what was delivered": """
        select format('order line %s: %s left, %s delivered', id, coalesce(-gone, 0), coalesce(-delivered, 0))
        from order_line
        left join (select order_line_id as id, sum(quantity) gone from stock_movement where kind = 'shipment'
                   group by 1) m using (id)
        left join (select order_line_id as id, sum(quantity) delivered from stock_hold where kind = 'shipped'
                   group by 1) h using (id)
        where coalesce(gone, 0) <> coalesce(delivered, 0)""",
    "holds and backorders are of the goods of their line": """
        select format('order line %s', order_line.id) from order_line
        join (select order_line_id, product_id from stock_hold union select order_line_id, product_id from backorder) e
          on e.order_line_id = order_line.id where e.product_id <> order_line.product_id""",
    "every order has lines, and its totals are those of what is not cancelled": """
        select format('order %s: net %s, lines say %s', orders.id, orders.net, sum(line_state.net))
        from orders left join line_state on line_state.order_id = orders.id
        group by orders.id
        having count(line_state.id) = 0
            or (status in ('placed', 'claimed', 'shipped') and orders.net is distinct from sum(line_state.net))""",
    "the VAT of an order is computed per rate": """
        select format('order %s: vat %s, rates say %s', orders.id, orders.vat, said)
        from orders join (
          select order_id, sum(round(net * vat_rate / 100, 2)) said
          from (select order_id, vat_rate, sum(net) net from line_state group by 1, 2) r group by 1) v
          on v.order_id = orders.id
        where status in ('placed', 'claimed', 'shipped') and orders.vat <> said""",
    "every order has its placing event, and the outbox knows it": """
        select format('order %s', orders.id) from orders
        where not exists (select from event join outbox on outbox.event_id = event.id
                          where event.order_id = orders.id and event.kind = 'order_placed')""",
    "no order past its deadline waits longer than an hour": """
        select format('order %s since %s', id, claim_deadline) from orders
        where status = 'placed' and claim_deadline < now() - interval '1 hour' and paid_at is null
           or status in ('placed', 'claimed') and pay_deadline < now() - interval '1 hour'
              and paid_at is null and invoiced_at is null
              and not exists (select from delivery where order_id = orders.id)""",
    "document numbers have no gap, and are those of their year": """
        select format('%s %s: %s numbers given, %s documents', s.prefix, y.year, y.next_number - y.first_number,
                      count(d.id))
        from document_series s join series_year y on y.series_id = s.id
        left join document d on d.series_id = s.id and extract(year from d.issued_on) = y.year
        group by s.id, y.series_id, y.year having count(d.id) <> y.next_number - y.first_number
           or coalesce(min(d.number), y.first_number) <> y.first_number
           or coalesce(max(d.number), y.first_number - 1) <> y.next_number - 1
        union all
        select format('%s %s is of no year of its series', series, number) from document
        where kind <> 'opening' and not exists (select from series_year where (series_id, year)
                          = (document.series_id, extract(year from document.issued_on)))""",
    "document dates follow the numbers": """
        select format('%s %s', series, number) from (
          select series, number, issued_on, lag(issued_on) over (partition by series order by number) before
          from document where kind <> 'opening') d where before > issued_on""",
    "documents are the sums of their lines and rates": """
        select format('document %s', d.id) from document d
        where kind <> 'opening' and (
           d.net is distinct from (select sum(net) from document_line l where l.document_id = d.id)
           or d.net is distinct from (select sum(base) from document_vat v where v.document_id = d.id)
           or d.vat is distinct from (select sum(vat) from document_vat v where v.document_id = d.id))""",
    "of an order line nothing is invoiced twice, nor more than is not cancelled": """
        select format('order %s line %s: %s of %s invoiced', order_id, position, invoiced, billable)
        from line_state join (
          select order_line_id, sum(l.quantity) invoiced from document_line l join document d on d.id = l.document_id
          where d.kind in ('invoice', 'storno') and not exists (select from annulment where document_id = d.id)
          group by 1) i on i.order_line_id = line_state.id
        where not invoiced between 0 and billable""",
    "nothing is taken back beyond what was invoiced": """
        select format('document %s: %s, stornos %s', d.id, d.gross, sum(s.gross))
        from document d join document s on s.refers_to = d.id and s.kind = 'storno'
        group by d.id having sum(s.net) < -d.net or sum(s.gross) < -d.gross""",
    "kept files are as they were issued": """
        select format('document %s', document_id) from document_file where sha256 <> encode(sha256(content), 'hex')""",
    "what is open to pay is what was not paid": """
        select format('document %s: open %s, payments say %s', d.id, r.open, d.lei_gross - coalesce(said, 0))
        from document d left join receivable r on r.document_id = d.id
        left join lateral (select sum(amount) said from allocation where document_id = d.id) p on true
        where (d.kind = 'invoice' or (d.kind = 'opening' and d.lei_gross > 0)) <> (r.document_id is not null)
           or r.open <> case when exists (select from annulment where document_id = d.id) then 0
                             else d.lei_gross - coalesce(said, 0) end""",
    "credit is what came in and has paid nothing": """
        select format('credit %s: %s, movements say %s', c.id, c.left, brought - paid)
        from credit c
        cross join lateral (
          select coalesce((select amount from payment where id = c.payment_id),
                          (select case when kind = 'opening' and exists (
                                         select from annulment where annulment.document_id = document.id) then 0
                                       else -lei_gross end from document where id = c.document_id))
               + coalesce((select sum(amount) from payment where credit_id = c.id), 0) as brought) b
        cross join lateral (select coalesce(sum(amount), 0) paid from allocation where credit_id = c.id) a
        where c.left <> brought - paid""",
    "what the bank says came in is booked as one payment of the same amount, which stands": """
        select format('bank entry %s: %s of %s', e.id, coalesce(p.amount::text, 'no payment'), e.amount)
        from bank_entry e left join payment p on p.id = e.payment_id
        where (e.state = 'booked') <> (p.id is not null) or p.amount <> e.amount or p.paid_on <> e.booked_on
           or exists (select from payment u where u.undoes = p.id)""",
    "what stems from the program before is an amount, and stands once": """
        select format('%s of partner %s', series, partner_id) from document d
        where kind = 'opening' and (
          (lei_gross < 0) <> exists (select from credit where document_id = d.id)
          or exists (select from document_line where document_id = d.id)
          or exists (select from document_vat where document_id = d.id)
          or exists (select from document_file where document_id = d.id)
          or exists (select from document other where other.refers_to = d.id)
          or exists (select from annulment where document_id = d.id) = exists (
            select from opening_number n
            where (n.document_id, n.partner_id, n.number) = (d.id, d.partner_id, d.series)))
        union all
        select format('%s of partner %s, which is no such document', number, partner_id) from opening_number n
        where not exists (select from document where id = n.document_id and kind = 'opening')""",
    "every partner's ledger comes to what is open less credit and what was paid ahead": """
        select format('partner %s: ledger %s, open %s, credit %s, ahead %s', id, said, open, credit, ahead)
        from partner
        cross join lateral (select coalesce(sum(amount), 0) said from ledger where partner_id = partner.id) l
        cross join lateral (select coalesce(sum(open), 0) open from receivable where partner_id = partner.id) r
        cross join lateral (select coalesce(sum("left"), 0) credit from credit where partner_id = partner.id) c
        cross join lateral (select coalesce(sum(amount), 0) ahead from allocation
                            where partner_id = partner.id and order_id is not null) a
        where said <> open - credit - ahead""",
    "the one invoice of an order comes to what its order comes to": """
        select format('order %s: %s, invoice %s', o.id, o.gross, min(d.gross))
        from orders o join document d on d.order_id = o.id and d.kind in ('invoice', 'storno')
        where d.currency = 'RON' and not exists (select from annulment where document_id = d.id)
        group by o.id having count(*) = 1 and bool_and(not d.advance) and o.status in ('shipped', 'claimed')
           and o.invoiced_at is not null and min(d.net) = o.net and min(d.gross) <> o.gross""",
    "an order has been invoiced what its invoices less stornos come to": """
        select format('order %s: %s, invoices %s', o.id, o.invoiced, coalesce(said, 0))
        from orders o left join (
          select order_id, sum(lei_gross) said from document d where kind in ('invoice', 'storno')
            and not exists (select from annulment where document_id = d.id) group by 1) d on d.order_id = o.id
        where o.invoiced <> coalesce(said, 0)""",
    "an order is marked as invoiced when it is": """
        select format('order %s', orders.id) from orders
        where (invoiced_at is not null) <> exists (
          select from document d where order_id = orders.id and kind = 'invoice' and not advance
            and not exists (select from annulment where document_id = d.id)
            and coalesce((select sum(s.lei_gross) <> -d.lei_gross from document s
                          where s.refers_to = d.id and s.kind = 'storno'), true))""",
    "every invoice whose XML is kept is on its way to ANAF": """
        select format('document %s', document_id) from document_file
        where format = 'xml' and not exists (
          select from anaf_submission where anaf_submission.document_id = document_file.document_id)""",
    "no invoice is being sent to ANAF for longer than an hour": """
        select format('document %s since %s', document_id, tried_at) from anaf_submission
        where state = 'sending' and tried_at < now() - interval '1 hour'""",
    "what ANAF accepted is kept as it signed it": """
        select format('document %s', document_id) from anaf_submission
        where state = 'accepted' and environment = 'prod' and not exists (
          select from document_file
          where document_file.document_id = anaf_submission.document_id and format = 'zip')""",
    "no invoice is past its last day without ANAF's answer": """
        select format('document %s (%s), last day %s', document_id, state, due_on) from anaf_submission
        where state in ('queued', 'sending', 'uploaded', 'unknown')
          and due_on < (select (now() at time zone time_zone)::date from company)
          and exists (select from anaf_connection where connected_at is not null)""",
    "no event that somebody must hear of waits longer than an hour": """
        select format('event %s since %s', event.id, event.at) from outbox join event on event.id = outbox.event_id
        where handled_at is null and event.at < now() - interval '1 hour'""",
    "every conversation knows what was written last in it": """
        select format('conversation %s', thread.id) from thread
        left join thread_entry on thread_entry.id = last_entry_id
        where last_by_staff is distinct from by_staff or last_entry_id is null
          or exists (select from thread_entry later where later.thread_id = thread.id and later.id > last_entry_id)""",
    "no message waits longer than a day to be shown": """
        select format('message %s since %s', message.id, valid_from) from message cross join company
        where announced_at is null and withdrawn_at is null
          and valid_from < (now() at time zone time_zone)::date
          and coalesce(valid_until >= (now() at time zone time_zone)::date, true)""",
    "row-level security is on for every table with partner data that partners' transactions reach": """
        select relname::text from pg_class join pg_attribute on attrelid = pg_class.oid
        where relkind = 'r' and attname = 'partner_id' and not attisdropped and not relrowsecurity
          and relnamespace = 'public'::regnamespace
          and has_any_column_privilege('rampa_partner', pg_class.oid, 'select, insert, update')""",
    "what the reports count as sold are the order lines": """
        with said as (
          select line.id, line.order_id, (orders.placed_at at time zone time_zone)::date as day, line.partner_id,
                 line.product_id, line.billable as quantity, line.net
          from line_state line join orders on orders.id = line.order_id cross join company
          where status in ('placed', 'claimed', 'shipped') and line.billable > 0)
        select format('order line %s: the reports have %s, it is %s', coalesce(said.id, sold.id), sold, said)
        from said full join (
          select id, order_id, day, partner_id, product_id, quantity, net from sold_line) sold using (id)
        where said is distinct from sold
          and not exists (select from stale_order where order_id = coalesce(said.order_id, sold.order_id))""",
    "the sums of the reports are those of what they count as sold": """
        with said as (
          select what, span, start, key, count(distinct order_id) as orders, count(*) as lines,
                 sum(quantity) as quantity, sum(net) as net
          from sold_line cross join lateral (
            values ('all', 0), ('partner', partner_id), ('product', product_id)) w (what, key)
          cross join lateral (values ('day', day), ('month', date_trunc('month', day)::date)) s (span, start)
          group by what, span, start, key)
        select format('%s %s, %s %s: %s, sold %s', what, key, span, start, kept.net, said.net)
        from said full join sales_sum kept using (what, span, start, key)
        where (coalesce(said.orders, 0), coalesce(said.lines, 0), coalesce(said.quantity, 0), coalesce(said.net, 0))
          is distinct from (kept.orders, kept.lines, kept.quantity, kept.net)""",
    "the months of the stock are the sums of its movements": """
        select format('product %s in %s: %s, movements say %s', product_id, month, coalesce(kept.quantity, 0),
                      coalesce(said.quantity, 0))
        from stock_month kept full join (
          select date_trunc('month', at at time zone time_zone)::date as month, product_id, warehouse_id,
                 sum(quantity) as quantity
          from stock_movement cross join company group by 1, 2, 3) said using (month, product_id, warehouse_id)
        where coalesce(kept.quantity, 0) <> coalesce(said.quantity, 0)""",
    "the reports know what became of every order": """
        select format('order %s: %s, the reports have %s', orders.id, orders.status, fate.status)
        from orders left join order_fate fate on fate.order_id = orders.id
        where fate.status is distinct from orders.status
          and not exists (select from stale_order where order_id = orders.id)""",
}


def violations(session: Session, name: str) -> list[str]:
    """What breaks the invariant `name`, a sentence each; empty when it holds."""
    return list(session.execute(text(CHECKS[name])).scalars())


def run_checks() -> dict[str, list[str]]:
    """Every invariant with its violations, read in one transaction of the system."""
    with transaction(SYSTEM) as session:
        return {name: violations(session, name) for name in CHECKS}
