"""Prices of price lists, by list, SKU, quantity and days; the lists are there already.

What a row without days takes the place of, and how long one without a last day holds, is core.pricing.staging's.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.imports.changes import Written
from core.imports.columns import PRICE_LISTS
from core.imports.problems import Problem
from core.imports.staging import Kind, as_object, problems_from
from core.pricing.setting import write
from core.pricing.staging import SAME_DAYS, UNKNOWN_SKU, faults_of, leave_out_unchanged, make_tables, resolve

UNKNOWN_LIST = N_("There is no price list called {list}. Make it first, on the page “Price lists”.")
NO_DAYS = N_("The last day is before the first, so it would never hold. Change one of the days.")
OTHER_CURRENCY = N_("The price is in {written}, but the list {list} is in {currency}.")

TYPES = {
    "list": "text", "sku": "text", "net": "numeric", "from_quantity": "numeric", "valid_from": "date",
    "valid_until": "date", "net_currency": "text",
}  # fmt: skip
COLUMNS = {UNKNOWN_SKU: "sku", SAME_DAYS: "sku"}
COUNT = "select count(*) filter (where id is null), count(*) filter (where id is not null) from wanted_price"

_COMPARED = ("net", "from_quantity", "valid_from", "valid_until")
COMPARE = f"""
    select want.row as line, l.name || ' · ' || want.sku as name,
           {as_object({name: f"item.{name}" for name in _COMPARED})} as old,
           {as_object({name: f"want.{name}" for name in _COMPARED})} as new
    from wanted_price want join price_list_item item on item.id = want.id join price_list l on l.id = want.price_list_id
"""
_UNKNOWN_LISTS = """
    select i.line, i.list from incoming i where not exists (select from price_list p where p.name = i.list)
    order by i.line
"""
_NO_DAYS = "select i.line from incoming i where i.valid_until < i.valid_from order by i.line"
_OTHER_CURRENCIES = """
    select i.line, i.net_currency as written, i.list, p.currency
    from incoming i join price_list p on p.name = i.list where i.net_currency <> p.currency order by i.line
"""
_LOCK = text("""
    select id from price_list where name in (select list from incoming) order by id for no key update
""")
_WANT = text("""
    insert into wanted_price (price_list_id, open_ended, row, sku, from_quantity, net, valid_from, valid_until, removed)
    select p.id, i.valid_until is null, i.line, i.sku, coalesce(i.from_quantity, 0), i.net, i.valid_from,
           i.valid_until, false
    from incoming i join price_list p on p.name = i.list
    where coalesce(i.valid_from <= i.valid_until, true)
""")
_TODAY = text("select ((now() + clock_moved) at time zone time_zone)::date from company, installation")


def _lock(session: Session) -> None:
    session.execute(_LOCK)


def _check(session: Session) -> list[Problem]:
    problems = problems_from(session, _UNKNOWN_LISTS, "list", UNKNOWN_LIST)
    problems += problems_from(session, _NO_DAYS, "valid_until", NO_DAYS)
    problems += problems_from(session, _OTHER_CURRENCIES, "net", OTHER_CURRENCY)
    make_tables(session)
    session.execute(_WANT)
    resolve(session, session.execute(_TODAY).scalar_one())
    problems += [Problem(f.row, COLUMNS[f.message], f.message, f.params) for f in faults_of(session)]
    leave_out_unchanged(session)
    return problems


def _write(session: Session, _: datetime) -> None:
    write(session)


WRITES = (
    Written(
        "price_list_item",
        "(t.price_list_id, t.product_id) in (select want.price_list_id, want.product_id from wanted_price want)",
        "l.name || ' · ' || p.sku from price_list l, product p where l.id = t.price_list_id and p.id = t.product_id",
        alone=True,
    ),
)
KIND = Kind(PRICE_LISTS, (), TYPES, _lock, _check, COUNT, _write, WRITES, COMPARE)
