"""orders for real life: limits, second clock, deliveries, backorders, proposals, waiting lists, what is owed"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

CHECKS = {
    ("app_user", "alert_known"): "new_order_alert in ('none', 'badge', 'sound')",
    ("cart", "purpose_known"): "purpose in ('cart', 'again')",
    (
        "company",
        "rules_not_negative",
    ): "least(unpaid_hours, purge_days, min_order, max_order, max_open_orders, max_open_value, credit_limit,"
    " overdue_block, overdue_block_days, max_per_order, max_per_period) >= 0 and share_days > 0",
    (
        "company",
        "work_has_time",
    ): "work_from < work_to and cardinality(work_days) > 0 and work_days <@ '{1,2,3,4,5,6,7}'",
    ("login_session", "viewing_role_known"): "viewing_role in ('viewer', 'agent')",
    ("orders", "prepaying_has_a_deadline"): "pay_deadline is null or prepay",
    (
        "partner",
        "rules_not_negative",
    ): "least(claim_hours, unpaid_hours, min_order, max_order, max_open_orders, max_open_value, credit_limit,"
    " overdue_block, overdue_block_days, max_per_order, max_per_period) >= 0",
    ("payment", "on_one_thing"): "(document_id is null) <> (order_id is null)",
    ("product", "limits_not_negative"): "least(max_per_order, max_per_period) >= 0",
    ("stock_hold", "deliveries_ship"): "(delivery_id is not null) = (kind = 'shipped')",
}

# Foreign keys that are looked up when an order is purged.
NEVER_SCANNED = (("order_line", "replaces"), ("stock_movement", "order_line_id"), ("limit_pass", "order_id"))


def upgrade() -> None:
    _tables()
    _first_deliveries()
    for (table, name), rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _first_deliveries() -> None:
    """What was shipped until now left in one delivery."""
    op.execute("""
        insert into delivery (order_id, partner_id, number, at, user_id)
        select id, partner_id, 1, ended_at, claimed_by from orders where status = 'shipped'
    """)
    op.execute("alter table stock_hold disable trigger stock_hold_is_append_only")
    op.execute("""
        update stock_hold set delivery_id = delivery.id from order_line join delivery using (order_id)
        where order_line.id = stock_hold.order_line_id and stock_hold.kind = 'shipped'
    """)
    op.execute("alter table stock_hold enable trigger stock_hold_is_append_only")


def _tables() -> None:
    op.create_table(
        "stock_wait",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_wait_quantity_positive")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_stock_wait_partner_id_partner")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_wait_product_id_product")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_stock_wait_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_wait")),
        sa.UniqueConstraint("product_id", "partner_id", name=op.f("uq_stock_wait_product_id_partner_id")),
    )
    op.create_index("ix_stock_wait_partner_id", "stock_wait", ["partner_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id", "partner_id"],
            ["orders.id", "orders.partner_id"],
            name=op.f("fk_delivery_order_id_partner_id_orders"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_delivery_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("id", "partner_id", name=op.f("uq_delivery_id_partner_id")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_delivery_order_id_number")),
    )
    op.create_table(
        "limit_pass",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("up_to > 0", name=op.f("ck_limit_pass_up_to_positive")),
        sa.ForeignKeyConstraint(["granted_by"], ["app_user.id"], name=op.f("fk_limit_pass_granted_by_app_user")),
        sa.ForeignKeyConstraint(
            ["order_id", "partner_id"],
            ["orders.id", "orders.partner_id"],
            name=op.f("fk_limit_pass_order_id_partner_id_orders"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_limit_pass_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_pass")),
    )
    op.create_index("ix_limit_pass_partner_id", "limit_pass", ["partner_id"], unique=False)
    op.create_table(
        "backorder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'placed') = (quantity > 0) and quantity <> 0", name=op.f("ck_backorder_sign_follows_kind")
        ),
        sa.CheckConstraint("kind in ('placed', 'filled', 'cancelled')", name=op.f("ck_backorder_kind_known")),
        sa.ForeignKeyConstraint(
            ["order_line_id", "partner_id"],
            ["order_line.id", "order_line.partner_id"],
            name=op.f("fk_backorder_order_line_id_partner_id_order_line"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_backorder_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backorder")),
    )
    op.create_index("ix_backorder_order_line_id", "backorder", ["order_line_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("keep", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("list_price", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("vat_class", sa.String(), nullable=True),
        sa.Column("vat_rate", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("answer in ('accepted', 'refused', 'withdrawn')", name=op.f("ck_proposal_answer_known")),
        sa.CheckConstraint("(answer is null) = (answered_at is null)", name=op.f("ck_proposal_answer_has_a_time")),
        sa.CheckConstraint("keep >= 0", name=op.f("ck_proposal_keep_not_negative")),
        sa.CheckConstraint(
            "num_nulls(product_id, sku, name, unit, quantity, list_price, unit_price, vat_class, vat_rate) in (0, 9)",
            name=op.f("ck_proposal_substitute_is_whole"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_proposal_quantity_positive")),
        sa.ForeignKeyConstraint(["answered_by"], ["app_user.id"], name=op.f("fk_proposal_answered_by_app_user")),
        sa.ForeignKeyConstraint(
            ["order_id", "partner_id"],
            ["orders.id", "orders.partner_id"],
            name=op.f("fk_proposal_order_id_partner_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id", "partner_id"],
            ["order_line.id", "order_line.partner_id"],
            name=op.f("fk_proposal_order_line_id_partner_id_order_line"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_proposal_product_id_product")),
        sa.ForeignKeyConstraint(["proposed_by"], ["app_user.id"], name=op.f("fk_proposal_proposed_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_order_id", "proposal", ["order_id"], unique=False)
    op.create_index(
        "uq_proposal_waiting", "proposal", ["order_line_id"], unique=True, postgresql_where=sa.text("answer is null")
    )
    op.create_table(
        "receivable",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("open", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint("open >= 0", name=op.f("ck_receivable_never_overpaid")),
        sa.ForeignKeyConstraint(
            ["document_id", "partner_id"],
            ["document.id", "document.partner_id"],
            name=op.f("fk_receivable_document_id_partner_id_document"),
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_receivable")),
    )
    op.create_index(
        "ix_receivable_open", "receivable", ["partner_id", "due_on"], unique=False, postgresql_where=sa.text("open > 0")
    )
    op.add_column("app_user", sa.Column("new_order_alert", sa.String(), server_default="badge", nullable=False))
    op.add_column("cart", sa.Column("purpose", sa.String(), server_default="cart", nullable=False))
    op.add_column("cart", sa.Column("reference", sa.String(), server_default="", nullable=False))
    op.add_column("cart", sa.Column("deliver_to", sa.String(), server_default="", nullable=False))
    op.add_column("cart", sa.Column("wished_on", sa.Date(), nullable=True))
    op.drop_constraint(op.f("uq_cart_user_id"), "cart", type_="unique")
    op.create_unique_constraint(
        op.f("uq_cart_user_id_partner_id_purpose"), "cart", ["user_id", "partner_id", "purpose"]
    )
    op.add_column("company", sa.Column("unpaid_hours", sa.Numeric(), server_default="48", nullable=False))
    op.add_column("company", sa.Column("purge_days", sa.Integer(), server_default="30", nullable=False))
    op.add_column(
        "company", sa.Column("min_order", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False)
    )
    op.add_column(
        "company", sa.Column("max_order", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False)
    )
    op.add_column("company", sa.Column("max_open_orders", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "company", sa.Column("max_open_value", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False)
    )
    op.add_column(
        "company", sa.Column("credit_limit", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False)
    )
    op.add_column(
        "company", sa.Column("overdue_block", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False)
    )
    op.add_column("company", sa.Column("overdue_block_days", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "company", sa.Column("max_per_order", sa.Numeric(precision=12, scale=3), server_default="0", nullable=False)
    )
    op.add_column(
        "company", sa.Column("max_per_period", sa.Numeric(precision=12, scale=3), server_default="0", nullable=False)
    )
    op.add_column("company", sa.Column("share_days", sa.Integer(), server_default="7", nullable=False))
    op.add_column("company", sa.Column("working_clock", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "company",
        sa.Column("work_days", sa.ARRAY(sa.SMALLINT), server_default=sa.text("'{1,2,3,4,5}'"), nullable=False),
    )
    op.add_column("company", sa.Column("work_from", sa.Time(), server_default="09:00", nullable=False))
    op.add_column("company", sa.Column("work_to", sa.Time(), server_default="17:00", nullable=False))
    op.add_column("login_session", sa.Column("viewing_role", sa.String(), server_default="viewer", nullable=False))
    op.add_column("order_line", sa.Column("replaces", sa.Integer(), nullable=True))
    for table, column in NEVER_SCANNED:
        where = sa.text(f"{column} is not null")
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False, postgresql_where=where)
    op.create_index("ix_order_line_product_id", "order_line", ["product_id", "partner_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_order_line_replaces_partner_id_order_line"),
        "order_line",
        "order_line",
        ["replaces", "partner_id"],
        ["id", "partner_id"],
    )
    op.add_column(
        "orders",
        sa.Column(
            "claim_warnings", sa.ARRAY(sa.DateTime(timezone=True)), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("orders", sa.Column("prepay", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("orders", sa.Column("pay_deadline", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "orders",
        sa.Column("pay_warnings", sa.ARRAY(sa.DateTime(timezone=True)), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("orders", sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("invoiced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("assigned_to", sa.Integer(), nullable=True))
    op.add_column("orders", sa.Column("reference", sa.String(), server_default="", nullable=False))
    op.add_column("orders", sa.Column("deliver_to", sa.String(), server_default="", nullable=False))
    op.add_column("orders", sa.Column("wished_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_orders_claim_warning",
        "orders",
        [sa.text("(claim_warnings[1])")],
        unique=False,
        postgresql_where=sa.text("status = 'placed'"),
    )
    op.create_index(
        "ix_orders_exposed",
        "orders",
        ["partner_id"],
        unique=False,
        postgresql_where=sa.text("status in ('placed', 'claimed') or (status = 'shipped' and invoiced_at is null)"),
    )
    op.create_index(
        "ix_orders_lapsed", "orders", ["ended_at"], unique=False, postgresql_where=sa.text("status = 'lapsed'")
    )
    op.create_index(
        "ix_orders_pay_warning",
        "orders",
        [sa.text("(pay_warnings[1])")],
        unique=False,
        postgresql_where=sa.text("status in ('placed', 'claimed') and paid_at is null"),
    )
    op.create_index(
        "ix_orders_unpaid",
        "orders",
        ["pay_deadline"],
        unique=False,
        postgresql_where=sa.text("status in ('placed', 'claimed') and pay_deadline is not null and paid_at is null"),
    )
    op.create_foreign_key(op.f("fk_orders_assigned_to_app_user"), "orders", "app_user", ["assigned_to"], ["id"])
    op.add_column("partner", sa.Column("prepay", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("partner", sa.Column("claim_hours", sa.Numeric(), nullable=True))
    op.add_column("partner", sa.Column("unpaid_hours", sa.Numeric(), nullable=True))
    op.add_column("partner", sa.Column("min_order", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("partner", sa.Column("max_order", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("partner", sa.Column("max_open_orders", sa.Integer(), nullable=True))
    op.add_column("partner", sa.Column("max_open_value", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("partner", sa.Column("credit_limit", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("partner", sa.Column("overdue_block", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("partner", sa.Column("overdue_block_days", sa.Integer(), nullable=True))
    op.add_column("partner", sa.Column("max_per_order", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("partner", sa.Column("max_per_period", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("payment", sa.Column("order_id", sa.Integer(), nullable=True))
    op.alter_column("payment", "document_id", existing_type=sa.INTEGER(), nullable=True)
    op.create_index(
        "ix_payment_order_id", "payment", ["order_id"], unique=False, postgresql_where=sa.text("order_id is not null")
    )
    op.create_foreign_key(
        op.f("fk_payment_order_id_partner_id_orders"),
        "payment",
        "orders",
        ["order_id", "partner_id"],
        ["id", "partner_id"],
    )
    op.add_column("product", sa.Column("backorder", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("product", sa.Column("max_per_order", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("product", sa.Column("max_per_period", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("stock_hold", sa.Column("delivery_id", sa.Integer(), nullable=True))
    op.drop_index(
        op.f("uq_stock_hold_ended"), table_name="stock_hold", postgresql_where="((kind)::text <> 'placed'::text)"
    )
    op.drop_index(
        op.f("uq_stock_hold_placed"), table_name="stock_hold", postgresql_where="((kind)::text = 'placed'::text)"
    )
    op.create_index(
        "ix_stock_hold_delivery_id",
        "stock_hold",
        ["delivery_id"],
        unique=False,
        postgresql_where=sa.text("delivery_id is not null"),
    )
    op.create_index("ix_stock_hold_order_line_id", "stock_hold", ["order_line_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_stock_hold_delivery_id_partner_id_delivery"),
        "stock_hold",
        "delivery",
        ["delivery_id", "partner_id"],
        ["id", "partner_id"],
    )


def downgrade() -> None:
    for table, name in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, column in NEVER_SCANNED:
        op.drop_index(f"ix_{table}_{column}", table)

    op.drop_constraint(op.f("fk_stock_hold_delivery_id_partner_id_delivery"), "stock_hold", type_="foreignkey")
    op.drop_index("ix_stock_hold_order_line_id", table_name="stock_hold")
    op.drop_index(
        "ix_stock_hold_delivery_id", table_name="stock_hold", postgresql_where=sa.text("delivery_id is not null")
    )
    op.create_index(
        op.f("uq_stock_hold_placed"),
        "stock_hold",
        ["order_line_id"],
        unique=True,
        postgresql_where="((kind)::text = 'placed'::text)",
    )
    op.create_index(
        op.f("uq_stock_hold_ended"),
        "stock_hold",
        ["order_line_id"],
        unique=True,
        postgresql_where="((kind)::text <> 'placed'::text)",
    )
    op.drop_column("stock_hold", "delivery_id")
    op.drop_column("product", "max_per_period")
    op.drop_column("product", "max_per_order")
    op.drop_column("product", "backorder")
    op.drop_constraint(op.f("fk_payment_order_id_partner_id_orders"), "payment", type_="foreignkey")
    op.drop_index("ix_payment_order_id", table_name="payment", postgresql_where=sa.text("order_id is not null"))
    op.alter_column("payment", "document_id", existing_type=sa.INTEGER(), nullable=False)
    op.drop_column("payment", "order_id")
    op.drop_column("partner", "max_per_period")
    op.drop_column("partner", "max_per_order")
    op.drop_column("partner", "overdue_block_days")
    op.drop_column("partner", "overdue_block")
    op.drop_column("partner", "credit_limit")
    op.drop_column("partner", "max_open_value")
    op.drop_column("partner", "max_open_orders")
    op.drop_column("partner", "max_order")
    op.drop_column("partner", "min_order")
    op.drop_column("partner", "unpaid_hours")
    op.drop_column("partner", "claim_hours")
    op.drop_column("partner", "prepay")
    op.drop_constraint(op.f("fk_orders_assigned_to_app_user"), "orders", type_="foreignkey")
    op.drop_index(
        "ix_orders_unpaid",
        table_name="orders",
        postgresql_where=sa.text("status in ('placed', 'claimed') and pay_deadline is not null and paid_at is null"),
    )
    op.drop_index(
        "ix_orders_pay_warning",
        table_name="orders",
        postgresql_where=sa.text("status in ('placed', 'claimed') and paid_at is null"),
    )
    op.drop_index("ix_orders_lapsed", table_name="orders", postgresql_where=sa.text("status = 'lapsed'"))
    op.drop_index(
        "ix_orders_exposed",
        table_name="orders",
        postgresql_where=sa.text("status in ('placed', 'claimed') or (status = 'shipped' and invoiced_at is null)"),
    )
    op.drop_index("ix_orders_claim_warning", table_name="orders", postgresql_where=sa.text("status = 'placed'"))
    op.drop_column("orders", "wished_on")
    op.drop_column("orders", "deliver_to")
    op.drop_column("orders", "reference")
    op.drop_column("orders", "assigned_to")
    op.drop_column("orders", "invoiced_at")
    op.drop_column("orders", "extended_at")
    op.drop_column("orders", "paid_at")
    op.drop_column("orders", "pay_warnings")
    op.drop_column("orders", "pay_deadline")
    op.drop_column("orders", "prepay")
    op.drop_column("orders", "claim_warnings")
    op.drop_constraint(op.f("fk_order_line_replaces_partner_id_order_line"), "order_line", type_="foreignkey")
    op.drop_index("ix_order_line_product_id", table_name="order_line")
    op.drop_column("order_line", "replaces")
    op.drop_column("login_session", "viewing_role")
    op.drop_column("company", "work_to")
    op.drop_column("company", "work_from")
    op.drop_column("company", "work_days")
    op.drop_column("company", "working_clock")
    op.drop_column("company", "share_days")
    op.drop_column("company", "max_per_period")
    op.drop_column("company", "max_per_order")
    op.drop_column("company", "overdue_block_days")
    op.drop_column("company", "overdue_block")
    op.drop_column("company", "credit_limit")
    op.drop_column("company", "max_open_value")
    op.drop_column("company", "max_open_orders")
    op.drop_column("company", "max_order")
    op.drop_column("company", "min_order")
    op.drop_column("company", "purge_days")
    op.drop_column("company", "unpaid_hours")
    op.drop_constraint(op.f("uq_cart_user_id_partner_id_purpose"), "cart", type_="unique")
    op.create_unique_constraint(op.f("uq_cart_user_id"), "cart", ["user_id"], postgresql_nulls_not_distinct=False)
    op.drop_column("cart", "wished_on")
    op.drop_column("cart", "deliver_to")
    op.drop_column("cart", "reference")
    op.drop_column("cart", "purpose")
    op.drop_column("app_user", "new_order_alert")
    op.drop_index("ix_receivable_open", table_name="receivable", postgresql_where=sa.text("open > 0"))
    op.drop_table("receivable")
    op.drop_index("uq_proposal_waiting", table_name="proposal", postgresql_where=sa.text("answer is null"))
    op.drop_index("ix_proposal_order_id", table_name="proposal")
    op.drop_table("proposal")
    op.drop_index("ix_backorder_order_line_id", table_name="backorder")
    op.drop_table("backorder")
    op.drop_index("ix_limit_pass_partner_id", table_name="limit_pass")
    op.drop_table("limit_pass")
    op.drop_table("delivery")
    op.drop_index("ix_stock_wait_partner_id", table_name="stock_wait")
    op.drop_table("stock_wait")
