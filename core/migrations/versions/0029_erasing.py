"""who asks to be forgotten is: the one change that a recorded event allows"""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    # What happened, when and to what stays; only what was said of a person may go, and only while one is erased.
    op.execute("""
        create function refuse_change_but_erasing() returns trigger language plpgsql as $$
        begin
          if tg_op = 'UPDATE' and current_setting('rampa.erasing', true) = 'on'
             and (new.id, new.at, new.kind, new.partner_id, new.order_id, new.document_id, new.user_id)
                 is not distinct from
                 (old.id, old.at, old.kind, old.partner_id, old.order_id, old.document_id, old.user_id)
          then return new; end if;
          raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
        end $$
    """)
    _watch("refuse_change_but_erasing")


def downgrade() -> None:
    _watch("refuse_change")
    op.execute("drop function refuse_change_but_erasing()")


def _watch(function: str) -> None:
    op.execute("drop trigger event_is_append_only on event")
    op.execute(f"""
        create trigger event_is_append_only before update or delete on event
        for each row execute function {function}()
    """)
