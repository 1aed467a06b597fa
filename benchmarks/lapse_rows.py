"""The statements that write the open orders of benchmarks/lapse.py.

Parameters: `orders`, `lines` (of each), `every` (so many orders one is past its deadline), `now`, `zone`.
"""

TABLES = ("orders", "order_line", "stock_hold", "backorder", "stock_movement", "stock", "event", "outbox")
MAKE = (
    """
    create unlogged table made as
    select id, partner_id, user_id, unpaid, deadline, hours,
           deadline - hours * interval '1 hour' as placed_at,
           array(select at from unnest(array[0.5, 0.2]) part
                 cross join lateral (select deadline - part * hours * interval '1 hour' as at) warning
                 where at > %(now)s order by at) as warnings
    from (
        select n + 1000 as id, n / %(every)s %% 11 = 5 as unpaid,
               case when n / %(every)s %% 11 = 5 then 48 else 24 end as hours,
               cast(%(now)s as timestamptz) + interval '1 minute'
               * case when n %% %(every)s = 0 then -1 - n / %(every)s %% 30 else 60 + n * 7 %% 1320 end as deadline,
               n %% (select count(*) from app_user where kind = 'partner') as buyer
        from generate_series(1, %(orders)s) n
    ) one
    join (
        select id as user_id, partner_id, row_number() over (order by id) - 1 as buyer from app_user
        where kind = 'partner'
    ) buyers using (buyer)
    """,
    # The products of an order's lines are of as many strata, so that none comes twice; in each the first are popular.
    """
    create unlogged table made_line as
    with product as (
        select id, sku, name, unit, list_price, (row_number() over (order by id) - 1)::int as rank from product
    ), strata as (select count(*)::int / %(lines)s as length from product)
    select made.id as order_id, partner_id, placed_at, position, product.id as product_id, sku, name, unit, list_price,
           1 + number %% 12 as quantity, round((1 + number %% 12) * list_price, 2) as net,
           made.id %% 97 = 5 and position = 1 as waits
    from made cross join generate_series(1, %(lines)s) position cross join strata
    cross join lateral (select hashint4(made.id * %(lines)s + position) & 2147483647 as number) any_number
    join product on product.rank = position - 1 + %(lines)s * floor(power(number / 2147483648.0, 2) * length)::int
    """,
    """
    insert into orders (id, partner_id, user_id, cart_token, status, placed_at, claimed_at, claimed_by, prepay,
                        claim_deadline, claim_warnings, pay_deadline, pay_warnings, net, vat, gross)
    overriding system value
    select made.id, made.partner_id, made.user_id, gen_random_uuid(), case when unpaid then 'claimed' else 'placed' end,
           placed_at, case when unpaid then placed_at + interval '1 hour' end, case when unpaid then clerk.id end,
           unpaid, case when not unpaid then deadline end, case when unpaid then '{}' else warnings end,
           case when unpaid then deadline end, case when unpaid then warnings else '{}' end,
           net, round(net * 0.21, 2), net + round(net * 0.21, 2)
    from made join (select order_id, sum(net) as net from made_line group by order_id) sums on order_id = made.id
    cross join (select id from app_user where kind = 'staff') clerk order by made.id
    """,
    """
    insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price,
                            unit_price, vat_class, vat_rate, net)
    select order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price, list_price, 'standard',
           21, net
    from made_line order by order_id, position
    """,
    """
    insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
    select line.id, line.partner_id, line.product_id, line.quantity, 'placed', placed_at
    from order_line line join made_line using (order_id, position) where not waits order by line.id
    """,
    """
    insert into backorder (order_line_id, partner_id, product_id, quantity, kind, at)
    select line.id, line.partner_id, line.product_id, line.quantity, 'placed', placed_at
    from order_line line join made_line using (order_id, position) where waits order by line.id
    """,
    """
    insert into event (at, kind, partner_id, order_id, user_id)
    select placed_at, 'order_placed', partner_id, id, user_id from made order by placed_at, id
    """,
    "insert into outbox (event_id, dispatched_at, handled_at) select id, at, at from event",
    "insert into stock (product_id) select id from product on conflict do nothing",
    # Of what somebody waits for nothing is free; of the rest a tenth more than is held, and some.
    """
    insert into stock_movement (product_id, quantity, kind, at)
    select product_id, wanted.quantity - on_hand, 'count', (select min(placed_at) from made)
    from (
        select product_id, coalesce(case when bool_or(waits) then sum(quantity) filter (where not waits)
                                         else ceil(sum(quantity) * 1.1) + 50 end, 0) as quantity
        from made_line group by product_id
    ) wanted join stock using (product_id) where wanted.quantity <> on_hand
    """,
    """
    update stock set on_hand = there.quantity, held = coalesce(kept.quantity, 0)
    from (select product_id, sum(quantity) as quantity from stock_movement group by 1) there
    left join (select product_id, sum(quantity) as quantity from stock_hold group by 1) kept using (product_id)
    where there.product_id = stock.product_id
    """,
    "delete from stock_month",
    """
    insert into stock_month (month, product_id, warehouse_id, quantity)
    select date_trunc('month', at at time zone %(zone)s)::date, product_id, warehouse_id, sum(quantity)
    from stock_movement group by 1, 2, 3 order by 1, 2
    """,
    "select setval(pg_get_serial_sequence('orders', 'id'), (select max(id) from orders))",
    "insert into stale_order (order_id) select id from orders order by id",
    "drop table made, made_line",
)
