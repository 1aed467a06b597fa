"""What a product is called before a partner: as it is called now while it is meant for it, else as the partner last
ordered it. What it was renamed to since is not the partner's to know."""

from core.catalog.visibility import MEANT

LAST_NAMES = f"""left join lateral (
    select line.sku, line.name, line.unit from order_line line
    where not {MEANT} and line.product_id = product.id and line.partner_id = partner.id
    order by line.id desc limit 1
) last_names on true"""
"""SQL to join to a statement with `product` and `partner`, for NAMES."""

NAMES = ", ".join(
    f"case when {MEANT} then product.{name} else coalesce(last_names.{name}, '') end as {name}"
    for name in ("sku", "name", "unit")
)
"""SQL for the columns sku, name and unit; empty where the partner knows of no name."""
