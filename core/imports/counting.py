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


def write(session: Session, as_of: datetime, run_id: int | None) -> None:
    """Set what was counted of the products whose stock is another, and note it for the run, if there is one. Comes
    last of all: the orders of these products wait from here on. Raises NotAllowed to who may not count, and
    CountBelowHeld where orders were placed since the check."""
    session.execute(_OPEN)
    counted = {product_id: quantity for product_id, quantity in session.execute(_COUNTED)}
    if not counted:
        return
    if run_id is not None:
        receiving.lock(session, counted)
        session.execute(_NOTE, {"run": run_id, "products": list(counted)})
    receiving.count(session, counted, as_of)


def undo(session: Session, run_id: int, as_of: datetime) -> None:
    """Count back what the run counted, by as much as it changed: what was sold since stays sold. Products that the run
    made lose their stock altogether. Raises CannotUndo where somebody counted since, and CountBelowHeld."""
    params = {"run": run_id}
    if moved := session.scalars(_COUNTED_SINCE, params).all():
        raise CannotUndo.of(moved)
    if back := {product_id: quantity for product_id, quantity in session.execute(_BACK, params)}:
        receiving.count(session, back, as_of)
    for statement in (_NO_MOVEMENTS, _NO_MONTHS, _NO_STOCK):
        session.execute(statement, params)


_COUNTED = text("""
    select p.id, i.stock from incoming i join product p on p.sku = i.sku
    join stock s on s.product_id = p.id and s.warehouse_id = 1 where i.stock <> s.on_hand order by p.id
""")
_NOTE = text("""
    insert into import_change (run_id, place, row_id, before, after)
    select :run, 'stock', s.product_id, jsonb_build_object('on_hand', s.on_hand),
           jsonb_build_object('on_hand', i.stock)
    from stock s join product p on p.id = s.product_id join incoming i on i.sku = p.sku
    where s.warehouse_id = 1 and s.product_id = any(:products) and s.on_hand <> i.stock order by s.product_id
""")
_BELOW_HELD = """
    select i.line, trim_scale(i.stock) as counted, trim_scale(s.held) as held
    from incoming i join product p on p.sku = i.sku join stock s on s.product_id = p.id and s.warehouse_id = 1
    where i.stock < s.held order by i.line
"""
_OPEN = text("""
    insert into stock (product_id, warehouse_id)
    select p.id, 1 from incoming i join product p on p.sku = i.sku
    where not exists (select from stock s where s.product_id = p.id and s.warehouse_id = 1)
    order by p.id on conflict do nothing
""")
_OURS = """
    select c.row_id as product_id, (c.before ->> 'on_hand')::numeric as before,
           (c.after ->> 'on_hand')::numeric as after,
           exists (select from import_change p where p.run_id = c.run_id and p.place = 'product'
                   and p.row_id = c.row_id and p.before is null) as made
    from import_change c where c.run_id = :run and c.place = 'stock'
"""
# Of a product that the run made nothing may have moved since; of the others, nothing been counted.
_COUNTED_SINCE = text(f"""
    select product.sku from ({_OURS}) ours join product on product.id = product_id
    join import_run run on run.id = :run join stock on stock.product_id = product.id and warehouse_id = 1
    where (made and (on_hand <> after or held <> 0)) or on_hand - after + before < 0
       or exists (select from stock_movement moved where moved.product_id = product.id and moved.at > run.loaded_at
                  and (made or moved.kind = 'count'))
    order by product.sku
""")
_BACK = text(f"""
    select ours.product_id, on_hand - after + before from ({_OURS}) ours
    join stock on stock.product_id = ours.product_id and warehouse_id = 1 where not made
""")
# Products that were made have a row of stock also where nothing was counted.
_GONE = "select row_id from import_change where run_id = :run and place = 'product' and before is null"
_NO_MOVEMENTS = text(f"delete from stock_movement where product_id in ({_GONE})")
_NO_MONTHS = text(f"delete from stock_month where product_id in ({_GONE})")
_NO_STOCK = text(f"delete from stock where product_id in ({_GONE})")
