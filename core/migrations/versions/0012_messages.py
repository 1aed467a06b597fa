"""messages to partners with their receipts, and conversations with attachments"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

MINE = "(select current_setting('rampa.partner_id')::int)"
ME = "(select current_setting('rampa.user_id')::int)"
SETTINGS = "security definer set search_path = public, pg_temp"

APPEND_ONLY = ("message_reminder", "thread_entry", "thread_file")
# Table -> what a partner may do with the rows that the policy shows it.
PARTNER_GRANTS = {
    "message_audience": ("select", f"partner_id = {MINE} or group_id = (select group_id from partner where id = {MINE})"),
    # What the policies of the tables before leave of them.
    "message": (
        "select",
        "announced_at is not null and withdrawn_at is null"
        " and (audience = 'everyone' or id in (select message_id from message_audience))",
    ),
    "message_picture": ("select", "message_id in (select id from message)"),
    "message_read": (
        "select, insert, update (confirmed_at)",
        f"user_id = {ME} and partner_id = {MINE} and message_id in (select id from message)",
    ),
    "thread": ("select, insert (partner_id, order_id)", f"partner_id = {MINE}"),
    "thread_entry": ("select, insert", f"partner_id = {MINE}"),
    "thread_file": ("select, insert", f"partner_id = {MINE}"),
    "thread_seen": (
        "select, insert, update (entry_id)", f"user_id = {ME} and thread_id in (select id from thread)"
    ),
}  # fmt: skip
# One's own row shows one's receipts also of a message that was withdrawn or is for others by now: only new ones need it.
OWN_READ = f"user_id = {ME} and partner_id = {MINE}"

# What was announced stays as it is: but that it is withdrawn, and that the promotion it leads to is deleted.
MESSAGE_STANDS = """
    begin
      if old.announced_at is not null and (tg_op = 'DELETE' or
           to_jsonb(new) - 'withdrawn_at' - 'promotion_id' is distinct from
             to_jsonb(old) - 'withdrawn_at' - 'promotion_id'
           or (new.promotion_id is not null and new.promotion_id is distinct from old.promotion_id)
           or (old.withdrawn_at is not null and new.withdrawn_at is distinct from old.withdrawn_at)) then
        raise exception 'a message that was announced stays as it is' using errcode = 'restrict_violation';
      end if;
      return case when tg_op = 'DELETE' then old else new end;
    end
"""
PART_STANDS = """
    begin
      if exists (select from message where id = case when tg_op = 'INSERT' then new.message_id else old.message_id end
                 and announced_at is not null) then
        raise exception 'a message that was announced stays as it is' using errcode = 'restrict_violation';
      end if;
      return case when tg_op = 'DELETE' then old else new end;
    end
"""
READ_STANDS = """
    begin
      if tg_op = 'DELETE' or old.confirmed_at is not null
         or (new.message_id, new.user_id, new.partner_id, new.read_at)
            is distinct from (old.message_id, old.user_id, old.partner_id, old.read_at) then
        raise exception 'what was read or confirmed stays so' using errcode = 'restrict_violation';
      end if;
      return new;
    end
"""
# Two who write at once wait for each other here: the last entry is the one with the highest number.
THREAD_FOLLOWS = """
    begin
      update thread set last_entry_id = new.id, last_by_staff = new.by_staff
      where id = new.thread_id and coalesce(last_entry_id, 0) < new.id;
      return null;
    end
"""
FUNCTIONS = {"message_stands": MESSAGE_STANDS, "message_part_stands": PART_STANDS, "message_read_stands": READ_STANDS,
             "thread_follows": THREAD_FOLLOWS}  # fmt: skip


def upgrade() -> None:
    _messages()
    _reading()
    _threads()
    _triggers()
    _wall()


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("by_mail", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("promotion_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("title <> '' and body <> ''", name=op.f("ck_message_says_something")),
        sa.CheckConstraint("level in ('plain', 'important', 'confirm')", name=op.f("ck_message_level_known")),
        sa.CheckConstraint("audience in ('everyone', 'groups', 'partners')", name=op.f("ck_message_audience_known")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_message_days_in_order")),
        sa.CheckConstraint("num_nonnulls(product_id, promotion_id) <= 1", name=op.f("ck_message_leads_to_one_thing")),
        sa.ForeignKeyConstraint(["created_by"], ["app_user.id"], name=op.f("fk_message_created_by_app_user")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_message_product_id_product")),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotion.id"], name=op.f("fk_message_promotion_id_promotion"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("id", "audience", name=op.f("uq_message_id_audience")),
    )
    op.create_index("ix_message_waiting", "message", ["valid_from"], postgresql_where=sa.text("announced_at is null"))
    op.create_table(
        "message_audience",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(audience = 'groups' and num_nonnulls(group_id, partner_id) = 1 and group_id is not null)"
            " or (audience = 'partners' and num_nonnulls(group_id, partner_id) = 1 and partner_id is not null)",
            name=op.f("ck_message_audience_of_its_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["partner_group.id"], name=op.f("fk_message_audience_group_id_partner_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id", "audience"], ["message.id", "message.audience"],
            name=op.f("fk_message_audience_message_id_audience_message"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_message_audience_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_audience")),
        sa.UniqueConstraint("message_id", "group_id", name=op.f("uq_message_audience_message_id_group_id")),
        sa.UniqueConstraint("message_id", "partner_id", name=op.f("uq_message_audience_message_id_partner_id")),
    )  # fmt: skip
    op.create_index("ix_message_audience_group_id", "message_audience", ["group_id"])
    op.create_index("ix_message_audience_partner_id", "message_audience", ["partner_id"])
    op.create_table(
        "message_picture",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_picture_message_id_message")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_picture")),
    )


def _reading() -> None:
    op.create_table(
        "message_read",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("confirmed_at >= read_at", name=op.f("ck_message_read_confirmed_after_reading")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_read_message_id_message")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_message_read_partner_id_partner")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_message_read_user_id_app_user")),
        sa.PrimaryKeyConstraint("message_id", "user_id", name=op.f("pk_message_read")),
    )
    op.create_index("ix_message_read_user_id", "message_read", ["user_id"])
    op.create_table(
        "message_reminder",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_reminder_message_id_message")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_message_reminder_user_id_app_user")),
        sa.PrimaryKeyConstraint("message_id", "user_id", "sent_on", name=op.f("pk_message_reminder")),
    )


def _threads() -> None:
    op.create_table(
        "thread",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("last_entry_id", sa.BigInteger(), nullable=True),
        sa.Column("last_by_staff", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id", "partner_id"], ["orders.id", "orders.partner_id"],
            name=op.f("fk_thread_order_id_partner_id_orders"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_thread_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("id", "partner_id", name=op.f("uq_thread_id_partner_id")),
        sa.UniqueConstraint("order_id", name=op.f("uq_thread_order_id")),
    )  # fmt: skip
    op.create_index(
        "uq_thread_general", "thread", ["partner_id"], unique=True, postgresql_where=sa.text("order_id is null")
    )
    op.create_index("ix_thread_partner_id", "thread", ["partner_id"])
    op.create_index("ix_thread_unanswered", "thread", ["last_entry_id"], postgresql_where=sa.text("not last_by_staff"))
    op.create_table(
        "thread_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("body", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("author <> ''", name=op.f("ck_thread_entry_author_named")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_thread_entry_by_app_user")),
        sa.ForeignKeyConstraint(
            ["thread_id", "partner_id"], ["thread.id", "thread.partner_id"],
            name=op.f("fk_thread_entry_thread_id_partner_id_thread"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_entry")),
        sa.UniqueConstraint("id", "partner_id", name=op.f("uq_thread_entry_id_partner_id")),
    )  # fmt: skip
    op.create_index("ix_thread_entry_thread_id", "thread_entry", ["thread_id", "id"])
    op.create_index("ix_thread_entry_partner_id", "thread_entry", ["partner_id"])
    op.create_table(
        "thread_file",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_thread_file_named")),
        sa.CheckConstraint(
            "size = octet_length(content) and size between 1 and 10485760", name=op.f("ck_thread_file_size_bearable")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id", "partner_id"], ["thread_entry.id", "thread_entry.partner_id"],
            name=op.f("fk_thread_file_entry_id_partner_id_thread_entry"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_file")),
    )  # fmt: skip
    op.create_index("ix_thread_file_entry_id", "thread_file", ["entry_id"])
    op.create_table(
        "thread_seen",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["thread_entry.id"], name=op.f("fk_thread_seen_entry_id_thread_entry")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_thread_seen_thread_id_thread")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_thread_seen_user_id_app_user")),
        sa.PrimaryKeyConstraint("thread_id", "user_id", name=op.f("pk_thread_seen")),
    )


def _triggers() -> None:
    for name, body in FUNCTIONS.items():
        op.execute(f"create function {name}() returns trigger language plpgsql {SETTINGS} as $$ {body} $$")
    op.execute("""
        create trigger message_stands before update or delete on message for each row execute function message_stands()
    """)
    # A group that is deleted leaves its messages: that deletes from within, and only what is done directly is refused.
    for table in ("message_audience", "message_picture"):
        op.execute(
            f"create trigger {table}_stands before insert or update or delete on {table}"
            " for each row when (pg_trigger_depth() = 0) execute function message_part_stands()"
        )
    op.execute("""
        create trigger message_read_stands before update or delete on message_read
        for each row execute function message_read_stands()
    """)
    op.execute("""
        create trigger thread_follows after insert on thread_entry for each row execute function thread_follows()
    """)
    op.execute("""
        create trigger thread_is_append_only before update or delete on thread
        for each row when (pg_trigger_depth() = 0) execute function refuse_change()
    """)
    op.execute("""
        create trigger thread_is_not_emptied before truncate on thread
        for each statement execute function refuse_change()
    """)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger {table}_is_append_only before update or delete on {table}"
            " for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger {table}_is_not_emptied before truncate on {table}"
            " for each statement execute function refuse_change()"
        )


def _wall() -> None:
    for table, (privileges, rule) in PARTNER_GRANTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {privileges} on {table} to rampa_partner")
        shown = OWN_READ if table == "message_read" else rule
        op.execute(f"create policy own_rows on {table} to rampa_partner using ({shown}) with check ({rule})")
    op.execute("alter table message_reminder enable row level security")
    # On top of it: a partner's person writes in the own name, and never as the distributor.
    op.execute(f"""
        create policy write_own on thread_entry as restrictive for insert to rampa_partner
        with check (by = {ME} and not by_staff)
    """)


def downgrade() -> None:
    """Refused once somebody has written or confirmed something: the version before has no place for it."""
    op.execute("""
        do $$ begin
          if exists (select from message_read where confirmed_at is not null) or exists (select from thread_entry) then
            raise exception 'there are confirmations or conversations already: restore a backup instead';
          end if;
        end $$
    """)
    for table in (
        "thread_seen", "thread_file", "thread_entry", "thread", "message_reminder", "message_read", "message_picture",
        "message_audience", "message",
    ):  # fmt: skip
        # The policies of one table look into others.
        op.execute(f"drop policy if exists own_rows on {table}")
    for table in (
        "thread_seen", "thread_file", "thread_entry", "thread", "message_reminder", "message_read", "message_picture",
        "message_audience", "message",
    ):  # fmt: skip
        op.drop_table(table)
    for name in FUNCTIONS:
        op.execute(f"drop function {name}()")
