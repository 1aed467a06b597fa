"""Partners as staff see them: the list, one of them, its people."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.partners.models import Partner
from core.permissions import authorize
from core.search import folded_sql, word_clauses

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner in the list; `discount` in percent off the list price, `users` counts those that may log in."""

    id: int
    code: str
    name: str
    cui: str
    city: str
    discount: Decimal
    payment_days: int
    status: str
    users: int


@dataclass(frozen=True, slots=True)
class PartnerUser:
    """A person of the partner; `role` is one of core.permissions.PARTNER_ROLES."""

    id: int
    email: str
    name: str
    role: str
    active: bool


def partner_page(
    session: Session, *, search: str = "", status: str | None = None, page: int = 1
) -> tuple[list[PartnerRow], int]:
    """A page of PAGE_SIZE partners by name, and how many match in all; for staff only.

    `search`: words in any order, each found in code, name, CUI, city or e-mail, with or without diacritics.
    `status`: only those; None for all.
    """
    authorize(session, "partners.see")
    clauses, params = word_clauses(_SEARCHED, search)
    params["status"] = status
    where = " and ".join(["(cast(:status as text) is null or p.status = :status)", *clauses])
    total = session.scalar(text(f"select count(*) from partner p where {where}"), params) or 0
    rows = session.execute(
        text(f"{_ROWS} where {where} order by {folded_sql('p.name')}, p.id limit :limit offset :offset"),
        params | {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE},
    )
    return [PartnerRow(**row) for row in rows.mappings()], total


def partner(session: Session, partner_id: int) -> Partner:
    """One partner, for staff only. Raises NotFound."""
    authorize(session, "partners.see")
    found = session.get(Partner, partner_id)
    if found is None:
        raise NotFound
    return found


def users_of(session: Session, partner_id: int) -> list[PartnerUser]:
    """The people of a partner, blocked ones too, by e-mail; for staff only."""
    authorize(session, "partners.see")
    return [PartnerUser(**row) for row in session.execute(_USERS, {"partner": partner_id}).mappings()]


_SEARCHED = folded_sql("p.code || ' ' || p.name || ' ' || p.cui || ' ' || p.city || ' ' || p.email")
# Users belong to a domain above this one; the staff page wants them in one query.
_ROWS = """
select p.id, p.code, p.name, p.cui, p.city, p.discount, p.payment_days, p.status,
       (select count(*) from app_user u where u.partner_id = p.id and u.active) as users
from partner p
"""
_USERS = text("""
    select id, email, name, role, active from app_user where partner_id = :partner order by email
""")
