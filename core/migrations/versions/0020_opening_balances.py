"""what was open in the program before: documents of a kind of their own, which bring a debt or a credit and nothing else"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

SETTINGS = "security definer set search_path = public, pg_temp"
KINDS = "'proforma', 'invoice', 'storno', 'receipt', 'delivery_note'"
SIGN = "case kind when 'storno' then gross <= 0{opening} else gross >= 0 end"
CHECKS = {
    "only_opening_without_series": (
        "(kind = 'opening') = (series_id is null) and (kind = 'opening') = (number is null) and series <> ''"
    ),
    "opening_is_an_amount": (
        "kind <> 'opening' or (vat = 0 and currency = 'RON' and type_code = '' and delivered_on is null"
        " and num_nonnulls(order_id, refers_to, delivery_id, payment_id) = 0)"
    ),
}
STANDS = "not exists (select from annulment where annulment.document_id = document.id)"

# The day is compared with the instant at which it was loaded: a check constraint cannot ask which day that was here.
FITS = """
    begin
      if new.kind = 'opening' and new.issued_on > (
        select (new.issued_at at time zone time_zone)::date from company
      ) then
        raise exception 'an opening document is not of a day to come'
          using errcode = 'check_violation', constraint = 'opening_not_in_future';
      end if;
      if exists (select from document where id = new.refers_to and kind = 'opening') then
        raise exception 'an opening document is annulled, never taken back by another'
          using errcode = 'check_violation', constraint = 'opening_stands_alone';
      end if;
      return new;
    end
"""
NO_FILE = """
    begin
      if exists (select from document where id = new.document_id and kind = 'opening') then
        raise exception 'an opening document has no file of ours'
          using errcode = 'check_violation', constraint = 'opening_has_no_file';
      end if;
      return new;
    end
"""
OPENING_COUNTS = """
      if new.kind = 'opening' then
        insert into opening_number (partner_id, number, document_id) values (new.partner_id, new.series, new.id);
        if new.lei_gross > 0 then
          insert into receivable (document_id, partner_id, due_on, open)
          values (new.id, new.partner_id, new.due_on, new.lei_gross);
        else
          insert into credit (partner_id, document_id, "left") values (new.partner_id, new.id, -new.lei_gross);
        end if;
        return null;
      end if;
"""
# As in 0010, with what is new at `opening`.
COUNTED = """
    begin
      {opening}
      if new.kind = 'invoice' then
        insert into receivable (document_id, partner_id, due_on, open)
        values (new.id, new.partner_id, new.due_on, new.lei_gross);
        perform money_follows(new.order_id, new.id, new.issued_at, new.issued_by);
      elsif new.lei_gross < 0 then
        insert into credit (partner_id, document_id, "left") values (new.partner_id, new.id, -new.lei_gross)
        returning id into brought;
        select least(open, -new.lei_gross) into amount_of from receivable where document_id = new.refers_to;
        if amount_of > 0 then
          insert into allocation (partner_id, credit_id, document_id, amount, at, by)
          values (new.partner_id, brought, new.refers_to, amount_of, new.issued_at, new.issued_by);
        end if;
      end if;
      perform order_follows(new.order_id);
      return null;
    end
"""
OPENING_ANNULLED = """
      if it.kind = 'opening' then
        update receivable set open = 0 where document_id = it.id and open = it.lei_gross;
        if not found then
          update credit set "left" = 0 where document_id = it.id and "left" = -it.lei_gross;
        end if;
        if not found then
          raise exception 'an opening document that was paid is not annulled' using errcode = 'check_violation';
        end if;
        delete from opening_number where document_id = it.id;
        return null;
      end if;
"""
ANNULLED = """
    declare it document;
    begin
      select * into it from document where id = new.document_id;
      {opening}
      if it.kind = 'storno' or exists (select from document where refers_to = it.id and kind = 'storno') then
        raise exception 'a storno is not annulled, nor what it takes back' using errcode = 'check_violation';
      end if;
      if it.kind = 'invoice' then
        update receivable set open = 0 where document_id = it.id and open = it.lei_gross;
        if not found then
          raise exception 'an invoice that was paid is not annulled' using errcode = 'check_violation';
        end if;
      end if;
      perform order_follows(it.order_id);
      return null;
    end
"""
LEDGER = f"""
    select partner_id, issued_on as day, issued_at as at, kind, id as document_id, null::int as payment_id,
           lei_gross as amount, due_on
    from document where kind in ({{kinds}}) and {STANDS}
    union all
    select partner_id, paid_on, recorded_at, case when undoes is not null then 'undone' when amount < 0 then 'refund'
                                                  when method = 'write_off' then 'write_off' else 'payment' end,
           null, id, -amount, null
    from payment
"""
# What hangs on opening documents goes with them, and what paid them is credit again.
FORGOTTEN = (
    """update credit set "left" = "left" + paid.amount from (
         select credit_id, sum(amount) as amount from allocation join document on document.id = document_id
         where document.kind = 'opening' group by credit_id) paid
       where paid.credit_id = credit.id""",
    """update receivable set open = open + paid.amount from (
         select allocation.document_id, sum(amount) as amount from allocation join credit on credit.id = credit_id
         join document on document.id = credit.document_id where document.kind = 'opening'
         group by allocation.document_id) paid
       where paid.document_id = receivable.document_id""",
    """delete from allocation where document_id in (select id from document where kind = 'opening')
       or credit_id in (select credit.id from credit join document on document.id = credit.document_id
                        where document.kind = 'opening')""",
    """delete from payment where credit_id in (
         select credit.id from credit join document on document.id = credit.document_id
         where document.kind = 'opening')""",
    *(
        f"delete from {table} where document_id in (select id from document where kind = 'opening')"
        for table in ("credit", "receivable", "dispute", "reminded_document", "annulment")
    ),
    "delete from document where kind = 'opening'",
)
GUARDED = ("allocation", "payment", "reminded_document", "annulment", "document")


def upgrade() -> None:
    op.create_table(
        "opening_number",
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id", "partner_id"], ["document.id", "document.partner_id"],
            name=op.f("fk_opening_number_document_id_document"),
        ),
        sa.PrimaryKeyConstraint("partner_id", "number", name=op.f("pk_opening_number")),
        sa.UniqueConstraint("document_id", name=op.f("uq_opening_number_document_id")),
    )  # fmt: skip
    # Partners' role has nothing to do there, so it gets no right and no policy.
    op.execute("alter table opening_number enable row level security")
    op.alter_column("document", "series_id", nullable=True)
    op.alter_column("document", "number", nullable=True)
    _checks(f"kind in ({KINDS}, 'opening')", SIGN.format(opening=" when 'opening' then gross <> 0"))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_document_{name}"), "document", condition)
    _index("'invoice', 'storno', 'opening'", ["lei_gross", "id", "kind"])
    _counting(OPENING_COUNTS, OPENING_ANNULLED, "'invoice', 'storno', 'opening'")
    for table, name, body in (
        ("document", "opening_document_fits", FITS), ("document_file", "opening_has_no_file", NO_FILE),
    ):  # fmt: skip
        op.execute(f"create function {name}() returns trigger language plpgsql {SETTINGS} as $$ {body} $$")
        condition = "when (new.kind = 'opening' or new.refers_to is not null) " if table == "document" else ""
        op.execute(f"create trigger {name} before insert on {table} for each row {condition}execute function {name}()")


def _checks(kinds: str, sign: str) -> None:
    for name, condition in (("kind_known", kinds), ("sign_is_of_the_kind", sign)):
        op.drop_constraint(op.f(f"ck_document_{name}"), "document", type_="check")
        op.create_check_constraint(op.f(f"ck_document_{name}"), "document", condition)


def _index(kinds: str, include: list[str]) -> None:
    op.drop_index("ix_document_issued_on", table_name="document")
    op.create_index(
        "ix_document_issued_on", "document", ["issued_on"], postgresql_include=include,
        postgresql_where=sa.text(f"kind in ({kinds})"),
    )  # fmt: skip


def _counting(counted: str, annulled: str, kinds: str) -> None:
    """The functions of 0010 with what they do about opening documents, the trigger that calls one, and the ledger."""
    for name, body in (
        ("document_counts", f"declare brought int; amount_of numeric; {COUNTED.format(opening=counted)}"),
        ("annulment_counts", ANNULLED.format(opening=annulled)),
    ):
        op.execute(f"create or replace function {name}() returns trigger language plpgsql {SETTINGS} as $$ {body} $$")
    op.execute("drop trigger document_counts on document")
    op.execute(f"""
        create trigger document_counts after insert on document
        for each row when (new.kind in ({kinds})) execute function document_counts()
    """)
    op.execute(f"create or replace view ledger with (security_invoker = true) as {LEDGER.format(kinds=kinds)}")


def downgrade() -> None:
    for table, name in (("document", "opening_document_fits"), ("document_file", "opening_has_no_file")):
        op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function {name}()")
    op.drop_table("opening_number")
    for table in GUARDED:
        op.execute(f"alter table {table} disable trigger user")
    for statement in FORGOTTEN:
        op.execute(statement)
    for table in GUARDED:
        op.execute(f"alter table {table} enable trigger user")
    _counting("", "", "'invoice', 'storno'")
    _index("'invoice', 'storno'", ["lei_gross", "id"])
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_document_{name}"), "document", type_="check")
    _checks(f"kind in ({KINDS})", SIGN.format(opening=""))
    op.alter_column("document", "series_id", nullable=False)
    op.alter_column("document", "number", nullable=False)
