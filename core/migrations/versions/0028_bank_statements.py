"""bank statements: what came in, booked at most once, and open again when its payment is taken back"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0028"
down_revision = "0027"

SETTINGS = "security definer set search_path = public, pg_temp"
TABLES = ("bank_statement", "bank_entry", "partner_account", "bank_csv_mapping")
ENTRY_CHECKS = {
    "kind_known": "kind in ('payment', 'foreign', 'reversal', 'returned')",
    "state_known": "state in ('open', 'booked', 'set_aside')",
    "amount_is_of_the_kind": (
        "case kind when 'payment' then amount > 0 and currency = 'RON' when 'reversal' then amount < 0"
        " else amount > 0 end"
    ),
    "booked_as_a_payment": "(state = 'booked') = (payment_id is not null)",
    "only_payments_are_booked": "state <> 'booked' or kind = 'payment'",
    "set_aside_for_a_reason": "(state = 'set_aside') = (reason <> '')",
}
STATEMENT_CHECKS = {
    "kind_known": "kind in ('mt940', 'camt053', 'table')",
    "sha256_is_one": "octet_length(sha256) = 32",
    "sums_have_no_sign": "credits >= 0 and debits >= 0 and debit_count >= 0",
}
NUMBERED = "number ~ '(^|[^0-9])[0-9]{1,9}$'"
OPENING = {
    "ix_opening_number_place": "((substring(number, '[0-9]{1,9}$'))::int)",
    "ix_opening_number_series": "regexp_replace(number, '[0-9]+$', '')",
}


def upgrade() -> None:
    for name, expression in OPENING.items():
        op.create_index(name, "opening_number", [sa.text(expression)], postgresql_where=sa.text(NUMBERED))
    _statements()
    op.create_unique_constraint(op.f("uq_payment_id_amount"), "payment", ["id", "amount"])
    _entries()
    _known()
    # Staff only: partners' role has nothing to do there, so it gets no right and no policy.
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
    # Whoever takes a payment back, the version before too: its entry waits again, and what it taught is forgotten.
    op.execute(f"""
        create function undone_payment_opens_its_entry() returns trigger language plpgsql {SETTINGS} as $$
        begin
          delete from partner_account where entry_id in (select id from bank_entry where payment_id = new.undoes);
          update bank_entry set state = 'open', payment_id = null where payment_id = new.undoes;
          return null;
        end $$
    """)
    op.execute("""
        create trigger undone_payment_opens_its_entry after insert on payment
        for each row when (new.undoes is not null) execute function undone_payment_opens_its_entry()
    """)


def _statements() -> None:
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("opening", sa.Numeric(14, 2), nullable=True),
        sa.Column("closing", sa.Numeric(14, 2), nullable=True),
        sa.Column("credits", sa.Numeric(14, 2), nullable=False),
        sa.Column("debits", sa.Numeric(14, 2), nullable=False),
        sa.Column("debit_count", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_bank_statement_{name}"))
            for name, condition in STATEMENT_CHECKS.items()
        ),
        sa.ForeignKeyConstraint(["imported_by"], ["app_user.id"], name=op.f("fk_bank_statement_imported_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("sha256", "position", name=op.f("uq_bank_statement_sha256_position")),
    )


def _entries() -> None:
    texts = ("bank_reference", "payer_name", "payer_iban", "details", "reason")
    op.create_table(
        "bank_entry",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), server_default="", nullable=False) for name in texts),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_bank_entry_{name}"))
            for name, condition in ENTRY_CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_entry_statement_id_bank_statement")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id", "amount"], ["payment.id", "payment.amount"], name=op.f("fk_bank_entry_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entry")),
        sa.UniqueConstraint("account", "identity", name=op.f("uq_bank_entry_account_identity")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_bank_entry_payment_id")),
    )
    op.create_index("ix_bank_entry_statement_id", "bank_entry", ["statement_id"])
    op.create_index("ix_bank_entry_booked_on", "bank_entry", ["booked_on", "id"])
    op.create_index("ix_bank_entry_open", "bank_entry", ["booked_on", "id"], postgresql_where=sa.text("state = 'open'"))


def _known() -> None:
    op.create_table(
        "partner_account",
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_account_partner_id_partner")),
        sa.ForeignKeyConstraint(["entry_id"], ["bank_entry.id"], name=op.f("fk_partner_account_entry_id_bank_entry")),
        sa.PrimaryKeyConstraint("iban", name=op.f("pk_partner_account")),
    )
    op.create_index("ix_partner_account_partner_id", "partner_account", ["partner_id"])
    op.create_index("ix_partner_account_entry_id", "partner_account", ["entry_id"])
    op.create_table(
        "bank_csv_mapping",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("headers", ARRAY(sa.TEXT()), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("account", sa.String(), server_default="", nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["saved_by"], ["app_user.id"], name=op.f("fk_bank_csv_mapping_saved_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_csv_mapping")),
        sa.UniqueConstraint("headers", name=op.f("uq_bank_csv_mapping_headers")),
    )


def downgrade() -> None:
    op.execute("drop trigger undone_payment_opens_its_entry on payment")
    op.execute("drop function undone_payment_opens_its_entry()")
    for table in ("partner_account", "bank_entry", "bank_statement", "bank_csv_mapping"):
        op.drop_table(table)
    op.drop_constraint(op.f("uq_payment_id_amount"), "payment", type_="unique")
    for name in OPENING:
        op.drop_index(name, "opening_number")
