"""prices and catalogue: lists, discounts, promotions, sort keys; products with pictures, files, audience; saved lists"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

CHECKS = {
    ("company", "stock_display_known"): "stock_display in ('quantity', 'capped', 'yes_no', 'light', 'nothing')"
    " and stock_cap > 0",
    ("partner", "stock_display_known"): "stock_display in ('quantity', 'capped', 'yes_no', 'light', 'nothing')",
    ("partner_price", "from_quantity_not_negative"): "from_quantity >= 0",
    ("partner_price", "period_has_days"): "valid_from <= valid_until",
    ("product", "quantities_positive"): "least(least_quantity, multiple) > 0",
    ("product", "rrp_and_weight_not_negative"): "least(rrp, weight) >= 0",
    ("product", "replaced_by_another"): "replaced_by <> id",
}

OF_A_CATEGORY = ["id", "active", "restricted", "name_folded", "list_price", "created_at"]


COUNTED = (
    "b bara bare bax baxuri bidon bidoane box boxes bu buc bucata bucati carton cartoane cartus cartuse colac colaci "
    "cutie cutii ea foaie foi galeata galeti pac pach pachet pachete pack packs pair pairs palet paleti pallet pallets "
    "pc pcs per pereche perechi piece pieces punga pungi rola role roll rolls sac saci set sets seturi st stk tub tuburi"
)


def upgrade() -> None:
    _words()
    _tables()
    _columns()
    _whole_units()
    for (table, name), rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _words() -> None:
    """The words that a product is found by: without diacritics of any language, cut at what is no letter or digit; an
    SKU also between the two, and as one word."""
    op.execute(r"""
        create function search_words(words text) returns text[] language sql immutable parallel safe
        return string_to_array(btrim(regexp_replace(regexp_replace(
            lower(regexp_replace(normalize(words, nfkd), '[\u0300-\u036f]', '', 'g')),
            '[\001-\057\072-\100\133-\140\173-\177]+', ' ', 'g'), '([^ ]{40})[^ ]+', '\1', 'g')), ' ')
    """)
    op.execute(r"""
        create function product_words(sku text, name text, brand text, ean text) returns tsvector
        language sql immutable parallel safe
        return array_to_tsvector(search_words(sku || ' ' || name || ' ' || brand || ' ' || ean || ' ' ||
            regexp_replace(sku, '(?<=[a-zA-Z])(?=[0-9])|(?<=[0-9])(?=[a-zA-Z])', ' ', 'g') || ' ' ||
            regexp_replace(sku, '[^a-zA-Z0-9]+', '', 'g')))
    """)


def _tables() -> None:
    op.create_table(
        "price_list",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), server_default="RON", nullable=False),
        sa.Column("lei_rate", sa.Numeric(precision=14, scale=4), server_default="1", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_price_list_currency_is_a_code")),
        sa.CheckConstraint(
            "lei_rate > 0 and (currency <> 'RON' or lei_rate = 1)", name=op.f("ck_price_list_lei_rate_fits")
        ),
        sa.CheckConstraint("name <> '' and name = btrim(name)", name=op.f("ck_price_list_name_is_trimmed")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_price_list_period_has_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
        sa.UniqueConstraint("name", name=op.f("uq_price_list_name")),
    )
    op.create_table(
        "offer_version",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_offer_version")),
    )
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
    )
    op.create_table(
        "stale_price",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stale_price")),
    )
    op.create_table(
        "word_deletion",
        sa.Column("deletion", sa.Text(collation="C"), nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("deletion", "word", name=op.f("pk_word_deletion")),
    )
    op.create_table(
        "partner_group",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("price_list_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("name <> '' and name = btrim(name)", name=op.f("ck_partner_group_name_is_trimmed")),
        sa.ForeignKeyConstraint(
            ["price_list_id"], ["price_list.id"], name=op.f("fk_partner_group_price_list_id_price_list")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_group")),
        sa.UniqueConstraint("name", name=op.f("uq_partner_group_name")),
    )
    op.create_table(
        "price_list_item",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("price_list_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("from_quantity", sa.Numeric(precision=12, scale=3), server_default="0", nullable=False),
        sa.Column("net", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("from_quantity >= 0", name=op.f("ck_price_list_item_from_quantity_not_negative")),
        sa.CheckConstraint("net >= 0", name=op.f("ck_price_list_item_net_not_negative")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_price_list_item_period_has_days")),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_list.id"],
            name=op.f("fk_price_list_item_price_list_id_price_list"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_price_list_item_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list_item")),
        sa.UniqueConstraint(
            "price_list_id",
            "product_id",
            "from_quantity",
            "valid_from",
            name="uq_price_list_item_place",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_price_list_item_product_id", "price_list_item", ["product_id"], unique=False)
    op.create_table(
        "price_profile",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("price_list_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("bare", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("priced_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["partner_group.id"], name=op.f("fk_price_profile_group_id_partner_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_list.id"],
            name=op.f("fk_price_profile_price_list_id_price_list"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_profile")),
        sa.UniqueConstraint(
            "price_list_id",
            "group_id",
            "bare",
            name=op.f("uq_price_profile_price_list_id_group_id_bare"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "product_file",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_file_product_id_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_file")),
        sa.UniqueConstraint("product_id", "name", name=op.f("uq_product_file_product_id_name")),
    )
    op.create_table(
        "product_image",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_image_product_id_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_image")),
        sa.UniqueConstraint("product_id", "position", name=op.f("uq_product_image_product_id_position")),
        sa.UniqueConstraint("product_id", "sha256", name=op.f("uq_product_image_product_id_sha256")),
    )
    op.create_table(
        "discount",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("price_list_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("from_quantity", sa.Numeric(precision=12, scale=3), server_default="0", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "owner",
            sa.Integer(),
            sa.Computed("coalesce(partner_id, -price_list_id, 0)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "target",
            sa.String(),
            sa.Computed(
                "coalesce('p' || product_id::text, 'b' || brand, 'c' || category_id::text, '*')", persisted=True
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "num_nonnulls(product_id, brand, category_id) <= 1 and brand <> ''", name=op.f("ck_discount_one_target")
        ),
        sa.CheckConstraint(
            "partner_id is null or target <> '*'", name=op.f("ck_discount_partners_on_everything_is_its_column")
        ),
        sa.CheckConstraint("from_quantity >= 0", name=op.f("ck_discount_from_quantity_not_negative")),
        sa.CheckConstraint("num_nonnulls(partner_id, price_list_id) <= 1", name=op.f("ck_discount_one_owner")),
        sa.CheckConstraint("percent between 0 and 100", name=op.f("ck_discount_percent_is_percent")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_discount_period_has_days")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_discount_category_id_category")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_discount_partner_id_partner")),
        sa.ForeignKeyConstraint(
            ["price_list_id"], ["price_list.id"], name=op.f("fk_discount_price_list_id_price_list"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_discount_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount")),
        sa.UniqueConstraint(
            "owner",
            "target",
            "from_quantity",
            "valid_from",
            name="uq_discount_place",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_discount_target", "discount", ["target"], unique=False)
    op.create_table(
        "partner_code",
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("code <> '' and code = btrim(code)", name=op.f("ck_partner_code_code_is_trimmed")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_code_partner_id_partner")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_partner_code_product_id_product")),
        sa.PrimaryKeyConstraint("partner_id", "code", name=op.f("pk_partner_code")),
    )
    op.create_index("ix_partner_code_product_id", "partner_code", ["product_id"], unique=False)
    op.create_table(
        "partner_exception",
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("net", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("gross", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_exception_partner_id_partner")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_partner_exception_product_id_product"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("partner_id", "product_id", name=op.f("pk_partner_exception")),
    )
    op.create_index(
        "ix_partner_exception_gross", "partner_exception", ["partner_id", "gross", "product_id"], unique=False
    )
    op.create_index("ix_partner_exception_net", "partner_exception", ["partner_id", "net", "product_id"], unique=False)
    op.create_index("ix_partner_exception_product_id", "partner_exception", ["product_id"], unique=False)
    op.create_table(
        "product_audience",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("num_nonnulls(group_id, partner_id) = 1", name=op.f("ck_product_audience_group_or_partner")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["partner_group.id"],
            name=op.f("fk_product_audience_group_id_partner_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_product_audience_partner_id_partner")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_audience_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_audience")),
        sa.UniqueConstraint(
            "product_id",
            "group_id",
            "partner_id",
            name=op.f("uq_product_audience_product_id_group_id_partner_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_product_audience_group_id",
        "product_audience",
        ["group_id"],
        unique=False,
        postgresql_where=sa.text("group_id is not null"),
    )
    op.create_index(
        "ix_product_audience_partner_id",
        "product_audience",
        ["partner_id"],
        unique=False,
        postgresql_where=sa.text("partner_id is not null"),
    )
    op.create_table(
        "profile_price",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("net", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("gross", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_profile_price_product_id_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["price_profile.id"],
            name=op.f("fk_profile_price_profile_id_price_profile"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "product_id", name=op.f("pk_profile_price")),
    )
    op.create_index("ix_profile_price_gross", "profile_price", ["profile_id", "gross", "product_id"], unique=False)
    op.create_index("ix_profile_price_net", "profile_price", ["profile_id", "net", "product_id"], unique=False)
    op.create_index("ix_profile_price_product_id", "profile_price", ["product_id"], unique=False)
    op.create_table(
        "promotion",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("name <> '' and name = btrim(name)", name=op.f("ck_promotion_name_is_trimmed")),
        sa.CheckConstraint("num_nonnulls(group_id, partner_id) <= 1", name=op.f("ck_promotion_one_audience")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_promotion_period_has_days")),
        sa.ForeignKeyConstraint(["group_id"], ["partner_group.id"], name=op.f("fk_promotion_group_id_partner_group")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_promotion_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
    )
    op.create_table(
        "saved_list",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("name <> '' and name = btrim(name)", name=op.f("ck_saved_list_name_is_trimmed")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_saved_list_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_list")),
        sa.UniqueConstraint("id", "partner_id", name=op.f("uq_saved_list_id_partner_id")),
        sa.UniqueConstraint("partner_id", "name", name=op.f("uq_saved_list_partner_id_name")),
    )
    op.create_table(
        "favourite",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_favourite_partner_id_partner")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_favourite_product_id_product")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_favourite_user_id_app_user")),
        sa.PrimaryKeyConstraint("user_id", "partner_id", "product_id", name=op.f("pk_favourite")),
    )
    op.create_index("ix_favourite_product_id", "favourite", ["product_id"], unique=False)
    op.create_table(
        "quick_draft",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("code_column", sa.Integer(), nullable=True),
        sa.Column("quantity_column", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_quick_draft_partner_id_partner")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_quick_draft_user_id_app_user")),
        sa.PrimaryKeyConstraint("user_id", "partner_id", name=op.f("pk_quick_draft")),
    )
    op.create_table(
        "promotion_item",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("promotion_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("from_quantity", sa.Numeric(precision=12, scale=3), server_default="0", nullable=False),
        sa.Column("net", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.CheckConstraint("from_quantity >= 0", name=op.f("ck_promotion_item_from_quantity_not_negative")),
        sa.CheckConstraint("net >= 0", name=op.f("ck_promotion_item_net_not_negative")),
        sa.CheckConstraint("num_nonnulls(net, percent) = 1", name=op.f("ck_promotion_item_net_or_percent")),
        sa.CheckConstraint("percent between 0 and 100", name=op.f("ck_promotion_item_percent_is_percent")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_promotion_item_product_id_product")),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotion.id"],
            name=op.f("fk_promotion_item_promotion_id_promotion"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_item")),
        sa.UniqueConstraint(
            "promotion_id",
            "product_id",
            "from_quantity",
            name=op.f("uq_promotion_item_promotion_id_product_id_from_quantity"),
        ),
    )
    op.create_index("ix_promotion_item_product_id", "promotion_item", ["product_id"], unique=False)
    op.create_table(
        "saved_list_line",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_saved_list_line_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["list_id", "partner_id"],
            ["saved_list.id", "saved_list.partner_id"],
            name=op.f("fk_saved_list_line_list_id_partner_id_saved_list"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_saved_list_line_product_id_product")),
        sa.PrimaryKeyConstraint("list_id", "product_id", name=op.f("pk_saved_list_line")),
    )
    op.create_index("ix_saved_list_line_product_id", "saved_list_line", ["product_id"], unique=False)
    op.create_table(
        "taken_price_list",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("query", sa.String(), server_default="", nullable=False),
        sa.Column("filters", sa.String(), sa.Computed("md5(query)", persisted=True), nullable=False),
        sa.Column("prices", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_taken_price_list_partner_id_partner")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_taken_price_list_user_id_app_user")),
        sa.PrimaryKeyConstraint("user_id", "partner_id", "filters", "taken_at", name=op.f("pk_taken_price_list")),
    )


def _columns() -> None:
    op.add_column("app_user", sa.Column("show_gross", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "cart", sa.Column("tabs", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.execute("grant update (tabs) on cart to rampa_partner")
    op.add_column("category", sa.Column("parent_id", sa.Integer(), nullable=True))
    _category_levels()
    op.create_index("ix_category_parent_id", "category", ["parent_id"], unique=False)
    op.create_foreign_key(op.f("fk_category_parent_id_category"), "category", "category", ["parent_id"], ["id"])
    op.add_column("company", sa.Column("stock_display", sa.String(), server_default="quantity", nullable=False))
    op.add_column(
        "company", sa.Column("stock_cap", sa.Numeric(precision=12, scale=3), server_default="10", nullable=False)
    )
    for table in ("order_line", "proposal"):
        op.add_column(table, sa.Column("price_rule", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("partner", sa.Column("group_id", sa.Integer(), nullable=True))
    op.add_column("partner", sa.Column("price_list_id", sa.Integer(), nullable=True))
    op.add_column("partner", sa.Column("prices_hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("partner", sa.Column("stock_display", sa.String(), nullable=True))
    op.create_index("ix_partner_group_id", "partner", ["group_id"], unique=False)
    op.create_index("ix_partner_price_list_id", "partner", ["price_list_id"], unique=False)
    op.create_foreign_key(op.f("fk_partner_group_id_partner_group"), "partner", "partner_group", ["group_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_partner_price_list_id_price_list"), "partner", "price_list", ["price_list_id"], ["id"]
    )
    op.add_column("partner_price", sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False))
    op.add_column(
        "partner_price",
        sa.Column("from_quantity", sa.Numeric(precision=12, scale=3), server_default="0", nullable=False),
    )
    op.add_column("partner_price", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("partner_price", sa.Column("valid_until", sa.Date(), nullable=True))
    op.drop_constraint("pk_partner_price", "partner_price")
    op.create_primary_key("pk_partner_price", "partner_price", ["id"])
    op.create_unique_constraint(
        "uq_partner_price_place",
        "partner_price",
        ["partner_id", "product_id", "from_quantity", "valid_from"],
        postgresql_nulls_not_distinct=True,
    )
    op.add_column("product", sa.Column("description", sa.String(), server_default="", nullable=False))
    op.add_column("product", sa.Column("least_quantity", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("product", sa.Column("multiple", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("product", sa.Column("rrp", sa.Numeric(precision=14, scale=4), nullable=True))
    op.add_column("product", sa.Column("weight", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("product", sa.Column("nc_code", sa.String(), server_default="", nullable=False))
    op.add_column("product", sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("product", sa.Column("replaced_by", sa.Integer(), nullable=True))
    op.add_column("product", sa.Column("expected_on", sa.Date(), nullable=True))
    op.add_column(
        "product", sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column(
        "product",
        sa.Column(
            "sku_folded",
            sa.String(),
            sa.Computed("lower(translate(sku, 'ăâîșțşţĂÂÎȘȚŞŢ', 'aaiststAAISTST'))", persisted=True),
            nullable=False,
        ),
    )
    op.add_column(
        "product",
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed("product_words(sku, name, brand, ean)", persisted=True),
            nullable=False,
        ),
    )
    op.create_index("ix_product_brand", "product", ["brand"], unique=False)
    op.create_index("ix_product_created_at", "product", ["created_at", "id"], unique=False)
    op.drop_index("ix_product_category_id", table_name="product")
    op.create_index("ix_product_category_id", "product", ["category_id"], postgresql_include=OF_A_CATEGORY)
    op.create_index("ix_product_ean", "product", ["ean"], unique=False, postgresql_where=sa.text("ean <> ''"))
    op.create_index(
        "ix_product_replaced_by",
        "product",
        ["replaced_by"],
        unique=False,
        postgresql_where=sa.text("replaced_by is not null"),
    )
    op.create_index("ix_product_sku_folded", "product", ["sku_folded"], unique=False)
    op.create_index(
        "ix_product_words",
        "product",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_foreign_key(op.f("fk_product_replaced_by_product"), "product", "product", ["replaced_by"], ["id"])
    op.drop_column("product", "search_text")


def _whole_units() -> None:
    """Of what is counted there are only whole ones, as for new products (core.catalog.units)."""
    op.execute(f"""
        update product set multiple = 1
        where btrim(lower(translate(unit, 'ăâîșțşţĂÂÎȘȚŞŢ', 'aaiststAAISTST')), ' .') = any(string_to_array('{COUNTED}', ' '))
    """)


def _category_levels() -> None:
    op.execute("alter table category add lineage int[]")
    op.execute("""
        insert into category (path)
        select distinct array_to_string((string_to_array(path, ' > '))[1\\:n], ' > ')
        from category, generate_series(1, 20) n where n < cardinality(string_to_array(path, ' > '))
        on conflict do nothing
    """)
    op.execute("""
        update category set parent_id = parent.id from category parent
        where parent.path = regexp_replace(category.path, ' > (?!.* > ).*$', '') and parent.id <> category.id
    """)
    op.execute("""
        with recursive tree as (
            select id, array[id] as lineage from category where parent_id is null
            union all
            select category.id, category.id || tree.lineage from category join tree on tree.id = category.parent_id
        )
        update category set lineage = tree.lineage from tree where tree.id = category.id
    """)
    op.execute("alter table category alter lineage set not null")


def downgrade() -> None:
    for table, name in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.add_column(
        "product",
        sa.Column(
            "search_text",
            sa.String(),
            sa.Computed(
                "lower(translate((((((((sku)::text || ' '::text) || (name)::text) || ' '::text) || (brand)::text) || ' '::text) || (ean)::text), 'ăâîșțşţĂÂÎȘȚŞŢ'::text, 'aaiststAAISTST'::text))",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.drop_constraint(op.f("fk_product_replaced_by_product"), "product", type_="foreignkey")
    op.drop_index(
        "ix_product_words", table_name="product", postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.drop_index("ix_product_sku_folded", table_name="product")
    op.drop_index("ix_product_replaced_by", table_name="product", postgresql_where=sa.text("replaced_by is not null"))
    op.drop_index("ix_product_ean", table_name="product", postgresql_where=sa.text("ean <> ''"))
    op.drop_index("ix_product_category_id", table_name="product")
    op.create_index("ix_product_category_id", "product", ["category_id"])
    op.drop_index("ix_product_created_at", table_name="product")
    op.drop_index("ix_product_brand", table_name="product")
    op.drop_column("product", "words")
    op.drop_column("product", "sku_folded")
    op.drop_column("product", "created_at")
    op.drop_column("product", "expected_on")
    op.drop_column("product", "replaced_by")
    op.drop_column("product", "restricted")
    op.drop_column("product", "nc_code")
    op.drop_column("product", "weight")
    op.drop_column("product", "rrp")
    op.drop_column("product", "multiple")
    op.drop_column("product", "least_quantity")
    op.drop_column("product", "description")
    op.drop_constraint("uq_partner_price_place", "partner_price", type_="unique")
    op.execute("delete from partner_price where from_quantity > 0 or valid_from is not null")
    op.drop_constraint("pk_partner_price", "partner_price")
    op.create_primary_key("pk_partner_price", "partner_price", ["partner_id", "product_id"])
    op.drop_column("partner_price", "valid_until")
    op.drop_column("partner_price", "valid_from")
    op.drop_column("partner_price", "from_quantity")
    op.drop_column("partner_price", "id")
    op.drop_constraint(op.f("fk_partner_price_list_id_price_list"), "partner", type_="foreignkey")
    op.drop_constraint(op.f("fk_partner_group_id_partner_group"), "partner", type_="foreignkey")
    op.drop_index("ix_partner_price_list_id", table_name="partner")
    op.drop_index("ix_partner_group_id", table_name="partner")
    op.drop_column("partner", "stock_display")
    op.drop_column("partner", "prices_hidden")
    op.drop_column("partner", "price_list_id")
    op.drop_column("partner", "group_id")
    op.drop_column("proposal", "price_rule")
    op.drop_column("order_line", "price_rule")
    op.drop_column("company", "stock_cap")
    op.drop_column("company", "stock_display")
    op.drop_constraint(op.f("fk_category_parent_id_category"), "category", type_="foreignkey")
    op.drop_index("ix_category_parent_id", table_name="category")
    op.drop_column("category", "lineage")
    op.drop_column("category", "parent_id")
    op.drop_column("cart", "tabs")
    op.drop_column("app_user", "show_gross")
    op.drop_table("offer_version")
    op.drop_table("taken_price_list")
    op.drop_index("ix_saved_list_line_product_id", table_name="saved_list_line")
    op.drop_table("saved_list_line")
    op.drop_index("ix_promotion_item_product_id", table_name="promotion_item")
    op.drop_table("promotion_item")
    op.drop_index("ix_favourite_product_id", table_name="favourite")
    op.drop_table("favourite")
    op.drop_table("quick_draft")
    op.drop_table("saved_list")
    op.drop_table("promotion")
    op.drop_index("ix_profile_price_product_id", table_name="profile_price")
    op.drop_index("ix_profile_price_net", table_name="profile_price")
    op.drop_index("ix_profile_price_gross", table_name="profile_price")
    op.drop_table("profile_price")
    op.drop_index(
        "ix_product_audience_partner_id",
        table_name="product_audience",
        postgresql_where=sa.text("partner_id is not null"),
    )
    op.drop_index(
        "ix_product_audience_group_id", table_name="product_audience", postgresql_where=sa.text("group_id is not null")
    )
    op.drop_table("product_audience")
    op.drop_index("ix_partner_exception_product_id", table_name="partner_exception")
    op.drop_index("ix_partner_exception_net", table_name="partner_exception")
    op.drop_index("ix_partner_exception_gross", table_name="partner_exception")
    op.drop_table("partner_exception")
    op.drop_index("ix_partner_code_product_id", table_name="partner_code")
    op.drop_table("partner_code")
    op.drop_index("ix_discount_target", table_name="discount")
    op.drop_table("discount")
    op.drop_table("product_image")
    op.drop_table("product_file")
    op.drop_table("price_profile")
    op.drop_index("ix_price_list_item_product_id", table_name="price_list_item")
    op.drop_table("price_list_item")
    op.drop_table("partner_group")
    op.drop_table("word_deletion")
    op.drop_table("stale_price")
    op.drop_table("search_word")
    op.drop_table("price_list")
    op.execute("drop function product_words(text, text, text, text)")
    op.execute("drop function search_words(text)")
