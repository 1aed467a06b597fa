"""The price of a product for a partner: one rule text, shown by the catalogue and charged by the order.

The first step that applies decides: the partner's own net price for the product, then the partner's discount
on the list price, then the list price itself (a discount of 0). Unit prices keep four decimals, half up.
"""

UNIT_PRICE = "coalesce(own.net, round(product.list_price * (100 - partner.discount) / 100, 4))"
"""SQL for the net unit price in lei; needs `product`, `partner` and OWN_PRICE_JOIN in the statement."""

OWN_PRICE_JOIN = (
    "left join partner_price own on own.partner_id = partner.id and own.product_id = product.id"
)

VAT_RATE_JOIN = (
    "join lateral (select rate from vat_rate where vat_rate.vat_class = product.vat_class"
    " and valid_from <= cast(:on_date as date) order by valid_from desc limit 1) vat on true"
)
"""SQL that joins the rate valid on :on_date as `vat.rate`, in percent."""

# PostgreSQL's round(numeric) rounds half away from zero, which is what core.money.round_amount does.
LINE_NET = "round({quantity} * ({unit_price}), 2)"
