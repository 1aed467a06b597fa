"""What makes the demo's prices differ from partner to partner, and its products from each other.

Set after the history was replayed: the orders of the past keep the prices of then.
"""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.clock import local_date
from core.company import company

NEW_SINCE = timedelta(days=6)

# Name → who is in it, and its price list.
GROUPS = {
    "Electricieni": (("P1004", "P1007", "P1011"), "Electrice 2026"),
    "Depozite de materiale": (("P1002", "P1006", "P1009"), "Construcții 2026"),
}

_LISTS = """
    insert into price_list (name, currency, lei_rate, valid_from) values
    ('Electrice 2026', 'RON', 1, null), ('Construcții 2026', 'RON', 1, null),
    ('Scule Tornadex, import', 'EUR', 5.0912, null), ('Electrice 2027', 'RON', 1, cast(:next_year as date))
"""
# Less 14 %, and less 19 % from five packs on; next year's list is 4 % dearer.
_ITEMS = """
    insert into price_list_item (price_list_id, product_id, from_quantity, net)
    select price_list.id, product.id, step.packs * product.pack, round(product.list_price * step.factor * dearer, 4)
    from product join category on category.id = product.category_id and category.path like 'Electrice > %'
    cross join (values ('Electrice 2026', 1), ('Electrice 2027', 1.04)) lists(name, dearer)
    join price_list on price_list.name = lists.name
    cross join (values (0, 0.86), (5, 0.81)) step(packs, factor)
    order by 1, 2, 3
"""
_IMPORTED = """
    insert into price_list_item (price_list_id, product_id, net)
    select price_list.id, product.id, round(product.list_price * 0.8 / lei_rate, 2)
    from product join price_list on price_list.name = 'Scule Tornadex, import' where product.brand = 'Tornadex'
    order by product.id
"""
_DISCOUNTS = """
    insert into discount (partner_id, price_list_id, brand, category_id, percent, from_quantity)
    select partner.id, price_list.id, nullif(brand, ''), category.id, percent, from_quantity
    from (values ('', 'Construcții 2026', 'Morvanit', '', 13, 0),
                 ('', 'Construcții 2026', '', 'Materiale de construcții', 9, 0),
                 ('', 'Construcții 2026', '', 'Finisaje', 7.5, 0),
                 ('P1001', '', 'Luxovar', '', 12, 0),
                 ('P1001', '', '', 'Scule', 8, 0),
                 ('', '', '', 'Protecția muncii', 4, 0),
                 ('', '', '', 'Protecția muncii', 6, 24)) rule(partner, list, brand, category, percent, from_quantity)
    left join partner on partner.code = rule.partner left join price_list on price_list.name = rule.list
    left join category on category.path = rule.category
"""
_PROMOTIONS = """
    insert into promotion (name, valid_from, valid_until, group_id)
    select told.name, cast(:today as date) + starts, cast(:today as date) + ends, partner_group.id
    from (values ('Iarna pe șantier', -9, 18, ''), ('Lumină caldă', -2, 12, 'Electricieni'),
                 ('Pregătiri de primăvară', 40, 70, ''), ('Reduceri de toamnă', -60, -20, ''))
         told(name, starts, ends, shared)
    left join partner_group on partner_group.name = told.shared
"""
_OFFERS = """
    insert into promotion_item (promotion_id, product_id, percent)
    select promotion.id, product.id, percent
    from (values ('Iarna pe șantier', 'Calduvar', 15), ('Iarna pe șantier', 'Protemun', 18),
                 ('Iarna pe șantier', 'Siglanol', 22), ('Lumină caldă', 'Luxovar', 25),
                 ('Pregătiri de primăvară', 'Nuantor', 12), ('Reduceri de toamnă', 'Foclemar', 10))
         told(name, brand, percent)
    join promotion on promotion.name = told.name join product on product.brand = told.brand
    order by 1, 2
"""
_PRODUCTS = (
    # A retail price that ends in .90, well above the list.
    "update product set created_at = :start, rrp = ceil(list_price * 1.34) - 0.10 where list_price >= 2",
    "update product set created_at = :start, rrp = round(list_price * 1.5, 2) where list_price < 2",
    "update product set created_at = :new where brand = 'Foclemar' or sku like 'BEC-LED-%'",
    "update product set multiple = pack where unit = 'buc' and pack >= 50",
    "update product set least_quantity = 10 where unit = 'm'",
    """
    update product set expected_on = cast(:today as date) + 3 + product.id % 15
    from stock where stock.product_id = product.id and stock.on_hand = stock.held
    """,
    "update product set restricted = true where brand = 'Bituvar'",
    """
    insert into product_audience (product_id, group_id)
    select product.id, partner_group.id from product, partner_group
    where product.restricted and partner_group.name = 'Depozite de materiale' order by 1
    """,
    """
    update product set description = name || '. Se livrează ambalat; termen de garanție 24 de luni, certificat de '
        || 'conformitate la cerere. Culoarea poate diferi ușor de cea din imagine.'
    """,
)
_PARTNERS = (
    "update partner set price_list_id = (select id from price_list where currency = 'EUR') where code = 'P1005'",
    "update partner set stock_display = 'yes_no' where code = 'P1005'",
    "update partner set stock_display = 'light' where code = 'P1007'",
    "update partner set stock_display = 'capped' where code = 'P1009'",
    "update partner set prices_hidden = true where code = 'P1012'",
    """
    insert into saved_list (partner_id, name) select id, 'Tablou apartament 2 camere' from partner where code = 'P1001'
    """,
    """
    insert into saved_list_line (list_id, partner_id, product_id, quantity)
    select saved_list.id, partner_id, product.id, pack from saved_list, product
    where sku in ('TAB-PT-12M', 'SIG-C32-3P', 'CON-FY-25-AL', 'CON-FY-25-GV', 'CLM-RAP-3', 'BAR-PIN-1P-12')
    """,
    """
    insert into favourite (user_id, partner_id, product_id)
    select app_user.id, partner_id, product.id from app_user, product
    where email = 'comenzi@electro-ardelia.example' and sku in ('CAB-CYYF-3X25', 'BEC-LED-E27-9W', 'TLM-LAS-50')
    """,
    """
    insert into partner_code (partner_id, code, product_id)
    select partner.id, 'cablu 3x2.5', product.id from partner, product
    where partner.code = 'P1001' and sku = 'CAB-CYYF-3X25'
    """,
)


def agree(session: Session, start: datetime, as_of: datetime) -> None:
    """Write the rules as they stand at `as_of`; products are as old as `start`, but for the new ones."""
    today = local_date(as_of, company(session).time_zone)
    about = {"today": today, "start": start, "new": as_of - NEW_SINCE, "next_year": today.replace(today.year + 1, 1, 1)}
    session.execute(text(_LISTS), about)
    for name, (codes, price_list) in GROUPS.items():
        session.execute(_GROUP, {"name": name, "list": price_list})
        session.execute(_MEMBERS, {"name": name, "codes": list(codes)})
    for statement in (_ITEMS, _IMPORTED, _DISCOUNTS, _PROMOTIONS, _OFFERS, *_PRODUCTS, *_PARTNERS):
        session.execute(text(statement), about)


_GROUP = text("""
    insert into partner_group (name, price_list_id) select :name, id from price_list where name = :list
""")
_MEMBERS = text("""
    update partner set group_id = (select id from partner_group where name = :name) where code = any(:codes)
""")
