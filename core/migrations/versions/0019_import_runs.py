"""imports that are looked at, loaded in the background and undone; what is known of where their files come from"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0019"
down_revision = "0018"

STATES = (
    "('new', 'looking', 'looked', 'waiting', 'loading', 'illustrating', 'done', 'failed', 'undo', 'undoing', 'undone')"
)
SETTINGS = "security definer set search_path = public, pg_temp"


def upgrade() -> None:
    _tables()
    # What is the same in both stays out: other columns of the row can be changed meanwhile without being touched.
    op.execute("""
        create function differing(one jsonb, other jsonb) returns jsonb language sql immutable as $$
          select jsonb_object_agg(key, value) from jsonb_each(one) where value is distinct from other -> key
        $$
    """)
    # A product that only an import made, and whose import was undone, takes its movements along: with nothing left of
    # it there is nothing that they are the sums of.
    op.execute(f"""
        create function movement_goes_with_its_product() returns trigger language plpgsql {SETTINGS} as $$
        begin
          if exists (select from import_change join import_run on import_run.id = run_id
                     where place = 'product' and row_id = old.product_id and before is null
                       and state = 'undoing') then return old; end if;
          raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
        end $$
    """)
    op.execute("drop trigger stock_movement_is_append_only on stock_movement")
    op.execute("""
        create trigger stock_movement_is_append_only before update on stock_movement
        for each row execute function refuse_change()
    """)
    op.execute("""
        create trigger stock_movement_goes_with_its_product before delete on stock_movement
        for each row execute function movement_goes_with_its_product()
    """)


def _tables() -> None:
    op.create_table(
        "import_source",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mapping", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("headers", ARRAY(sa.TEXT()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("name <> '' and name = btrim(name)", name=op.f("ck_import_source_name_is_trimmed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_source")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_import_source_kind_name")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("mapping", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.String(), server_default="new", nullable=False),
        sa.Column("step", sa.String(), server_default="", nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("preview", JSONB(), nullable=True),
        sa.Column("created", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("said", JSONB(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"state in {STATES}", name=op.f("ck_import_run_state_known")),
        sa.CheckConstraint(
            "(state in ('looking', 'loading', 'illustrating', 'undoing')) = (until is not null)",
            name=op.f("ck_import_run_work_has_a_limit"),
        ),
        sa.CheckConstraint(
            "(state in ('illustrating', 'done', 'undo', 'undoing', 'undone')) = (loaded_at is not null)",
            name=op.f("ck_import_run_loaded_at_a_time"),
        ),
        sa.CheckConstraint("(state = 'undone') = (undone_at is not null)", name=op.f("ck_import_run_undone_at_a_time")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_import_run_user_id_app_user")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["import_source.id"], name=op.f("fk_import_run_source_id_import_source"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index("ix_import_run_user_id", "import_run", ["user_id", "id"])
    op.create_index(
        "ix_import_run_source_id", "import_run", ["source_id"], postgresql_where=sa.text("source_id is not null")
    )
    op.create_index(
        "ix_import_run_open",
        "import_run",
        ["id"],
        postgresql_where=sa.text(
            "state in ('new', 'looking', 'waiting', 'loading', 'illustrating', 'undo', 'undoing')"
        ),
    )
    op.create_table(
        "import_piece",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_piece_run_id_import_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_import_piece")),
    )
    op.create_table(
        "import_staged",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_staged_run_id_import_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_import_staged")),
    )
    op.create_table(
        "import_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("after", JSONB(), nullable=True),
        sa.CheckConstraint("num_nonnulls(before, after) > 0", name=op.f("ck_import_change_something_changed")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_change_run_id_import_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
    )
    op.create_index("ix_import_change_run_id", "import_change", ["run_id", "place", "row_id"])


def downgrade() -> None:
    op.execute("drop trigger stock_movement_goes_with_its_product on stock_movement")
    op.execute("drop trigger stock_movement_is_append_only on stock_movement")
    op.execute("""
        create trigger stock_movement_is_append_only before update or delete on stock_movement
        for each row execute function refuse_change()
    """)
    op.execute("drop function movement_goes_with_its_product()")
    op.execute("drop function differing(jsonb, jsonb)")
    for table in ("import_change", "import_staged", "import_piece", "import_run", "import_source"):
        op.drop_table(table)
