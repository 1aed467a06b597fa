"""After every change of whatever makes prices, the sort keys are what the price is, for every partner and product."""

# ruff: noqa: E501 (one statement a line: the list of changes is to be read down)

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.db import transaction
from core.pricing.quoting import FIRST_QUANTITY
from core.pricing.refreshing import refresh
from core.principal import SYSTEM
from tests.factories import (
    make_discount,
    make_group,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_promotion,
    set_own_price,
)
from tests.threads import at_once
from workers import jobs

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def run(sql: str, **params: Any) -> Sequence[Any]:
    with transaction(SYSTEM) as session:
        result = session.execute(text(sql), params)
        return result.all() if result.returns_rows else []


def drain(as_of: datetime = NOON, limit: int = 3) -> int:
    """Refresh until nothing is left; how many times there was something to do."""
    times = 0
    while refresh_once(as_of, limit):
        times += 1
    return times


def refresh_once(as_of: datetime = NOON, limit: int = 3) -> int:
    with transaction(SYSTEM) as session:
        return refresh(session, as_of, limit)


def wrong_keys(day: date = DAY) -> Sequence[Any]:
    """What the catalogue would sort by and the price that it shows, where these differ."""
    return run(_WRONG, day=day)


_WRONG = f"""
    select partner.id, product.id as product, key.net, quoted.net as right, key.gross
    from partner cross join product
    cross join lateral (select (quote(partner.id, product.id,
        {FIRST_QUANTITY}, :day))[1] as net) quoted
    join (select distinct on (vat_class) vat_class, rate from vat_rate where valid_from <= :day
          order by vat_class, valid_from desc) vat using (vat_class)
    join price_profile profile on case when partner.discount > 0 then profile.bare else not profile.bare
        and profile.price_list_id is not distinct from partner.price_list_id
        and profile.group_id is not distinct from partner.group_id end
    left join partner_exception own on own.partner_id = partner.id and own.product_id = product.id
    left join profile_price shared on shared.profile_id = profile.id and shared.product_id = product.id
    cross join lateral (
        select coalesce(own.net, round(shared.net * (100 - partner.discount) / 100, 4)) as net,
               coalesce(own.gross, shared.gross * (100 - partner.discount) / 100) as gross) key
    where key.net is distinct from quoted.net
       or abs(key.gross - quoted.net * (100 + vat.rate) / 100) > case when partner.discount > 0 then 0.0002 else 0.00005 end
"""


@pytest.fixture
def world() -> None:
    """Products in two brands and categories; partners with all kinds of terms, and one of each kind of rule."""
    products = [
        make_product(list_price=Decimal("10.5") + n, brand=f"B{n % 2}", category=f"A > C{n % 2}") for n in range(5)
    ]
    lists = [make_price_list(), make_price_list(currency="EUR", lei_rate=Decimal("4.9751"))]
    groups = [make_group(), make_group(price_list_id=lists[1].id)]
    make_partner()
    partner = make_partner(group_id=groups[1].id, price_list_id=lists[0].id)
    make_partner(group_id=groups[0].id, discount=Decimal("7.5"))
    make_partner(group_id=groups[1].id)
    make_list_price(lists[0], products[0], "7")
    make_list_price(lists[1], products[1], "2.3")
    set_own_price(partner.id, products[2].id, "6.1234")
    make_discount("15", partner_id=partner.id, brand="B1")
    make_discount("3", price_list_id=lists[1].id)
    make_promotion(products[3], percent=Decimal(30))


def test_a_database_that_was_just_filled_gets_all_its_keys(world: None) -> None:
    assert wrong_keys()
    jobs.refresh_prices()
    assert not wrong_keys()
    assert not run("select from stale_price")
    assert refresh_once(datetime.now(UTC)) == 0


def test_only_what_differs_is_written(world: None) -> None:
    drain()
    before = run("select xmin::text, * from profile_price order by profile_id, product_id")
    run("insert into stale_price (product_id) values (null)")
    drain()
    assert run("select xmin::text, * from profile_price order by profile_id, product_id") == before


def test_what_fails_half_way_is_done_again(world: None) -> None:
    drain()
    run("update product set list_price = list_price + 1")
    marks = run("select * from stale_price order by id")
    run("alter table partner_exception add constraint wall check (net < 0) not valid")
    with pytest.raises(Exception, match="wall"):
        drain()
    assert run("select * from stale_price order by id")[-2:] == marks[-2:]
    run("alter table partner_exception drop constraint wall")
    drain()
    assert not wrong_keys()


def test_two_at_once_do_not_meet(world: None) -> None:
    drain()
    run("update product set list_price = list_price + 1")
    with transaction(SYSTEM) as session:
        assert refresh(session, NOON) > 0
        assert refresh_once() == 0
    assert all(isinstance(times, int) for times in at_once([drain] * 3))
    drain()
    assert not wrong_keys()


def test_a_rule_written_while_keys_are_made_is_not_forgotten(world: None) -> None:
    drain()
    run("insert into stale_price (partner_id) select id from partner")
    run("insert into stale_price (profile_id) select id from price_profile")
    with transaction(SYSTEM) as session:
        refresh(session, NOON)
        run("update price_list_item set net = net + 1")
        run("update partner_price set net = net + 1")
    drain()
    assert not wrong_keys()


def test_promotions_begin_and_end_with_the_local_day(world: None) -> None:
    product = make_product(list_price=Decimal(100))
    first, last = DAY + timedelta(days=1), DAY + timedelta(days=2)
    make_promotion(product, net=Decimal(80), valid_from=first, valid_until=last)
    eve = datetime(2026, 11, 23, 21, 59, 59, tzinfo=UTC)
    sold = "select net from profile_price where product_id = :id and profile_id = 2"
    for instant, net in [
        (eve, 100),
        (eve + timedelta(seconds=1), 80),
        (eve + timedelta(days=2), 80),
        (eve + timedelta(days=2, seconds=1), 100),
    ]:
        drain(instant)
        assert [row.net for row in run(sold, id=product.id)] == [net], instant
        assert not wrong_keys((instant + timedelta(hours=2)).date())


def test_a_partner_with_a_new_list_is_not_without_keys(world: None) -> None:
    drain()
    new = make_price_list()
    partner = make_partner(price_list_id=new.id)
    with transaction(SYSTEM) as session:
        session.execute(text("select set_config('rampa.partner_id', :id, true)"), {"id": str(partner.id)})
        assert session.scalar(text("select count(*) from own_profile_price")) == 5
    drain()
    assert not wrong_keys()


INDEX = st.integers(0, 4)
PERCENT = st.sampled_from([Decimal(0), Decimal("7.5"), Decimal(40), Decimal(100)])
NET = st.decimals(0, 20, places=4)
LEAST = st.sampled_from([Decimal(0), Decimal(0), Decimal(1), Decimal(5)])
EDGE = st.sampled_from([None, None, *(DAY + timedelta(days=n) for n in (-1, 0, 1))])
AT = "(select id from {0} order by id offset :{1} % (select count(*) from {0}) limit 1)"
PARTNER, PRODUCT, LIST, GROUP = (
    AT.format(*names) for names in [("partner", "a"), ("product", "b"), ("price_list", "c"), ("partner_group", "d")]
)
# Everything that a price is made from changes, in ways that the pages would and would not.
CHANGES = (
    f"insert into partner_price (partner_id, product_id, net, from_quantity, valid_from) values ({PARTNER}, {PRODUCT}, :net, :least, :edge) on conflict do nothing",
    f"update partner_price set net = :net, valid_until = coalesce(:edge, valid_from), product_id = {PRODUCT} where partner_id = {PARTNER} and from_quantity > 0",
    f"delete from partner_price where partner_id = {PARTNER}",
    f"insert into price_list_item (price_list_id, product_id, net, from_quantity, valid_from) values ({LIST}, {PRODUCT}, :net, :least, :edge) on conflict do nothing",
    f"update price_list_item set net = :net where price_list_id = {LIST}",
    f"delete from price_list_item where product_id = {PRODUCT}",
    f"update price_list set valid_from = :edge, valid_until = null where id = {LIST}",
    f"insert into discount (partner_id, brand, percent, from_quantity) values ({PARTNER}, 'B0', :percent, :least) on conflict do nothing",
    f"insert into discount (partner_id, product_id, percent, valid_from) values ({PARTNER}, {PRODUCT}, :percent, :edge) on conflict do nothing",
    f"insert into discount (partner_id, category_id, percent) select {PARTNER}, id, :percent from category where parent_id is null on conflict do nothing",
    f"insert into discount (price_list_id, category_id, percent, from_quantity) select {LIST}, id, :percent, :least from category on conflict do nothing",
    f"insert into discount (price_list_id, percent, valid_until) values ({LIST}, :percent, :edge) on conflict do nothing",
    "insert into discount (brand, percent) values ('B1', :percent) on conflict do nothing",
    "insert into discount (percent) values (:percent) on conflict do nothing",
    "update discount set percent = :percent, valid_until = coalesce(:edge, valid_until) where id % 3 = :a % 3",
    "delete from discount where id % 4 = :a % 4",
    f"with made as (insert into promotion (name, valid_from, valid_until, partner_id) values ('P', coalesce(:edge, date '2026-01-01'), '2027-01-01', {PARTNER}) returning id) insert into promotion_item (promotion_id, product_id, percent, from_quantity) select id, {PRODUCT}, :percent, :least from made",
    f"with made as (insert into promotion (name, valid_from, valid_until, group_id) values ('P', '2026-01-01', coalesce(:edge, date '2027-01-01'), {GROUP}) returning id) insert into promotion_item (promotion_id, product_id, net) select id, {PRODUCT}, :net from made",
    f"with made as (insert into promotion (name, valid_from, valid_until) values ('P', '2026-01-01', '2027-01-01') returning id) insert into promotion_item (promotion_id, product_id, net, from_quantity) select id, {PRODUCT}, :net, :least from made",
    f"update promotion set group_id = null, partner_id = {PARTNER} where id % 3 = :b % 3",
    "delete from promotion_item where id % 3 = :a % 3",
    "delete from promotion where id % 3 = :a % 3",
    f"update partner set discount = :percent where id = {PARTNER}",
    f"update partner set price_list_id = {LIST} where id = {PARTNER}",
    f"update partner set price_list_id = null, group_id = {GROUP} where id = {PARTNER}",
    f"update partner_group set price_list_id = {LIST} where id = {GROUP}",
    f"update product set list_price = :net where id = {PRODUCT}",
    f"update product set brand = 'B1', vat_class = 'reduced' where id = {PRODUCT}",
    f"update product set category_id = null, least_quantity = :least + 1 where id = {PRODUCT}",
    f"update product set category_id = (select max(id) from category), multiple = 5 where id = {PRODUCT}",
    "insert into vat_rate (vat_class, valid_from, rate) values ('standard', coalesce(:edge, date '2026-11-20'), 20 + :a) on conflict (vat_class, valid_from) do update set rate = 15 + :a",
)


@settings(
    max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(CHANGES), st.fixed_dictionaries(
            {"a": INDEX, "b": INDEX, "c": INDEX, "d": INDEX, "percent": PERCENT, "net": NET, "least": LEAST, "edge": EDGE})),
        min_size=1, max_size=6,
    ),
    days=st.integers(-1, 1),
)  # fmt: skip
def test_after_any_change_every_key_is_the_price(
    world: None, changes: list[tuple[str, dict[str, Any]]], days: int
) -> None:
    # Every example goes on from where the one before it ended.
    for sql, params in changes:
        sql = sql.replace(":edge", "cast(:edge as date)")
        with suppress(IntegrityError):  # a period without days, a rule twice: then nothing has changed
            run(sql, **{name: value for name, value in params.items() if f":{name}" in sql})
    drain(NOON + timedelta(days=days))
    assert not wrong_keys(DAY + timedelta(days=days))
