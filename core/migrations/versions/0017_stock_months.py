"""what the stock changed by in each month, and an index of what was paid lately: averages and trends of the reports"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

SETTINGS = "security definer set search_path = public, pg_temp"
MONTHS = """
    insert into stock_month (month, product_id, warehouse_id, quantity)
    select date_trunc('month', at at time zone time_zone)::date, product_id, warehouse_id, sum(quantity)
    from {0} cross join company group by 1, 2, 3 order by 2, 3, 1
    on conflict (month, product_id, warehouse_id) do update set quantity = stock_month.quantity + excluded.quantity
"""


def upgrade() -> None:
    op.create_table(
        "stock_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("warehouse_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Numeric(18, 3), nullable=False),
        sa.PrimaryKeyConstraint("month", "product_id", "warehouse_id", name=op.f("pk_stock_month")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_allocation_at", "allocation", ["at"])
    _functions()
    op.execute("""
        create trigger stock_month_follows after insert on stock_movement referencing new table as added
        for each statement execute function stock_month_follows()
    """)
    op.execute("""
        create trigger months_begin_elsewhere after update of time_zone on company
        for each row when (old.time_zone <> new.time_zone) execute function stock_months_anew()
    """)
    op.execute(MONTHS.format("stock_movement"))


def _functions() -> None:
    # Whoever writes movements has locked the rows of `stock` that they are of: nobody else is at these months.
    op.execute(f"""
        create function stock_month_follows() returns trigger language plpgsql {SETTINGS} as $$
        begin {MONTHS.format("added")}; return null; end $$
    """)
    op.execute(f"""
        create function stock_months_anew() returns trigger language plpgsql {SETTINGS} as $$
        begin
          lock table stock_movement in share row exclusive mode;
          delete from stock_month;
          {MONTHS.format("stock_movement")};
          return null;
        end $$
    """)


def downgrade() -> None:
    op.execute("drop trigger months_begin_elsewhere on company")
    op.execute("drop trigger stock_month_follows on stock_movement")
    op.execute("drop function stock_months_anew()")
    op.execute("drop function stock_month_follows()")
    op.drop_index("ix_allocation_at", "allocation")
    op.drop_table("stock_month")
