"""Requests for access that wait for an answer, as staff see them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.partners.models import Partner
from core.permissions import authorize


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for access for a company: when (UTC), who, from which IP address, in which language."""

    at: datetime
    partner_id: int
    code: str
    partner: str
    name: str
    contact: str
    email: str
    phone: str
    note: str
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Another partner with the same CUI or e-mail address, or somebody's log-in with this address (`user`)."""

    id: int
    code: str
    name: str
    status: str
    same_cui: bool
    same_email: bool
    user: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A company that asks for access: its row, who asked, who asked again since, and whom it resembles."""

    partner: Partner
    asked: Asked
    again: list[Asked]
    lookalikes: list[Lookalike]


def open_requests(session: Session) -> list[Asked]:
    """The requests that wait for an answer, the oldest first. Raises NotAllowed."""
    authorize(session, "partners.see")
    return [Asked(**row) for row in session.execute(_OPEN).mappings()]


def asked_again(session: Session, since: datetime) -> list[Asked]:
    """Requests since then for partners that were there, the newest first; who asked was not told. Raises NotAllowed."""
    authorize(session, "partners.see")
    return [Asked(**row) for row in session.execute(_AGAIN, {"since": since}).mappings()]


def request(session: Session, partner_id: int) -> Request:
    """One request. Raises NotAllowed, and NotFound where there is none or it was answered."""
    authorize(session, "partners.see")
    partner = session.get(Partner, partner_id)
    asked = [Asked(**row) for row in session.execute(_ASKED, {"partner": partner_id}).mappings()]
    if partner is None or partner.status != "proposed" or not asked:
        raise NotFound
    return Request(partner, asked[0], asked[1:], lookalikes(session, partner))


def lookalikes(session: Session, partner: Partner) -> list[Lookalike]:
    """Partners that may be the same company, or have its address already. Raises NotAllowed."""
    authorize(session, "partners.see")
    params = {"partner": partner.id, "cui": partner.cui, "email": partner.email}
    return [Lookalike(**row) for row in session.execute(_LOOKALIKES, params).mappings()]


_FIELDS = """
    select e.at, p.id as partner_id, p.code, p.name as partner, e.data ->> 'name' as name,
           e.data ->> 'contact' as contact, e.data ->> 'email' as email, e.data ->> 'phone' as phone,
           e.data ->> 'note' as note, e.address, e.data ->> 'language' as language
    from event e join partner p on p.id = e.partner_id
"""
_OPEN = text(f"{_FIELDS} where p.status = 'proposed' and e.kind = 'partner_proposed' order by e.id")
_ASKED = text(
    f"{_FIELDS} where p.id = :partner and e.kind in ('partner_proposed', 'partner_proposed_again') order by e.id"
)
_AGAIN = text(f"""
    {_FIELDS} where p.status <> 'proposed' and e.kind = 'partner_proposed_again' and e.at >= :since
    and not exists (select from event answer where answer.partner_id = p.id and answer.id > e.id
                    and answer.kind = 'partner_status_changed' and answer.data ->> 'old' = 'proposed')
    order by e.id desc
""")
# Users belong to the domain above this one; the staff page wants them in one query.
_LOOKALIKES = text("""
    select p.id, p.code, p.name, p.status, p.cui = :cui and :cui <> '' as same_cui,
           lower(p.email) = :email and :email <> '' as same_email, u.id is not null as user
    from partner p left join app_user u on u.partner_id = p.id and u.email = :email
    where p.id <> :partner and ((p.cui = :cui and :cui <> '') or (lower(p.email) = :email and :email <> '')
                                or u.id is not null)
    order by p.id
    limit 20
""")
