"""Stock and what moved it as tables; for staff."""

from core.exports.filters import OF_PRODUCT, ONLY
from core.exports.tables import Column, Table, local_day, local_moment
from core.i18n import N_

_PRODUCT = (
    Column("sku", N_("SKU"), "text", "product.sku"),
    Column("name", N_("Product"), "text", "product.name"),
    Column("brand", N_("Brand"), "text", "product.brand"),
    Column("category", N_("Category"), "text", "category.path", needs=("category",)),
    Column("unit", N_("Unit"), "text", "product.unit"),
)
_CATEGORY = {"category": "left join category on category.id = product.category_id"}

STOCK = Table(
    name="stock",
    label=N_("Stock"),
    actions=("products.see",),
    columns=(
        *_PRODUCT,
        Column("on_hand", N_("On hand"), "quantity", "coalesce(stock.on_hand, 0)", total=True),
        Column("held", N_("Held for orders"), "quantity", "coalesce(stock.held, 0)", total=True),
        Column("free", N_("Free"), "quantity", "coalesce(stock.on_hand - stock.held, 0)", total=True),
        Column("low_stock", N_("Told when less is free than"), "quantity", "product.low_stock"),
        Column("list_price", N_("List price"), "price", "product.list_price"),
        Column("value", N_("Value at list price"), "money", "round(coalesce(stock.on_hand, 0) * product.list_price, 2)",
               total=True),
        Column("active", N_("Sold"), "text", "case when product.active then 'yes' else 'no' end",
               {"yes": N_("yes"), "no": N_("no")}),
    ),
    source="from product left join stock on stock.product_id = product.id and stock.warehouse_id = 1",
    joins=_CATEGORY,
    order="product.sku",
    narrowed=OF_PRODUCT | {"only": ONLY},
)  # fmt: skip

MOVEMENTS = Table(
    name="movements",
    label=N_("Stock movements"),
    actions=("products.see",),
    columns=(
        Column("at", N_("When"), "moment", local_moment("movement.at")),
        Column("kind", N_("Kind"), "text", "movement.kind", {
            "receipt": N_("Received"), "count": N_("Counted"), "shipment": N_("Shipped"),
        }),
        *_PRODUCT,
        Column("quantity", N_("Quantity"), "quantity", "movement.quantity", total=True),
        Column("order", N_("Order"), "number", "line.order_id", needs=("line",)),
    ),
    source="from stock_movement movement join product on product.id = movement.product_id",
    joins=_CATEGORY | {"line": "left join order_line line on line.id = movement.order_line_id"},
    order="movement.id",
    day=local_day("movement.at"),
    narrowed=OF_PRODUCT,
)  # fmt: skip
