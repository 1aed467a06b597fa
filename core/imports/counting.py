"""The stock column of a file: quantities counted on hand, shared by the imports of products and of stock."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_
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
