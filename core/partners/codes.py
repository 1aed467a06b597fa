"""The distributor's code of each partner, and its CUI: compared with those of all others."""

import re
from itertools import count

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_
from core.partners.data import LENGTH, PartnerData, require_length, tidy
from core.partners.models import Partner


class CodeTaken(Refusal):
    message = N_("The code {code} belongs to {name} already. Choose another one.")


class CuiTaken(Refusal):
    message = N_("{name} has this CUI already, with the code {code}.")


def one_at_a_time(session: Session) -> None:
    """Whoever else gives a code or a CUI waits until this transaction ends. Lock a partner's row before, never after.

    The table first, as in core.partners.editing.locked_partner: an import of partners holds it as a whole.
    """
    session.execute(text("lock table partner in row exclusive mode"))
    session.execute(text("select pg_advisory_xact_lock(hashtext('partner codes'))"))


def own_code(session: Session, code: str, data: PartnerData) -> str:
    """The code that staff chose, if no partner has it; an empty one is made from the CUI, or else from the country.

    Raises CodeTaken, TextTooLong.
    """
    code = tidy(code)
    if not code:
        return free_code(session, re.sub(r"\W", "", data.cui) or data.country)
    require_length(code, LENGTH)
    owner = session.scalar(select(Partner).where(Partner.code == code))
    if owner is not None:
        raise CodeTaken(code=code, name=owner.name)
    return code


def free_code(session: Session, base: str) -> str:
    """`base`, or the first of base-2, base-3, … that no partner has."""
    taken = set(session.scalars(select(Partner.code).where(Partner.code.startswith(base, autoescape=True))))
    return next(code for n in count(1) if (code := base if n == 1 else f"{base}-{n}") not in taken)


def require_free_cui(session: Session, cui: str) -> None:
    """Raises CuiTaken if a partner has this CUI. A request that nobody answered yet does not count."""
    holders = select(Partner).where(Partner.cui == cui, Partner.status != "proposed").order_by(Partner.id)
    holder = session.scalars(holders).first() if cui else None
    if holder is not None:
        raise CuiTaken(name=holder.name, code=holder.code)
