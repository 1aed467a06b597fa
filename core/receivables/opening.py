"""Taking back what was loaded from the program before (core.imports.opening): many documents at once.

One of them staff annul like any other document (core.documents.annulling).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import actor
from core.documents import parties
from core.documents.annulling import USED_OPENINGS, OpeningPaid
from core.errors import NotFound
from core.i18n import N_, translate
from core.permissions import authorize

REASON = N_("The import was taken back.")
MOST_NAMED = 10


def take_back(session: Session, document_ids: Sequence[int], as_of: datetime) -> None:
    """Annul these opening documents, all of them or none; what is annulled already stays so. The same rows can then be
    loaded again. Records `document_annulled` of each.

    Raises NotAllowed, NotFound where one is none, and OpeningPaid with the numbers of those on which something was paid
    or whose credit was used.
    """
    me = authorize(session, "payments.record")
    asked = {"documents": sorted(set(document_ids))}
    found = session.execute(_FOUND, asked).all()
    if len(found) != len(asked["documents"]):
        raise NotFound
    parties.lock_many(session, [row.partner_id for row in found])
    if used := session.scalars(_USED, asked).all():
        raise OpeningPaid(number=_named(used))
    told = {"as_of": as_of, "by": me.user_id, "reason": translate(REASON, me.language)}
    annulled = list(session.scalars(_ANNUL, asked | told))
    session.execute(_TELL, told | {"documents": annulled, "address": actor(session).address})


def _named(numbers: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(numbers) - MOST_NAMED
    return ", ".join(numbers[:MOST_NAMED]) + (f" … (+{more})" if more > 0 else "")


_FOUND = text("""
    select id, partner_id from document where id = any(cast(:documents as int[])) and kind = 'opening' order by id
""")
_USED = text(USED_OPENINGS)
_ANNUL = text("""
    insert into annulment (document_id, partner_id, reason, at, by)
    select id, partner_id, :reason, :as_of, :by from document
    where id = any(cast(:documents as int[]))
      and not exists (select from annulment where annulment.document_id = document.id)
    order by id returning document_id
""")
_TELL = text("""
    insert into event (at, kind, partner_id, document_id, user_id, address, data)
    select :as_of, 'document_annulled', partner_id, id, cast(:by as int), :address,
           jsonb_build_object('number', series, 'reason', cast(:reason as text))
    from document where id = any(cast(:documents as int[])) order by id
""")
