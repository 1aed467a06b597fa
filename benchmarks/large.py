"""A large company, for benchmarks of what reads millions of rows: a real wholesaler's history, several times over.

Orders with their lines, holds, deliveries and movements of the stock, invoices and payments, written set by set past
the triggers that watch over single ones, and as these would have left them: what is held, on stock, open to pay and in
the months of the stock is the sum of its rows. An order in thirty lapsed; what is younger than two weeks is claimed,
the rest shipped. Eleven of twelve shipped orders are invoiced; invoices are paid between 20 and 70 days after they were
issued, one in 40 never, one in 25 by half. There are no events, and documents have no lines. The summaries of the
reports are left to `refresh`, with a mark for every order.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from benchmarks.large_rows import END, MAKE, MONEY, ORDERS, STOCK
from benchmarks.place import HISTORY
from core import clock
from core.db import engine, transaction
from core.imports.files import apply
from core.principal import SYSTEM
from core.reports.refreshing import BATCH, refresh

TIMES = 13
"""The history has some 386,000 order lines of a year; so often it makes more than 5,000,000."""
YEARS = 3
ZONE = "Europe/Bucharest"
TABLES = (
    "orders", "order_line", "delivery", "stock_hold", "stock_movement", "stock", "document", "payment", "credit",
    "allocation", "receivable",
)  # fmt: skip
CATEGORIES = (
    "Instalații sanitare și termice", "Scule electrice", "Scule de mână", "Materiale de construcții", "Electrice",
    "Vopsele, lacuri și adezivi", "Feronerie și organe de asamblare", "Grădină și irigații", "Echipamente de protecție",
    "Iluminat", "Menaj și curățenie", "Ambalaje",
)  # fmt: skip
COUNTIES = (
    "AB AG AR B BC BH BN BR BT BV BZ CJ CL CS CT CV DB DJ GJ GL GR HD HR IF IL IS MH MM MS NT OT PH SB SJ SM SV TL TM"
    " TR VL VN VS"
)


def load(times: int = TIMES, share: float = 1, most_lines: int | None = None) -> int:
    """Write products, partners and `times` times the history, in the YEARS years that end now; how many order lines.

    Of the history only a `share` of the orders, and of each of them only so many of its first lines.
    """
    with transaction(SYSTEM) as session:
        for kind in ("products", "partners"):
            apply(session, kind, (HISTORY / f"{kind}.csv").read_bytes())
        for statement in (_CATEGORIES, _KINDS, _COUNTIES, PEOPLE):
            session.execute(text(statement), {"names": list(CATEGORIES), "counties": COUNTIES.split()})
    with writing() as cursor:
        cursor.execute(_HISTORY)
        with cursor.copy("copy history from stdin (format csv)") as copy:
            copy.write(_rows())
        cursor.execute(_SOME, {"share": share, "lines": most_lines})
        statements = (*MAKE, *ORDERS, *STOCK, *MONEY, *END)
        write(cursor, TABLES, statements, {"times": times, "years": YEARS, "zone": ZONE, "now": clock.now()})
        count = cursor.execute("select count(*) from order_line").fetchone()[0]
    vacuum()
    return int(count)


@contextmanager
def writing() -> Iterator[Any]:
    """A cursor of the driver, in a transaction that is committed at the end."""
    raw = engine().raw_connection()
    try:
        yield raw.cursor()
        raw.commit()
    finally:
        raw.close()


def write(cursor: Any, tables: Sequence[str], statements: Iterable[str], parameters: dict[str, Any]) -> None:
    """Run the statements past the triggers and foreign keys of the tables, which would look at each row; the keys look
    at all of them at once when they come back."""
    keys = cursor.execute(_KEYS, {"tables": list(tables)}).fetchall()
    begin = [f"alter table {table} disable trigger user" for table in tables]
    begin += [f"alter table {table} drop constraint {name}" for table, name, _ in keys]
    end = [f"alter table {table} add constraint {name} {key}" for table, name, key in keys]
    end += [f"alter table {table} enable trigger user" for table in tables]
    for statement in (*begin, *statements, *end):
        cursor.execute(statement, parameters)


def summarise() -> None:
    """Bring the reports up to date with all of it."""
    done = BATCH
    while done == BATCH:
        with transaction(SYSTEM) as session:
            done = refresh(session, clock.now())


def vacuum() -> None:
    """What the server does by itself, some time after so much was written."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _rows() -> bytes:
    """The history's lines of goods that were sold, as CSV."""
    made = io.StringIO()
    with gzip.open(HISTORY / "order_lines.csv.gz", "rt", newline="") as source:
        rows = csv.DictReader(source)
        csv.writer(made).writerows([*row.values()] for row in rows if int(row["quantity"]) > 0)
    return made.getvalue().encode()


_KEYS = """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where contype = 'f' and conrelid::regclass::text = any(%(tables)s)
"""
_CATEGORIES = """
    insert into category (path) select format('%s > Grupa %s', name, n)
    from unnest(cast(:names as text[])) name cross join generate_series(1, 5) n
"""
_KINDS = """
    update product set brand = 'Marca ' || product.id % 40, category_id = place.id,
                       created_at = now() - interval '4 years'
    from (select id, row_number() over (order by id) - 1 as n from category where parent_id is not null) place
    where place.n = product.id % 60
"""
_COUNTIES = "update partner set county = (cast(:counties as text[]))[1 + id % 42]"
PEOPLE = """
    insert into app_user (email, name, kind, role, partner_id, password_hash)
    select 'owner' || id || '@bench.example', 'Buyer', 'partner', 'owner', id, '-' from partner
    union all select 'clerk@bench.example', 'Clerk', 'staff', 'admin', null, '-'
"""
_SOME = """
    delete from history using (
        select ctid as place, row_number() over (partition by ref order by sku) as n from history
    ) numbered
    where ctid = place and (n > %(lines)s or abs(hashtext(ref)::bigint) %% 10007 >= %(share)s * 10007)
"""
_HISTORY = """
    create unlogged table history (ref text, at timestamp, partner text, sku text, quantity numeric, price numeric)
"""
