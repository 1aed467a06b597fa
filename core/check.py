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
    "open orders hold exactly their lines, ended ones nothing": """
        select format('order %s (%s) line %s holds %s of %s', orders.id, status, position, coalesce(sum(h.quantity), 0),
                      order_line.quantity)
        from orders join order_line on order_line.order_id = orders.id
        left join stock_hold h on h.order_line_id = order_line.id
        group by orders.id, status, order_line.id, position, order_line.quantity
        having coalesce(sum(h.quantity), 0)
            <> case when status in ('placed', 'claimed') then order_line.quantity else 0 end""",
    "every order has lines, and its totals are theirs": """
        select format('order %s: net %s, lines say %s', orders.id, orders.net, sum(order_line.net))
        from orders left join order_line on order_line.order_id = orders.id
        group by orders.id having orders.net is distinct from sum(order_line.net)""",
    "the VAT of an order is computed per rate": """
        select format('order %s: vat %s, rates say %s', orders.id, orders.vat, said)
        from orders join (
          select order_id, sum(round(net * vat_rate / 100, 2)) said
          from (select order_id, vat_rate, sum(net) net from order_line group by 1, 2) r group by 1) v
          on v.order_id = orders.id
        where orders.vat <> said""",
    "every order has its placing event, and the outbox knows it": """
        select format('order %s', orders.id) from orders
        where not exists (select from event join outbox on outbox.event_id = event.id
                          where event.order_id = orders.id and event.kind = 'order_placed')""",
    "no order past its deadline waits longer than an hour": """
        select format('order %s since %s', id, claim_deadline) from orders
        where status = 'placed' and claim_deadline < now() - interval '1 hour'""",
    "document numbers have no gap": """
        select format('%s: %s numbers given, %s documents', s.prefix, s.next_number - s.first_number, count(d.id))
        from document_series s left join document d on d.series = s.prefix
        group by s.id having count(d.id) <> s.next_number - s.first_number
           or coalesce(min(d.number), s.first_number) <> s.first_number
           or coalesce(max(d.number), s.first_number - 1) <> s.next_number - 1""",
    "document dates follow the numbers": """
        select format('%s %s', series, number) from (
          select series, number, issued_on, lag(issued_on) over (partition by series order by number) before
          from document) d where before > issued_on""",
    "documents are the sums of their lines and rates": """
        select format('document %s', d.id) from document d
        where d.net is distinct from (select sum(net) from document_line l where l.document_id = d.id)
           or d.net is distinct from (select sum(base) from document_vat v where v.document_id = d.id)
           or d.vat is distinct from (select sum(vat) from document_vat v where v.document_id = d.id)""",
    "kept files are as they were issued": """
        select format('document %s', document_id) from document_file where sha256 <> encode(sha256(content), 'hex')""",
    "no document is paid more than it says": """
        select format('document %s: %s of %s', d.id, sum(p.amount), d.gross)
        from document d join payment p on p.document_id = d.id group by d.id having sum(p.amount) > d.gross""",
    "no event that somebody must hear of waits longer than an hour": """
        select format('event %s since %s', event.id, event.at) from outbox join event on event.id = outbox.event_id
        where handled_at is null and event.at < now() - interval '1 hour'""",
    "row-level security is on for every table with partner data": """
        select relname::text from pg_class join pg_attribute on attrelid = pg_class.oid
        where relkind = 'r' and attname = 'partner_id' and not attisdropped and not relrowsecurity
          and relnamespace = 'public'::regnamespace""",
}


def violations(session: Session, name: str) -> list[str]:
    """What breaks the invariant `name`, a sentence each; empty when it holds."""
    return list(session.execute(text(CHECKS[name])).scalars())


def run_checks() -> dict[str, list[str]]:
    """Every invariant with its violations, read in one transaction of the system."""
    with transaction(SYSTEM) as session:
        return {name: violations(session, name) for name in CHECKS}
