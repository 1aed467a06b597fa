"""the rule of prices, what marks sort keys as stale, category levels, words for mistyped searches, the wall"""

from alembic import op

revision = "0008"
down_revision = "0007"

MINE = "(select current_setting('rampa.partner_id')::int)"
ME = "(select current_setting('rampa.user_id')::int)"

VALID = "coalesce({0}valid_from <= on_day, true) and coalesce({0}valid_until >= on_day, true)"
REACHED = "from_quantity <= quantity"
HERE = f"{REACHED} and {VALID.format('')}"

# What a partner's prices come from, for `who`. A list that is not valid on the day is as if it were not assigned.
_TERMS = f"""
    select {{id}} as id, own.id as list, own.lei_rate as list_rate, shared.id as group_list,
           shared.lei_rate as group_rate, buyer.group_id, {{discount}} as discount, {{bare}} as bare
    from {{table}} buyer
    left join partner_group on partner_group.id = buyer.group_id
    left join price_list own on own.id = buyer.price_list_id and {VALID.format("own.")}
    left join price_list shared on shared.id = partner_group.price_list_id and {VALID.format("shared.")}
    where buyer.id = {{key}}
"""
PARTNER = _TERMS.format(id="buyer.id", discount="buyer.discount", bare="false", table="partner", key="for_partner")
PROFILE = _TERMS.format(id="null::int", discount="0", bare="buyer.bare", table="price_profile", key="of_profile")

# For `item`. `targets`: what discounts can aim at it by, the most specific first.
ITEM = """
    select product.id, product.list_price,
           array['p' || product.id, 'b' || product.brand]
           || array(select 'c' || level from unnest(category.lineage) level) || array['*'] as targets
    from product left join category on category.id = product.category_id where product.id = of_product
"""

# DESIGN 6: the first step that has a valid rule decides; within a step the more specific, then the lower.
# 1 own price, 2 own discount, 3 price in the list, 4 the list's discount, 5 and 6 the same of the group's list,
# 7 general discount, 8 list price.
RULES = f"""
    select 1 as step, 0 as rank, net, id as rule, net as value, from_quantity, valid_until, null::int as source,
           '' as target
    from partner_price where partner_id = who.id and product_id = item.id and {HERE}
  union all
    select case owner when who.id then 2 when -who.list then 4 when -who.group_list then 6 else 7 end,
           array_position(item.targets, target), round(item.list_price * (100 - percent) / 100, 4), id, percent,
           from_quantity, valid_until, price_list_id, target
    from discount
    where owner = any(array[who.id, -who.list, -who.group_list, 0]) and target = any(item.targets) and {HERE}
  union all
    select 2, 1000, round(item.list_price * (100 - who.discount) / 100, 4), null, who.discount, 0, null, null, ''
    where who.discount > 0
  union all
    select case price_list_id when who.list then 3 else 5 end, 0,
           round(net * case price_list_id when who.list then who.list_rate else who.group_rate end, 4), id, net,
           from_quantity, valid_until, price_list_id, ''
    from price_list_item
    where price_list_id = any(array[who.list, who.group_list]) and product_id = item.id and {HERE}
  union all
    select 8, 0, item.list_price, null, item.list_price, 0, null, null, ''
"""
PROMOTIONS = f"""
    select 9 as step, 0 as rank, coalesce(offer.net, round(item.list_price * (100 - offer.percent) / 100, 4)) as net,
           offer.id as rule, coalesce(offer.net, offer.percent) as value, offer.from_quantity, promotion.valid_until,
           promotion.id as source, '' as target
    from promotion_item offer join promotion on promotion.id = offer.promotion_id
    where offer.product_id = item.id and {REACHED} and {VALID.format("promotion.")}
      and coalesce(promotion.partner_id = who.id, promotion.partner_id is null)
      and coalesce(promotion.group_id = who.group_id, promotion.group_id is null)
"""
# A partner in a promotion for partner 5 compares 5 with its own id; one without an id (a profile) is in none of them.
OWN_ONLY = """
    if for_partner <> nullif(current_setting('rampa.partner_id', true), '')::int then
      raise exception 'the prices of another partner' using errcode = 'insufficient_privilege';
    end if;
"""
# One statement, for one price as for many: `{terms}` is PARTNER or PROFILE, and `quantity` and `on_day` are in reach.
DECIDED = """
    case when who.bare then array[item.list_price, 8, null, item.list_price]
         when promoted.net < decided.net then array[promoted.net, promoted.step, promoted.rule, promoted.value]
         else array[decided.net, decided.step, decided.rule, decided.value] end
"""
DECIDING = f"""
    ({{terms}} offset 0) who cross join lateral ({ITEM} offset 0) item
    cross join lateral (select * from ({RULES}) rules order by step, rank, net limit 1) decided
    left join lateral (select * from ({PROMOTIONS}) offers order by net limit 1) promoted on true
"""
# Of many products in one call, which reads the partner's terms and starts the plan once.
ASKED = f"""
    ({PARTNER} offset 0) who cross join unnest(products, quantities) asked (of_product, quantity)
    cross join lateral ({ITEM} offset 0) item
"""
# The price at the quantity, and at every greater one from which on another rule holds: each rule is read once.
EVERY = f"({RULES}) union all ({PROMOTIONS})"
STEPS = f"""
    select of_product, decided.steps
    from {ASKED}
    cross join lateral (
        with every as materialized ({EVERY.replace(REACHED, "true")}),
        reached (quantity) as (
            select asked.quantity union select from_quantity from every where from_quantity > asked.quantity)
        select array_agg(array[quantity, best.net, best.step, best.rule, best.value] order by quantity) as steps
        from reached cross join lateral (
            select * from (
                (select * from every where step < 9 and {REACHED} order by step, rank, net limit 1)
                union all
                (select * from every where step = 9 and {REACHED} order by net limit 1)
            ) two order by net, step limit 1
        ) best
    ) decided
"""
# The best rule of each step, and which of them is the price.
EXPLAINED = f"""
    select of_product, best.step, best.net, best.rule, best.value, best.from_quantity, best.valid_until,
           coalesce(promotion.name, price_list.name)::text,
           case left(best.target, 1) when 'p' then 'product' when 'b' then substr(best.target, 2)
                when 'c' then category.path else '' end::text,
           case when best.step = 9 then best.net < decided
                else best.step = first and not coalesce(offered < decided, false) end
    from {ASKED}
    cross join lateral (
        select *, min(step) over () as first, first_value(net) over (order by step) as decided,
               min(net) filter (where step = 9) over () as offered
        from (select distinct on (step) * from ({EVERY}) every order by step, rank, net) by_step
    ) best
    left join category on category.id = case when best.target like 'c%' then substr(best.target, 2)::int end
    left join price_list on price_list.id = best.source and best.step < 9
    left join promotion on promotion.id = best.source and best.step = 9
    order by of_product, best.step
"""

SETTINGS = "security definer set search_path = public, pg_temp"

# Table → (columns that matter, SQL that marks what they make stale, about the row `it`).
STALE = {
    "partner_price": ("", "insert into stale_price (partner_id, product_id) values (it.partner_id, it.product_id)"),
    "price_list_item": (
        "",
        "insert into stale_price (profile_id, product_id) select id, it.product_id from profiles_of(it.price_list_id) id",
    ),
    "price_list": ("", "insert into stale_price (profile_id) select id from profiles_of(it.id) id"),
    "partner_group": (
        "price_list_id",
        "insert into stale_price (profile_id) select id from price_profile where group_id = it.id",
    ),
    "promotion_item": ("", "insert into stale_price (product_id) values (it.product_id)"),
    "promotion": (
        "",
        "insert into stale_price (product_id) select product_id from promotion_item where promotion_id = it.id",
    ),
    "product": (
        "list_price, brand, category_id, vat_class, least_quantity, multiple",
        "insert into stale_price (product_id) values (it.id)",
    ),
    "vat_rate": ("", "insert into stale_price (product_id) values (null)"),
    "discount": (
        "",
        """
        insert into stale_price (profile_id, partner_id, product_id)
        select profile, it.partner_id, product
        from (select profiles_of(it.price_list_id) as profile where it.price_list_id is not null
              union all select null where it.price_list_id is null) profiles,
             (select null::int as product where it.target = '*'
              union all select id from product where id = it.product_id or brand = it.brand
              union all select product.id from product join category on category.id = product.category_id
                        where it.category_id = any(category.lineage)) products
        """,
    ),
    "partner": (
        "price_list_id, group_id, discount",
        """
        insert into price_profile (price_list_id, group_id) values (it.price_list_id, it.group_id)
        on conflict do nothing;
        insert into stale_price (partner_id) values (it.id)
        """,
    ),
    "price_profile": ("bare", "insert into stale_price (profile_id) values (it.id)"),
}

# Table → columns that say which products, brands and categories are offered to whom.
OFFER = {"product": "active, restricted, brand, category_id", "category": "path", "product_audience": ""}

# Table → what a partner may do with its own rows.
PARTNER_GRANTS = {
    "partner_code": ("select, insert, update, delete", f"partner_id = {MINE}"),
    "favourite": ("select, insert, delete", f"partner_id = {MINE} and user_id = {ME}"),
    "quick_draft": ("select, insert, update, delete", f"partner_id = {MINE} and user_id = {ME}"),
    "saved_list": ("select, insert, update, delete", f"partner_id = {MINE}"),
    "saved_list_line": ("select, insert, update, delete", f"partner_id = {MINE}"),
    "taken_price_list": ("select, insert, delete", f"partner_id = {MINE} and user_id = {ME}"),
    "product_audience": (
        "select",
        f"partner_id = {MINE} or group_id = (select group_id from partner where id = {MINE})",
    ),
}
# Closed to partners altogether: only the functions and views here read them. Walled all the same, should that change.
CLOSED = ("discount", "promotion", "partner_exception", "stale_price")
SHARED = ("product_image", "product_file", "search_word", "word_deletion", "offer_version")

# What the signed-in partner may know of the tables that are closed to it: its own sort keys, and its promotions. Views
# and no policies: under row-level security no index would be used for a comparison of prices.
# Until the keys of a new profile are made, the bare one's put things in order.
OWN_VIEWS = {
    "own_profile_price": f"""
        select product_id, net, gross from profile_price where profile_id = (
            select profile.id from partner join price_profile profile
              on profile.bare or (partner.discount = 0 and profile.priced_on is not null
                 and profile.price_list_id is not distinct from partner.price_list_id
                 and profile.group_id is not distinct from partner.group_id)
            where partner.id = {MINE} order by profile.bare limit 1)
    """,
    "own_exception": f"select product_id, net, gross from partner_exception where partner_id = {MINE}",
    "own_promotion": f"""
        select item.product_id, promotion.valid_from, promotion.valid_until
        from promotion_item item join promotion on promotion.id = item.promotion_id
        where (promotion.partner_id is null or promotion.partner_id = {MINE})
          and (promotion.group_id is null or promotion.group_id = (select group_id from partner where id = {MINE}))
    """,
}


def upgrade() -> None:
    _quotes()
    _stale()
    _categories()
    _offer_version()
    _words()
    for table in SHARED:
        op.execute(f"grant select on {table} to rampa_partner")
    for view, query in OWN_VIEWS.items():
        op.execute(f"create view {view} as {query}")
        op.execute(f"grant select on {view} to rampa_partner")
    for table in CLOSED:
        op.execute(f"alter table {table} enable row level security")
    for table, (privileges, rule) in PARTNER_GRANTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {privileges} on {table} to rampa_partner")
        op.execute(f"create policy own_rows on {table} to rampa_partner using ({rule}) with check ({rule})")
    op.execute("insert into price_profile (bare) values (true), (false)")
    op.execute("""
        insert into price_profile (price_list_id, group_id) select distinct price_list_id, group_id from partner
        on conflict do nothing
    """)
    op.execute("insert into stale_price (product_id) values (null)")


def _quotes() -> None:
    op.execute(f"""
        create function quote(for_partner int, of_product int, quantity numeric, on_day date) returns numeric[]
        language plpgsql stable {SETTINGS} as $$
        begin {OWN_ONLY} return (select {DECIDED} from {DECIDING.format(terms=PARTNER)}); end $$
    """)
    op.execute(f"""
        create function quote_profile(of_profile int, of_product int, quantity numeric, on_day date) returns numeric[]
        language plpgsql stable {SETTINGS} as $$
        begin return (select {DECIDED} from {DECIDING.format(terms=PROFILE)}); end $$
    """)
    for name, key, terms in (("partner_nets", "for_partner", PARTNER), ("profile_nets", "of_profile", PROFILE)):
        # Net prices of many at once, at a third of the time a call of the other takes each.
        op.execute(f"""
            create function {name}(owners int[], products int[], quantities numeric[], on_day date)
            returns table (owner_id int, product_id int, net numeric) language sql stable as $$
            select {key}, of_product, ({DECIDED})[1]
            from unnest(owners, products, quantities) asked ({key}, of_product, quantity),
                 lateral {DECIDING.format(terms=terms)}
            $$
        """)
    for name, columns, query in (
        ("price_steps", "product_id int, steps numeric[]", STEPS),
        (
            "explain_prices",
            "product_id int, step int, net numeric, rule int, value numeric, from_quantity numeric, valid_until date,"
            " source text, target text, taken bool",
            EXPLAINED,
        ),
    ):
        op.execute(f"""
            create function {name}(for_partner int, products int[], quantities numeric[], on_day date)
            returns table ({columns}) language plpgsql stable {SETTINGS} rows 50 as $$
            #variable_conflict use_column
            begin {OWN_ONLY} return query {query}; end $$
        """)
    op.execute("revoke execute on function quote_profile(int, int, numeric, date) from public")


def _stale() -> None:
    op.execute("""
        create function profiles_of(list int) returns setof int language sql stable as $$
          select price_profile.id from price_profile left join partner_group on partner_group.id = group_id
          where price_profile.price_list_id = list or partner_group.price_list_id = list
        $$
    """)
    for table, (columns, mark) in STALE.items():
        op.execute(f"""
            create function {table}_makes_stale() returns trigger language plpgsql {SETTINGS} as $$
            declare it {table};
            begin
              if tg_op <> 'INSERT' then it := old; {mark}; end if;
              if tg_op <> 'DELETE' then it := new; {mark}; end if;
              return null;
            end $$
        """)
        changed = f"of {columns}" if columns else ""
        op.execute(f"""
            create trigger makes_stale after insert or update {changed} or delete on {table}
            for each row execute function {table}_makes_stale()
        """)


def _categories() -> None:
    op.execute(f"""
        create function category_has_its_levels() returns trigger language plpgsql {SETTINGS} as $$
        declare above text := regexp_replace(new.path, ' > (?!.* > ).*$', '');
        begin
          new.lineage := array[new.id];
          if above <> new.path then
            insert into category (path) values (above) on conflict do nothing;
            select id, new.id || lineage into new.parent_id, new.lineage from category where path = above;
          end if;
          return new;
        end $$
    """)
    op.execute("""
        create trigger has_its_levels before insert on category
        for each row execute function category_has_its_levels()
    """)


def _offer_version() -> None:
    """Deferred, and once in a transaction: the one row is locked no longer than a commit takes."""
    op.execute("insert into offer_version values (1)")
    op.execute(f"""
        create function offer_changes() returns trigger language plpgsql {SETTINGS} as $$
        begin
          if coalesce(current_setting('rampa.offer_changes', true), '') = '' then
            update offer_version set number = number + 1;
            perform set_config('rampa.offer_changes', 'counted', true);
          end if;
          return null;
        end $$
    """)
    for table, columns in OFFER.items():
        changed = f"of {columns}" if columns else ""
        op.execute(f"""
            create constraint trigger offer_changes after insert or update {changed} or delete on {table}
            deferrable initially deferred for each row execute function offer_changes()
        """)


def _words() -> None:
    op.execute(f"""
        create function learn_words() returns trigger language plpgsql {SETTINGS} as $$
        begin
          with fresh as (
            insert into search_word
            select distinct word from added, unnest(tsvector_to_array(added.words)) word
            where word !~ '[0-9]' and length(word) >= 4 order by word
            on conflict do nothing returning word
          )
          insert into word_deletion
          select distinct left(word, at - 1) || substr(word, at + 1), word
          from fresh, generate_series(1, length(word) + 1) at order by 1, 2 on conflict do nothing;
          return null;
        end $$
    """)
    op.execute("""
        create trigger learn_words after insert on product referencing new table as added
        for each statement execute function learn_words()
    """)
    op.execute("""
        create trigger learn_changed_words after update on product referencing new table as added
        for each statement execute function learn_words()
    """)
    op.execute("update product set name = name")


def downgrade() -> None:
    for table in CLOSED:
        op.execute(f"alter table {table} disable row level security")
    for view in OWN_VIEWS:
        op.execute(f"drop view {view}")
    for table in PARTNER_GRANTS:
        op.execute(f"drop policy own_rows on {table}")
        op.execute(f"alter table {table} disable row level security")
        op.execute(f"revoke all on {table} from rampa_partner")
    for table in SHARED:
        op.execute(f"revoke select on {table} from rampa_partner")
    op.execute("drop trigger learn_changed_words on product")
    op.execute("drop trigger learn_words on product")
    op.execute("drop function learn_words()")
    for table in OFFER:
        op.execute(f"drop trigger offer_changes on {table}")
    op.execute("drop function offer_changes()")
    op.execute("drop trigger has_its_levels on category")
    op.execute("drop function category_has_its_levels()")
    for table in STALE:
        op.execute(f"drop trigger makes_stale on {table}")
        op.execute(f"drop function {table}_makes_stale()")
    op.execute("drop function profiles_of(int)")
    for function in ("quote", "quote_profile"):
        op.execute(f"drop function {function}(int, int, numeric, date)")
    for function in ("price_steps", "explain_prices"):
        op.execute(f"drop function {function}(int, int[], numeric[], date)")
    for function in ("partner_nets", "profile_nets"):
        op.execute(f"drop function {function}(int[], int[], numeric[], date)")
    op.execute("delete from price_profile")
    op.execute("delete from offer_version")
