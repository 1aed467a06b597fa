"""Everything that may happen to orders, in orders of events that nobody thought of: the invariants always hold."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from core.db import transaction
from core.documents.issuing import issue_invoice
from core.errors import Refusal
from core.orders import cancelling, claiming, extending, lapsing, proposing, reviving, shipping
from core.orders.lifecycle import claim
from core.orders.models import TRANSITIONS
from core.principal import SYSTEM, Principal
from core.stock import backordering
from tests.core.orders import steps
from tests.factories import make_buyer, make_company, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")

SMALL = st.integers(1, 6)
INDEX = st.integers(0, 7)
RESTS: list[shipping.Rest] = ["keep", "backorder", "cancel"]


class Trade(RuleBasedStateMachine):
    """Two partners, four products of which three may be on backorder, and a clock that only goes on."""

    done: ClassVar[Counter[str]] = Counter()
    """What was carried out, and not only refused, in all runs together."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.orders, self.seen = steps.NOON, list[int](), dict[str, str]()
        self.staff, self.buyers = make_staff(), [make_buyer(), make_buyer(prepay=True)]
        self.products = [make_product(stock=5, backorder=n > 0, list_price=Decimal("3.335")).id for n in range(4)]

    @initialize(who=st.lists(st.integers(0, 1), min_size=4, max_size=4), wanted=st.lists(SMALL, min_size=4, max_size=4))
    def some_orders_are_in_work(self, who: list[int], wanted: list[int]) -> None:
        for n in range(4):
            self.place(who[n], {n: wanted[n], 3 - n: 1})
        for n in range(2):
            self.claim(n)

    def attempt(self, verb: str, who: Principal, act: Callable[[Any], Any]) -> Any:
        """Whatever is refused must change nothing; whatever is not counts as done."""
        try:
            with transaction(who) as session:
                result = act(session)
        except Refusal:
            return None
        self.done[verb] += 1
        return result

    def order(self, n: int, *statuses: str) -> int:
        """One of the orders: mostly of those that stand so, sometimes of all, which is then to be refused."""
        fitting = [order_id for order_id in self.orders if self.seen.get(str(order_id)) in statuses]
        chosen = fitting if fitting and n < 6 else self.orders
        return chosen[n % len(chosen)]

    def owner(self, order_id: int) -> Principal:
        partner = steps.scalar("select partner_id from orders where id = :id", id=order_id)
        return next(buyer for buyer in self.buyers if buyer.partner_id == partner)

    def quantities(self, data: st.DataObject, order_id: int, of: str) -> dict[int, Decimal]:
        """Whole quantities of lines of which there is something `of` what is asked for, at most all of it."""
        with transaction(SYSTEM) as session:
            rows = text(f"select id, {of} as most from line_state where order_id = :order and {of} > 0")
            most = {row.id: int(row.most) for row in session.execute(rows, {"order": order_id})}
        chosen = data.draw(st.sets(st.sampled_from(sorted(most)), min_size=1)) if most else set()
        return {line: Decimal(data.draw(st.integers(1, most[line]))) for line in sorted(chosen)}

    @rule(who=st.integers(0, 1), wanted=st.dictionaries(st.integers(0, 3), SMALL, min_size=1, max_size=3))
    def place(self, who: int, wanted: dict[int, int]) -> None:
        token = steps.fill(self.buyers[who], {self.products[n]: wanted.get(n, 0) for n in range(4)})
        placed = self.attempt("place", self.buyers[who], lambda session: steps.placing.place(session, token, self.now))
        if placed is not None:
            self.orders.append(placed.order_id)

    @precondition(lambda self: self.orders)
    @rule(n=INDEX)
    def claim(self, n: int) -> None:
        order_id = self.order(n, "placed")
        self.attempt("claim", self.staff, lambda session: claim(session, order_id, self.now))

    @precondition(lambda self: self.orders)
    @rule(n=INDEX)
    def give_back(self, n: int) -> None:
        order_id = self.order(n, "claimed")
        self.attempt("give back", self.staff, lambda session: claiming.give_back(session, order_id, self.now))

    @precondition(lambda self: self.orders)
    @rule(n=INDEX)
    def pay(self, n: int) -> None:
        order_id = self.order(n, "claimed", "placed")
        with transaction(SYSTEM) as session:
            session.execute(text("update orders set paid_at = :at where id = :id and prepay"),
                            {"at": self.now, "id": order_id})  # fmt: skip

    @precondition(lambda self: self.orders)
    @rule(n=INDEX)
    def ship(self, n: int) -> None:
        order_id = self.order(n, "claimed")
        self.attempt("ship", self.staff, lambda session: shipping.ship(session, order_id, self.now))

    @precondition(lambda self: self.orders)
    @rule(n=INDEX, rest=st.sampled_from(RESTS), data=st.data())
    def ship_part(self, n: int, rest: shipping.Rest, data: st.DataObject) -> None:
        order_id = self.order(n, "claimed")
        goods = self.quantities(data, order_id, "held")
        self.attempt(
            "ship a part", self.staff,
            lambda session: shipping.ship_part(session, order_id, goods, rest, self.now),
        )  # fmt: skip

    @precondition(lambda self: self.orders)
    @rule(n=INDEX, by_staff=st.booleans())
    def cancel(self, n: int, by_staff: bool) -> None:
        order_id = self.order(n, "placed", "claimed")
        who = self.staff if by_staff else self.owner(order_id)
        self.attempt("cancel", who, lambda session: cancelling.cancel(session, order_id, "why", self.now))

    @precondition(lambda self: self.orders)
    @rule(n=INDEX, by_staff=st.booleans(), data=st.data())
    def cancel_part(self, n: int, by_staff: bool, data: st.DataObject) -> None:
        order_id = self.order(n, "placed", "claimed")
        goods = self.quantities(data, order_id, "(held + waiting)")
        who = self.staff if by_staff else self.owner(order_id)
        self.attempt(
            "cancel a part", who,
            lambda session: cancelling.cancel_part(session, order_id, goods, "why", self.now),
        )  # fmt: skip

    @rule(hours=st.sampled_from([1, 8, 25]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        lapsed, _ = self.attempt("sweep", SYSTEM, lambda session: lapsing.lapse_due(session, self.now))
        self.done["lapse"] += lapsed
        self.done["fill"] += self.attempt("sweep", SYSTEM, lambda session: backordering.fill_all(session, self.now))

    @precondition(lambda self: self.orders)
    @rule(n=INDEX)
    def extend(self, n: int) -> None:
        order_id = self.order(n, "placed")
        who = self.owner(order_id)
        self.attempt("extend", who, lambda session: extending.extend(session, order_id, self.now))

    @precondition(lambda self: self.orders)
    @rule(n=INDEX, partly=st.booleans())
    def revive(self, n: int, partly: bool) -> None:
        order_id = self.order(n, "lapsed")
        self.attempt("revive", self.staff, lambda session: reviving.revive(session, order_id, self.now, partly))

    @rule(n=st.integers(0, 3), more=SMALL)
    def goods_come(self, n: int, more: int) -> None:
        product = self.products[n]
        on_hand = steps.scalar("select on_hand from stock where product_id = :id", id=product)
        steps.count(product, on_hand + more, as_of=self.now)
        assert self.attempt("fill", SYSTEM, lambda session: backordering.fill(session, [product], self.now)) == 0

    @precondition(lambda self: self.orders)
    @rule(n=INDEX, other=st.integers(0, 3), with_other=st.booleans(), data=st.data())
    def propose(self, n: int, other: int, with_other: bool, data: st.DataObject) -> None:
        order_id = self.order(n, "claimed")
        for line, quantity in list(self.quantities(data, order_id, "billable").items())[:1]:
            sku = steps.scalar("select sku from product where id = :id", id=self.products[other])
            instead = {"sku": sku, "quantity": Decimal(1)} if with_other else {}
            self.attempt(
                "propose", self.staff,
                lambda session, line=line, keep=quantity - 1, instead=instead:
                    proposing.propose(session, order_id, line, keep, self.now, **instead),
            )  # fmt: skip

    @precondition(lambda self: self.orders)
    @rule(n=INDEX, accept=st.booleans())
    def answer(self, n: int, accept: bool) -> None:
        order_id = self.order(n, "claimed")
        who = self.owner(order_id)
        with transaction(who) as session:
            waiting = [row.id for row in proposing.proposals(session, order_id) if row.answer is None]
        for proposal in waiting:
            self.attempt("answer", who, lambda session, p=proposal: proposing.answer(session, p, accept, self.now))

    @precondition(lambda self: self.orders)
    @rule(n=INDEX)
    def invoice(self, n: int) -> None:
        order_id = self.order(n, "claimed", "shipped")
        self.attempt("invoice", SYSTEM, lambda session: issue_invoice(session, order_id, self.now))

    @invariant()
    def everything_adds_up(self) -> None:
        steps.assert_invariants()

    @invariant()
    def orders_go_only_where_they_may(self) -> None:
        statuses = steps.scalar("select json_object_agg(id, status) from orders where id = any(:ids)", ids=self.orders)
        for order_id, now in (statuses or {}).items():
            before = self.seen.get(order_id, "placed")
            assert now == before or now in TRANSITIONS[before] | ways_on(before)
            self.seen[order_id] = now


def ways_on(status: str) -> set[str]:
    """Where two transitions of one step lead: what is revived may have been over in time."""
    return {further for way in TRANSITIONS[status] for further in TRANSITIONS[way]}


def test_whatever_happens_to_orders_the_invariants_hold() -> None:
    make_company()
    Trade.done.clear()
    run_state_machine_as_test(
        Trade,
        settings=settings(
            max_examples=11,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(Trade.done) >= 10, "hardly anything was carried out: the rules ask for what is refused"
