"""held is what the holds say, by a trigger; what partners write fits its order; carts that owners approve"""

from alembic import op

revision = "0004"
down_revision = "0003"

ME = "(select current_setting('rampa.user_id')::int)"
MINE = "(select current_setting('rampa.partner_id')::int)"
I_AM_OWNER = f"(select role = 'owner' from app_user where id = {ME})"

# What partners' database role writes must fit: table → what is wrong with rows of `added`.
FITTING = {
    # A row's xmin is the transaction that wrote it. A partner can change an order only to cancelled, so one that is
    # placed and of this transaction was placed in it.
    "order_line": """
        select from added left join orders on orders.id = added.order_id
        where (orders.status = 'placed' and orders.xmin = pg_current_xact_id()::xid) is not true
    """,
    # Of the goods of its line, as many as that says; given back only when the order is cancelled.
    "stock_hold": """
        select from added join order_line on order_line.id = added.order_line_id
        where (added.product_id, added.warehouse_id) <> (order_line.product_id, 1)
           or (added.kind, added.quantity) not in (('placed', order_line.quantity), ('released', -order_line.quantity))
           or (added.kind = 'released'
               and (select status from orders where orders.id = order_line.order_id) <> 'cancelled')
    """,
    "outbox": """
        select from added join event on event.id = added.event_id
        where (event.partner_id = current_setting('rampa.partner_id')::int
               and event.xmin = pg_current_xact_id()::xid) is not true
    """,
}

# Function → whose stock rows it locks.
LOCKS = {
    "lock_stock(products int[])": "= any(products)",
    "lock_cart_stock(cart int)": "in (select cart_line.product_id from cart_line where cart_id = cart)",
}


def upgrade() -> None:
    _held()
    _lock_stock()
    for table, unfit in FITTING.items():
        _fits(table, unfit)
    _carts()


def _held() -> None:
    """With the rights of the tables' owner: nobody else needs to change `held`."""
    op.execute("""
        create function add_to_held() returns trigger language plpgsql
        security definer set search_path = public, pg_temp as $$
        begin
          update stock set held = stock.held + change.quantity
          from (select product_id, warehouse_id, sum(quantity) as quantity from added group by 1, 2) change
          where (stock.product_id, stock.warehouse_id) = (change.product_id, change.warehouse_id);
          return null;
        end $$
    """)
    op.execute("""
        create trigger stock_hold_changes_held after insert on stock_hold
        referencing new table as added for each statement execute function add_to_held()
    """)
    op.execute("revoke update (held) on stock from rampa_partner")


def _lock_stock() -> None:
    """Locking a row takes the right to change it. Whoever holds goods may lock, and only in product order."""
    for signature, products in LOCKS.items():
        op.execute(f"""
            create function {signature} returns void language plpgsql
            security definer set search_path = public, pg_temp as $$
            begin
              perform from stock where warehouse_id = 1 and product_id {products}
              order by product_id for no key update;
            end $$
        """)
        op.execute(f"revoke execute on function {signature} from public")
        op.execute(f"grant execute on function {signature} to rampa_partner")


def _fits(table: str, unfit: str) -> None:
    op.execute(f"""
        create function {table}_must_fit() returns trigger language plpgsql
        security definer set search_path = public, pg_temp as $$
        begin
          if exists ({unfit}) then
            raise exception 'a row of % does not fit its order', tg_table_name using errcode = 'insufficient_privilege';
          end if;
          return null;
        end $$
    """)
    op.execute(f"""
        create trigger {table}_fits after insert on {table} referencing new table as added
        for each statement when (current_user = 'rampa_partner') execute function {table}_must_fit()
    """)


def _carts() -> None:
    """An owner looks at colleagues' carts, and changes those that ask for approval; everybody makes only their own.

    A row that an owner has answered is still seen: PostgreSQL refuses to change a row into one that is not.
    """
    op.execute(f"""
        alter policy own_rows on cart using (partner_id = {MINE} and (user_id = {ME} or {I_AM_OWNER}))
    """)
    op.execute(f"create policy make_own on cart as restrictive for insert to rampa_partner with check (user_id = {ME})")
    op.execute(f"""
        create policy change_own_or_asked on cart as restrictive for update to rampa_partner
        using (user_id = {ME} or approval_asked_at is not null) with check (true)
    """)
    op.execute(f"create policy remove_own on cart as restrictive for delete to rampa_partner using (user_id = {ME})")
    op.execute("revoke update on cart from rampa_partner")
    op.execute("grant update (token, approval_asked_at, approval_note) on cart to rampa_partner")
    rule = f"cart_id in (select id from cart where user_id = {ME} or approval_asked_at is not null)"
    op.execute(f"alter policy own_rows on cart_line using ({rule}) with check ({rule})")


def downgrade() -> None:
    rule = "cart_id in (select id from cart)"
    op.execute(f"alter policy own_rows on cart_line using ({rule}) with check ({rule})")
    op.execute("grant update on cart to rampa_partner")
    for policy in ("make_own", "change_own_or_asked", "remove_own"):
        op.execute(f"drop policy {policy} on cart")
    op.execute(f"""
        alter policy own_rows on cart
        using (partner_id = {MINE} and (user_id = {ME} or approval_asked_at is not null))
    """)
    for table in FITTING:
        op.execute(f"drop trigger {table}_fits on {table}")
        op.execute(f"drop function {table}_must_fit()")
    for signature in LOCKS:
        op.execute(f"drop function {signature}")
    op.execute("drop trigger stock_hold_changes_held on stock_hold")
    op.execute("drop function add_to_held()")
    op.execute("grant update (held) on stock to rampa_partner")
