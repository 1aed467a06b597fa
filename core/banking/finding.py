"""What the database knows of what some entries may mean: documents, orders and partners, for all of them at once."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session
from stdnum.ro import cui as stdnum_cui

from core.banking.mentions import Mentions, mentioned, plain
from core.orders.contents import DOCUMENT_NUMBER
from core.search import fold, folded_sql

_CUI = re.compile(r"(?<![A-Z0-9])(?:RO\s?)?(\d{2,10})(?![A-Z0-9])")
_FORMS = r"\m(s ?c ?s|s ?c|s ?r ?l(?: ?d)?|s ?a|s ?n ?c|p ?f ?a|i ?i|i ?f|societatea|societate|comerciala)\M"
"""Of companies, as regular expressions in PostgreSQL have it; the longer ones first."""
_SHORTEST_NAME = 3
MOST_SERIES = 500
"""So many series of the program before are looked for in texts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the list as it is matched."""

    id: int
    booked_on: date
    amount: Decimal
    payer_name: str
    payer_iban: str
    details: str


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """`open` lei of a document; 0 where it is paid."""

    id: int
    partner_id: int
    number: str
    open: Decimal


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that can be paid before it is invoiced: `open` lei are still to be paid on it."""

    id: int
    partner_id: int
    open: Decimal


@dataclass(slots=True)
class Found:
    """All that was found: documents by what a text names, orders by id, partners by IBAN, CUI and name."""

    mentions: dict[int, Mentions] = field(default_factory=dict)
    documents: dict[tuple[str, int], list[OpenDocument]] = field(default_factory=dict)
    numbered: dict[int, list[OpenDocument]] = field(default_factory=dict)
    proformas: dict[tuple[str, int], int] = field(default_factory=dict)
    orders: dict[int, OpenOrder] = field(default_factory=dict)
    of_order: dict[int, list[OpenDocument]] = field(default_factory=dict)
    by_iban: dict[str, int] = field(default_factory=dict)
    by_cui: dict[str, int] = field(default_factory=dict)
    by_name: dict[str, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    open: dict[int, list[OpenDocument]] = field(default_factory=dict)
    twice: set[tuple[int, Decimal, date]] = field(default_factory=set)


def find(session: Session, entries: Sequence[Entry]) -> Found:
    """Look up, in a fixed number of statements however many entries there are, what they may mean."""
    found = Found()
    series = {plain(row.series): row.series for row in session.execute(_SERIES)}
    names = set(session.scalars(_OPENING_SERIES))
    found.mentions = {entry.id: mentioned(entry.details, {*series.values(), *names}) for entry in entries}
    _find_documents(session, found, series)
    _find_orders(session, found)
    _find_partners(session, found, entries)
    partners = {*found.by_iban.values(), *found.by_cui.values(), *found.by_name.values()}
    found.open = _grouped(session.execute(_OPEN, {"partners": list(partners)}).mappings(), "partner_id")
    partners |= {one.partner_id for many in (*found.documents.values(), *found.numbered.values()) for one in many}
    partners |= {order.partner_id for order in found.orders.values()}
    partners |= {one.partner_id for many in found.of_order.values() for one in many}
    told = {"partners": list(partners)}
    found.names = {row.id: row.name for row in session.execute(_NAMES, told)}
    days = {"days": list({entry.booked_on for entry in entries})}
    found.twice = {(row.partner_id, row.amount, row.paid_on) for row in session.execute(_RECORDED, told | days)}
    return found


def names_of(entry: Entry) -> list[str]:
    """What may be the payer's name, without the form of the company: the name given, and parts of the text."""
    parts = [entry.payer_name, *re.split(r"[;|/,]", entry.details)]
    return [name for part in parts if len(name := _bare_name(part)) >= _SHORTEST_NAME]


def cuis_in(entry: Entry) -> list[str]:
    """The CUIs with a right check digit in what the bank says."""
    return [number for number in _CUI.findall(entry.details.upper()) if len(number) > 3 and stdnum_cui.is_valid(number)]


def _bare_name(name: str) -> str:
    words = re.sub("[^a-z0-9]+", " ", fold(name))
    return " ".join(re.sub(_FORMS.replace(r"\m", r"\b").replace(r"\M", r"\b"), " ", words).split())


def _find_documents(session: Session, found: Found, series: Mapping[str, str]) -> None:
    named = {name for mentions in found.mentions.values() for name in mentions.documents}
    bare = {number for mentions in found.mentions.values() for number in mentions.bare}
    ours = [(series[one], number) for one, number in named if one in series]
    ours += [(one, number) for one in series.values() for number in bare]
    asked = {"series": [one for one, _ in ours], "numbers": [number for _, number in ours]}
    documents: defaultdict[tuple[str, int], list[OpenDocument]] = defaultdict(list)
    for row in session.execute(_DOCUMENTS, asked):
        key = (plain(row.series), row.place)
        if row.kind == "proforma":
            found.proformas[key] = row.order_id
        else:
            documents[key].append(OpenDocument(row.id, row.partner_id, row.number, row.open))
    numbers = list({number for _, number in named} | bare)
    for row in session.execute(_OPENING, {"numbers": numbers}) if numbers else ():
        document = OpenDocument(row.id, row.partner_id, row.number, row.open)
        documents[(plain(row.series), row.place)].append(document)
    found.documents = dict(documents)
    numbered: defaultdict[int, list[OpenDocument]] = defaultdict(list)
    for (_, number), many in documents.items():
        numbered[number] += many
    found.numbered = dict(numbered)


def _find_orders(session: Session, found: Found) -> None:
    ids = {order for mentions in found.mentions.values() for order in mentions.orders}
    ids |= {order for order in found.proformas.values() if order}
    if not ids:
        return
    asked = {"orders": list(ids)}
    found.orders = {row.id: OpenOrder(row.id, row.partner_id, row.open) for row in session.execute(_ORDERS, asked)}
    found.of_order = _grouped(session.execute(_OF_ORDERS, asked).mappings(), "order_id")


def _find_partners(session: Session, found: Found, entries: Sequence[Entry]) -> None:
    ibans = [entry.payer_iban for entry in entries if entry.payer_iban]
    found.by_iban = {row.iban: row.partner_id for row in session.execute(_BY_IBAN, {"ibans": ibans})}
    cuis = list({cui for entry in entries for cui in cuis_in(entry)})
    names = list({name for entry in entries for name in names_of(entry)})
    found.by_cui = {row.cui: row.partner_id for row in session.execute(_BY_CUI, {"cuis": cuis})} if cuis else {}
    found.by_name = {row.name: row.partner_id for row in session.execute(_BY_NAME, {"names": names})} if names else {}


def _grouped(rows: Any, by: str) -> dict[int, list[OpenDocument]]:
    groups: defaultdict[int, list[OpenDocument]] = defaultdict(list)
    row: RowMapping
    for row in rows:
        groups[row[by]].append(OpenDocument(row["id"], row["partner_id"], row["number"], row["open"]))
    return dict(groups)


_SERIES = text("""
    select prefix as series from document_series where kind in ('invoice', 'proforma')
    union select distinct series from document join document_series on document_series.id = series_id
    where document.series <> prefix
""")
# As the indexes of opening_number have them: the number at its end, and what stands before it.
_PLACE, _BEFORE = "((substring(number, '[0-9]{1,9}$'))::int)", "regexp_replace(number, '[0-9]+$', '')"
_NUMBERED = "number ~ '(^|[^0-9])[0-9]{1,9}$'"
_OPENING_SERIES = text(f"""
    with recursive known (series) as (
        (select {_BEFORE} from opening_number where {_NUMBERED} order by 1 limit 1)
        union all
        select (select {_BEFORE} from opening_number where {_NUMBERED} and {_BEFORE} > series order by 1 limit 1)
        from known where series is not null
    )
    select series from known where series is not null limit {MOST_SERIES}
""")
_DOCUMENTS = text(f"""
    select document.id, document.kind, document.series, document.number as place, {DOCUMENT_NUMBER} as number,
           document.partner_id, document.order_id, coalesce(receivable.open, 0) as open
    from unnest(cast(:series as text[]), cast(:numbers as int[])) named (series, number)
    join document on (document.series, document.number) = (named.series, named.number)
    left join receivable on receivable.document_id = document.id
    where document.kind = 'proforma' or receivable.document_id is not null
""")
_OPENING = text(f"""
    select document_id as id, opening_number.partner_id, number, open, {_PLACE} as place, {_BEFORE} as series
    from opening_number join receivable using (document_id)
    where {_NUMBERED} and {_PLACE} = any(cast(:numbers as int[]))
""")
_ORDERS = text("""
    select orders.id, orders.partner_id, orders.gross - paid.amount as open from orders
    cross join lateral (select coalesce(sum(amount), 0) as amount from allocation where order_id = orders.id) paid
    where orders.id = any(cast(:orders as int[])) and orders.invoiced_at is null and orders.currency = 'RON'
      and orders.status in ('placed', 'claimed', 'lapsed') and orders.gross > paid.amount
      and not exists (select from document where order_id = orders.id and kind = 'invoice')
""")
_OF_ORDERS = text(f"""
    select document.order_id, document.id, document.partner_id, {DOCUMENT_NUMBER} as number, receivable.open
    from document join receivable on receivable.document_id = document.id
    where document.order_id = any(cast(:orders as int[])) and open > 0 order by receivable.due_on, document.id
""")
_BY_IBAN = text("select iban, partner_id from partner_account where iban = any(cast(:ibans as text[]))")
_BY_CUI = text("""
    select cui, min(id) as partner_id from (
        select id, regexp_replace(upper(cui), '^RO|[^0-9]', '', 'g') as cui from partner where cui <> '') known
    where cui = any(cast(:cuis as text[])) group by cui having count(*) = 1
""")
_BY_NAME = text(
    f"""
    select name, min(id) as partner_id from (
        select id, btrim(regexp_replace(regexp_replace(regexp_replace(
            {folded_sql("name")}, '[^a-z0-9]+', ' ', 'g'), '{_FORMS}', ' ', 'g'), ' +', ' ', 'g')) as name
        from partner) known
    where name = any(cast(:names as text[])) group by name having count(*) = 1
""".replace("(?:", "(?\\:")
)
_OPEN = text(f"""
    select receivable.partner_id, document.id, {DOCUMENT_NUMBER} as number, receivable.open
    from receivable join document on document.id = receivable.document_id
    where receivable.partner_id = any(cast(:partners as int[])) and open > 0
    order by receivable.due_on, document.id
""")
_NAMES = text("select id, name from partner where id = any(cast(:partners as int[]))")
# What stems from another entry is other money; what somebody recorded by hand may be the same.
_RECORDED = text("""
    select partner_id, amount, paid_on from payment
    where partner_id = any(cast(:partners as int[])) and paid_on = any(cast(:days as date[])) and amount > 0
      and not exists (select from payment undo where undo.undoes = payment.id)
      and not exists (select from bank_entry where bank_entry.payment_id = payment.id)
""")
