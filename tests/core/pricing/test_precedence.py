"""The precedence of prices as a table: each row through the search's rows, the cart, the explanation and the order.

A rule in precedence_cases.csv is a kind, for a discount what it is for, a value, from which quantity (`>=12`) and on
which days (`[2026-11-23..2026-11-30]`). The product costs 10 lei and stands in the category Top > Middle > Deep.
"""

import csv
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from core.catalog.models import Product
from core.db import transaction
from core.orders import browsing, cart
from core.partners.models import Partner, PartnerGroup
from core.pricing.models import PartnerPrice, PriceList
from core.pricing.quoting import STEPS, explain, kept_explanation
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.core.pricing.conftest import forget_rules
from tests.factories import (
    add,
    make_discount,
    make_group,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_promotion,
    make_user,
    principal_of,
)

CASES = list(csv.DictReader((Path(__file__).parent / "precedence_cases.csv").read_text("utf-8").splitlines()))
RULE = re.compile(
    r"(?P<kind>[a-z-]+)(?: (?P<target>[a-zA-Z-]+))?(?: (?P<value>[0-9.]+%?))?(?: >=(?P<least>[0-9.]+))?"
    r"(?: \[(?P<since>[0-9-]*)\.\.(?P<until>[0-9-]*)\])?"
)
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class World:
    """What the rules are about. The categories are in the order from the product's own to the top."""

    partner: Partner
    other: Partner
    group: PartnerGroup
    other_group: PartnerGroup
    own_list: PriceList
    group_list: PriceList
    product: Product
    categories: dict[str, int]


def make_world() -> World:
    own_list, group_list = make_price_list(), make_price_list()
    group = make_group(price_list_id=group_list.id)
    product = make_product(stock=1000, category="Top > Middle > Deep", brand="Brand")
    make_product(category="Other", brand="Other")
    with transaction(SYSTEM) as session:
        paths = dict(session.execute(text("select path, id from category")).all())
    names = {"deep": "Top > Middle > Deep", "middle": "Top > Middle", "top": "Top", "other-category": "Other"}
    return World(
        make_partner(price_list_id=own_list.id, group_id=group.id), make_partner(), group, make_group(), own_list,
        group_list, product, {name: paths[path] for name, path in names.items()},
    )  # fmt: skip


def lay_down(world: World, written: str) -> None:
    """Make the rule that is written so."""
    found = RULE.fullmatch(written)
    assert found, f"what is “{written}”?"
    rule = found.groupdict()
    days = {
        name: date.fromisoformat(rule[part])
        for name, part in (("valid_from", "since"), ("valid_until", "until"))
        if rule[part]
    }
    condition = {"from_quantity": Decimal(rule["least"] or 0)} | days
    KINDS[rule["kind"]](world, rule["target"], rule["value"], condition)


def set_column(row: Any, **values: Any) -> None:
    with transaction(SYSTEM) as session:
        kept = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(kept, name, value)


def own(world: World, _: str, value: str, condition: dict) -> None:
    add(PartnerPrice(partner_id=world.partner.id, product_id=world.product.id, net=Decimal(value), **condition))


def target(world: World, name: str) -> dict[str, Any]:
    if name == "product":
        return {"product_id": world.product.id}
    if name in ("brand", "other-brand"):
        return {"brand": "Brand" if name == "brand" else "Other"}
    return {"category_id": world.categories[name]} if name != "everything" else {}


def own_discount(world: World, name: str, value: str, condition: dict) -> None:
    if name == "everything":
        set_column(world.partner, discount=Decimal(value))
    else:
        make_discount(value, partner_id=world.partner.id, **target(world, name), **condition)


def promotion(world: World, name: str | None, value: str, condition: dict) -> None:
    whose = {
        "own": {"partner_id": world.partner.id}, "other-partner": {"partner_id": world.other.id},
        "group": {"group_id": world.group.id}, "other-group": {"group_id": world.other_group.id}, None: {},
    }[name]  # fmt: skip
    share = value.endswith("%")
    make_promotion(world.product, **{"percent" if share else "net": Decimal(value.rstrip("%"))}, **whose, **condition)


KINDS = {
    "own": own,
    "own-discount": own_discount,
    "terms": lambda world, _, value, condition: own_discount(world, "everything", value, condition),
    "list": lambda world, _, value, condition: make_list_price(world.own_list, world.product, value, **condition),
    "list-discount": lambda world, name, value, condition: make_discount(
        value, price_list_id=world.own_list.id, **target(world, name), **condition
    ),
    "list-valid": lambda world, _, value, condition: set_column(world.own_list, **days_only(condition)),
    "list-rate": lambda world, name, value, _: set_column(world.own_list, currency=name, lei_rate=Decimal(value)),
    "group": lambda world, _, value, condition: make_list_price(world.group_list, world.product, value, **condition),
    "group-discount": lambda world, name, value, condition: make_discount(
        value, price_list_id=world.group_list.id, **target(world, name), **condition
    ),
    "group-valid": lambda world, _, value, condition: set_column(world.group_list, **days_only(condition)),
    "group-rate": lambda world, name, value, _: set_column(world.group_list, currency=name, lei_rate=Decimal(value)),
    "general": lambda world, name, value, condition: make_discount(value, **target(world, name), **condition),
    "promotion": promotion,
    "list-price": lambda world, _, value, condition: set_column(world.product, list_price=Decimal(value)),
}


def days_only(condition: dict) -> dict:
    return {name: value for name, value in condition.items() if name != "from_quantity"}


def charged(buyer: Principal, product: Product, quantity: Decimal, moment: datetime) -> dict[str, tuple[Decimal, str]]:
    """The price and its step wherever they are told: in the rows of a search, the cart, the explanation, the order.

    The least quantity makes the first quantity of the search's rows the one that is asked about.
    """
    set_column(product, least_quantity=quantity)
    with transaction(buyer) as session:
        (row,) = browsing.rows_of(session, [product.id], moment)
        day = moment.astimezone(ZoneInfo("Europe/Bucharest")).date()
        found = explain(session, product.id, quantity, day)
    token = steps.fill(buyer, {product.id: str(quantity)})
    with transaction(buyer) as session:
        (item,) = cart.view_cart(session, moment).items
    order = steps.place(buyer, token, moment).order_id
    with transaction(SYSTEM) as session:
        about = "select unit_price, price_rule from order_line where order_id = :id"
        line = session.execute(text(about), {"id": order}).one()
    (taken,) = [step.name for step in found.steps if step.taken]
    (step,) = [kept.name for kept in kept_explanation(line.price_rule).steps if kept.taken]
    assert row.promotion is (step == "promotion")
    return {
        "shown": (row.unit_price, step), "cart": (item.unit_price, step), "explained": (found.unit_price, taken),
        "ordered": (line.unit_price, step),
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_row_of_the_table_holds_everywhere(shared_database: str, case: dict[str, str]) -> None:
    forget_rules()
    world = make_world()
    for written in filter(None, case["rules"].split(" + ")):
        lay_down(world, written)
    moment = datetime.fromisoformat(case["moment"]) if case["moment"] else NOON
    buyer = principal_of(make_user(world.partner))
    prices = charged(buyer, world.product, Decimal(case["quantity"]), moment)
    wanted = (Decimal(case["price"]), case["step"])
    assert prices == dict.fromkeys(prices, wanted)


def test_the_table_has_every_step() -> None:
    assert {case["step"] for case in CASES} == set(STEPS.values())
