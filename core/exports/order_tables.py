"""Orders and their lines as tables."""

from core.exports.filters import OF_ORDER
from core.exports.tables import Column, Filter, Table, local_day, local_moment
from core.i18n import N_
from core.orders.lifecycle import STATUS_NAMES

_PARTNER = (
    Column("partner_code", N_("Partner code"), "text", "partner.code"),
    Column("partner", N_("Partner"), "text", "partner.name"),
    Column("county", N_("County"), "text", "partner.county"),
    Column("group", N_("Group"), "text", "partner_group.name", needs=("group",)),
)
_GROUP = {"group": "left join partner_group on partner_group.id = partner.group_id"}
_PLACED = local_day("orders.placed_at")

ORDERS = Table(
    name="orders",
    label=N_("Orders"),
    actions=("orders.see",),
    columns=(
        Column("order", N_("Order"), "number", "orders.id"),
        Column("placed", N_("Placed on"), "moment", local_moment("orders.placed_at")),
        *_PARTNER,
        Column("status", N_("Status"), "text", "orders.status", STATUS_NAMES),
        Column("reference", N_("Partner's reference"), "text", "orders.reference"),
        Column("ordered_by", N_("Ordered by"), "text", "orderer.name", needs=("orderer",)),
        Column("claimed_by", N_("Claimed by"), "text", "claimer.name", needs=("claimer",)),
        Column("claimed", N_("Claimed on"), "moment", local_moment("orders.claimed_at")),
        Column("ended", N_("Ended on"), "moment", local_moment("orders.ended_at")),
        Column("reason", N_("Reason"), "text", "orders.end_reason"),
        Column("wished", N_("Wished delivery"), "day", "orders.wished_on"),
        Column("deliver_to", N_("Deliver to"), "text", "orders.deliver_to"),
        Column("lines", N_("Lines"), "number", "(select count(*) from order_line where order_id = orders.id)"),
        Column("net", N_("Net total"), "money", "orders.net", total=True),
        Column("vat", N_("VAT"), "money", "orders.vat", total=True),
        Column("gross", N_("Total with VAT"), "money", "orders.gross", total=True),
        Column("invoiced", N_("Invoiced"), "money", "orders.invoiced", total=True),
        Column("currency", N_("Currency"), "text", "orders.currency"),
    ),
    source="from orders join partner on partner.id = orders.partner_id",
    joins=_GROUP | {
        "orderer": "left join app_user orderer on orderer.id = orders.user_id",
        "claimer": "left join app_user claimer on claimer.id = orders.claimed_by",
    },
    order="orders.id",
    day=_PLACED,
    partner="orders.partner_id",
    own=True,
    narrowed=OF_ORDER,
)  # fmt: skip

LAPSED = Table(
    name="lapsed",
    label=N_("Lapsed orders"),
    actions=("orders.see",),
    columns=(
        Column("order", N_("Order"), "number", "orders.id"),
        Column("placed", N_("Placed on"), "moment", local_moment("orders.placed_at")),
        Column("lapsed", N_("Lapsed on"), "moment", local_moment("orders.ended_at")),
        *_PARTNER,
        Column("why", N_("Why"), "text", "lapse.why", {
            "unclaimed": N_("Nobody claimed it in time"), "unpaid": N_("It was not paid in time"),
        }, needs=("lapse",)),
        Column("claim_deadline", N_("To be claimed by"), "moment", local_moment("orders.claim_deadline")),
        Column("pay_deadline", N_("To be paid by"), "moment", local_moment("orders.pay_deadline")),
        Column("gross", N_("Total with VAT"), "money", "orders.gross", total=True),
    ),
    source="from orders join partner on partner.id = orders.partner_id and orders.status = 'lapsed'",
    joins=_GROUP | {"lapse": """
        left join lateral (select coalesce(data ->> 'why', 'unclaimed') as why from event
                           where event.order_id = orders.id and kind = 'order_lapsed' order by id desc limit 1
        ) lapse on true"""},
    order="orders.ended_at, orders.id",
    day=local_day("orders.ended_at"),
    partner="orders.partner_id",
    narrowed={name: found for name, found in OF_ORDER.items() if name != "status"},
)  # fmt: skip

LINES = Table(
    name="lines",
    label=N_("Order lines"),
    actions=("orders.see",),
    columns=(
        Column("order", N_("Order"), "number", "orders.id"),
        Column("position", N_("Line"), "number", "line.position"),
        Column("placed", N_("Placed on"), "moment", local_moment("orders.placed_at")),
        Column("status", N_("Status"), "text", "orders.status", STATUS_NAMES),
        *_PARTNER,
        Column("sku", N_("SKU"), "text", "line.sku"),
        Column("name", N_("Product"), "text", "line.name"),
        Column("brand", N_("Brand"), "text", "product.brand", needs=("product",)),
        Column("category", N_("Category"), "text", "category.path", needs=("product", "category")),
        Column("unit", N_("Unit"), "text", "line.unit"),
        Column("quantity", N_("Quantity"), "quantity", "line.quantity", total=True),
        Column("shipped", N_("Shipped"), "quantity", "state.shipped", needs=("state",), total=True),
        Column("cancelled", N_("Cancelled"), "quantity", "state.cancelled", needs=("state",), total=True),
        Column("list_price", N_("List price"), "price", "line.list_price"),
        Column("unit_price", N_("Unit price"), "price", "line.unit_price"),
        Column("vat_rate", N_("VAT, percent"), "percent", "line.vat_rate"),
        Column("net", N_("Net value"), "money", "line.net", total=True),
    ),
    source="""
        from order_line line join orders on orders.id = line.order_id join partner on partner.id = orders.partner_id""",
    joins=_GROUP | {
        "product": "join product on product.id = line.product_id",
        "category": "left join category on category.id = product.category_id",
        "state": "join line_state state on state.id = line.id",
    },
    order="line.order_id, line.position",
    day=_PLACED,
    partner="line.partner_id",
    own=True,
    narrowed=OF_ORDER | {
        "brand": Filter(N_("Brands"), "line.product_id in (select id from product where brand = any(%(brand)s))"),
        "sku": Filter(N_("SKUs"), "line.sku = any(%(sku)s)"),
    },
)  # fmt: skip
