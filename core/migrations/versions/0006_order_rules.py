"""what the database keeps of it: lines within bounds, what is open to pay, purging of lapsed orders only, the wall"""

from alembic import op

revision = "0006"
down_revision = "0005"

ME = "(select current_setting('rampa.user_id')::int)"
MINE = "(select current_setting('rampa.partner_id')::int)"

# Facts of an order that go with it when it is purged.
PURGED = ("stock_hold", "backorder", "order_line")

# Table → what a partner may do with its own rows.
PARTNER_GRANTS = {
    "backorder": "select, insert",
    "delivery": "select",
    "limit_pass": "select, update (order_id)",
    "proposal": "select",
    "receivable": "select",
    "stock_wait": "select, insert, delete",
}

PLACED_HERE = "orders.status = 'placed' and orders.xmin = pg_current_xact_id()::xid"
# What partners' database role writes must fit (migration 0004 says how): table → what is wrong with rows of `added`.
FITTING = {
    "stock_hold": f"""
        select from added join order_line on order_line.id = added.order_line_id
        join line_state on line_state.id = order_line.id
        join orders on orders.id = order_line.order_id
        where (added.product_id, added.warehouse_id) <> (order_line.product_id, 1)
           or not case added.kind when 'placed' then {PLACED_HERE} and line_state.cancelled = 0
                  when 'released' then orders.status = 'cancelled' and line_state.held = 0 else false end
    """,
    "backorder": f"""
        select from added join order_line on order_line.id = added.order_line_id
        join line_state on line_state.id = order_line.id
        join orders on orders.id = order_line.order_id
        where added.product_id <> order_line.product_id
           or not case added.kind when 'placed' then {PLACED_HERE} and line_state.cancelled = 0
                  when 'cancelled' then orders.status = 'cancelled' and line_state.waiting = 0 else false end
    """,
}
HOLD_FITS_BEFORE = """
        select from added join order_line on order_line.id = added.order_line_id
        where (added.product_id, added.warehouse_id) <> (order_line.product_id, 1)
           or (added.kind, added.quantity) not in (('placed', order_line.quantity), ('released', -order_line.quantity))
           or (added.kind = 'released'
               and (select status from orders where orders.id = order_line.order_id) <> 'cancelled')
"""


def upgrade() -> None:
    _line_state()
    _bounds()
    _append_only()
    _locks("perform from partner where id = (select partner_id from cart where id = cart_of) for no key update;")
    _owed()
    _wall()


def _line_state() -> None:
    op.execute("""
        create view line_state with (security_invoker = true) as
        select line.id, line.order_id, line.partner_id, line.product_id, line.position, line.quantity as ordered,
               hold.held, hold.shipped, back.waiting, hold.held + hold.shipped + back.waiting as billable,
               line.quantity - hold.held - hold.shipped - back.waiting as cancelled,
               line.unit_price, line.vat_class, line.vat_rate,
               round((hold.held + hold.shipped + back.waiting) * line.unit_price, 2) as net
        from order_line line
        cross join lateral (
            select coalesce(sum(quantity), 0) as held,
                   coalesce(-sum(quantity) filter (where kind = 'shipped'), 0) as shipped
            from stock_hold where order_line_id = line.id
        ) hold
        cross join lateral (
            select coalesce(sum(quantity), 0) as waiting from backorder where order_line_id = line.id
        ) back
    """)
    op.execute("grant select on line_state to rampa_partner")


def _bounds() -> None:
    """Whoever writes: of a line, never less than nothing is held or waits, and never more than was ordered."""
    op.execute("""
        create function line_in_bounds() returns trigger language plpgsql
        security definer set search_path = public, pg_temp as $$
        begin
          if exists (select from line_state where id in (select order_line_id from added)
                     and (held < 0 or waiting < 0 or cancelled < 0)) then
            raise exception 'a line of % is out of its bounds', tg_table_name
              using errcode = 'check_violation', constraint = 'line_in_bounds';
          end if;
          return null;
        end $$
    """)
    for table in ("stock_hold", "backorder"):
        op.execute(f"""
            create trigger {table}_in_bounds after insert on {table} referencing new table as added
            for each statement execute function line_in_bounds()
        """)


def _append_only() -> None:
    op.execute("""
        create function refuse_unless_lapsed() returns trigger language plpgsql
        security definer set search_path = public, pg_temp as $$
        declare
          line int := case when tg_table_name = 'order_line' then (to_jsonb(old) ->> 'id')::int
                           else (to_jsonb(old) ->> 'order_line_id')::int end;
        begin
          if (select status from orders where id = (select order_id from order_line where order_line.id = line))
             = 'lapsed' then return old; end if;
          raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
        end $$
    """)
    for table in PURGED:
        op.execute(f"drop trigger if exists {table}_is_append_only on {table}")
        op.execute(
            f"create trigger {table}_is_append_only before update on {table}"
            " for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger {table}_goes_with_its_order before delete on {table}"
            " for each row execute function refuse_unless_lapsed()"
        )
    op.execute(
        "create trigger delivery_is_append_only before update or delete on delivery"
        " for each row execute function refuse_change()"
    )
    for table in ("backorder", "delivery"):
        op.execute(
            f"create trigger {table}_is_not_emptied before truncate on {table}"
            " for each statement execute function refuse_change()"
        )


def _locks(partner_first: str) -> None:
    """Limits hold for a partner, not for a cart: two carts of one partner are placed one after the other."""
    op.execute("drop function lock_cart_stock(int)")
    op.execute(f"""
        create function lock_cart_stock(cart_of int) returns void language plpgsql
        security definer set search_path = public, pg_temp as $$
        begin
          {partner_first}
          perform from stock where warehouse_id = 1
            and product_id in (select cart_line.product_id from cart_line where cart_id = cart_of)
          order by product_id for no key update;
        end $$
    """)
    op.execute("revoke execute on function lock_cart_stock(int) from public")
    op.execute("grant execute on function lock_cart_stock(int) to rampa_partner")


def _owed() -> None:
    op.execute("""
        create function document_is_owed() returns trigger language plpgsql
        security definer set search_path = public, pg_temp as $$
        begin
          insert into receivable (document_id, partner_id, due_on, open)
          select new.id, new.partner_id, new.due_on, greatest(new.gross - coalesce(sum(amount), 0), 0)
          from payment where order_id = new.order_id;
          update orders set invoiced_at = new.issued_at where id = new.order_id;
          return null;
        end $$
    """)
    op.execute("""
        create trigger document_is_owed after insert on document
        for each row when (new.kind = 'invoice') execute function document_is_owed()
    """)
    op.execute("""
        create function payment_lessens_debt() returns trigger language plpgsql
        security definer set search_path = public, pg_temp as $$
        begin
          update receivable set open = open - new.amount where document_id = new.document_id;
          return null;
        end $$
    """)
    op.execute("""
        create trigger payment_lessens_debt after insert on payment
        for each row when (new.document_id is not null) execute function payment_lessens_debt()
    """)
    op.execute("""
        insert into receivable (document_id, partner_id, due_on, open)
        select id, partner_id, due_on, gross - coalesce((select sum(amount) from payment where document_id = document.id), 0)
        from document where kind = 'invoice'
    """)
    op.execute("""
        update orders set invoiced_at = document.issued_at from document
        where document.order_id = orders.id and document.kind = 'invoice'
    """)


def _wall() -> None:
    for table, privileges in PARTNER_GRANTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {privileges} on {table} to rampa_partner")
        op.execute(
            f"create policy own_rows on {table} to rampa_partner"
            f" using (partner_id = {MINE}) with check (partner_id = {MINE})"
        )
    op.execute("""
        create policy use_once on limit_pass as restrictive for update to rampa_partner
        using (order_id is null) with check (order_id is not null)
    """)
    op.execute("grant update (reference, deliver_to, wished_on) on cart to rampa_partner")
    # Staff who order for a partner are none of its people, and see their own row all the same.
    op.execute(f"create policy own_self on app_user for select to rampa_partner using (id = {ME})")
    op.execute("drop trigger stock_hold_fits on stock_hold")
    op.execute("drop function stock_hold_must_fit()")
    for table, unfit in FITTING.items():
        _fits(table, unfit)


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


def downgrade() -> None:
    for table in FITTING:
        op.execute(f"drop trigger {table}_fits on {table}")
        op.execute(f"drop function {table}_must_fit()")
    _fits("stock_hold", HOLD_FITS_BEFORE)
    op.execute("drop policy own_self on app_user")
    op.execute("revoke update (reference, deliver_to, wished_on) on cart from rampa_partner")
    op.execute("drop policy use_once on limit_pass")
    for table in PARTNER_GRANTS:
        op.execute(f"drop policy own_rows on {table}")
        op.execute(f"alter table {table} disable row level security")
        op.execute(f"revoke all on {table} from rampa_partner")
    op.execute("drop trigger payment_lessens_debt on payment")
    op.execute("drop function payment_lessens_debt()")
    op.execute("drop trigger document_is_owed on document")
    op.execute("drop function document_is_owed()")
    _locks("")
    for table in ("backorder", "delivery"):
        op.execute(f"drop trigger {table}_is_not_emptied on {table}")
    op.execute("drop trigger delivery_is_append_only on delivery")
    for table in PURGED:
        op.execute(f"drop trigger {table}_goes_with_its_order on {table}")
        op.execute(f"drop trigger {table}_is_append_only on {table}")
        if table != "backorder":
            op.execute(
                f"create trigger {table}_is_append_only before update or delete on {table}"
                " for each row execute function refuse_change()"
            )
    op.execute("drop function refuse_unless_lapsed()")
    for table in ("stock_hold", "backorder"):
        op.execute(f"drop trigger {table}_in_bounds on {table}")
    op.execute("drop function line_in_bounds()")
    op.execute("drop view line_state")
