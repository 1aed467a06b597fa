"""access: roles, life of a partner, sessions that end when idle, second factors, mailed links, where from"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
WORDS = sa.ARRAY(sa.TEXT)
ME = "(select current_setting('rampa.user_id')::int)"
MINE = "(select current_setting('rampa.partner_id')::int)"
I_AM_OWNER = f"(select role = 'owner' from app_user where id = {ME})"
COLLEAGUE = (
    "exists (select from app_user where app_user.id = user_id)"  # the policy of app_user shows the own ones only
)


def upgrade() -> None:
    _partners()
    _users()
    _sessions()
    _links_and_codes()
    _orders()
    _elsewhere()
    _wall()


def _partners() -> None:
    op.drop_constraint(op.f("ck_partner_status_known"), "partner")
    op.create_check_constraint(
        op.f("ck_partner_status_known"), "partner", "status in ('proposed', 'approved', 'active', 'on_hold', 'closed')"
    )
    op.add_column("partner", sa.Column("contact_name", sa.String(), server_default="", nullable=False))


def _users() -> None:
    op.add_column("app_user", sa.Column("role", sa.String()))
    op.execute("update app_user set role = case kind when 'partner' then 'owner' else 'admin' end")
    op.alter_column("app_user", "role", nullable=False)
    op.add_column("app_user", sa.Column("spending_limit", sa.Numeric(14, 2)))
    op.add_column("app_user", sa.Column("muted", WORDS, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("app_user", sa.Column("totp_secret", sa.String(), server_default="", nullable=False))
    op.add_column("app_user", sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("app_user", "password_hash", server_default="")
    op.drop_column("app_user", "failed_logins")
    op.drop_column("app_user", "locked_until")
    op.create_check_constraint(
        op.f("ck_app_user_role_fits_kind"),
        "app_user",
        "case kind when 'partner' then role in ('owner', 'buyer', 'accountant')"
        " else role in ('admin', 'sales', 'warehouse', 'accounting', 'analyst') end",
    )
    op.create_check_constraint(
        op.f("ck_app_user_limit_is_a_buyers"),
        "app_user",
        "spending_limit is null or (spending_limit >= 0 and role = 'buyer')",
    )


def _sessions() -> None:
    op.execute("delete from login_session")  # everybody logs in once more: the old rows do not know when they were used
    op.execute("delete from login_ticket")
    op.add_column("login_session", sa.Column("id", sa.Integer(), sa.Identity(), nullable=False))
    op.create_unique_constraint(op.f("uq_login_session_id"), "login_session", ["id"])
    op.add_column("login_session", sa.Column("last_seen_at", INSTANT, server_default=sa.func.now(), nullable=False))
    op.add_column("login_session", sa.Column("address", sa.String(), server_default="", nullable=False))
    op.add_column("login_session", sa.Column("browser", sa.String(), server_default="", nullable=False))
    op.add_column(
        "login_session",
        sa.Column(
            "viewing_partner_id",
            sa.Integer(),
            sa.ForeignKey("partner.id", name=op.f("fk_login_session_viewing_partner_id_partner")),
        ),
    )
    op.add_column("login_session", sa.Column("viewing_until", INSTANT))
    op.create_check_constraint(
        op.f("ck_login_session_viewing_ends"),
        "login_session",
        "(viewing_partner_id is null) = (viewing_until is null)",
    )
    op.add_column(
        "login_ticket", sa.Column("needs_code", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("blocked_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )


def _links_and_codes() -> None:
    op.create_table(
        "access_link",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("new_email", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.CheckConstraint("purpose in ('invite', 'reset', 'email')", name=op.f("ck_access_link_purpose_known")),
        sa.CheckConstraint(
            "(purpose = 'email') = (new_email <> '')", name=op.f("ck_access_link_email_links_carry_the_new_address")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_access_link_user_id_app_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_link")),
        sa.UniqueConstraint("user_id", "purpose", name=op.f("uq_access_link_user_id_purpose")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_recovery_code_user_id_app_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.add_column("mail", sa.Column("link_id", sa.Uuid()))


def _orders() -> None:
    op.add_column("cart", sa.Column("approval_asked_at", INSTANT))
    op.add_column("cart", sa.Column("approval_note", sa.String(), server_default="", nullable=False))
    op.add_column(
        "orders",
        sa.Column(
            "approved_by", sa.Integer(), sa.ForeignKey("app_user.id", name=op.f("fk_orders_approved_by_app_user"))
        ),
    )


def _elsewhere() -> None:
    op.add_column("company", sa.Column("two_factor_roles", WORDS, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("event", sa.Column("address", sa.String(), server_default="", nullable=False))
    op.create_index("ix_event_user_id", "event", ["user_id", "id"])
    op.create_index("ix_event_kind", "event", ["kind", "id"])


def _wall() -> None:
    """People are no business of the partners' role but for names, roles and limits."""
    op.execute("revoke update (language) on app_user from rampa_partner")
    op.execute("grant select (role, spending_limit) on app_user to rampa_partner")
    # The owner looks at, and places, what a colleague's cart asks approval for.
    op.execute("drop policy own_rows on cart")
    op.execute(f"""
        create policy own_rows on cart to rampa_partner
        using (partner_id = {MINE} and (user_id = {ME} or approval_asked_at is not null))
        with check (partner_id = {MINE})
    """)
    op.execute("drop policy place_only on orders")
    op.execute(f"""
        create policy place_only on orders as restrictive for insert to rampa_partner
        with check (status = 'placed' and ((user_id = {ME} and approved_by is null)
                                           or (approved_by = {ME} and {I_AM_OWNER} and {COLLEAGUE})))
    """)


def downgrade() -> None:
    op.execute("drop policy place_only on orders")
    op.execute(f"""
        create policy place_only on orders as restrictive for insert to rampa_partner
        with check (status = 'placed' and user_id = {ME})
    """)
    op.execute("drop policy own_rows on cart")
    op.execute(f"""
        create policy own_rows on cart to rampa_partner
        using (partner_id = {MINE} and user_id = {ME}) with check (partner_id = {MINE} and user_id = {ME})
    """)
    op.execute("revoke select (role, spending_limit) on app_user from rampa_partner")
    op.execute("grant update (language) on app_user to rampa_partner")
    op.drop_index("ix_event_kind", "event")
    op.drop_index("ix_event_user_id", "event")
    op.drop_column("event", "address")
    op.drop_column("company", "two_factor_roles")
    op.drop_column("orders", "approved_by")
    op.drop_column("cart", "approval_note")
    op.drop_column("cart", "approval_asked_at")
    op.drop_column("mail", "link_id")
    op.drop_table("recovery_code")
    op.drop_table("access_link")
    op.drop_table("throttle")
    op.drop_column("login_ticket", "needs_code")
    for column in ("viewing_until", "viewing_partner_id", "browser", "address", "last_seen_at", "id"):
        op.drop_column("login_session", column)
    op.add_column("app_user", sa.Column("failed_logins", sa.Integer(), server_default="0", nullable=False))
    op.add_column("app_user", sa.Column("locked_until", INSTANT))
    op.alter_column("app_user", "password_hash", server_default=None)
    for column in ("totp_step", "totp_secret", "muted", "spending_limit", "role"):
        op.drop_column("app_user", column)
    op.drop_column("partner", "contact_name")
    op.execute("update partner set status = 'closed' where status = 'proposed'")
    op.execute("update partner set status = 'active' where status = 'approved'")
    op.drop_constraint(op.f("ck_partner_status_known"), "partner")
    op.create_check_constraint(op.f("ck_partner_status_known"), "partner", "status in ('active', 'on_hold', 'closed')")
