"""The price that is explained is the price that an order charges, and what a plain reading of the design says it is."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.db import transaction
from core.orders import cart
from core.orders.browsing import rows_of
from core.pricing.models import PartnerPrice
from core.pricing.quoting import explain, kept_explanation
from core.principal import SYSTEM
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

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TREE = ["Top", "Top > Middle", "Top > Middle > Deep"]
TARGETS = ["product", "brand", *TREE, "everything", "another brand", "another category"]
LISTS = ["own list", "group list"]
OWNERS = ["partner", *LISTS, "everybody"]

money = st.decimals(0, 30, places=4)
shares = st.one_of(st.decimals(0, 100, places=2), st.sampled_from([Decimal(0), Decimal(100)]))
quantities = st.sampled_from([Decimal(text) for text in ("1", "4.999", "5", "5.001", "10", "12.5")])
leasts = st.sampled_from([Decimal(text) for text in ("0", "0", "0", "5", "5.001", "12.5")])
edges = st.sampled_from([None, None, None, *(DAY + timedelta(days=n) for n in (-1, 0, 1))])
# Around the midnights of the day where the distributor is (22:00 UTC), and noon.
moments = st.sampled_from([
    datetime(2026, 11, 22, 21, 59, 59, tzinfo=UTC), datetime(2026, 11, 22, 22, 0, tzinfo=UTC),
    NOON, datetime(2026, 11, 23, 21, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 23, 22, 0, tzinfo=UTC),
])  # fmt: skip


@dataclass(frozen=True)
class When:
    """From which quantity and on which days a rule holds."""

    least: Decimal = Decimal(0)
    first: date | None = None
    last: date | None = None

    def holds(self, quantity: Decimal, day: date) -> bool:
        begun = self.first is None or self.first <= day
        return quantity >= self.least and begun and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Rule:
    """A net price or a discount: whose, on what, how much, when."""

    owner: str
    target: str
    value: Decimal
    when: When


@dataclass(frozen=True)
class Market:
    """One partner, one product, and every rule about them."""

    list_price: Decimal
    terms: Decimal
    quantity: Decimal
    moment: datetime
    rates: dict[str, Decimal]
    validity: dict[str, When]
    assigned: set[str] = field(default_factory=set)
    nets: list[Rule] = field(default_factory=list)
    discounts: list[Rule] = field(default_factory=list)
    promotions: list[tuple[Rule, bool]] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.moment.astimezone(ZoneInfo("Europe/Bucharest")).date()


@st.composite
def whens(draw: st.DrawFn, least: st.SearchStrategy[Decimal] = leasts) -> When:
    first, last = draw(edges), draw(edges)
    return When(draw(least), *((first, last) if not (first and last and last < first) else (last, first)))


def rules(owners: list[str], targets: list[str], values: st.SearchStrategy[Decimal]) -> Any:
    if not owners:
        return st.just([])
    rule = st.builds(Rule, st.sampled_from(owners), st.sampled_from(targets), values, whens())
    fits = rule.filter(lambda rule: (rule.owner, rule.target) != ("partner", "everything"))

    def place(rule: Rule) -> tuple[Any, ...]:
        """As in the database: where there is place for one rule only."""
        return rule.owner, rule.target, rule.when.least, rule.when.first

    return st.lists(fits, min_size=2, max_size=6, unique_by=place)


promotions = st.lists(
    st.tuples(
        st.builds(
            Rule, st.sampled_from(["everybody", "partner", "group", "another partner", "another group"]),
            st.just("product"), shares, whens(),
        ),
        st.booleans(),
    ),
    max_size=3,
)  # fmt: skip
only_days = whens(st.just(Decimal(0)))
# Whose rules there are at all: were there always some of everybody's, the first would nearly always decide.
speaking = st.sampled_from([OWNERS[at:] for at in range(len(OWNERS) + 1)])


@st.composite
def markets(draw: st.DrawFn) -> Market:
    owners = draw(speaking)
    return Market(
        draw(money), draw(shares) if owners == OWNERS and draw(st.booleans()) else Decimal(0), draw(quantities),
        draw(moments), {name: draw(st.sampled_from([Decimal(1), Decimal("4.9771")])) for name in LISTS},
        {name: draw(only_days) if draw(st.booleans()) else When() for name in LISTS},
        draw(st.sampled_from([{*LISTS, "group"}, {"group", "group list"}, {"own list"}, {"group"}, set()])),
        draw(rules([owner for owner in owners if owner != "everybody" and draw(st.booleans())], ["product"], money)),
        draw(rules(owners, TARGETS, shares)), draw(promotions) if draw(st.booleans()) else [],
    )  # fmt: skip


def rounded(price: Decimal) -> Decimal:
    return price.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def holding(market: Market, rules: list[Rule], owner: str) -> list[Rule]:
    return [rule for rule in rules if rule.owner == owner and rule.when.holds(market.quantity, market.day)]


def off(market: Market, share: Decimal) -> Decimal:
    return rounded(market.list_price * (100 - share) / 100)


def lowest_net(market: Market, owner: str) -> Decimal | None:
    rate = market.rates.get(owner, Decimal(1))
    return min((rounded(rule.value * rate) for rule in holding(market, market.nets, owner)), default=None)


def narrowest_discount(market: Market, owner: str) -> Decimal | None:
    """What the price comes to by the discounts of an owner. A partner's own on everything stands among its terms."""
    rules = holding(market, market.discounts, owner)
    for target in ("product", "brand", *reversed(TREE), "everything"):
        if shares := [rule.value for rule in rules if rule.target == target]:
            return min(off(market, share) for share in shares)
    return off(market, market.terms) if owner == "partner" and market.terms else None


def owners_of(market: Market) -> list[tuple[str, str, str]]:
    """Whose rules count, in their order, with the names of the steps of their net prices and discounts."""
    own, shared = "own list" in market.assigned, {"group", "group list"} <= market.assigned
    lists = [("own list", "list_price", "list_discount")] if own else []
    lists += [("group list", "group_price", "group_discount")] if shared else []
    valid = [names for names in lists if market.validity[names[0]].holds(market.quantity, market.day)]
    return [("partner", "own_price", "own_discount"), *valid, ("everybody", "", "general_discount")]


def decided(market: Market) -> tuple[Decimal, str]:
    for owner, net_step, discount_step in owners_of(market):
        if (net := lowest_net(market, owner)) is not None:
            return net, net_step
        if (price := narrowest_discount(market, owner)) is not None:
            return price, discount_step
    return market.list_price, "base"


def read_plainly(market: Market) -> tuple[Decimal, str]:
    """Section 6 of the design, step by step, and nothing of the code."""
    price, step = decided(market)
    invited = {"everybody", "partner"} | ({"group"} if "group" in market.assigned else set())
    for rule, in_percent in market.promotions:
        offer = off(market, rule.value) if in_percent else rounded(rule.value)
        if rule.owner in invited and rule.when.holds(market.quantity, market.day) and offer < price:
            price, step = offer, "promotion"
    return price, step


def lay_down(market: Market) -> tuple[Any, Any]:
    """Everything of the market in the database: the partner and the product."""
    forget_rules()
    own_list, group_list = (
        make_price_list(
            currency="RON" if market.rates[name] == 1 else "EUR", lei_rate=market.rates[name],
            valid_from=market.validity[name].first, valid_until=market.validity[name].last,
        )
        for name in LISTS
    )  # fmt: skip
    group = make_group(price_list_id=group_list.id if "group list" in market.assigned else None)
    other_group, other = make_group(), make_partner()
    partner = make_partner(
        discount=market.terms, price_list_id=own_list.id if "own list" in market.assigned else None,
        group_id=group.id if "group" in market.assigned else None,
    )  # fmt: skip
    product = make_product(stock=1000, category=TREE[-1], brand="Brand", list_price=market.list_price)
    make_product(category="Another", brand="Another")
    with transaction(SYSTEM) as session:
        paths = dict(session.execute(text("select path, id from category")).all())
    targets = {
        "product": {"product_id": product.id}, "brand": {"brand": "Brand"}, "another brand": {"brand": "Another"},
        "another category": {"category_id": paths["Another"]}, "everything": {},
    } | {path: {"category_id": paths[path]} for path in TREE}  # fmt: skip
    lists = {"own list": own_list, "group list": group_list}
    owners = {"partner": {"partner_id": partner.id}, "everybody": {}, "group": {"group_id": group.id}} | {
        "another partner": {"partner_id": other.id}, "another group": {"group_id": other_group.id}
    } | {name: {"price_list_id": row.id} for name, row in lists.items()}  # fmt: skip
    for rule in market.nets:
        days = {"valid_from": rule.when.first, "valid_until": rule.when.last}
        if rule.owner == "partner":
            add(PartnerPrice(partner_id=partner.id, product_id=product.id, net=rule.value,
                             from_quantity=rule.when.least, **days))  # fmt: skip
        else:
            make_list_price(lists[rule.owner], product, str(rule.value), from_quantity=rule.when.least, **days)
    for rule in market.discounts:
        make_discount(str(rule.value), from_quantity=rule.when.least, valid_from=rule.when.first,
                      valid_until=rule.when.last, **owners[rule.owner], **targets[rule.target])  # fmt: skip
    for rule, in_percent in market.promotions:
        make_promotion(
            product, **{"percent" if in_percent else "net": rule.value}, from_quantity=rule.when.least,
            valid_from=rule.when.first or date(2026, 1, 1), valid_until=rule.when.last or date(2026, 12, 31),
            **owners[rule.owner],
        )  # fmt: skip
    return partner, product


HALF_A_DIGIT = Market(
    Decimal("0.0001"), Decimal(0), Decimal(1), NOON, dict.fromkeys(LISTS, Decimal(1)), dict.fromkeys(LISTS, When()),
    discounts=[Rule("everybody", "everything", Decimal(50), When())],
)  # fmt: skip


@pytest.mark.usefixtures("shared_database")
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(market=markets())
@example(market=HALF_A_DIGIT)
def test_the_explained_price_is_the_price_charged_and_that_of_a_plain_reading(market: Market) -> None:
    partner, product = lay_down(market)
    buyer = principal_of(make_user(partner))
    token = steps.fill(buyer, {product.id: str(market.quantity)})
    with transaction(buyer) as session:
        found = explain(session, product.id, market.quantity, market.day)
        (item,) = cart.view_cart(session, market.moment).items
        (row,) = rows_of(session, [product.id], market.moment)
    order = steps.place(buyer, token, market.moment).order_id
    with transaction(SYSTEM) as session:
        about = "select unit_price, price_rule from order_line where order_id = :id"
        line = session.execute(text(about), {"id": order}).one()
    (taken,) = [step for step in found.steps if step.taken]
    wanted = read_plainly(market)
    assert (found.unit_price, taken.name) == wanted
    assert (line.unit_price, kept_explanation(line.price_rule)) == (wanted[0], found)
    assert (item.unit_price, taken.net) == (wanted[0], wanted[0])
    steps_shown = [(Decimal(1), row.unit_price), *((step.from_quantity, step.unit_price) for step in row.breaks)]
    assert [price for least, price in steps_shown if market.quantity >= least][-1] == wanted[0]
    if market.quantity == 1:
        assert row.promotion == (wanted[1] == "promotion")
