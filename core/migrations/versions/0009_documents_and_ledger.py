"""documents of every kind, series by year, the ledger of payments, credits and what they pay, reminders"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

DOCUMENT_KINDS = "kind in ('proforma', 'invoice', 'storno', 'receipt', 'delivery_note')"
VAT_CLASSES = "vat_class in ('standard', 'reduced', 'zero', 'exempt', 'reverse', 'deposit')"
# (table, name) -> rule, before and after
CHANGED = {
    ("document_series", "kind_known"): ("kind in ('invoice')", DOCUMENT_KINDS),
    ("document", "kind_known"): ("kind in ('invoice')", DOCUMENT_KINDS),
    ("document", "gross_is_the_sum"): ("gross = net + vat", "gross = net + vat and lei_gross = lei_net + lei_vat"),
    ("product", "vat_class_known"): ("vat_class in ('standard', 'reduced', 'zero')", VAT_CLASSES),
}
ADDED = {
    ("document_series", "prefix_is_plain"): "prefix ~ '^[A-Z0-9][A-Z0-9./-]{0,19}$'",
    ("document", "sign_is_of_the_kind"): "case kind when 'storno' then gross <= 0 else gross >= 0 end",
    ("document", "storno_refers"): "kind <> 'storno' or refers_to is not null",
    ("document", "advance_is_an_invoice"): "kind = 'invoice' or not advance",
    ("document", "receipt_has_its_payment"): "(kind = 'receipt') = (payment_id is not null)",
    ("document", "lei_are_lei"): "exchange_rate > 0 and (currency <> 'RON'"
    " or (exchange_rate = 1 and (net, vat, gross) = (lei_net, lei_vat, lei_gross)))",
    ("document_file", "format_known"): "format in ('pdf', 'xml')",
    ("document_line", "reversal_is_whole"): "(reverses_document is null) = (reverses_position is null)",
    ("document_line", "unit_price_not_negative"): "unit_price >= 0",
    ("payment", "method_known"): "method in ('bank', 'cash', 'card', 'offset', 'write_off')",
    ("payment", "what_goes_out_was_there"): "(amount < 0) = (credit_id is not null)",
    ("payment", "counter_entry_is_negative"): "undoes is null or amount < 0",
}
COLUMNS_ADDED = {
    "company": ("vat_on_payment", "cash_limit", "cash_limit_blocks", "reminders", "colour", "logo"),
    "partner": ("reminders", "monthly_statement"),
    "orders": ("invoiced",),
    "vat_rate": ("reason",),
    "document": (
        "type_code", "series_id", "refers_to", "delivery_id", "payment_id", "delivered_on", "exchange_rate", "lei_net", "lei_vat", "lei_gross",
        "advance", "vat_on_payment", "reference", "deliver_to", "note",
    ),
    "document_file": ("format",),
    "document_line": ("order_line_id", "reverses_document", "reverses_position", "unit_code"),
    "document_series": ("site", "closed"),
    "document_vat": ("reason",),
    "payment": ("method", "reason", "undoes", "credit_id"),
}  # fmt: skip
OWED_BEFORE = (
    """
        create function document_is_owed() returns trigger language plpgsql
        security definer set search_path = public, pg_temp as $$
        begin
          insert into receivable (document_id, partner_id, due_on, open)
          select new.id, new.partner_id, new.due_on, greatest(new.gross - coalesce(sum(amount), 0), 0)
          from payment where order_id = new.order_id;
          update orders set invoiced_at = new.issued_at where id = new.order_id;
          return null;
        end $$
    """,
    """
        create trigger document_is_owed after insert on document
        for each row when (new.kind = 'invoice') execute function document_is_owed()
    """,
    """
        create function payment_lessens_debt() returns trigger language plpgsql
        security definer set search_path = public, pg_temp as $$
        begin
          update receivable set open = open - new.amount where document_id = new.document_id;
          return null;
        end $$
    """,
    """
        create trigger payment_lessens_debt after insert on payment
        for each row when (new.document_id is not null) execute function payment_lessens_debt()
    """,
)


def upgrade() -> None:
    op.execute("drop trigger payment_lessens_debt on payment")
    op.execute("drop function payment_lessens_debt()")
    op.execute("drop trigger document_is_owed on document")
    op.execute("drop function document_is_owed()")
    _tables()
    _columns()
    _series()
    _documents()
    _payments()
    for (table, name), (_, rule) in CHANGED.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    for (table, name), rule in ADDED.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _tables() -> None:
    op.create_unique_constraint(op.f("uq_payment_id_partner_id"), "payment", ["id", "partner_id"])
    op.create_table(
        "issue_run",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("starter_name", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("shipped_only", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["started_by"], ["app_user.id"], name=op.f("fk_issue_run_started_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_run")),
    )
    op.create_table(
        "issue_run_order",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("said", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("document_id is null or said = ''", name=op.f("ck_issue_run_order_issued_or_refused")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_issue_run_order_document_id_document")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_issue_run_order_order_id_orders")),
        sa.ForeignKeyConstraint(["run_id"], ["issue_run.id"], name=op.f("fk_issue_run_order_run_id_issue_run")),
        sa.PrimaryKeyConstraint("run_id", "order_id", name=op.f("pk_issue_run_order")),
    )
    op.create_index(
        "ix_issue_run_order_waiting", "issue_run_order", ["run_id", "order_id"],
        postgresql_where=sa.text("document_id is null and said = ''"),
    )  # fmt: skip
    op.create_index("ix_issue_run_order_order_id", "issue_run_order", ["order_id"])
    op.create_table(
        "reminder_step",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("subject_ro", sa.String(), nullable=False),
        sa.Column("body_ro", sa.String(), nullable=False),
        sa.Column("subject_en", sa.String(), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.CheckConstraint("days > 0", name=op.f("ck_reminder_step_days_positive")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reminder_step")),
        sa.UniqueConstraint("days", name=op.f("uq_reminder_step_days")),
    )
    op.create_table(
        "series_year",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "first_number > 0 and next_number >= first_number", name=op.f("ck_series_year_numbers_go_up")
        ),
        sa.CheckConstraint("year between 2000 and 2999", name=op.f("ck_series_year_year_is_plain")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["document_series.id"], name=op.f("fk_series_year_series_id_document_series")
        ),
        sa.PrimaryKeyConstraint("series_id", "year", name=op.f("pk_series_year")),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_reminder_by_app_user")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_reminder_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("id", "partner_id", name=op.f("uq_reminder_id_partner_id")),
        sa.UniqueConstraint("partner_id", "sent_on", name=op.f("uq_reminder_partner_id_sent_on")),
    )
    op.create_table(
        "annulment",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_annulment_reason_given")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_annulment_by_app_user")),
        sa.ForeignKeyConstraint(
            ["document_id", "partner_id"],
            ["document.id", "document.partner_id"],
            name=op.f("fk_annulment_document_id_partner_id_document"),
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_annulment")),
    )
    op.create_table(
        "credit",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("left", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint('"left" >= 0', name=op.f("ck_credit_never_overdrawn")),
        sa.CheckConstraint("num_nonnulls(payment_id, document_id) = 1", name=op.f("ck_credit_from_one_thing")),
        sa.ForeignKeyConstraint(
            ["document_id", "partner_id"],
            ["document.id", "document.partner_id"],
            name=op.f("fk_credit_document_id_partner_id_document"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id", "partner_id"],
            ["payment.id", "payment.partner_id"],
            name=op.f("fk_credit_payment_id_partner_id_payment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit")),
        sa.UniqueConstraint("document_id", name=op.f("uq_credit_document_id")),
        sa.UniqueConstraint("id", "partner_id", name=op.f("uq_credit_id_partner_id")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_credit_payment_id")),
    )
    op.create_index("ix_credit_left", "credit", ["partner_id"], unique=False, postgresql_where=sa.text('"left" > 0'))
    op.create_table(
        "dispute",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_dispute_reason_given")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_dispute_by_app_user")),
        sa.ForeignKeyConstraint(
            ["document_id", "partner_id"],
            ["document.id", "document.partner_id"],
            name=op.f("fk_dispute_document_id_partner_id_document"),
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_dispute")),
    )
    op.create_table(
        "reminded_document",
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("open", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id", "partner_id"],
            ["document.id", "document.partner_id"],
            name=op.f("fk_reminded_document_document_id_partner_id_document"),
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id", "partner_id"],
            ["reminder.id", "reminder.partner_id"],
            name=op.f("fk_reminded_document_reminder_id_partner_id_reminder"),
        ),
        sa.PrimaryKeyConstraint("reminder_id", "document_id", name=op.f("pk_reminded_document")),
    )
    op.create_index("ix_reminded_document_document_id", "reminded_document", ["document_id"], unique=False)
    op.create_table(
        "allocation",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("credit_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_allocation_amount_not_zero")),
        sa.CheckConstraint("num_nonnulls(document_id, order_id) = 1", name=op.f("ck_allocation_on_one_thing")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_allocation_by_app_user")),
        sa.ForeignKeyConstraint(
            ["credit_id", "partner_id"],
            ["credit.id", "credit.partner_id"],
            name=op.f("fk_allocation_credit_id_partner_id_credit"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id", "partner_id"],
            ["document.id", "document.partner_id"],
            name=op.f("fk_allocation_document_id_partner_id_document"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id", "partner_id"],
            ["orders.id", "orders.partner_id"],
            name=op.f("fk_allocation_order_id_partner_id_orders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    op.create_index("ix_allocation_credit_id", "allocation", ["credit_id"], unique=False)
    op.create_index(
        "ix_allocation_document_id",
        "allocation",
        ["document_id"],
        unique=False,
        postgresql_where=sa.text("document_id is not null"),
    )
    op.create_index(
        "ix_allocation_order_id",
        "allocation",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("order_id is not null"),
    )


def _columns() -> None:
    for table, column in (
        ("company", sa.Column("vat_on_payment", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
        ("company", sa.Column("cash_limit", sa.Numeric(14, 2), server_default="5000", nullable=False)),
        ("company", sa.Column("cash_limit_blocks", sa.Boolean(), server_default=sa.text("true"), nullable=False)),
        ("company", sa.Column("reminders", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
        ("company", sa.Column("colour", sa.String(), server_default="#0f766e", nullable=False)),
        ("company", sa.Column("logo", sa.LargeBinary(), nullable=True)),
        ("partner", sa.Column("reminders", sa.Boolean(), server_default=sa.text("true"), nullable=False)),
        ("partner", sa.Column("monthly_statement", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
        ("orders", sa.Column("invoiced", sa.Numeric(14, 2), server_default="0", nullable=False)),
        ("vat_rate", sa.Column("reason", sa.String(), server_default="", nullable=False)),
        ("document", sa.Column("type_code", sa.String(), server_default="", nullable=False)),
        ("document", sa.Column("series_id", sa.Integer(), nullable=True)),
        ("document", sa.Column("refers_to", sa.Integer(), nullable=True)),
        ("document", sa.Column("delivery_id", sa.Integer(), nullable=True)),
        ("document", sa.Column("payment_id", sa.Integer(), nullable=True)),
        ("document", sa.Column("delivered_on", sa.Date(), nullable=True)),
        ("document", sa.Column("exchange_rate", sa.Numeric(14, 4), server_default="1", nullable=False)),
        ("document", sa.Column("lei_net", sa.Numeric(14, 2), nullable=True)),
        ("document", sa.Column("lei_vat", sa.Numeric(14, 2), nullable=True)),
        ("document", sa.Column("lei_gross", sa.Numeric(14, 2), nullable=True)),
        ("document", sa.Column("advance", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
        ("document", sa.Column("vat_on_payment", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
        ("document", sa.Column("reference", sa.String(), server_default="", nullable=False)),
        ("document", sa.Column("deliver_to", sa.String(), server_default="", nullable=False)),
        ("document", sa.Column("note", sa.String(), server_default="", nullable=False)),
        ("document_file", sa.Column("format", sa.String(), server_default="pdf", nullable=False)),
        ("document_line", sa.Column("order_line_id", sa.Integer(), nullable=True)),
        ("document_line", sa.Column("reverses_document", sa.Integer(), nullable=True)),
        ("document_line", sa.Column("reverses_position", sa.Integer(), nullable=True)),
        ("document_line", sa.Column("unit_code", sa.String(), server_default="H87", nullable=False)),
        ("document_series", sa.Column("site", sa.String(), server_default="", nullable=False)),
        ("document_series", sa.Column("closed", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
        ("document_vat", sa.Column("reason", sa.String(), server_default="", nullable=False)),
        ("payment", sa.Column("method", sa.String(), server_default="bank", nullable=False)),
        ("payment", sa.Column("reason", sa.String(), server_default="", nullable=False)),
        ("payment", sa.Column("undoes", sa.Integer(), nullable=True)),
        ("payment", sa.Column("credit_id", sa.Integer(), nullable=True)),
    ):
        op.add_column(table, column)
    op.drop_constraint(op.f("pk_document_file"), "document_file")
    op.create_primary_key(op.f("pk_document_file"), "document_file", ["document_id", "format"])
    op.create_index(
        "ix_document_line_order_line_id", "document_line", ["order_line_id"],
        postgresql_where=sa.text("order_line_id is not null"),
    )  # fmt: skip
    op.create_index(
        "ix_document_line_reverses", "document_line", ["reverses_document", "reverses_position"],
        postgresql_where=sa.text("reverses_document is not null"),
    )  # fmt: skip
    op.create_foreign_key(
        "fk_document_line_reverses", "document_line", "document_line", ["reverses_document", "reverses_position"],
        ["document_id", "position"],
    )  # fmt: skip
    op.create_foreign_key(
        op.f("fk_document_line_order_line_id_partner_id_order_line"), "document_line", "order_line",
        ["order_line_id", "partner_id"], ["id", "partner_id"],
    )  # fmt: skip


def _series() -> None:
    """The numbers of a series, by the years in which they were given."""
    op.execute("""
        insert into series_year (series_id, year, first_number, next_number)
        select series.id, extract(year from document.issued_on), min(number), max(number) + 1
        from document_series series join document on document.series = series.prefix group by 1, 2
    """)
    # One that has numbered nothing yet, but was to begin elsewhere than at 1.
    op.execute("""
        insert into series_year (series_id, year, first_number, next_number)
        select id, extract(year from now()), first_number, first_number from document_series
        where next_number = first_number and first_number > 1
    """)
    op.drop_column("document_series", "first_number")
    op.drop_column("document_series", "next_number")


def _documents() -> None:
    op.execute("alter table document disable trigger user")
    op.execute("""
        update document set lei_net = net, lei_vat = vat, lei_gross = gross, type_code = '380',
               series_id = (select id from document_series where prefix = series)
    """)
    op.execute("alter table document enable trigger user")
    op.execute("alter table document_line disable trigger user")
    op.execute("""
        update document_line set order_line_id = found.id
        from (select document.id as document_id, line.id,
                     row_number() over (partition by document.id order by line.position) as position
              from document join order_line line on line.order_id = document.order_id
              join line_state state on state.id = line.id where state.billable > 0) found
        where found.document_id = document_line.document_id and found.position = document_line.position
    """)
    op.execute("alter table document_line enable trigger user")
    op.execute("""
        update orders set invoiced = document.lei_gross from document where document.order_id = orders.id
    """)
    for column in ("series_id", "lei_net", "lei_vat", "lei_gross"):
        op.alter_column("document", column, nullable=False)
    op.drop_index("uq_document_invoice_of_order", "document")
    op.drop_index("ix_orders_exposed", "orders")
    op.create_index(
        "ix_orders_exposed", "orders", ["partner_id"],
        postgresql_where=sa.text("status in ('placed', 'claimed') or (status = 'shipped' and invoiced < gross)"),
    )  # fmt: skip
    for index, column, where in (
        ("ix_document_order_id", "order_id", "order_id is not null"),
        ("ix_document_refers_to", "refers_to", "refers_to is not null"),
        ("ix_document_delivery_id", "delivery_id", "delivery_id is not null"),
        ("ix_document_payment_id", "payment_id", "payment_id is not null"),
        ("ix_document_series_id", "series_id", None),
    ):
        op.create_index(index, "document", [column], postgresql_where=sa.text(where) if where else None)
    op.drop_constraint(op.f("fk_document_series_document_series"), "document")
    op.create_foreign_key(
        op.f("fk_document_series_id_document_series"), "document", "document_series", ["series_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_document_payment_id_partner_id_payment"), "document", "payment", ["payment_id", "partner_id"],
        ["id", "partner_id"],
    )  # fmt: skip
    op.create_foreign_key(
        op.f("fk_document_delivery_id_partner_id_delivery"), "document", "delivery", ["delivery_id", "partner_id"],
        ["id", "partner_id"],
    )  # fmt: skip
    op.create_foreign_key(
        op.f("fk_document_refers_to_partner_id_document"), "document", "document", ["refers_to", "partner_id"],
        ["id", "partner_id"],
    )  # fmt: skip


def _payments() -> None:
    """A payment is on nothing by itself any more: it makes a credit, and the credit pays."""
    op.execute("""
        insert into credit (partner_id, payment_id, "left")
        select payment.partner_id, payment.id,
               case when document.id is null then 0 else payment.amount - greatest(least(payment.amount,
                    document.gross - before.amount), 0) end
        from payment left join document on document.order_id = payment.order_id
        cross join lateral (select coalesce(sum(amount), 0) as amount from payment earlier
                            where earlier.order_id = payment.order_id and earlier.id < payment.id) before
    """)
    op.execute("""
        insert into allocation (partner_id, credit_id, document_id, order_id, amount, at, by)
        select payment.partner_id, credit.id, coalesce(payment.document_id, document.id),
               case when payment.document_id is null and document.id is null then payment.order_id end,
               payment.amount - credit.left, payment.recorded_at, payment.recorded_by
        from payment join credit on credit.payment_id = payment.id
        left join document on document.order_id = payment.order_id
        where payment.amount > credit.left
    """)
    op.drop_index("ix_payment_document_id", "payment")
    op.drop_index("ix_payment_order_id", "payment")
    op.drop_column("payment", "document_id")
    op.drop_column("payment", "order_id")
    op.create_index("ix_payment_credit_id", "payment", ["credit_id"], postgresql_where=sa.text("credit_id is not null"))
    op.create_index("ix_payment_partner_id", "payment", ["partner_id", "paid_on"])
    op.create_unique_constraint(op.f("uq_payment_undoes"), "payment", ["undoes"])
    op.create_foreign_key(
        op.f("fk_payment_credit_id_partner_id_credit"), "payment", "credit", ["credit_id", "partner_id"],
        ["id", "partner_id"],
    )  # fmt: skip
    op.create_foreign_key(op.f("fk_payment_partner_id_partner"), "payment", "partner", ["partner_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_payment_undoes_partner_id_payment"), "payment", "payment", ["undoes", "partner_id"],
        ["id", "partner_id"],
    )  # fmt: skip


def downgrade() -> None:
    """Refused once there are documents or payments: the version before has no place for what they may be."""
    op.execute("""
        do $$ begin
          if exists (select from document) or exists (select from payment) then
            raise exception 'there are documents or payments already: restore a backup instead';
          end if;
        end $$
    """)
    for table, name in ADDED:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    _payments_as_before()
    _documents_as_before()
    op.execute("update product set vat_class = 'zero' where vat_class in ('exempt', 'reverse', 'deposit')")
    for (table, name), (rule, _) in CHANGED.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    for table, columns in COLUMNS_ADDED.items():
        for column in columns:
            op.drop_column(table, column)
    for table in (
        "issue_run_order",
        "issue_run",
        "allocation",
        "reminded_document",
        "dispute",
        "credit",
        "annulment",
        "reminder",
        "reminder_step",
    ):
        op.drop_table(table)
    op.drop_constraint(op.f("uq_payment_id_partner_id"), "payment")
    for statement in OWED_BEFORE:
        op.execute(statement)


def _payments_as_before() -> None:
    for constraint in (
        "fk_payment_undoes_partner_id_payment", "fk_payment_partner_id_partner",
        "fk_payment_credit_id_partner_id_credit", "uq_payment_undoes",
    ):  # fmt: skip
        op.drop_constraint(op.f(constraint), "payment")
    op.drop_index("ix_payment_partner_id", "payment")
    op.drop_index("ix_payment_credit_id", "payment")
    for column, table in (("order_id", "orders"), ("document_id", "document")):
        op.add_column("payment", sa.Column(column, sa.Integer(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_payment_{column}_partner_id_{table}"), "payment", table, [column, "partner_id"],
            ["id", "partner_id"],
        )  # fmt: skip
    op.create_index("ix_payment_document_id", "payment", ["document_id"])
    op.create_index("ix_payment_order_id", "payment", ["order_id"], postgresql_where=sa.text("order_id is not null"))
    op.create_check_constraint(
        op.f("ck_payment_on_one_thing"), "payment", "(document_id is null) <> (order_id is null)"
    )


def _documents_as_before() -> None:
    op.drop_index("ix_orders_exposed", "orders")
    op.create_index(
        "ix_orders_exposed", "orders", ["partner_id"],
        postgresql_where=sa.text("status in ('placed', 'claimed') or (status = 'shipped' and invoiced_at is null)"),
    )  # fmt: skip
    op.drop_constraint(op.f("pk_document_file"), "document_file")
    op.create_primary_key(op.f("pk_document_file"), "document_file", ["document_id"])
    op.execute("delete from series_year")
    op.execute("delete from document_series where kind <> 'invoice'")
    for column in ("first_number", "next_number"):
        op.add_column("document_series", sa.Column(column, sa.Integer(), server_default="1", nullable=False))
    op.create_check_constraint(op.f("ck_document_series_next_number_positive"), "document_series", "next_number > 0")
    op.drop_table("series_year")
    for constraint in (
        "fk_document_line_order_line_id_partner_id_order_line", "fk_document_line_reverses",
    ):  # fmt: skip
        op.drop_constraint(op.f(constraint), "document_line")
    for constraint in (
        "fk_document_delivery_id_partner_id_delivery",
        "fk_document_refers_to_partner_id_document",
        "fk_document_series_id_document_series",
    ):
        op.drop_constraint(op.f(constraint), "document")
    for index in (
        "ix_document_payment_id",
        "ix_document_delivery_id",
        "ix_document_series_id",
        "ix_document_refers_to",
        "ix_document_order_id",
    ):
        op.drop_index(index, "document")
    op.create_foreign_key(
        op.f("fk_document_series_document_series"), "document", "document_series", ["series"], ["prefix"]
    )
    op.create_index(
        "uq_document_invoice_of_order", "document", ["order_id"], unique=True,
        postgresql_where=sa.text("kind = 'invoice'"),
    )  # fmt: skip
