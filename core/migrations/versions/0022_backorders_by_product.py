"""who waits for a product is found from what is on backorder"""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_index(
        "ix_backorder_product_id", "backorder", ["product_id", "order_line_id"], postgresql_include=["quantity"]
    )


def downgrade() -> None:
    op.drop_index("ix_backorder_product_id", "backorder")
