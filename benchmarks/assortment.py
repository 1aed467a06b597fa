"""A large assortment with prices of every kind, made by the server itself in under a minute.

100,000 products in 1,110 categories (10 > 10 > 10), 50 brands; 20 price lists of 50,000 rows, a fifth of them from a
quantity of 10; 300 partners in 8 groups, each with 2,000 own prices and 12 own discounts, every fifth with one on
everything; 4,000 products in promotions; 3,000 products that only some groups know of; two thirds in stock. With fewer
products there are as many times fewer prices and promotions, and the same partners and categories.
"""

from datetime import datetime

from sqlalchemy import text

from core.db import engine, transaction
from core.pricing.refreshing import refresh
from core.principal import SYSTEM, Principal

PRODUCTS, PARTNERS, LISTS = 100_000, 300, 20

KINDS = (
    "Șurub autoforant", "Cablu electric", "Țeavă cupru", "Priză dublă", "Întrerupător simplu", "Bandă adezivă",
    "Vopsea lavabilă", "Robinet sferic", "Corp iluminat", "Siguranță automată", "Mănuși protecție", "Burghiu metal",
    "Disc tăiere", "Colier fixare", "Pompă submersibilă", "Radiator aluminiu", "Izolație vată", "Doză aparat",
    "Senzor mișcare", "Cheie reglabilă",
)  # fmt: skip
LOOKS = (
    "zincat", "alb", "negru", "inox", "cauciucat", "flexibil", "rigid", "armat", "ignifug", "profesional", "standard",
    "rezistent", "subțire", "gros", "exterior", "interior", "etanș", "compact", "reglabil", "universal", "galvanizat",
    "vopsit", "perforat", "termorezistent", "antivandal",
)  # fmt: skip
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "dra", "cle", "mon",
             "tar")  # fmt: skip


def build(as_of: datetime, products: int = PRODUCTS) -> None:
    """Fill the configured, migrated and empty database. The sort keys of prices are not made: see `refresh_all`."""
    with transaction(SYSTEM) as session:
        # A mark for every row of a million would take longer than the rows; one that says "everything" does as well.
        for table in _MARKING:
            session.execute(text(f"alter table {table} disable trigger makes_stale"))
        words: dict[str, object] = {
            "kinds": list(KINDS),
            "looks": list(LOOKS),
            "syllables": list(SYLLABLES),
            "as_of": as_of,
        }
        words["products"] = products
        for statement in _STATEMENTS:
            session.execute(text(statement), words)
        session.execute(text("set constraints all immediate"))  # a table cannot be altered while triggers wait
        for table in _MARKING:
            session.execute(text(f"alter table {table} enable trigger makes_stale"))
        session.execute(text("insert into stale_price (product_id) values (null)"))
    vacuum()


def vacuum() -> None:
    """What autovacuum would have done by now."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"vacuum analyze {', '.join(_FILLED)}"))


def refresh_all(as_of: datetime) -> int:
    """Make all sort keys, as the worker's job does; how many times it had something to do."""
    times = 0
    while True:
        with transaction(SYSTEM) as session:
            if not refresh(session, as_of):
                break
        times += 1
    vacuum()
    return times


def buyer(partner_id: int) -> Principal:
    """The owner of one of the partners, 1 to PARTNERS; every fifth has a discount on everything."""
    return Principal("partner", partner_id, partner_id, role="owner")


_MARKING = ("product", "price_list_item", "partner_price", "discount", "promotion", "promotion_item")
_FILLED = (*_MARKING, "category", "price_list", "partner_group", "partner", "app_user", "product_audience", "stock",
           "profile_price", "partner_exception", "search_word", "word_deletion", "price_profile",
           "stale_price")  # fmt: skip
_STATEMENTS = (
    "select setseed(0.5)",
    """insert into category (path)
       select format('Raion %s > Grupa %s.%s > Familia %s.%s.%s', a, a, b, a, b, c)
       from generate_series(0, 9) a, generate_series(0, 9) b, generate_series(0, 9) c""",
    # Category and kind do not hang together with the price or the name of a product: what is far apart is slowest.
    """insert into product (sku, ean, name, brand, category_id, vat_class, list_price, rrp, pack, multiple, restricted,
                             created_at)
        select 'R' || lpad(n::text, 6, '0'), (594000000000 + n)::text || n % 10,
               format('%s %s %s %s%s%s %sx%s', (cast(:kinds as text[]))[1 + n % 20],
                      (cast(:looks as text[]))[1 + n / 20 % 25], (cast(:looks as text[]))[1 + (random() * 24)::int],
                      (cast(:syllables as text[]))[1 + n % 18], (cast(:syllables as text[]))[1 + n / 18 % 18],
                      (cast(:syllables as text[]))[1 + n / 324 % 18], n % 97 + 1, n % 53 + 10),
               'Marca ' || 1 + (random() * 49)::int, leaf.id,
               case when random() < 0.1 then 'reduced' else 'standard' end,
               round((exp(random() * 6) + 0.5)::numeric, 2), round((exp(random() * 6) + 3)::numeric, 2),
               (array[1, 1, 6, 10, 100])[1 + n % 5], case when n % 10 = 0 then 6 end, n % 33 = 0,
               cast(:as_of as timestamptz) - random() * 1000 * interval '1 day'
        from generate_series(1, cast(:products as int)) n
        join (select id, row_number() over (order by id) - 1 as at from category where cardinality(lineage) = 3) leaf
          on leaf.at = n * 7 % 1000""",
    """insert into stock (product_id, on_hand)
       select id, case when random() < 0.65 then (random() * 200)::int else 0 end from product""",
    f"insert into price_list (name) select 'Lista ' || n from generate_series(1, {LISTS}) n",
    """insert into partner_group (name, price_list_id)
       select 'Grup ' || n, case when n % 2 = 0 then n end from generate_series(1, 8) n""",
    f"""insert into partner (code, name, group_id, price_list_id, discount)
        select 'B' || n, 'Partener ' || n || ' SRL', 1 + n % 16 % 8, 1 + n % 16, case when n % 5 = 0 then 7.5 else 0 end
        from generate_series(1, {PARTNERS}) n order by n""",
    """insert into app_user (email, name, kind, role, partner_id, password_hash)
       select lower(code) || '@bench.example', 'Buyer', 'partner', 'owner', id, '-' from partner order by id""",
    """insert into product_audience (product_id, group_id)
       select id, 1 + (id / 33 + n) % 8 from product, generate_series(0, 2) n where restricted""",
    """insert into price_list_item (price_list_id, product_id, from_quantity, net)
       select list.id, product.id, part.from_quantity, round(list_price * (0.95 - 0.3 * random()::numeric) * factor, 4)
       from price_list list, (values (0.4, 0, 1.0), (0.1, 10, 0.9)) part (share, from_quantity, factor), product
       where (product.id * 13 + list.id * 4999) % cast(:products as int) < share * cast(:products as int)""",
    """insert into discount (price_list_id, brand, percent)
       select id, 'Marca ' || 1 + id * n % 50, 5 + n from price_list, generate_series(1, 5) n on conflict do nothing""",
    """insert into discount (price_list_id, category_id, percent)
       select list.id, category.id, 8 from price_list list, category
       where (category.id + list.id) % 200 = 0 and cardinality(lineage) > 1""",
    """insert into discount (category_id, percent)
       select id, 4 from category where cardinality(lineage) = 2 and id % 10 = 0""",
    """insert into partner_price (partner_id, product_id, net)
       select partner.id, product.id, round(list_price * (0.9 - 0.3 * random()::numeric), 4) from partner, product
       where (product.id + partner.id * 331) % 50 = 0""",
    """insert into discount (partner_id, brand, percent)
       select id, 'Marca ' || 1 + (id * 7 + n * 3) % 50, 10 + n from partner, generate_series(1, 2) n""",
    """insert into discount (partner_id, category_id, percent)
       select partner_id, category_id, 12 from (
           select partner.id as partner_id, category.id as category_id,
                  row_number() over (partition by partner.id order by category.id * 7919 % 1009) as at
           from partner, category where cardinality(lineage) = 3 and (category.id + partner.id) % 40 = 0) chosen
       where at <= 10""",
    """insert into promotion (name, valid_from, valid_until, group_id, partner_id)
       select 'Promo ' || n, cast(:as_of as date) - 20 + n % 10, cast(:as_of as date) + n,
              case when n % 3 = 1 then 1 + n % 8 end, case when n % 3 = 2 then n end
       from generate_series(1, 40) n""",
    """insert into promotion_item (promotion_id, product_id, percent)
       select promotion.id, n * 25 - promotion.id % 25, 20 + n % 20
       from promotion, generate_series(1, 100) m,
            lateral (select (promotion.id * 100 + m) % (cast(:products as int) / 25) + 1 as n) numbered
       on conflict do nothing""",
)
