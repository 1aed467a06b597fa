"""Writing prices of lists: some of a page of a list, many from a pasted text or a file, all of them or none.

What is wanted is staged in a temporary table (core.pricing.staging) and written by statements over all of it. A price
that is written holds on its days alone: what other prices for the same quantity held on them is cut out of these.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.events import record
from core.i18n import N_, fill
from core.pricing.conditions import written
from core.pricing.items import BEATEN
from core.pricing.lists import locked_list, today
from core.pricing.staging import Fault, Wanted, faults_of, leave_out_unchanged, resolve, stage, unreadable

MOST_TOLD = 20
"""Changes whose old and new prices are told, and kept in the event."""


class NothingSaved(Refusal):
    """`faults` says, row by row, what is wrong. Nothing was written."""

    message = N_("Nothing was saved. Rows with mistakes: {count}. Row {row}: {reason}")

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(count=len(faults), row=faults[0].row, reason=faults[0].text("en"))

    def text(self, language: str) -> str:
        return fill(self.message, language, self.params | {"reason": self.faults[0].text(language)})


class PricesMoved(Refusal):
    message = N_("Prices of this list have changed since you looked. Nothing was changed: look again, then repeat it.")


@dataclass(frozen=True, slots=True)
class Change:
    """A price as it was and as it is, in the list's currency; None: there was none, or there is none any more."""

    sku: str
    from_quantity: Decimal
    old: Decimal | None
    new: Decimal | None
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written: counts of prices, the first MOST_TOLD changes, and a digest of all of them.

    `shortened`: prices that were there, of which some days or all were taken by the new ones. `beaten`: SKUs (at most
    MOST_TOLD) where now a price from a larger quantity on is not lower than one from a smaller quantity on.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    shortened: int
    changes: list[Change]
    beaten: list[str]
    digest: str


def save(session: Session, list_id: int, wanted: list[Wanted], as_of: datetime, expected: Saved | None = None) -> Saved:
    """Write the wanted prices of a list, all or none. Placed orders keep theirs.

    `expected`: what a dry run (the same call, rolled back) gave; anything else is refused. Records 'prices_set' unless
    everything was so already. Raises NotAllowed, NotFound, NothingSaved with all faults, PricesMoved.
    """
    row = locked_list(session, list_id)
    if found := [fault for want in wanted for fault in unreadable(want)]:
        raise NothingSaved(found)
    stage(session, list_id, wanted)
    resolve(session, today(session, as_of))
    if found := faults_of(session):
        raise NothingSaved(found)
    unchanged = leave_out_unchanged(session)
    done = replace(write(session), unchanged=unchanged)
    if expected and expected != done:
        raise PricesMoved
    if done.added or done.changed or done.removed:
        told = {place_of(c.sku, c.from_quantity): [written(c.old), written(c.new)] for c in done.changes}
        counts = {"added": done.added, "changed": done.changed, "removed": done.removed}
        record(session, "prices_set", as_of, price_list=row.name, **counts, changes=told)
    return done


def write(session: Session) -> Saved:
    """Write what is staged and resolved; the lists are locked by the caller, who found no faults."""
    changes = [Change(**change) for change in session.execute(_CHANGES).mappings()]
    counted = session.execute(_COUNTS).one()
    shortened = session.scalar(_CUT) or 0
    for statement in (_REMOVE, _KEEP_PIECES, _ADD_PIECES, _REPLACE, _ADD):
        session.execute(statement)
    beaten = list(session.scalars(_BEATEN))
    return Saved(counted.added, counted.changed, counted.removed, 0, shortened, changes, beaten, counted.digest or "")


def place_of(sku: str, from_quantity: Decimal) -> str:
    """What an event calls the price of a product from a quantity on."""
    return f"{sku} ≥ {written(from_quantity)}" if from_quantity else sku


_OLD = "wanted_price want left join price_list_item old on old.id = want.id"
_CHANGES = text(f"""
    select want.sku, want.from_quantity, old.net as old, case when not want.removed then want.net end as new,
           want.valid_from, want.valid_until
    from {_OLD} order by want.row limit {MOST_TOLD}
""")
_COUNTS = text(f"""
    select count(*) filter (where want.id is null) as added, count(*) filter (where want.removed) as removed,
           count(*) filter (where want.id is not null and not want.removed) as changed,
           md5(string_agg(concat_ws('|', old.id, old.net, old.valid_from, old.valid_until, want.sku, want.net,
                                    want.from_quantity, want.valid_from, want.valid_until), ';' order by want.row))
           as digest
    from {_OLD}
""")
# The days that are left of prices for the same quantity, in pieces; the first piece stays the row that it was.
_CUT = text("""
    with cover as (
        select price_list_id, product_id, from_quantity,
               range_agg(daterange(valid_from, valid_until, '[]')) as days
        from wanted_price where not removed group by 1, 2, 3
    ), cut as (
        select item.*, cover.days, daterange(item.valid_from, item.valid_until, '[]') as held
        from cover cross join lateral (
            select * from price_list_item item
            where item.price_list_id = cover.price_list_id and item.product_id = cover.product_id
              and item.from_quantity = cover.from_quantity offset 0
        ) item
        where not exists (select from wanted_price want where want.id = item.id)
          and cover.days && daterange(item.valid_from, item.valid_until, '[]')
    ), piece as (
        insert into price_piece
        select price_list_id, product_id, cut.id, from_quantity, net, lower(left_over), upper(left_over) - 1,
               row_number() over (partition by cut.id order by left_over)
        from cut left join lateral unnest(datemultirange(held) - days) left_over on true
        returning id
    )
    select count(distinct id) from piece
""")
_REMOVE = text("""
    delete from price_list_item item
    using (select id from wanted_price where id is not null union select id from price_piece) gone
    where item.id = gone.id
""")
_KEEP_PIECES = text("""
    insert into price_list_item (id, price_list_id, product_id, from_quantity, net, valid_from, valid_until)
    select id, price_list_id, product_id, from_quantity, net, valid_from, valid_until
    from price_piece where nth = 1 and (valid_from is not null or valid_until is not null)
""")
_ADD_PIECES = text("""
    insert into price_list_item (price_list_id, product_id, from_quantity, net, valid_from, valid_until)
    select price_list_id, product_id, from_quantity, net, valid_from, valid_until from price_piece where nth > 1
""")
_REPLACE = text("""
    insert into price_list_item (id, price_list_id, product_id, from_quantity, net, valid_from, valid_until)
    select id, price_list_id, product_id, from_quantity, net, valid_from, valid_until
    from wanted_price where id is not null and not removed
""")
_ADD = text("""
    insert into price_list_item (price_list_id, product_id, from_quantity, net, valid_from, valid_until)
    select price_list_id, product_id, from_quantity, net, valid_from, valid_until
    from wanted_price where id is null order by row
""")
_BEATEN = text(f"""
    select distinct product.sku
    from (select distinct price_list_id, product_id from wanted_price where not removed) want
    join price_list_item item using (price_list_id, product_id) join product on product.id = product_id
    where {BEATEN} order by product.sku limit {MOST_TOLD}
""")
