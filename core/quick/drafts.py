"""What was pasted stays until it is in the cart, also over a reload, another page or another day."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize
from core.quick.lines import MOST_CHARACTERS
from core.search import without_nul


@dataclass(frozen=True, slots=True)
class Draft:
    """A text, and the columns (from 0) that were chosen for its table."""

    text: str = ""
    code_column: int | None = None
    quantity_column: int | None = None


def draft(session: Session) -> Draft:
    """What the signed-in user has pasted for the partner; empty where there is nothing."""
    me = authorize(session, "orders.place")
    row = session.execute(_FIND, {"partner": me.partner_id, "user": me.user_id}).one_or_none()
    return Draft(*row) if row else Draft()


def keep(session: Session, kept: Draft) -> None:
    """Keep it in the place of what was kept before; one that is too long to be checked is not kept."""
    me = authorize(session, "orders.place")
    whose = {"partner": me.partner_id, "user": me.user_id}
    if kept.text.strip() and len(kept.text) <= MOST_CHARACTERS:
        columns = {"code": kept.code_column, "quantity": kept.quantity_column}
        session.execute(_KEEP, whose | columns | {"text": without_nul(kept.text)})
    else:
        session.execute(_DROP, whose)


_FIND = text("""
    select text, code_column, quantity_column from quick_draft where partner_id = :partner and user_id = :user
""")
_KEEP = text("""
    insert into quick_draft (partner_id, user_id, text, code_column, quantity_column)
    values (:partner, :user, :text, :code, :quantity)
    on conflict (user_id, partner_id) do update
    set text = excluded.text, code_column = excluded.code_column, quantity_column = excluded.quantity_column
""")
_DROP = text("delete from quick_draft where partner_id = :partner and user_id = :user")
