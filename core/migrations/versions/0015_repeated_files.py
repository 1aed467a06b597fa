"""of which kind a file in the making is, and under which name it comes again and again"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("export_run", sa.Column("what", sa.String(), server_default="table", nullable=False))
    op.add_column("export_run", sa.Column("name", sa.String(), server_default="", nullable=False))
    op.create_check_constraint(op.f("ck_export_run_what_known"), "export_run", "what in ('table', 'pivot')")


def downgrade() -> None:
    op.execute("delete from export_run where what <> 'table'")
    op.drop_column("export_run", "name")
    op.drop_column("export_run", "what")
