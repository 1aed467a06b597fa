"""a mail that was taken by a worker, and one that the server may have: two states"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

STATES_BEFORE = "state in ('queued', 'sending', 'sent', 'failed', 'uncertain', 'held', 'gathered')"
STATES = "state in ('queued', 'taken', 'sending', 'sent', 'failed', 'uncertain', 'held', 'gathered')"


def upgrade() -> None:
    _replace(STATES, "state in ('queued', 'taken', 'sending')")


def downgrade() -> None:
    op.execute("update mail set state = 'queued' where state = 'taken'")
    _replace(STATES_BEFORE, "state in ('queued', 'sending')")


def _replace(states: str, waiting: str) -> None:
    op.drop_constraint(op.f("ck_mail_state_known"), "mail")
    op.create_check_constraint(op.f("ck_mail_state_known"), "mail", states)
    op.drop_index("ix_mail_waiting", "mail")
    op.create_index("ix_mail_waiting", "mail", ["next_try_at"], postgresql_where=sa.text(waiting))
