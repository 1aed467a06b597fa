"""Products at the prices of chosen partners; for staff. Partners take out their own list from the catalogue."""

from core.catalog.visibility import OFFERED
from core.exports.filters import OF_PARTNER, OF_PRODUCT
from core.exports.tables import Column, Table
from core.i18n import N_
from core.pricing.quoting import FIRST_QUANTITY, STEPS

_STEP_NAMES = {
    "own_price": N_("Own price"), "own_discount": N_("Own discount"), "list_price": N_("Price of its list"),
    "list_discount": N_("Discount of its list"), "group_price": N_("Price of its group"),
    "group_discount": N_("Discount of its group"), "general_discount": N_("General discount"),
    "base": N_("List price"), "promotion": N_("Promotion"),
}  # fmt: skip
_STEP = " ".join(f"when {number} then '{name}'" for number, name in STEPS.items())

PRICES = Table(
    name="prices",
    label=N_("Prices of partners"),
    actions=("prices.see",),
    columns=(
        Column("partner_code", N_("Partner code"), "text", "partner.code"),
        Column("partner", N_("Partner"), "text", "partner.name"),
        Column("sku", N_("SKU"), "text", "product.sku"),
        Column("name", N_("Product"), "text", "product.name"),
        Column("brand", N_("Brand"), "text", "product.brand"),
        Column("category", N_("Category"), "text", "category.path", needs=("category",)),
        Column("unit", N_("Unit"), "text", "product.unit"),
        Column("from_quantity", N_("From quantity"), "quantity", f"({FIRST_QUANTITY})"),
        Column("list_price", N_("List price"), "price", "product.list_price"),
        Column("price", N_("Net price"), "price", "quoted.rule[1]"),
        Column("why", N_("Because of"), "text", f"case quoted.rule[2]::int {_STEP} end", _STEP_NAMES),
        Column("rrp", N_("Recommended retail price"), "price", "product.rrp"),
    ),
    source=f"""
        from partner join product on {OFFERED}
        cross join lateral (select quote(partner.id, product.id, {FIRST_QUANTITY}, %(today)s) as rule offset 0) quoted
    """,
    joins={"category": "left join category on category.id = product.category_id"},
    order="partner.code, product.sku",
    narrowed=OF_PARTNER | OF_PRODUCT,
    required="partner",
)  # fmt: skip
