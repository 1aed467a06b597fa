"""Millions of order lines, for benchmarks of what reads them: a real wholesaler's history, again and further back.

Orders and lines only, written past the triggers that watch over single orders: nothing is held or invoiced.
"""

import csv
import gzip
import io

from sqlalchemy import text

from benchmarks.place import HISTORY
from core.db import engine, transaction
from core.imports.files import apply
from core.principal import SYSTEM

TIMES = 13
"""The history has 396,337 lines of a year; so often it makes more than 5,000,000."""


def load(times: int = TIMES) -> int:
    """Write products, partners and the orders of `times` years, the last one ending now; how many lines."""
    with transaction(SYSTEM) as session:
        for kind in ("products", "partners"):
            apply(session, kind, (HISTORY / f"{kind}.csv").read_bytes())
        session.execute(_BUYERS)
    raw = engine().raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(_HISTORY)
        with cursor.copy("copy history from stdin (format csv)") as copy:
            copy.write(_rows())
        for statement in _LOAD:
            cursor.execute(statement, {"times": times})
        count = cursor.execute("select count(*) from order_line").fetchone()[0]
        raw.commit()
    finally:
        raw.close()
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze orders, order_line, product, partner"))
    return int(count)


def _rows() -> bytes:
    """The history's lines of goods that were sold, as CSV."""
    made = io.StringIO()
    with gzip.open(HISTORY / "order_lines.csv.gz", "rt", newline="") as source:
        rows = csv.DictReader(source)
        csv.writer(made).writerows([*row.values()] for row in rows if int(row["quantity"]) > 0)
    return made.getvalue().encode()


_HISTORY = """
    create unlogged table history (ref text, at timestamp, partner text, sku text, quantity numeric, price numeric)
"""
_BUYERS = text("""
    insert into app_user (email, name, kind, role, partner_id, password_hash)
    select 'owner' || id || '@bench.example', 'Buyer', 'partner', 'owner', id, '-' from partner
    union all select 'clerk@bench.example', 'Clerk', 'staff', 'admin', null, '-'
""")
# Every year again, with the same orders on other days; the last ends now.
_LOAD = (
    "alter table orders disable trigger user",
    "alter table order_line disable trigger user",
    """
    create unlogged table made as
    select row_number() over (order by year desc, ref) + 1000 as id, ref, partner, year,
           at + (now()::timestamp - (select max(at) from history)) - make_interval(years => year) as placed_at
    from (select ref, min(partner) as partner, min(at) as at from history group by ref) whole
    cross join generate_series(0, %(times)s - 1) year
    """,
    """
    insert into orders (id, partner_id, user_id, cart_token, status, placed_at, claimed_at, claimed_by, ended_at,
                        net, vat, gross)
    overriding system value
    select made.id, partner.id, app_user.id, gen_random_uuid(), 'shipped', placed_at at time zone 'Europe/Bucharest',
           placed_at at time zone 'Europe/Bucharest', (select id from app_user where kind = 'staff'),
           placed_at at time zone 'Europe/Bucharest', sums.net, round(sums.net * 0.21, 2),
           sums.net + round(sums.net * 0.21, 2)
    from made join partner on partner.code = made.partner join app_user on app_user.partner_id = partner.id
    join (select ref, sum(round(quantity * price, 2)) as net from history group by ref) sums using (ref)
    """,
    """
    insert into order_line (order_id, partner_id, position, product_id, sku, name, unit, quantity, list_price,
                            unit_price, vat_class, vat_rate, net)
    select made.id, orders.partner_id, row_number() over (partition by made.id order by history.sku, history.price),
           product.id, product.sku, product.name, product.unit, history.quantity, history.price, history.price,
           'standard', 21, round(history.quantity * history.price, 2)
    from made join orders on orders.id = made.id join history using (ref) join product on product.sku = history.sku
    """,
    "select setval(pg_get_serial_sequence('orders', 'id'), (select max(id) from orders))",
    "alter table orders enable trigger user",
    "alter table order_line enable trigger user",
    "drop table made, history",
)
