"""what the ledger keeps by itself: debts, credits, what pays what, lines within what was ordered; the wall; first rows"""

from alembic import op

revision = "0010"
down_revision = "0009"

MINE = "(select current_setting('rampa.partner_id')::int)"
SETTINGS = "security definer set search_path = public, pg_temp"

APPEND_ONLY = ("annulment", "allocation", "reminder", "reminded_document")
PARTNER_READS = ("annulment", "allocation", "credit", "dispute", "reminder", "reminded_document")

STANDS = "not exists (select from annulment where annulment.document_id = {0}.id)"
"""SQL: the document was not annulled."""

# An order is invoiced while one of its invoices stands that no storno has taken back whole.
FOLLOWS = f"""
    update orders set
      invoiced = (select coalesce(sum(lei_gross), 0) from document
                  where document.order_id = of_order and kind in ('invoice', 'storno') and {STANDS.format("document")}),
      invoiced_at = (select min(issued_at) from document
                     where document.order_id = of_order and kind = 'invoice' and not advance
                       and {STANDS.format("document")}
                       and coalesce((select sum(storno.lei_gross) <> -document.lei_gross from document storno
                                     where storno.refers_to = document.id and storno.kind = 'storno'), true))
    where id = of_order
"""
COUNTED = """
    begin
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
# What was paid on the order pays its invoice, the oldest first.
MONEY_FOLLOWS = """
    declare part record; open_of numeric;
    begin
      for part in select credit_id, partner_id, sum(amount) as amount from allocation where order_id = of_order
                  group by credit_id, partner_id having sum(amount) > 0 order by credit_id loop
        select least(open, part.amount) into open_of from receivable where document_id = to_document;
        exit when open_of = 0;
        insert into allocation (partner_id, credit_id, order_id, amount, at, by)
        values (part.partner_id, part.credit_id, of_order, -open_of, as_of, who);
        insert into allocation (partner_id, credit_id, document_id, amount, at, by)
        values (part.partner_id, part.credit_id, to_document, open_of, as_of, who);
      end loop;
    end
"""
ANNULLED = """
    declare it document;
    begin
      select * into it from document where id = new.document_id;
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
RECEIVED = """
    begin
      if new.amount > 0 then
        insert into credit (partner_id, payment_id, "left") values (new.partner_id, new.id, new.amount);
      else
        update credit set "left" = "left" + new.amount where id = new.credit_id;
      end if;
      return null;
    end
"""
ALLOCATED = """
    begin
      update credit set "left" = "left" - new.amount where id = new.credit_id;
      update receivable set open = open - new.amount where document_id = new.document_id;
      return null;
    end
"""
# Of what was ordered and not cancelled, nothing is invoiced twice; of a line, no more is taken back than it says. What
# takes back a deduction frees its advance again.
IN_BOUNDS = f"""
    begin
      if exists (
        select from line_state state cross join lateral (
          select coalesce(sum(line.quantity), 0) as quantity
          from document_line line join document on document.id = line.document_id
          where line.order_line_id = state.id and document.kind in ('invoice', 'storno') and {STANDS.format("document")}
        ) invoiced
        where state.id in (select order_line_id from added) and not invoiced.quantity between 0 and state.billable
      ) or exists (
        select from document_line line join document on document.id = line.document_id cross join lateral (
          select sum(back.net + again.net) * sign(line.net) as net,
                 sum(back.quantity + again.quantity) * sign(line.quantity) as quantity
          from document_line back cross join lateral (
            select coalesce(sum(net), 0) as net, coalesce(sum(quantity), 0) as quantity from document_line
            where (reverses_document, reverses_position) = (back.document_id, back.position)
          ) again
          where (back.reverses_document, back.reverses_position) = (line.document_id, line.position)
        ) back
        where (line.document_id, line.position) in (select reverses_document, reverses_position from added)
          and (not back.net between -abs(line.net) and 0
               or not (document.advance or back.quantity between -abs(line.quantity) and 0))
      ) then
        raise exception 'a document line is out of its bounds'
          using errcode = 'check_violation', constraint = 'document_line_in_bounds';
      end if;
      return null;
    end
"""

# Financial facts as one running account: what is added to what the partner owes, in lei, by the day it counts for.
LEDGER = f"""
    select partner_id, issued_on as day, issued_at as at, kind, id as document_id, null::int as payment_id,
           lei_gross as amount, due_on
    from document where kind in ('invoice', 'storno') and {STANDS.format("document")}
    union all
    select partner_id, paid_on, recorded_at, case when undoes is not null then 'undone' when amount < 0 then 'refund'
                                                  when method = 'write_off' then 'write_off' else 'payment' end,
           null, id, -amount, null
    from payment
"""

# Prefixes can be changed before the first number is taken, and others added.
SERIES = {"proforma": "PRO", "receipt": "CHT", "delivery_note": "AVZ"}
# No VAT, and why, as it stands on the invoice; a distributor puts its own words.
RATES = {
    "exempt": "Scutit de TVA",
    "reverse": "Taxare inversă",
    "deposit": "Garanție SGR, în afara sferei de aplicare a TVA",
}
REMINDERS = (
    (
        3,
        "Factura {numbers} a ajuns la scadență",
        "Bună ziua,\n\nVă reamintim prietenește că pentru {partner} au ajuns la scadență facturile de mai jos, în valoare"
        " de {total}. Dacă le-ați plătit deja, vă mulțumim și vă rugăm să nu țineți cont de acest mesaj.",
        "Invoice {numbers} is due",
        "Hello,\n\nA friendly reminder that the invoices below of {partner}, {total} in all, are due. If you have paid"
        " them already, thank you, and please disregard this message.",
    ),
    (
        15,
        "A doua notificare: {total} de plată",
        "Bună ziua,\n\nFacturile de mai jos, în valoare de {total}, sunt restante de până la {days} zile. Vă rugăm să le"
        " plătiți în zilele următoare sau să ne scrieți dacă ceva nu este în regulă cu ele.",
        "Second reminder: {total} to pay",
        "Hello,\n\nThe invoices below, {total} in all, are up to {days} days overdue. Please pay them in the coming days,"
        " or write to us if something is wrong with them.",
    ),
    (
        30,
        "Ultima notificare: {total} de plată",
        "Bună ziua,\n\nFacturile de mai jos, în valoare de {total}, sunt restante de până la {days} zile. Vă"
        " rugăm să le plătiți în 5 zile; după aceea comenzile noi pot fi oprite.",
        "Last reminder: {total} to pay",
        "Hello,\n\nThe invoices below, {total} in all, are up to {days} days overdue. Please pay them within"
        " 5 days; after that, new orders may be stopped.",
    ),
)


def upgrade() -> None:
    _functions()
    op.execute(f"create view ledger with (security_invoker = true) as {LEDGER}")
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger {table}_is_append_only before update or delete on {table}"
            " for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger {table}_is_not_emptied before truncate on {table}"
            " for each statement execute function refuse_change()"
        )
    for table in PARTNER_READS:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select on {table} to rampa_partner")
        op.execute(f"create policy own_rows on {table} to rampa_partner using (partner_id = {MINE})")
    op.execute("grant select on ledger to rampa_partner")
    _first_rows()


def _functions() -> None:
    op.execute(f"""
        create function order_follows(of_order int) returns void language plpgsql {SETTINGS} as $$
        begin {FOLLOWS}; end $$
    """)
    op.execute(f"""
        create function money_follows(of_order int, to_document int, as_of timestamptz, who int) returns void
        language plpgsql {SETTINGS} as $$ {MONEY_FOLLOWS} $$
    """)
    for name, body in (
        ("document_counts", f"declare brought int; amount_of numeric; {COUNTED}"),
        ("annulment_counts", ANNULLED),
        ("payment_brings_credit", RECEIVED),
        ("allocation_pays", ALLOCATED),
        ("document_line_in_bounds", IN_BOUNDS),
    ):
        op.execute(f"create function {name}() returns trigger language plpgsql {SETTINGS} as $$ {body} $$")
    op.execute("""
        create trigger document_counts after insert on document
        for each row when (new.kind in ('invoice', 'storno')) execute function document_counts()
    """)
    for table, name in (
        ("annulment", "annulment_counts"), ("payment", "payment_brings_credit"), ("allocation", "allocation_pays"),
    ):  # fmt: skip
        op.execute(f"create trigger {name} after insert on {table} for each row execute function {name}()")
    op.execute("""
        create trigger document_line_in_bounds after insert on document_line referencing new table as added
        for each statement execute function document_line_in_bounds()
    """)
    for function in ("order_follows(int)", "money_follows(int, int, timestamptz, int)"):
        op.execute(f"revoke execute on function {function} from public")


def _first_rows() -> None:
    for kind, prefix in SERIES.items():
        op.execute(
            f"insert into document_series (kind, prefix) values ('{kind}', '{prefix}') on conflict (prefix) do nothing"
        )
    for vat_class, reason in RATES.items():
        op.execute(
            "insert into vat_rate (vat_class, valid_from, rate, reason)"
            f" values ('{vat_class}', '2017-01-01', 0, '{reason}')"
        )
    for number, (days, *texts) in enumerate(REMINDERS, start=1):
        words = ", ".join("'" + text.replace(":", r"\:").replace("'", "''") + "'" for text in texts)
        op.execute(f"insert into reminder_step values ({number}, {days}, {words})")


def downgrade() -> None:
    op.execute("drop view ledger")
    for table in PARTNER_READS:
        op.execute(f"drop policy own_rows on {table}")
        op.execute(f"revoke all on {table} from rampa_partner")
    for table in APPEND_ONLY:
        op.execute(f"drop trigger {table}_is_append_only on {table}")
        op.execute(f"drop trigger {table}_is_not_emptied on {table}")
    for table, name in (
        ("document", "document_counts"), ("annulment", "annulment_counts"), ("payment", "payment_brings_credit"),
        ("allocation", "allocation_pays"), ("document_line", "document_line_in_bounds"),
    ):  # fmt: skip
        op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function {name}()")
    op.execute("drop function money_follows(int, int, timestamptz, int)")
    op.execute("drop function order_follows(int)")
    op.execute("delete from reminder_step")
    op.execute("delete from vat_rate where vat_class in ('exempt', 'reverse', 'deposit')")
