"""What was open in the program before: an opening document for each row, by partner and number (decision 0027)."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.company import company
from core.db import actor
from core.documents import parties
from core.i18n import N_
from core.imports.columns import OPENING
from core.imports.prices import UNKNOWN_PARTNER
from core.imports.problems import Problem
from core.imports.staging import REPEATED, Kind, problems_from
from core.orders.contents import DOCUMENT_NUMBER
from core.receivables.opening import take_back

IN_FUTURE = N_("The document is of a day to come. Correct its day of issue.")
DUE_BEFORE = N_("The document is due before it was issued. Correct one of the two days.")
OTHER_AMOUNT = N_(
    "{number} of this partner was loaded with {loaded} open, and here it says {open}. What is open of it follows the"
    " payments recorded since: take the row out. If the amount was wrong, annul that document first and load it again."
)
OURS = N_("{number} was issued here to this partner, so it is open here already. Take the row out.")

_FOUND = """
    incoming i left join partner p on p.code = i.partner
    left join opening_number known on (known.partner_id, known.number) = (p.id, i.number)
"""
COUNT = f"select count(*) filter (where known.document_id is null), 0 from {_FOUND}"
_UNKNOWN_PARTNERS = (
    "select i.line, i.partner from incoming i left join partner p on p.code = i.partner where p.id is null"
)
# Compared as they were read: blanks that differ make no other number.
_REPEATED = """
    select (array_agg(line order by line))[2] as line, concat_ws(', ', partner, number) as key,
           string_agg(line::text, ', ' order by line) as lines
    from incoming group by partner, number having count(*) > 1
"""
_DUE_BEFORE = "select i.line from incoming i where i.due_on < i.issued_on"
_OTHER_AMOUNTS = f"""
    select i.line, i.number, document.lei_gross as loaded, i.open
    from {_FOUND} join document on document.id = known.document_id where document.lei_gross <> i.open
"""
_OURS = f"""
    select i.line, i.number from {_FOUND}
    join document on document.partner_id = p.id and document.kind in ('invoice', 'storno')
         and {DOCUMENT_NUMBER} = i.number
"""
_PARTNERS = text("select id from partner where code in (select partner from incoming) order by id")
_WRITE = text(f"""
    insert into document (kind, series, partner_id, issued_on, due_on, issued_at, issued_by, issuer_name, seller, buyer,
                          net, vat, gross, lei_net, lei_vat, lei_gross, note)
    select 'opening', i.number, p.id, i.issued_on, coalesce(i.due_on, i.issued_on + p.payment_days), :as_of, :by, :name,
           '{{}}', jsonb_build_object('name', p.name, 'cui', p.cui), i.open, 0, i.open, i.open, 0, i.open,
           coalesce(i.note, '')
    from {_FOUND} where known.document_id is null order by i.line
    returning id
""")
_TELL = text("""
    insert into event (at, kind, partner_id, document_id, user_id, address, data)
    select :as_of, 'opening_recorded', partner_id, id, cast(:by as int), :address,
           jsonb_build_object('number', series, 'amount', lei_gross::text)
    from document where id = any(cast(:documents as int[])) order by id
""")


def write(session: Session, as_of: datetime) -> list[int]:
    """Write the staged rows that are not there yet; the ids of their documents. Records `opening_recorded` of each."""
    me = actor(session)
    told = {"as_of": as_of, "by": me.user_id}
    documents = list(session.scalars(_WRITE, told | {"name": me.name}))
    session.execute(_TELL, told | {"address": me.address, "documents": documents})
    return documents


def _lock(session: Session) -> None:
    """The partners' ledgers: who loads the same file at the same time waits, and then finds every row there."""
    parties.lock_many(session, session.scalars(_PARTNERS).all())


def _check(session: Session) -> list[Problem]:
    today = clock.local_date(clock.now(), company(session).time_zone)
    in_future = f"select i.line from incoming i where i.issued_on > '{today}'"
    return [
        *problems_from(session, _UNKNOWN_PARTNERS, "partner", UNKNOWN_PARTNER),
        *problems_from(session, _REPEATED, "number", REPEATED),
        *problems_from(session, in_future, "issued_on", IN_FUTURE),
        *problems_from(session, _DUE_BEFORE, "due_on", DUE_BEFORE),
        *problems_from(session, _OTHER_AMOUNTS, "open", OTHER_AMOUNT),
        *problems_from(session, _OURS, "number", OURS),
    ]


def _write(session: Session, as_of: datetime) -> None:
    write(session, as_of)


def _undo(session: Session, run_id: int, as_of: datetime) -> None:
    take_back(session, session.scalars(_OF_RUN, {"run": run_id}).all(), as_of)


# What the run wrote: the documents know their instant to the microsecond.
_OF_RUN = text("""
    select document.id from import_run run join document on document.kind = 'opening'
      and document.issued_at = run.loaded_at and document.issued_by is not distinct from run.user_id
    where run.id = :run order by document.id
""")
TYPES = {
    "partner": "text", "number": "text", "issued_on": "date", "due_on": "date", "open": "numeric", "note": "text",
}  # fmt: skip
KIND = Kind(OPENING, (), TYPES, _lock, _check, COUNT, _write, (), "", undo=_undo)
