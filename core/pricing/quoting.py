"""The price of a product for a partner: one rule text, shown by the catalogue and charged by the order.

The first step that applies decides: the partner's own net price for the product, then the partner's discount
on the list price, then the list price itself (a discount of 0). Unit prices keep four decimals, half up:
PostgreSQL's round(numeric) rounds half away from zero, as core.money.round_amount does.
"""

UNIT_PRICE = "coalesce(own.net, round(product.list_price * (100 - partner.discount) / 100, 4))"
"""SQL for the net unit price in lei; the statement must have `product`, `partner` and PRICE_JOINS in it."""

PRICE_JOINS = """
    left join partner_price own on own.partner_id = partner.id and own.product_id = product.id
    join (
        select distinct on (vat_class) vat_class, rate from vat_rate
        where valid_from <= (cast(:as_of as timestamptz) at time zone (select time_zone from company))::date
        order by vat_class, valid_from desc
    ) vat on vat.vat_class = product.vat_class
"""
"""SQL that joins the own price, and as `vat.rate` the VAT rate in percent valid on the local day of :as_of."""
