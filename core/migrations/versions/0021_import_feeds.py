"""files that come by themselves: from the watched folder or an address, on a timetable"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"

CHECKS = {
    "comes_from_one_place": "pattern = '' or url = ''",
    "pattern_is_no_path": r"pattern !~ '[/\\]|^[.]'",
    "url_is_of_the_web": "url = '' or url ~ '^https?://'",
    "login_belongs_to_a_url": "login = '' or url <> ''",
    "password_belongs_to_a_login": "password = '' or login <> ''",
    "every_known": "every in ('', 'quarter', 'hour', 'day')",
    "only_days_have_an_hour": "(every = 'day') = (at_hour is not null)",
    "hour_is_one": "at_hour between 0 and 23",
    "feeds_have_a_timetable": "(pattern = '' and url = '') = (every = '')",
    "active_ones_have_a_time": "active = (next_at is not null)",
    "only_feeds_are_active": "every <> '' or not active",
    "sha256_is_one": "octet_length(sha256) = 32",
    "failures_are_counted": "failures >= 0",
}
TEXTS = ("pattern", "url", "login", "password", "every", "etag", "modified")
OTHERS: dict[str, Any] = {
    "at_hour": sa.Integer(), "next_at": sa.DateTime(timezone=True), "tried_at": sa.DateTime(timezone=True),
    "said": JSONB(), "said_at": sa.DateTime(timezone=True), "sha256": sa.LargeBinary(), "told": sa.LargeBinary(),
}  # fmt: skip


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("import_source", sa.Column(name, sa.String(), server_default="", nullable=False))
    for name, kind in OTHERS.items():
        op.add_column("import_source", sa.Column(name, kind, nullable=True))
    op.add_column("import_source", sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("import_source", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import_run", sa.Column("settled", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_import_source_{name}"), "import_source", condition)
    op.create_index("ix_import_source_next_at", "import_source", ["next_at"], postgresql_where=sa.text("active"))
    op.create_index(
        "uq_import_source_pattern", "import_source", [sa.text("lower(pattern)")], unique=True,
        postgresql_where=sa.text("pattern <> ''"),
    )  # fmt: skip
    op.create_index("ix_import_run_unsettled", "import_run", ["id"], postgresql_where=sa.text("not settled"))


def downgrade() -> None:
    op.drop_index("ix_import_run_unsettled", "import_run")
    op.drop_column("import_run", "settled")
    op.drop_index("uq_import_source_pattern", "import_source")
    op.drop_index("ix_import_source_next_at", "import_source")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_import_source_{name}"), "import_source")
    for name in ("failures", "active", *OTHERS, *TEXTS):
        op.drop_column("import_source", name)
