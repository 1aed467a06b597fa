"""words of mails, one daily mail instead of many, addresses that bounce, order addresses by brand, low stock"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

STATES_BEFORE = "state in ('queued', 'sending', 'sent', 'failed', 'uncertain')"
STATES = "state in ('queued', 'sending', 'sent', 'failed', 'uncertain', 'held', 'gathered')"


def upgrade() -> None:
    op.create_table(
        "mail_words",
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint("language in ('ro', 'en')", name=op.f("ck_mail_words_language_known")),
        sa.CheckConstraint("words <> '' and length(words) <= 2000", name=op.f("ck_mail_words_length_allowed")),
        sa.PrimaryKeyConstraint("template", "language", "message", name=op.f("pk_mail_words")),
    )
    op.create_table(
        "order_address",
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("emails", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.CheckConstraint(
            "brand <> '' and cardinality(emails) > 0", name=op.f("ck_order_address_brand_has_addresses")
        ),
        sa.PrimaryKeyConstraint("brand", name=op.f("pk_order_address")),
    )
    op.create_table(
        "low_stock_told",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_low_stock_told_product_id_product")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_low_stock_told")),
    )
    op.create_table(
        "known_browser",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_known_browser_user_id_app_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "token_hash", name=op.f("pk_known_browser")),
    )
    op.add_column("product", sa.Column("low_stock", sa.Numeric(12, 3), nullable=True))
    op.create_check_constraint(op.f("ck_product_low_stock_positive"), "product", "low_stock > 0")
    op.create_index("ix_product_low_stock", "product", ["id"], postgresql_where=sa.text("low_stock is not null"))
    op.add_column(
        "app_user",
        sa.Column("gathered", postgresql.ARRAY(sa.TEXT()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("app_user", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("app_user", sa.Column("bounce", sa.String(), server_default="", nullable=False))
    op.add_column("mail", sa.Column("template", sa.String(), server_default="", nullable=False))
    op.add_column("mail", sa.Column("user_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_mail_user_id_app_user"), "mail", "app_user", ["user_id"], ["id"])
    op.create_index("ix_mail_held", "mail", ["user_id"], postgresql_where=sa.text("state = 'held'"))
    _replace_states(STATES)


def downgrade() -> None:
    op.execute("update mail set state = 'sent' where state in ('held', 'gathered')")
    _replace_states(STATES_BEFORE)
    op.drop_index("ix_mail_held", "mail")
    for table, column in (("mail", "user_id"), ("mail", "template"), ("app_user", "bounce"),
                          ("app_user", "bounced_at"), ("app_user", "gathered")):  # fmt: skip
        op.drop_column(table, column)
    op.drop_index("ix_product_low_stock", "product")
    op.drop_column("product", "low_stock")
    for table in ("known_browser", "low_stock_told", "order_address", "mail_words"):
        op.drop_table(table)


def _replace_states(rule: str) -> None:
    op.drop_constraint(op.f("ck_mail_state_known"), "mail")
    op.create_check_constraint(op.f("ck_mail_state_known"), "mail", rule)
