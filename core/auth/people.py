"""The people of a partner, or the staff, as those see them who manage them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.auth.users import ERASED_DOMAIN, manages
from core.errors import NotAllowed
from core.search import folded_sql


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in, or will be. Instants in UTC; `spending_limit` in lei with VAT, a buyer's only.

    `invited_until` is set while a mailed link to set a password works, `locked_until` while wrong passwords keep the
    person waiting. `last_signed_in` is a log-in, `last_seen_at` the last use of a session that is still kept, and
    `sessions` counts the browsers where the person is logged in now. `bounced_at` is when the last mail to the person
    came back, with the server's words `bounce`.
    """

    id: int
    email: str
    name: str
    role: str
    language: str
    active: bool
    spending_limit: Decimal | None
    has_password: bool
    has_second_factor: bool
    invited_until: datetime | None
    locked_until: datetime | None
    last_seen_at: datetime | None
    last_signed_in: datetime | None
    sessions: int
    bounced_at: datetime | None
    bounce: str


def people_of(session: Session, partner_id: int | None, as_of: datetime) -> list[Person]:
    """The people of a partner, or the staff for None, by name, blocked ones too, erased ones not. Outside the wall.

    Raises NotAllowed to who does not manage them.
    """
    if not manages(session, partner_id):
        raise NotAllowed
    params: dict[str, Any] = {"as_of": as_of}
    if partner_id is None:
        rows = session.execute(_STAFF, params)
    else:
        rows = session.execute(_PARTNERS, params | {"partner": partner_id})
    return [Person(**row) for row in rows.mappings()]


# The throttle's key is core.auth.throttling.key_of("login", email) in SQL, so that it is one query for everybody.
_PEOPLE = """
    select u.id, u.email, u.name, u.role, u.language, u.active, u.spending_limit,
           u.password_hash <> '' as has_password, u.totp_secret <> '' as has_second_factor,
           link.expires_at as invited_until, throttle.blocked_until as locked_until,
           used.last_seen_at, used.sessions, signed_in.at as last_signed_in, u.bounced_at, u.bounce
    from app_user u
    left join access_link link on link.user_id = u.id and link.purpose = 'invite' and link.expires_at > :as_of
    left join throttle on throttle.key = 'login:' || encode(sha256(convert_to(u.email, 'UTF8')), 'hex')
                      and throttle.blocked_until > :as_of
    left join lateral (
        select max(s.last_seen_at) as last_seen_at,
               count(*) filter (where s.expires_at > :as_of and s.last_seen_at
                   > cast(:as_of as timestamptz) - company.idle_hours * interval '1 hour') as sessions
        from login_session s cross join company where s.user_id = u.id
    ) used on true
    left join lateral (
        select at from event where user_id = u.id and kind = 'user_signed_in' order by id desc limit 1
    ) signed_in on true
"""
_ORDER = f"order by {folded_sql('u.name')}, u.id"
_THERE = f"u.email not like '%@{ERASED_DOMAIN}'"
_STAFF = text(f"{_PEOPLE} where u.partner_id is null and {_THERE} {_ORDER}")
_PARTNERS = text(f"{_PEOPLE} where u.partner_id = :partner and {_THERE} {_ORDER}")
