"""What was pasted stays until it is in the cart, also over a reload, another page or another day."""

from dataclasses import dataclass, replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_
from core.permissions import authorize
from core.quick.lines import MOST_CHARACTERS
from core.search import without_nul


class DraftChanged(Refusal):
    message = N_("These lines were changed in another tab or window: this is how they are now.")


class DraftTooLong(Refusal):
    message = N_("This text is too long to be kept: after a reload the lines from before will stand here again.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text, and the columns (from 0) that were chosen for its table. `version` is how often it was kept: who has an
    older one has not seen what became of it in another tab."""

    text: str = ""
    code_column: int | None = None
    quantity_column: int | None = None
    version: int = 0


def draft(session: Session) -> Draft:
    """What the signed-in user has pasted for the partner; empty where there is nothing."""
    me = authorize(session, "orders.place")
    row = session.execute(_FIND, {"partner": me.partner_id, "user": me.user_id}).one_or_none()
    return Draft(*row) if row else Draft()


def keep(session: Session, kept: Draft) -> Draft:
    """Keep it in the place of what was kept before, nobody else's to change until the transaction ends; how it is kept.

    Raises DraftChanged where `kept` comes from a version that is no longer the last, and DraftTooLong.
    """
    me = authorize(session, "orders.place")
    if len(kept.text) > MOST_CHARACTERS:
        raise DraftTooLong
    kept = replace(kept, text=without_nul(kept.text))
    about = {"partner": me.partner_id, "user": me.user_id, "text": kept.text, "version": kept.version}
    columns = {"code": kept.code_column, "quantity": kept.quantity_column}
    version = session.execute(_KEEP, about | columns).scalar_one_or_none()
    if version is None:
        raise DraftChanged
    return replace(kept, version=version)


_FIND = text("""
    select text, code_column, quantity_column, version from quick_draft
    where partner_id = :partner and user_id = :user
""")
# An empty text stays as a row: its version goes on, so that no later text can be taken for an earlier one.
_KEEP = text("""
    insert into quick_draft (partner_id, user_id, text, code_column, quantity_column, version)
    values (:partner, :user, :text, :code, :quantity, 1)
    on conflict (user_id, partner_id) do update
    set text = excluded.text, code_column = excluded.code_column, quantity_column = excluded.quantity_column,
        version = quick_draft.version + 1
    where quick_draft.version = :version
    returning version
""")
