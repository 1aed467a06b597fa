"""The table of who may do what, against what the functions really refuse: every action, every role."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from core import audit
from core.anaf import sending
from core.auth import account, users, viewing
from core.catalog import editing, queries
from core.catalog.facts import Facts
from core.company import change_company
from core.db import actor, transaction
from core.documents import annulling, issuing
from core.errors import NotAllowed, Refusal
from core.exports import running
from core.exports.asking import Asked
from core.imports import files
from core.messages import posting, reading, threads
from core.messages import queries as message_queries
from core.notifications import queries as mails
from core.orders import (
    approving,
    awaiting,
    browsing,
    cancelling,
    cart,
    extending,
    lifecycle,
    proposing,
    reviving,
    shipping,
    waiving,
)
from core.orders import queries as orders
from core.partners import editing as partner_editing
from core.partners import queries as partners
from core.permissions import AGENT, PARTNER_ROLES, PERMISSIONS, ROLES, STAFF_ROLES, VIEWER, authorize, may
from core.pricing import lists as price_lists
from core.principal import SYSTEM, Principal, visitor
from core.receivables import balances, payments
from core.reports import sales
from core.reports.periods import Period
from core.stock import receiving
from core.terms import accepting
from tests.factories import make_partner, make_user, principal_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ABSENT = 999_999
"""The id of nothing: who may do it meets NotFound, and nothing needs to be set up."""

Probe = Callable[[Session], object]


def _new_user(session: Session, partner_id: int | None, role: str) -> None:
    users.create_user(session, f"{uuid.uuid4()}@new.example", "New", role, NOW, partner_id=partner_id)


def _manage_colleagues(session: Session) -> None:
    """Staff have no colleagues in this sense; what they may do to partners' people has an action of its own."""
    own = actor(session).partner_id
    if own is None:
        raise NotAllowed
    _new_user(session, own, "buyer")


def _import_any(session: Session) -> None:
    """The page opens for who may load at least one kind of file."""
    for kind in files.KINDS:
        try:
            files.preview(session, kind, b"sku\n", NOW)
        except NotAllowed:
            continue
        return
    raise NotAllowed


FACTS = Facts(name="x", list_price=Decimal(1))
ACTION_PROBES: dict[str, Probe] = {
    "account.own": lambda session: account.set_language(session, "ro"),
    "orders.see": lambda session: orders.order_detail(session, ABSENT),
    "orders.answer": lambda session: proposing.answer(session, ABSENT, True, NOW),
    "orders.propose": lambda session: proposing.propose(session, ABSENT, ABSENT, Decimal(1), NOW),
    "orders.cancel": lambda session: cancelling.cancel(session, ABSENT, "why", NOW),
    "exports.make": lambda session: running.start(session, Asked("nothing", ()), "xlsx", NOW),
    "documents.see": lambda session: balances.balance(session, TODAY),
    "stock.await": lambda session: awaiting.wait_for(session, ABSENT, Decimal(1), NOW),
    "messages.see": lambda session: message_queries.waiting(session, NOW),
    "messages.post": lambda session: posting.withdraw(session, ABSENT, NOW),
    "messages.confirm": lambda session: reading.confirm(session, ABSENT, NOW),
    "terms.accept": lambda session: accepting.accept(session, ABSENT, NOW),
    "threads.write": lambda session: threads.write(session, threads.About(ABSENT), "x", [], NOW),
    "catalog.see": lambda session: browsing.category_paths(session),
    "orders.place": lambda session: cart.view_cart(session, NOW),
    "orders.extend": lambda session: extending.extend(session, ABSENT, NOW),
    "orders.approve": lambda session: approving.approve(session, ABSENT, uuid.uuid4(), None, NOW),
    "colleagues.manage": _manage_colleagues,
    "orders.claim": lambda session: lifecycle.claim(session, ABSENT, NOW),
    "orders.ship": lambda session: shipping.ship(session, ABSENT, NOW),
    "limits.manage": lambda session: waiving.grant(session, ABSENT, Decimal(1), "why", NOW),
    "documents.issue": lambda session: issuing.issue_invoice(session, ABSENT, NOW),
    "documents.correct": lambda session: annulling.annul(session, ABSENT, "why", NOW),
    "anaf.send": lambda session: sending.send_again(session, ABSENT, NOW),
    "payments.record": lambda session: payments.record_payment(session, ABSENT, Decimal(1), TODAY, NOW),
    "reports.see": lambda session: sales.totals(session, Period(TODAY, TODAY)),
    "prices.see": lambda session: price_lists.price_lists(session),
    "prices.edit": lambda session: price_lists.delete_list(session, ABSENT, NOW),
    "products.see": lambda session: queries.product_page(session, TODAY),
    "products.edit": lambda session: editing.change_product(session, ABSENT, FACTS, NOW),
    "stock.count": lambda session: receiving.count(session, {}, NOW),
    "partners.see": lambda session: partners.partner(session, ABSENT),
    "partners.edit": lambda session: partner_editing.locked_partner(session, ABSENT),
    "orders.revive": lambda session: reviving.revive(session, ABSENT, NOW),
    "orders.place_for": lambda session: viewing.start_ordering(session, ABSENT, "", NOW),
    "partners.view_as": lambda session: viewing.start_viewing(session, ABSENT, "why", NOW),
    "partner_users.manage": lambda session: _new_user(session, ABSENT, "buyer"),
    "imports.run": _import_any,
    "mails.see": lambda session: mails.mails_page(session),
    "settings.edit": lambda session: change_company(session, name="New"),
    "staff.manage": lambda session: _new_user(session, None, "sales"),
    "audit.see": lambda session: audit.audit_page(session, audit.Filters()),
}
"""Action → a call of a real function that is refused with NotAllowed, or not."""

ABOUT_PEOPLE = {"account.own", "colleagues.manage", "partner_users.manage", "staff.manage"}
"""These run outside the wall, see core.db.transaction."""


@contextmanager
def undone(principal: Principal, *, wall: bool) -> Iterator[Session]:
    with transaction(principal, wall=wall) as session:
        yield session
        session.rollback()


def refused(principal: Principal, action: str) -> bool:
    """Is what the action stands for refused with NotAllowed? Any other refusal comes after that question."""
    try:
        with undone(principal, wall=action not in ABOUT_PEOPLE) as session:
            ACTION_PROBES[action](session)
    except NotAllowed:
        return True
    except Refusal:
        return False
    return False


def everybody() -> dict[str, Principal]:
    """Somebody of every role; the partner's people are of one partner."""
    partner = make_partner()
    found = {role: principal_of(make_user(partner, role=role)) for role in PARTNER_ROLES}
    found |= {role: principal_of(make_user(role=role)) for role in STAFF_ROLES}
    for role in (VIEWER, AGENT):
        found[role] = Principal("partner", found["admin"].user_id, partner.id, role=role)
    return found


def test_every_action_has_a_probe() -> None:
    assert set(ACTION_PROBES) == set(PERMISSIONS)


def test_the_table_speaks_of_known_roles_only() -> None:
    assert {role for roles in PERMISSIONS.values() for role in roles} == set(ROLES)


def test_every_function_refuses_exactly_whom_the_table_does_not_name(database: str) -> None:
    people = everybody()
    allowed = {action: {role for role in ROLES if not refused(people[role], action)} for action in ACTION_PROBES}
    assert allowed == {action: set(roles) for action, roles in PERMISSIONS.items()}


def test_the_system_may_do_everything(database: str) -> None:
    without_a_person = {
        "account.own", "colleagues.manage", "orders.place", "orders.approve", "catalog.see", "stock.await",
    }  # fmt: skip
    assert [action for action in PERMISSIONS.keys() - without_a_person if refused(SYSTEM, action)] == []
    assert all(may(visitor("192.0.2.7"), action) for action in PERMISSIONS)


def test_who_still_has_to_set_up_a_second_factor_may_only_do_that(database: str) -> None:
    for role, principal in everybody().items():
        if role in (VIEWER, AGENT):
            continue
        enrolling = replace(principal, enrolling=True)
        assert [action for action in PERMISSIONS if not refused(enrolling, action)] == ["account.own"], role


@pytest.mark.parametrize("role", ["analyst", VIEWER])
def test_who_only_looks_may_nothing_that_changes_something(role: str) -> None:
    may_do = {action for action, roles in PERMISSIONS.items() if role in roles} - {"account.own", "exports.make"}
    assert all(action.endswith(".see") for action in may_do)
    assert may_do


def test_an_unknown_action_is_a_slip_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        may(Principal("staff", 1, role="admin"), "orders.sea")


def test_a_role_that_does_not_exist_may_nothing() -> None:
    assert not may(Principal("staff", 1, role="root"), *PERMISSIONS)


def test_one_of_several_actions_is_enough(database: str) -> None:
    warehouse = principal_of(make_user(role="warehouse"))
    with transaction(warehouse) as session:
        assert authorize(session, "settings.edit", "stock.count") == warehouse
        with pytest.raises(NotAllowed):
            authorize(session, "settings.edit", "staff.manage")


@pytest.mark.parametrize("values", [
    {"kind": "partner", "role": "owner"}, {"kind": "staff", "role": "admin", "partner_id": 1},
    {"kind": "staff", "role": ""}, {"kind": "system", "role": "admin"},
])  # fmt: skip
def test_nobody_is_half_on_one_side(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"partner|role"):
        Principal(**values)  # type: ignore[arg-type]
