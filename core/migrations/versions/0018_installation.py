"""What the installation knows of itself: the first administrator's link, the first steps, the demo company and its clock.

Revision ID: 0018
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("setup_hash", sa.String(), server_default="", nullable=False),
        sa.Column("steps_open", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("demo_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_moved", sa.Interval(), server_default=sa.text("'0'"), nullable=False),
        sa.Column("before_demo", JSONB(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_one")),
        sa.CheckConstraint(
            "demo_since is not null or clock_moved = interval '0'",
            name=op.f("ck_installation_only_a_demo_moves_the_clock"),
        ),
        sa.CheckConstraint(
            "demo_since is not null or before_demo is null", name=op.f("ck_installation_only_a_demo_was_loaded")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    # Who works with it already needs no first steps.
    op.execute("insert into installation (id, steps_open) select 1, not exists (select from partner)")


def downgrade() -> None:
    op.drop_table("installation")
