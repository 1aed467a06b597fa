"""Which products a partner knows of."""

MEANT = """(not product.restricted or exists (
    select from product_audience audience where audience.product_id = product.id
    and (audience.partner_id = partner.id or audience.group_id = partner.group_id)))"""
"""SQL: may `partner` know of `product`, be it still sold or not?"""

OFFERED = f"(product.active and {MEANT})"
"""SQL: is `product` offered to `partner`? What is not is to it as if it did not exist, or no longer."""
