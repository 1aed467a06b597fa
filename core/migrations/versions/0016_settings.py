"""more of the general settings: prices, sessions, retention, the mail server, terms and conditions"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0016"
down_revision = "0015"

ME = "(select current_setting('rampa.user_id')::int)"
COLUMNS: dict[str, tuple[Any, str]] = {
    "worksite": (sa.String(), ""),
    "more_accounts": (ARRAY(sa.Text()), "{}"),
    "prices_with_vat": (sa.Boolean(), "false"),
    "show_list_price": (sa.Boolean(), "true"),
    "show_rrp": (sa.Boolean(), "true"),
    "default_language": (sa.String(), "ro"),
    "idle_hours": (sa.Integer(), "72"),
    "session_days": (sa.Integer(), "30"),
    "export_days": (sa.Integer(), "7"),
    "mail_days": (sa.Integer(), "0"),
}
CHECKS = {
    "default_language_known": "default_language in ('ro', 'en')",
    "times_bearable": "idle_hours > 0 and session_days > 0 and export_days > 0 and mail_days >= 0",
}


def upgrade() -> None:
    for name, (kind, usual) in COLUMNS.items():
        op.add_column("company", sa.Column(name, kind, server_default=usual, nullable=False))
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_company_{name}"), "company", rule)
    op.create_table(
        "mail_server",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(), nullable=False),
        sa.Column("login", sa.String(), server_default="", nullable=False),
        sa.Column("password", sa.String(), server_default="", nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_server_only_one")),
        sa.CheckConstraint("host <> '' and sender <> ''", name=op.f("ck_mail_server_complete")),
        sa.CheckConstraint("port between 1 and 65535", name=op.f("ck_mail_server_port_exists")),
        sa.CheckConstraint("security in ('starttls', 'tls', 'none')", name=op.f("ck_mail_server_security_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_server")),
    )
    op.execute("alter table mail_server enable row level security")
    _terms()


def _terms() -> None:
    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("romanian", sa.String(), nullable=False),
        sa.Column("english", sa.String(), server_default="", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["published_by"], ["app_user.id"], name=op.f("fk_terms_published_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
    )
    op.create_table(
        "terms_acceptance",
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_terms_acceptance_terms_id_terms")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_terms_acceptance_user_id_app_user")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_terms_acceptance_partner_id_partner")),
        sa.PrimaryKeyConstraint("terms_id", "user_id", name=op.f("pk_terms_acceptance")),
    )
    op.create_index("ix_terms_acceptance_user_id", "terms_acceptance", ["user_id"])
    for table in ("terms", "terms_acceptance"):
        op.execute(f"""
            create trigger {table}_is_append_only before update or delete on {table}
            for each row execute function refuse_change()
        """)
        op.execute(f"""
            create trigger {table}_is_not_emptied before truncate on {table}
            for each statement execute function refuse_change()
        """)
        op.execute(f"alter table {table} enable row level security")
    op.execute("grant select on terms to rampa_partner")
    op.execute("create policy everybody on terms to rampa_partner using (true)")
    own = f"user_id = {ME} and partner_id = (select current_setting('rampa.partner_id')::int)"
    op.execute("grant select, insert on terms_acceptance to rampa_partner")
    op.execute(f"create policy own_rows on terms_acceptance to rampa_partner using ({own}) with check ({own})")


def downgrade() -> None:
    """Refused once somebody has accepted terms: the version before has no place for it."""
    op.execute("""
        do $$ begin
          if exists (select from terms_acceptance) then
            raise exception 'terms were accepted already: restore a backup instead';
          end if;
        end $$
    """)
    for table in ("terms_acceptance", "terms", "mail_server"):
        op.drop_table(table)
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_company_{name}"), "company")
    for name in COLUMNS:
        op.drop_column("company", name)
