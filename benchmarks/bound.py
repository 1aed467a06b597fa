"""The bound of placing: the same rows, written by `pgbench` and a function that does hardly more than write them.

What Rampa wrote for the orders is copied and written anew, as often as it is asked for: orders, lines, holds (a trigger
adds them to `stock.held`, as always), events and outbox, with the stock locked in product order as when placing, a
transaction each. Tables, indexes, foreign keys and triggers are the same. What the function does not do: carts, prices,
visibility, limits, row-level security, Python.
"""

import re
import shutil
import subprocess
import tempfile

from sqlalchemy import text

from core.config import settings
from core.db import Base, engine
from core.orders.models import Order, OrderLine
from workers.servers import postgres_binary

THREADS = 2


def orders_per_s(clients: int) -> float:
    """Write the orders that are there once more, with so many clients, which share them as those of `place` did."""
    with engine().begin() as connection:
        for statement in _COPY:
            connection.execute(text(statement))
        count = connection.execute(text("select count(*) from bound_order")).scalar_one()
    clean()
    with engine().begin() as connection:
        connection.execute(text(_RECEIPT))
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze product, partner, app_user, stock, bound_order, bound_line"))
    found = _pgbench(clients, count // clients)
    with engine().connect() as connection:
        written = connection.execute(text("select count(*) from orders")).scalar_one()
    assert written == count // clients * clients, f"{written} of {count} orders were written"
    return found


def clean() -> None:
    """Empty the tables of orders, stock and events, and with them what refers to them. Carts are emptied too."""
    with engine().begin() as connection:
        guarded = connection.execute(text(_GUARDED)).scalars().all()
        for table in guarded:
            connection.execute(text(f"alter table {table} disable trigger user"))
        for table in _UNWATCHED:
            connection.execute(text(f"alter table {table} set (autovacuum_enabled = false)"))
        connection.execute(text(_EMPTY))
        connection.execute(text("update stock set on_hand = 0, held = 0"))
        for table in guarded:
            connection.execute(text(f"alter table {table} enable trigger user"))


def _pgbench(clients: int, each: int) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT)
        script.flush()
        done = subprocess.run(
            [
                _binary(), "--no-vacuum", "--protocol=prepared", f"--file={script.name}", f"--client={clients}",
                f"--jobs={min(clients, THREADS)}", f"--transactions={each}", f"--define=clients={clients}",
                "--define=turn=-1", settings().database_url,
            ],
            capture_output=True, text=True,
        )  # fmt: skip
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode or rate is None:
        raise RuntimeError(f"pgbench failed: {done.stderr.strip()}")
    return float(rate[1])


def _binary() -> str:
    """Beside the embedded server's programs, or wherever the machine has it."""
    own = postgres_binary("pgbench")
    found = str(own) if own.exists() else shutil.which("pgbench")
    if found is None:
        raise RuntimeError("There is no pgbench on this machine; it comes with PostgreSQL.")
    return found


def _columns(model: type[Base]) -> str:
    return ", ".join(column.name for column in model.__table__.columns if column.name not in ("id", "order_id"))


_ORDER, _LINE = _columns(Order), _columns(OrderLine)
# Each user placed one order; in the order of the users, as their carts were handed out.
_COPY = (
    "drop table if exists bound_order, bound_line",
    "create table bound_order as select row_number() over (order by user_id)::int - 1 as n, * from orders",
    "create table bound_line as select n, line.* from order_line line join bound_order on bound_order.id = order_id",
    "alter table bound_order add primary key (n)",
    "alter table bound_line add primary key (n, position)",
    f"""
    create or replace function place_bound(wanted int) returns void language plpgsql as $$
    begin
      perform from stock where warehouse_id = 1 and product_id in (select product_id from bound_line where n = wanted)
      order by product_id for no key update;
      with new_order as (
        insert into orders ({_ORDER}) select {_ORDER} from bound_order where n = wanted
        returning id, partner_id, user_id, placed_at
      ), new_line as (
        insert into order_line (order_id, {_LINE})
        select (select id from new_order), {_LINE} from bound_line where n = wanted
        returning id, partner_id, product_id, quantity
      ), new_hold as (
        insert into stock_hold (order_line_id, partner_id, product_id, quantity, kind, at)
        select id, partner_id, product_id, quantity, 'placed', (select placed_at from new_order) from new_line
      ), new_event as (
        insert into event (at, kind, partner_id, order_id, user_id)
        select placed_at, 'order_placed', partner_id, id, user_id from new_order
        returning id
      )
      insert into outbox (event_id) select id from new_event;
    end $$
    """,
)
_SCRIPT = """
\\set turn :turn + 1
\\set wanted :client_id + :turn * :clients
select place_bound(:wanted);
"""
_RECEIPT = """
    with wanted as (select product_id, sum(quantity) as quantity from bound_line group by product_id),
    received as (
        insert into stock_movement (product_id, quantity, kind, at)
        select product_id, quantity, 'receipt', now() from wanted
    )
    update stock set on_hand = on_hand + wanted.quantity from wanted where stock.product_id = wanted.product_id
"""
_EMPTY = """
    truncate orders, order_line, stock_hold, backorder, event, outbox, stale_order, stock_movement, stock_month,
             cart_line cascade
"""
# An empty table that autovacuum happens to analyse is planned as if it stayed empty; here they are emptied often.
_UNWATCHED = ("orders", "order_line", "stock_hold", "event", "outbox")
# Some triggers refuse to let tables be emptied.
_GUARDED = """
    select distinct tgrelid::regclass::text from pg_trigger where not tgisinternal and tgtype::int & 32 > 0
"""
