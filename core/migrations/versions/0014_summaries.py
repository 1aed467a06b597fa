"""what the reports are read from, and the triggers that say which orders changed"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

MINE = "(select current_setting('rampa.partner_id')::int)"
SETTINGS = "security definer set search_path = public, pg_temp"
WALLED = ("sold_line", "order_fate")
TABLES = ("report_state", "order_fate", "sales_sum", "sold_line", "stale_order")

# Purged orders have left an event: they lapsed.
PURGED = """
    insert into order_fate (order_id, day, partner_id, status, ordered, shipped)
    select distinct on (event.order_id) event.order_id,
           ((event.data ->> 'placed')::timestamptz at time zone company.time_zone)::date, event.partner_id, 'lapsed', 0, 0
    from event cross join company
    where event.kind = 'order_purged' and not exists (select from orders where orders.id = event.order_id)
"""


def upgrade() -> None:
    _tables()
    _indexes()
    _triggers()
    for table in WALLED:
        op.execute(f"alter table {table} enable row level security")
    op.execute("grant select on sold_line to rampa_partner")
    op.execute(f"create policy own_rows on sold_line to rampa_partner using (partner_id = {MINE})")
    op.execute(PURGED)
    op.execute("insert into stale_order (order_id) select id from orders order by id")
    op.execute("insert into report_state (id, refreshed_at) values (1, '-infinity')")


def _tables() -> None:
    op.create_table(
        "stale_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stale_order")),
    )
    op.create_table(
        "sold_line",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(12, 3), nullable=False),
        sa.Column("net", sa.Numeric(14, 2), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sold_line")),
    )
    op.create_table(
        "sales_sum",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(18, 3), nullable=False),
        sa.Column("net", sa.Numeric(18, 2), nullable=False),
        sa.CheckConstraint("what in ('all', 'partner', 'product')", name=op.f("ck_sales_sum_what_known")),
        sa.CheckConstraint("span in ('day', 'month')", name=op.f("ck_sales_sum_span_known")),
        sa.PrimaryKeyConstraint("what", "span", "start", "key", name=op.f("pk_sales_sum")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_table(
        "order_fate",
        sa.Column("order_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("claim_seconds", sa.Integer(), nullable=True),
        sa.Column("ordered", sa.Numeric(14, 2), nullable=False),
        sa.Column("shipped", sa.Numeric(14, 2), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_fate")),
    )
    op.create_table(
        "report_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_state")),
    )


def _indexes() -> None:
    op.create_index("ix_sold_line_order_id", "sold_line", ["order_id"])
    op.create_index("ix_sold_line_day", "sold_line", ["day", "id"])
    op.create_index("ix_sold_line_partner_id", "sold_line", ["partner_id", "day"])
    op.create_index("ix_sold_line_product_id", "sold_line", ["product_id", "day"])
    op.create_index(
        "ix_sales_sum_last", "sales_sum", ["key", "start"],
        postgresql_where=sa.text("what = 'product' and span = 'day'"),
    )  # fmt: skip
    op.create_index("ix_order_fate_day", "order_fate", ["day"])
    op.create_index(
        "ix_document_issued_on", "document", ["issued_on"], postgresql_include=["lei_gross", "id"],
        postgresql_where=sa.text("kind in ('invoice', 'storno')"),
    )  # fmt: skip


def _triggers() -> None:
    """What becomes of a line always comes with a change of its order: core.orders.settling, or the order's end."""
    op.execute(f"""
        create function order_is_stale() returns trigger language plpgsql {SETTINGS} as $$
        begin
          insert into stale_order (order_id) values (case when tg_op = 'DELETE' then old.id else new.id end);
          return null;
        end $$
    """)
    op.execute("""
        create trigger order_is_stale after insert or delete or update of status, net, claimed_at, placed_at on orders
        for each row execute function order_is_stale()
    """)
    op.execute(f"""
        create function every_order_is_stale() returns trigger language plpgsql {SETTINGS} as $$
        begin insert into stale_order (order_id) select id from orders order by id; return null; end $$
    """)
    op.execute("""
        create trigger days_begin_elsewhere after update of time_zone on company
        for each row when (old.time_zone <> new.time_zone) execute function every_order_is_stale()
    """)


def downgrade() -> None:
    op.execute("drop trigger days_begin_elsewhere on company")
    op.execute("drop trigger order_is_stale on orders")
    op.execute("drop function every_order_is_stale()")
    op.execute("drop function order_is_stale()")
    op.drop_index("ix_document_issued_on", "document")
    for table in TABLES:
        op.drop_table(table)
