"""the newest documents of all partners are found without sorting them all"""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_index("ix_document_newest", "document", ["issued_on", "id"])


def downgrade() -> None:
    op.drop_index("ix_document_newest", "document")
