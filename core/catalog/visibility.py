"""Which products a partner knows of."""

OFFERED = """(product.active and (not product.restricted or exists (
    select from product_audience audience where audience.product_id = product.id
    and (audience.partner_id = partner.id or audience.group_id = partner.group_id))))"""
"""SQL: is `product` offered to `partner`? What is not is to it as if it did not exist, or no longer."""
