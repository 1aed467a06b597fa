"""Who did what, to what, when, and from where: events as they are looked through. Nothing changes them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.audit_words import GROUPS
from core.company import company
from core.permissions import authorize
from core.search import LONGEST, MOST_WORDS, fold, folded_sql, word_clauses

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; an empty field asks for nothing.

    `since` and `until` are days where the distributor is, both included. `groups` are keys of GROUPS. `person`: words
    of the name or e-mail of who did it or whom it was done to. `partner`: words of the partner's name or code.
    `words`: each an order's number, the beginning of an IP address, or anywhere in what was written down, as document
    numbers, SKUs, file names and reasons are; numbers are found as a whole.
    """

    since: date | None = None
    until: date | None = None
    groups: tuple[str, ...] = ()
    person: str = ""
    partner: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One event. `who` did it, empty for the system and for visitors, who have an IP address; `about` is the person it
    was done to; `number` is of a document, `sku` of a product. The instant is in UTC."""

    id: int
    at: datetime
    kind: str
    who: str
    who_email: str
    about: str
    about_email: str
    partner: str
    partner_code: str
    order_id: int | None
    document_id: int | None
    number: str
    sku: str
    address: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Rows, the newest first, and whether there are older ones."""

    rows: Sequence[AuditRow]
    more: bool


def audit_page(session: Session, filters: Filters, before: int | None = None, size: int = PAGE_SIZE) -> AuditPage:
    """The newest events that match, or the newest of those with an id below `before`. Raises NotAllowed."""
    authorize(session, "audit.see")
    clauses, params = conditions(session, filters)
    if before is not None:
        clauses.append("event.id < :before")
        params["before"] = before
    where = " and ".join(["true", *clauses])
    rows = session.execute(text(_PAGE.format(where=where)), params | {"limit": size + 1}).mappings().all()
    return AuditPage([AuditRow(**row) for row in rows[:size]], len(rows) > size)


def conditions(session: Session, filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """What filters leave: SQL conditions on the table event, and their parameters."""
    clauses, params = _days(session, filters)
    if filters.groups:
        clauses.append("event.kind = any(:kinds)")
        params["kinds"] = [kind for group in filters.groups for kind in GROUPS[group]]
    if filters.partner.strip():
        clauses.append("event.partner_id = any(:partners)")
        params["partners"] = _ids(session, "partner", "name || ' ' || code", filters.partner)
    if filters.person.strip():
        people = _ids(session, "app_user", "name || ' ' || email", filters.person)
        clauses.append("(event.user_id = any(:people) or event.data ->> 'user' = any(:about))" if people else "false")
        params |= {"people": people, "about": [str(person) for person in people]} if people else {}
    return clauses + _words(filters.words, params), params


def _days(session: Session, filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """Midnights are the database's business: it knows days that Python's calendar has no place for."""
    clauses, params = [], {name: getattr(filters, name) for name in ("since", "until") if getattr(filters, name)}
    if filters.since:
        clauses.append("event.at >= cast(:since as timestamp) at time zone :zone")
    if filters.until:
        clauses.append("event.at < (cast(:until as timestamp) + interval '1 day') at time zone :zone")
    return clauses, params | {"zone": company(session).time_zone} if params else {}


def _ids(session: Session, table: str, searched: str, words: str) -> list[int]:
    """Looked up first: known ids let the database choose its way through the events well."""
    clauses, params = word_clauses(folded_sql(searched), words)
    return list(session.scalars(text(f"select id from {table} where {' and '.join(['true', *clauses])}"), params))


def _words(words: str, params: dict[str, Any]) -> list[str]:
    """One condition for each word, with its parameters put into `params`."""
    return [
        _number(n, word, params) if word.isascii() and word.isdigit() else _word(n, word, params)
        for n, word in enumerate(fold(words[:LONGEST]).split()[:MOST_WORDS])
    ]


def _word(n: int, word: str, params: dict[str, Any]) -> str:
    """Anywhere in the data, but for the names of its fields. The data is JSON as the database writes it.

    A regular expression is several times as fast on a million events as folding each of them.
    """
    letters = "".join(_LETTERS.get(sign) or re.escape(sign) for sign in word)
    params |= {f"starts{n}": word, f"holds{n}": rf'{letters}(?![a-z_]*":)'}
    return f"(starts_with(event.address, :starts{n}) or event.data::text ~* :holds{n})"


def _number(n: int, word: str, params: dict[str, Any]) -> str:
    """A whole number, whatever zeros stand before it, but not a part of an amount. Bare numbers are ids and counts.

    The plain comparison before the regular expression halves the time.
    """
    digits = word.lstrip("0")
    params |= {f"starts{n}": word, f"has{n}": f"%{digits}%", f"holds{n}": rf'(?<!": )\m0*{digits}\M(?!\.\d)'}
    params[f"order{n}"] = int(word) if len(word) < 10 else None
    return (
        f"(event.order_id = :order{n} or starts_with(event.address, :starts{n})"
        f" or (event.data::text like :has{n} and event.data::text ~ :holds{n}))"
    )


_LETTERS = {"a": "[aăâĂÂ]", "i": "[iîÎ]", "s": "[sșşȘŞ]", "t": "[tțţȚŢ]"}
# The events first, few of them; the names only for those. The data of an event may be of any age: ids in it are
# looked at before they are taken for numbers.
_PAGE = """
with found as materialized (
    select id, at, kind, user_id, partner_id, order_id, document_id, address, data,
           case when data ->> 'user' ~ '^[0-9]{{1,9}}$' then (data ->> 'user')::int end as about_id,
           case when data ->> 'product' ~ '^[0-9]{{1,9}}$' then (data ->> 'product')::int end as product_id
    from event where {where} order by id desc limit :limit
)
select found.id, found.at, found.kind, coalesce(doer.name, '') as who, coalesce(doer.email, '') as who_email,
       coalesce(about.name, '') as about, coalesce(about.email, '') as about_email,
       coalesce(partner.name, '') as partner, coalesce(partner.code, '') as partner_code,
       found.order_id, found.document_id, coalesce(found.data ->> 'number', '') as number,
       coalesce(found.data ->> 'sku', product.sku, '') as sku, found.address, found.data
from found
left join app_user doer on doer.id = found.user_id
left join app_user about on about.id = found.about_id
left join partner on partner.id = found.partner_id
left join product on product.id = found.product_id
order by found.id desc
"""
