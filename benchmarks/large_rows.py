"""The statements that write the large company (benchmarks/large.py), from the tables `history` and `product` on.

Parameters: `times` (copies of the history), `years` (over so many), `zone` (the distributor's), `now` (where they end).
"""

# Every year has the same orders on the same days; a copy within a year has them some minutes later. The last ends now.
MAKE = (
    """
    create unlogged table goods as
    select ref, product.id as product_id, sum(quantity) as quantity, max(price) as price,
           round(sum(quantity) * max(price), 2) as net
    from history join product on product.sku = btrim(history.sku) group by ref, product.id order by ref, product.id
    """,
    "create index on goods (ref)",
    "analyze history, goods",
    """
    create unlogged table made as
    select (row_number() over (order by at, n, ref) + 1000)::int as id, ref, partner_id, user_id, clerk, net, at,
           status,
           case status when 'claimed' then null when 'lapsed' then at + interval '1 day'
                       else at + interval '2 days' end as ended_at
    from (
        select whole.*, app_user.id as user_id, app_user.partner_id, clerk.id as clerk, net,
               case when (row_number() over (order by ref, n)) %% 30 = 0 then 'lapsed'
                    when at > %(now)s - interval '14 days' then 'claimed' else 'shipped' end as status
        from (
            select ref, n, btrim(min(partner)) as code,
                   (min(at) - (select max(at) from history)) + cast(%(now)s as timestamptz)
                   - 365 * (n %% %(years)s) * interval '1 day' - n * interval '3 minutes' as at
            from history cross join generate_series(0, %(times)s - 1) n group by ref, n
        ) whole join (select ref, sum(net) as net from goods group by ref) sums using (ref)
        join partner on partner.code = whole.code join app_user on app_user.partner_id = partner.id
        cross join (select id from app_user where kind = 'staff' and email like 'clerk@%%') clerk
    ) placed
    """,
    "create index on made (id)",
    "analyze made",
)
ORDERS = (
    """
    insert into orders (id, partner_id, user_id, cart_token, status, placed_at, claimed_at, claimed_by, ended_at,
                        invoiced_at, invoiced, net, vat, gross)
    overriding system value
    select id, partner_id, user_id, gen_random_uuid(), status, at,
           case when status <> 'lapsed' then at + id %% 300 * interval '1 minute' end,
           case when status <> 'lapsed' then clerk end, ended_at,
           case when status = 'shipped' and id %% 12 <> 5 then ended_at end,
           case when status = 'shipped' and id %% 12 <> 5 then net + round(net * 0.21, 2) else 0 end,
           net, round(net * 0.21, 2), net + round(net * 0.21, 2)
    from made order by id
    """,
    """
    insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price,
                            unit_price, vat_class, vat_rate, net)
    select made.id, made.partner_id, row_number() over (partition by made.id order by product.id), product.id,
           product.sku, product.name, product.unit, goods.quantity, product.list_price, goods.price, 'standard', 21,
           goods.net
    from made join goods using (ref) join product on product.id = goods.product_id order by made.id, product.id
    """,
    """
    insert into delivery (id, order_id, partner_id, number, at, user_id) overriding system value
    select id, id, partner_id, 1, ended_at, clerk from made where status = 'shipped' order by id
    """,
    """
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at, delivery_id)
    select line.id, line.partner_id, line.product_id, fact.quantity, fact.kind, fact.at,
           case when fact.kind = 'shipped' then made.id end
    from order_line line join made on made.id = line.order_id
    cross join lateral (
        values (line.quantity, 'placed', made.at),
               (-line.quantity, case made.status when 'lapsed' then 'released' else 'shipped' end, made.ended_at)
    ) fact (quantity, kind, at) where fact.at is not null
    """,
)
# What leaves in a month comes at its beginning, a tenth more or less of it, and a fifth of all in the beginning.
STOCK = (
    "insert into stock (product_id) select id from product on conflict do nothing",
    """
    insert into stock_movement (product_id, quantity, kind, at, user_id, order_line_id)
    select line.product_id, -line.quantity, 'shipment', made.ended_at, made.clerk, line.id
    from made join order_line line on line.order_id = made.id where made.status = 'shipped'
    """,
    """
    insert into stock_movement (product_id, quantity, kind, at)
    with left_in as (
        select product_id, date_trunc('month', at at time zone %(zone)s) as month, -sum(quantity) as quantity
        from stock_movement where kind = 'shipment' group by 1, 2
    )
    select product_id, ceil(quantity * (90 + (product_id + extract(month from month)::int) %% 5 * 5) / 100), 'receipt',
           month at time zone %(zone)s
    from left_in
    union all
    select product_id, ceil(sum(quantity) / 5) + 5, 'receipt', (select min(month) from left_in) at time zone %(zone)s
    from left_in group by product_id
    """,
    """
    insert into stock_movement (product_id, quantity, kind, at)
    select product_id, ceil(held * 1.1) + product_id %% 50 - on_hand, 'count', %(now)s
    from (select product_id, sum(quantity) as on_hand from stock_movement group by product_id) there
    full join (select product_id, sum(quantity) as held from stock_hold group by product_id) kept using (product_id)
    where coalesce(on_hand, 0) < held
    """,
    """
    update stock set on_hand = coalesce(there.quantity, 0), held = coalesce(kept.quantity, 0)
    from product
    left join (select product_id, sum(quantity) as quantity from stock_movement group by 1) there
      on there.product_id = product.id
    left join (select product_id, sum(quantity) as quantity from stock_hold group by 1) kept
      on kept.product_id = product.id
    where product.id = stock.product_id
    """,
    "delete from stock_month",
    """
    insert into stock_month (month, product_id, warehouse_id, quantity)
    select date_trunc('month', at at time zone %(zone)s)::date, product_id, warehouse_id, sum(quantity)
    from stock_movement group by 1, 2, 3 order by 1, 2
    """,
)
MONEY = (
    """
    insert into document (id, kind, type_code, series_id, series, number, partner_id, order_id, issued_on, due_on,
                          delivered_on, issued_at, issued_by, issuer_name, seller, buyer, net, vat, gross, lei_net,
                          lei_vat, lei_gross)
    overriding system value
    select n, 'invoice', '380', series.id, series.prefix, n, partner_id, orders.id, day, day + partner.payment_days,
           day, invoiced_at, claimed_by, 'Clerk',
           jsonb_build_object('name', 'Distribuție Carpați SRL', 'cui', '10000024', 'city', 'Cluj-Napoca'),
           jsonb_build_object('name', partner.name, 'code', partner.code, 'county', partner.county),
           net, vat, gross, net, vat, gross
    from (
        select *, row_number() over (order by invoiced_at, id)::int as n,
               (invoiced_at at time zone %(zone)s)::date as day
        from orders where invoiced_at is not null
    ) orders join partner on partner.id = orders.partner_id
    cross join (select id, prefix from document_series where kind = 'invoice' order by id limit 1) series order by n
    """,
    """
    insert into series_year (series_id, year, first_number, next_number)
    select series_id, extract(year from issued_on), min(number), max(number) + 1 from document group by 1, 2
    on conflict (series_id, year) do update set first_number = excluded.first_number, next_number = excluded.next_number
    """,
    "update document_series set last_issued_on = (select max(issued_on) from document) where kind = 'invoice'",
    """
    insert into payment (id, partner_id, amount, method, paid_on, recorded_at) overriding system value
    select id, partner_id, case when id %% 25 = 3 then round(lei_gross / 2, 2) else lei_gross end, 'bank', paid_on,
           (paid_on + time '10:00') at time zone %(zone)s
    from (select *, issued_on + 20 + (id::bigint * 7919 %% 51)::int as paid_on from document) invoice
    where paid_on < (cast(%(now)s as timestamptz) at time zone %(zone)s)::date and id %% 40 <> 7 and lei_gross > 0.01
    order by paid_on, id
    """,
    """
    insert into credit (id, partner_id, payment_id, "left") overriding system value
    select id, partner_id, id, 0 from payment
    """,
    """
    insert into allocation (partner_id, credit_id, document_id, amount, at)
    select partner_id, id, id, amount, recorded_at from payment order by recorded_at, id
    """,
    """
    insert into receivable (document_id, partner_id, due_on, open)
    select document.id, document.partner_id, due_on, lei_gross - coalesce(payment.amount, 0)
    from document left join payment on payment.id = document.id
    """,
)
END = (
    "select setval(pg_get_serial_sequence('orders', 'id'), (select max(id) from orders))",
    "select setval(pg_get_serial_sequence('delivery', 'id'), (select max(id) from delivery))",
    "select setval(pg_get_serial_sequence('document', 'id'), (select max(id) from document))",
    "select setval(pg_get_serial_sequence('payment', 'id'), (select max(id) from payment))",
    "select setval(pg_get_serial_sequence('credit', 'id'), (select max(id) from credit))",
    "insert into stale_order (order_id) select id from orders order by id",
    "drop table made, goods, history",
)
