"""what the database itself enforces: append-only facts, row-level security, first rows"""

from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = (
    "event", "stock_movement", "stock_hold", "order_line", "document", "document_line", "document_vat", "document_file",
    "payment",
)  # fmt: skip

# Readable by partners as a whole: nothing in them belongs to one partner.
SHARED = ("company", "category", "vat_rate", "product", "warehouse", "stock")

# Table → what a partner may do with the rows that the policy shows it.
PARTNER_GRANTS = {
    "partner": "select",
    "app_user": "select (id, email, name, kind, partner_id, language, active), update (language)",
    "partner_price": "select",
    "cart": "select, insert, update, delete",
    "cart_line": "select, insert, update, delete",
    "orders": "select, insert, update (status, ended_at, end_reason)",
    "order_line": "select, insert",
    "stock_hold": "select, insert",
    "event": "select, insert",
    "document": "select",
    "document_line": "select",
    "document_vat": "select",
    "document_file": "select",
    "payment": "select",
}

# A scalar subquery is evaluated once per statement, not once per row.
MINE = "(select current_setting('rampa.partner_id')::int)"
ME = "(select current_setting('rampa.user_id')::int)"
OWN = {
    "partner": f"id = {MINE}",
    "cart": f"partner_id = {MINE} and user_id = {ME}",
    "cart_line": "cart_id in (select id from cart)",
}


def upgrade() -> None:
    _append_only()
    _partner_role()
    _row_level_security()
    _first_rows()


def _append_only() -> None:
    op.execute("""
        create function refuse_change() returns trigger language plpgsql as $$
        begin raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation'; end $$
    """)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger {table}_is_append_only before update or delete on {table}"
            " for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger {table}_is_not_emptied before truncate on {table}"
            " for each statement execute function refuse_change()"
        )


def _partner_role() -> None:
    # Roles belong to the whole server: another database of the same server may have made it already, even just now.
    op.execute("""
        do $$ begin create role rampa_partner nologin;
        exception when duplicate_object or unique_violation then null; end $$
    """)
    # From version 16 on, whoever makes a role may administer it, but not yet take it on.
    op.execute("""
        do $$ begin
          if not pg_has_role(current_user, 'rampa_partner',
                             case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
          then execute format('grant rampa_partner to %I', current_user); end if;
        end $$
    """)
    op.execute("grant usage on schema public to rampa_partner")
    for table in SHARED:
        op.execute(f"grant select on {table} to rampa_partner")
    op.execute("grant update (held) on stock to rampa_partner")
    op.execute("grant insert on outbox to rampa_partner")


def _row_level_security() -> None:
    for table, privileges in PARTNER_GRANTS.items():
        rule = OWN.get(table, f"partner_id = {MINE}")
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {privileges} on {table} to rampa_partner")
        op.execute(f"create policy own_rows on {table} to rampa_partner using ({rule}) with check ({rule})")
    # On top of it: an order is placed in one's own name, and all a partner may do to it later is cancel it.
    op.execute(f"""
        create policy place_only on orders as restrictive for insert to rampa_partner
        with check (status = 'placed' and user_id = {ME})
    """)
    op.execute("""
        create policy cancel_only on orders as restrictive for update to rampa_partner
        using (status = 'placed') with check (status = 'cancelled')
    """)


def _first_rows() -> None:
    op.execute("insert into company (id) values (1)")
    op.execute("insert into warehouse (id, name) values (1, 'Depozit central')")
    op.execute("insert into document_series (kind, prefix) values ('invoice', 'FCT')")
    # Legea 141/2025 changed both rates on 1 August 2025; older rows let older documents be priced and checked.
    op.execute("""
        insert into vat_rate (vat_class, valid_from, rate) values
        ('standard', '2017-01-01', 19), ('standard', '2025-08-01', 21),
        ('reduced', '2017-01-01', 9), ('reduced', '2025-08-01', 11), ('zero', '2017-01-01', 0)
    """)


def downgrade() -> None:
    op.execute("drop policy place_only on orders")
    op.execute("drop policy cancel_only on orders")
    for table in PARTNER_GRANTS:
        op.execute(f"drop policy own_rows on {table}")
        op.execute(f"alter table {table} disable row level security")
    for table in APPEND_ONLY:
        op.execute(f"drop trigger {table}_is_append_only on {table}")
        op.execute(f"drop trigger {table}_is_not_emptied on {table}")
    op.execute("drop function refuse_change()")
    op.execute("drop owned by rampa_partner")
    op.execute("delete from document_series")
    op.execute("delete from vat_rate")
    op.execute("delete from warehouse")
    op.execute("delete from company")
