"""Who may do what: one table for pages, actions, routes and jobs.

An action is named after what it touches and what it does. Which rows it may touch is another question, answered by
the principal (a partner's people act on their own partner's rows only) and by row-level security behind it.
"""

from sqlalchemy.orm import Session

from core.db import actor
from core.errors import NotAllowed
from core.principal import Principal

OWNER, BUYER, ACCOUNTANT = "owner", "buyer", "accountant"
ADMIN, SALES, WAREHOUSE, ACCOUNTING, ANALYST = "admin", "sales", "warehouse", "accounting", "analyst"
VIEWER = "viewer"
"""A member of staff who looks at the portal as a partner's owner sees it, and can change nothing."""
AGENT = "agent"
"""A member of staff who orders for a partner, on the partner's side and at its prices."""

PARTNER_ROLES = (OWNER, BUYER, ACCOUNTANT)
STAFF_ROLES = (ADMIN, SALES, WAREHOUSE, ACCOUNTING, ANALYST)
ROLES = (*PARTNER_ROLES, VIEWER, AGENT, *STAFF_ROLES)

_ALL_STAFF = frozenset(STAFF_ROLES)
_PERSONS = frozenset(PARTNER_ROLES) | _ALL_STAFF

PERMISSIONS: dict[str, frozenset[str]] = {
    # both sides, each in its own rows
    "account.own": _PERSONS,
    "orders.see": _PERSONS | {VIEWER, AGENT},
    "orders.cancel": frozenset({OWNER, BUYER, ADMIN, SALES}),
    "exports.make": _PERSONS,
    "documents.see": frozenset({OWNER, ACCOUNTANT, VIEWER, ADMIN, SALES, ACCOUNTING, ANALYST}),
    "messages.see": frozenset({OWNER, BUYER, ACCOUNTANT, VIEWER, ADMIN, SALES, WAREHOUSE, ACCOUNTING}),
    "threads.write": frozenset({OWNER, BUYER, ACCOUNTANT, ADMIN, SALES, WAREHOUSE, ACCOUNTING}),
    # a partner's people
    "messages.confirm": frozenset(PARTNER_ROLES),
    "terms.accept": frozenset(PARTNER_ROLES),
    "catalog.see": frozenset({OWNER, BUYER, VIEWER, AGENT}),
    "orders.place": frozenset({OWNER, BUYER, AGENT}),
    "orders.extend": frozenset({OWNER, BUYER}),
    "orders.answer": frozenset({OWNER, BUYER}),
    "stock.await": frozenset({OWNER, BUYER}),
    "orders.approve": frozenset({OWNER}),
    "colleagues.manage": frozenset({OWNER}),
    # the distributor's staff
    "orders.claim": frozenset({ADMIN, SALES, WAREHOUSE}),
    "orders.propose": frozenset({ADMIN, SALES, WAREHOUSE}),
    "orders.ship": frozenset({ADMIN, WAREHOUSE}),
    "orders.revive": frozenset({ADMIN, SALES, ACCOUNTING}),
    "orders.place_for": frozenset({ADMIN, SALES}),
    "limits.manage": frozenset({ADMIN, ACCOUNTING}),
    "documents.issue": frozenset({ADMIN, SALES, ACCOUNTING}),
    "documents.correct": frozenset({ADMIN, ACCOUNTING}),
    "anaf.send": frozenset({ADMIN, ACCOUNTING}),
    "payments.record": frozenset({ADMIN, ACCOUNTING}),
    "reports.see": frozenset({ADMIN, SALES, ACCOUNTING, ANALYST}),
    "prices.see": frozenset({ADMIN, SALES, ACCOUNTING, ANALYST}),
    "prices.edit": frozenset({ADMIN, SALES}),
    "products.see": _ALL_STAFF,
    "products.edit": frozenset({ADMIN, SALES}),
    "stock.count": frozenset({ADMIN, WAREHOUSE}),
    "partners.see": frozenset({ADMIN, SALES, ACCOUNTING, ANALYST}),
    "partners.edit": frozenset({ADMIN, SALES}),
    "partners.view_as": frozenset({ADMIN, SALES}),
    "partner_users.manage": frozenset({ADMIN, SALES}),
    "imports.run": frozenset({ADMIN, SALES, WAREHOUSE, ACCOUNTING}),
    "mails.see": frozenset({ADMIN, SALES}),
    "messages.post": frozenset({ADMIN, SALES}),
    "settings.edit": frozenset({ADMIN}),
    "staff.manage": frozenset({ADMIN}),
    "audit.see": frozenset({ADMIN}),
}
"""Action → the roles that may. The system may do everything."""


def may(principal: Principal, *actions: str) -> bool:
    """May the principal do one of these actions (keys of PERMISSIONS)? Raises KeyError for an unknown one.

    Who still has to set up a second factor may only do that.
    """
    if principal.kind == "system":
        return True
    allowed = [action for action in actions if principal.role in PERMISSIONS[action]]
    return "account.own" in allowed if principal.enrolling else bool(allowed)


def authorize(session: Session, *actions: str) -> Principal:
    """The principal the transaction was opened for, if it may do one of these actions; raises NotAllowed."""
    principal = actor(session)
    if not may(principal, *actions):
        raise NotAllowed
    return principal
