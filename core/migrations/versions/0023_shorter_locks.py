"""stock is locked no longer than it takes to write an order down; the explanation of prices is planned once

`lock_cart_stock` stays for one version: the one before this may still run on this schema.
"""

from alembic import op

revision = "0023"
down_revision = "0022"

SETTINGS = "security definer set search_path = public, pg_temp"
# A plan of its own for every call took longer than the call itself.
PLANNED = "explain_prices(int, int[], numeric[], date)"
FUNCTIONS = {
    # Limits hold for a partner, not for a cart: two carts of one partner are placed one after the other.
    "lock_cart_partner(cart_of int) returns void": """
        perform from partner where id = (select partner_id from cart where id = cart_of) for no key update;
    """,
    # A row that was waited for is read as it is then, however old the snapshot of the statement that calls.
    "lock_cart_goods(cart_of int) returns table (product_id int, available numeric)": """
        return query
          select stock.product_id, stock.on_hand - stock.held from stock
          where stock.warehouse_id = 1
            and stock.product_id in (select cart_line.product_id from cart_line where cart_id = cart_of)
          order by stock.product_id for no key update;
    """,
}


def upgrade() -> None:
    op.execute(f"alter function {PLANNED} set plan_cache_mode = force_generic_plan")
    for head, body in FUNCTIONS.items():
        name = head.split(" returns")[0].replace("cart_of ", "")
        op.execute(f"create function {head} language plpgsql {SETTINGS} as $$ begin {body} end $$")
        op.execute(f"revoke execute on function {name} from public")
        op.execute(f"grant execute on function {name} to rampa_partner")


def downgrade() -> None:
    op.execute("drop function lock_cart_goods(int)")
    op.execute("drop function lock_cart_partner(int)")
    op.execute(f"alter function {PLANNED} reset plan_cache_mode")
