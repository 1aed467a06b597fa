"""The claim queue: the orders that wait to be claimed, and those that somebody has on their table."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.orders.lapsing import OVERDUE, UNPAID
from core.permissions import authorize
from core.search import folded_sql, without_nul, word_clauses

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An order in the queue. Instants in UTC; `gross` in `currency`, VAT included.

    `warnings` is how many of the two warnings before the deadline are still to come: 2, 1 or 0. `held` and `awaited`
    are the pieces that are there and on backorder, whatever their unit. `held_for` is the colleague (id and name) who
    is expected to claim it. `unpaid_until` is set where the order lapses then unless it is paid.
    """

    id: int
    partner: str
    ordered_by: str
    placed_at: datetime
    waited_seconds: int
    deadline: datetime | None
    warnings: int
    claimed_at: datetime | None
    gross: Decimal
    currency: str
    lines: int
    held: Decimal
    awaited: Decimal
    assigned_to: int | None
    held_for: str | None
    prepay: bool
    paid: bool
    unpaid_until: datetime | None
    reference: str
    wished_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Orders as they are shown; `count` and `gross` (lei) are of all that match, shown or not.

    `waiting` and `newest` are of the whole queue: how many orders wait, and the highest number of one (0: none).
    """

    rows: list[QueueRow]
    count: int
    gross: Decimal
    waiting: int
    newest: int


def waiting(
    session: Session, as_of: datetime, *, search: str = "", mine: bool = False, sort: str = "deadline",
    page: int = 1, size: int = PAGE_SIZE,
) -> Queue:  # fmt: skip
    """What can still be claimed at `as_of`; with `mine`, only what is held for the acting member of staff.

    `search` finds an order's whole number, or words of the partner's name or code or of its own reference. `sort` is a
    key of SORTS. A page has `size` orders; beyond the last one is the last one. Raises NotAllowed.
    """
    return _queue(session, as_of, _HELD_FOR_ME if mine else _CLAIMABLE, search, SORTS[sort], (page, size))


def claimed(session: Session, as_of: datetime, *, search: str = "", page: int = 1) -> Queue:
    """The open orders that the acting member of staff has claimed, the first claimed first. Raises NotAllowed."""
    return _queue(session, as_of, _ON_MY_TABLE, search, "claimed_at, id", (page, PAGE_SIZE))


def badge(session: Session, as_of: datetime) -> int | None:
    """How many orders wait, for the menu; None for who does not want to be told. Raises NotAllowed."""
    me = authorize(session, "orders.claim")
    found: int | None = session.execute(_BADGE, {"me": me.user_id, "as_of": as_of}).scalar_one_or_none()
    return found


def _queue(
    session: Session, as_of: datetime, which: str, search: str, order: str, place: tuple[int, int]
) -> Queue:  # fmt: skip
    words, params = word_clauses(_SEARCHED, search)
    which += f" and (orders.id::text = :number or ({' and '.join(words)}))" if words else ""
    params |= {"number": without_nul(search).strip(), "me": authorize(session, "orders.claim").user_id, "as_of": as_of}
    count, gross = session.execute(text(_SUMS.format(which=which)), params).one()
    page, size = place
    # Meanwhile orders may have been claimed, and the page that was asked for with them.
    params |= {"limit": size, "offset": (min(page, max(1, -(-count // size))) - 1) * size}
    rows = session.execute(text(_QUEUE.format(which=which, order=order)), params).mappings()
    whole = session.execute(_WHOLE, {"as_of": as_of}).one()
    return Queue([QueueRow(**row) for row in rows], count, gross, *whole)


SORTS = {
    "deadline": "claim_deadline nulls last, id",
    "waiting": "placed_at, id",
    "value": "gross desc, id",
    "partner": f"{folded_sql('partner')}, id",
}
"""What a queue can be sorted by: nearest deadline, longest waiting, largest value, partner's name."""

_CLAIMABLE = f"orders.status = 'placed' and not ({OVERDUE})"
_HELD_FOR_ME = f"{_CLAIMABLE} and orders.assigned_to = :me"
_ON_MY_TABLE = "orders.status = 'claimed' and orders.claimed_by = :me"
_SEARCHED = folded_sql("partner.name || ' ' || partner.code || ' ' || orders.reference")
# The lines are only looked at of what is shown.
_QUEUE = f"""
with matching as (
    select orders.*, partner.name as partner, case when {UNPAID} then orders.pay_deadline end as unpaid_until
    from orders join partner on partner.id = orders.partner_id
    where {{which}}
), shown as (
    select *, row_number() over (order by {{order}}) as place from matching order by place limit :limit offset :offset
)
select shown.id, partner, buyer.name as ordered_by, placed_at, claimed_at, gross, currency, claim_deadline as deadline,
       extract(epoch from :as_of - placed_at)::int as waited_seconds,
       (select count(*) from unnest(claim_warnings) warning where warning > :as_of) as warnings,
       line.lines, line.held, line.awaited, assigned_to, keeper.name as held_for, prepay, paid_at is not null as paid,
       unpaid_until, reference, wished_on, note
from shown
join app_user buyer on buyer.id = shown.user_id
left join app_user keeper on keeper.id = shown.assigned_to
cross join lateral (
    select count(*) as lines, coalesce(sum(held), 0) as held, coalesce(sum(waiting), 0) as awaited
    from line_state where order_id = shown.id
) line
order by place
"""
_SUMS = """
    select count(*), coalesce(sum(orders.gross), 0)
    from orders join partner on partner.id = orders.partner_id where {which}
"""
_WHOLE = text(f"select count(*) as waiting, coalesce(max(id), 0) as newest from orders where {_CLAIMABLE}")
_BADGE = text(f"""
    select (select count(*) from orders where {_CLAIMABLE})
    from app_user where id = :me and new_order_alert <> 'none'
""")
