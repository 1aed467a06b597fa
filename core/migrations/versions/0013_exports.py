"""exports that are kept under a name, and files that are made in the background"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

ME = "(select current_setting('rampa.user_id')::int)"
# Table → what a partner's people may do with their own rows, and which are those.
WALL = {
    "saved_export": ("select, insert, update, delete", f"user_id = {ME}"),
    "export_run": ("select, insert", f"user_id = {ME}"),
    "export_piece": ("select", f"run_id in (select id from export_run where user_id = {ME})"),
}


def upgrade() -> None:
    op.create_table(
        "saved_export",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("form", sa.String(), server_default="xlsx", nullable=False),
        sa.Column("every", sa.String(), server_default="", nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.CheckConstraint("form in ('xlsx', 'csv', 'plain', 'parquet')", name=op.f("ck_saved_export_form_known")),
        sa.CheckConstraint("every in ('', 'day', 'week', 'month')", name=op.f("ck_saved_export_every_known")),
        sa.CheckConstraint("(every = '') = (next_on is null)", name=op.f("ck_saved_export_repeats_on_a_day")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_export_has_a_name")),
        sa.CheckConstraint("what in ('table', 'pivot')", name=op.f("ck_saved_export_what_known")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_export_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_export")),
        sa.UniqueConstraint("user_id", "what", "name", name=op.f("uq_saved_export_user_id_what_name")),
    )
    op.create_table(
        "export_run",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("form in ('xlsx', 'csv', 'plain', 'parquet')", name=op.f("ck_export_run_form_known")),
        sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name=op.f("ck_export_run_state_known")),
        sa.CheckConstraint(
            "(state in ('done', 'failed')) = (ended_at is not null)", name=op.f("ck_export_run_end_has_a_time")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_export_run_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_run")),
    )
    op.create_index("ix_export_run_user_id", "export_run", ["user_id", "id"])
    op.create_index(
        "ix_export_run_waiting", "export_run", ["id"], postgresql_where=sa.text("state in ('waiting', 'running')")
    )
    op.create_table(
        "export_piece",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["export_run.id"], name=op.f("fk_export_piece_run_id_export_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_export_piece")),
    )
    for table, (rights, rule) in WALL.items():
        op.execute(f"grant {rights} on {table} to rampa_partner")
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy own_rows on {table} to rampa_partner using ({rule}) with check ({rule})")


def downgrade() -> None:
    for table in ("export_piece", "export_run", "saved_export"):
        op.drop_table(table)
