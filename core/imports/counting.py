"""The stock column of a file: quantities counted on hand, shared by the imports of products and of stock."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.imports.changes import CannotUndo
from core.imports.problems import Problem
from core.imports.staging import problems_from
from core.stock import receiving

BELOW_HELD = N_("{counted} is less than the {held} held for orders. Cancel orders first, or check the count.")


def below_held(session: Session) -> list[Problem]:
    """The staged counts that the open holds do not fit in."""
    return problems_from(session, _BELOW_HELD, "stock", BELOW_HELD)


def write(session: Session, as_of: datetime) -> None:
    """Set what was counted of the products whose stock is another. Comes last of all: the orders of these products wait
    from here on. Raises NotAllowed to who may not count, and CountBelowHeld where orders were placed since the check.
    """
    session.execute(_OPEN)
    counted = {product_id: quantity for product_id, quantity in session.execute(_COUNTED)}
    if counted:
        receiving.count(session, counted, as_of)


def undo(session: Session, run_id: int, as_of: datetime) -> None:
    """Count back what the run counted, by as much as it changed: what was sold since stays sold. Products that the run
    made lose their stock altogether. Raises CannotUndo where somebody counted since, and CountBelowHeld."""
    params = {"run": run_id}
    if moved := session.scalars(_MOVED_SINCE, params).all():
        raise CannotUndo.of(moved)
    if back := {product_id: quantity for product_id, quantity in session.execute(_BACK, params)}:
        receiving.count(session, back, as_of)
    for statement in (_NO_MOVEMENTS, _NO_MONTHS, _NO_STOCK):
        session.execute(statement, params)


_OPEN = text("""
    insert into stock (product_id, warehouse_id)
    select p.id, 1 from incoming i join product p on p.sku = i.sku
    where not exists (select from stock s where s.product_id = p.id and s.warehouse_id = 1)
    order by p.id on conflict do nothing
""")
_COUNTED = text("""
    select p.id, i.stock from incoming i join product p on p.sku = i.sku
    join stock s on s.product_id = p.id and s.warehouse_id = 1 where i.stock <> s.on_hand order by p.id
""")
_BELOW_HELD = """
    select i.line, trim_scale(i.stock) as counted, trim_scale(s.held) as held
    from incoming i join product p on p.sku = i.sku join stock s on s.product_id = p.id and s.warehouse_id = 1
    where i.stock < s.held order by i.line
"""
_MADE = "select row_id from import_change where run_id = :run and place = 'product' and before is null"
# What the run counted: the movements know their instant to the microsecond.
_OURS = """
    select moved.product_id, moved.quantity, run.loaded_at from import_run run
    join stock_movement moved on moved.at = run.loaded_at and moved.kind = 'count'
      and moved.user_id is not distinct from run.user_id
    where run.id = :run
"""
# Of a product that the run made nothing may have moved since; of the others, nothing been counted.
_MOVED_SINCE = text(f"""
    select product.sku from product join import_run run on run.id = :run
    join stock on stock.product_id = product.id and warehouse_id = 1
    where product.id in ({_MADE}) and (held <> 0 or exists (
        select from stock_movement later where later.product_id = product.id and later.at > run.loaded_at))
    union all
    select product.sku from ({_OURS}) ours join product on product.id = product_id
    join stock on stock.product_id = product.id and warehouse_id = 1
    where product.id not in ({_MADE}) and (on_hand < quantity or exists (
        select from stock_movement later
        where later.product_id = product.id and later.at > loaded_at and later.kind = 'count'))
""")
_BACK = text(f"""
    select ours.product_id, on_hand - quantity from ({_OURS}) ours
    join stock on stock.product_id = ours.product_id and warehouse_id = 1 where ours.product_id not in ({_MADE})
""")
_NO_MOVEMENTS = text(f"delete from stock_movement where product_id in ({_MADE})")
_NO_MONTHS = text(f"delete from stock_month where product_id in ({_MADE})")
_NO_STOCK = text(f"delete from stock where product_id in ({_MADE})")
