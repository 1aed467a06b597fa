"""The stock column of a file: quantities counted on hand, shared by the imports of products and of stock."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
from core.imports.changes import CannotUndo, Written
from core.imports.problems import Problem
from core.imports.staging import problems_from
from core.stock import receiving

BELOW_HELD = N_("{counted} is less than the {held} held for orders. Cancel orders first, or check the count.")


def lock(session: Session) -> None:
    """Keep the stock of the staged products as it is until the transaction ends."""
    receiving.lock(session, list(_counted(session)))


def below_held(session: Session) -> list[Problem]:
    """The staged counts that the open holds do not fit in."""
    return problems_from(session, _BELOW_HELD, "stock", BELOW_HELD)


def write(session: Session, as_of: datetime) -> None:
    """Give every staged product a stock row, and set what was counted. Raises NotAllowed to who may not count."""
    session.execute(_OPEN)
    if counted := _counted(session):
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


def _counted(session: Session) -> dict[int, Decimal]:
    return {product_id: counted for product_id, counted in session.execute(_COUNTED)}


_COUNTED = text("select p.id, i.stock from incoming i join product p on p.sku = i.sku where i.stock is not null")
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
    select c.row_id as product_id, coalesce((c.before ->> 'on_hand')::numeric, 0) as before,
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
_GONE = f"select product_id from ({_OURS}) ours where made"
_NO_MOVEMENTS = text(f"delete from stock_movement where product_id in ({_GONE})")
_NO_MONTHS = text(f"delete from stock_month where product_id in ({_GONE})")
_NO_STOCK = text(f"delete from stock where product_id in ({_GONE})")
WRITTEN = Written(
    "stock",
    "t.warehouse_id = 1 and t.product_id in (select p.id from product p join incoming i on i.sku = p.sku)",
    "p.sku from product p where p.id = t.product_id",
    key="product_id",
    columns=("on_hand",),
    undo=undo,
)
"""The stock of the staged products, as an import writes it."""
