"""What is sold instead of a product: followed from one to the next, past those that are no longer sold either."""

from core.catalog.visibility import OFFERED

MOST_STEPS = 10
"""How far from one product to the next it is followed that replaced it."""

HEIR = f"""lateral (
    with recursive step (id, steps) as (
        select product.replaced_by, 1
      union all
        select next.replaced_by, steps + 1 from step join product next on next.id = step.id
        where not next.active and steps < {MOST_STEPS}
    )
    select heir.id, heir.sku, heir.name from step join product heir on heir.id = step.id
    where {OFFERED.replace("product.", "heir.")} order by steps limit 1
)"""
"""SQL to join to a statement with `product` and `partner`: id, sku and name of what is offered to the partner instead;
no row where nothing is. Only a product that is meant for the partner may be asked about."""

HEIR_JSON = (
    "case when heir.id is not null then jsonb_build_object('id', heir.id, 'sku', heir.sku, 'name', heir.name) end"
)
"""SQL for a core.orders.discontinued.Replacement, of HEIR joined as `heir`."""
