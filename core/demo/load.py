"""The demo company, loaded into an empty database: its goods, its partners and the last four months."""

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from core import clock
from core.auth.models import User
from core.auth.passwords import hash_password
from core.catalog.models import Product
from core.company import change_company
from core.db import transaction
from core.demo import accounts, efactura, news, pictures, stories, terms
from core.demo.assortment import Client, Item
from core.demo.history import Cast, acting, replay
from core.demo.planning import history_start, plan_cart, plan_orders, plan_question
from core.demo.scenario import (
    ADMIN,
    ASKED,
    CART_OWNER,
    COLLEAGUES,
    COMPANY,
    PARTNER_PASSWORD,
    PROFILES,
    QUESTION,
    SHOWN_PARTNERS,
    STAFF,
    STAFF_PASSWORD,
)
from core.errors import Refusal
from core.i18n import N_
from core.imports import files
from core.installation import installation
from core.notifications.handling import handle
from core.orders.approving import ask_approval
from core.orders.cart import view_cart
from core.orders.details import Details
from core.orders.filling import set_quantities
from core.partners.models import Partner
from core.principal import SYSTEM, Kind, Principal

STILL_TOLD = timedelta(hours=24)
"""Mails about what happened longer ago than this are taken as sent."""


class DatabaseInUse(Refusal):
    message = N_("This database already has users or partners; the demo company is only loaded into an empty one.")


class Passwords(NamedTuple):
    """What the people of the demo log in with: all of the staff, and all of the partners."""

    staff: str
    partners: str


KNOWN = Passwords(STAFF_PASSWORD, PARTNER_PASSWORD)
"""Those of `./rampa demo`: in the documentation, and never in an installation of somebody's own."""


class DemoLogin(NamedTuple):
    """Somebody of the demo that can log in."""

    role: str
    email: str
    password: str


def load_demo(as_of: datetime | None = None) -> list[DemoLogin]:
    """Load the demo company as it stands at `as_of` (aware; now by default), unless it is there; who can log in.

    Everything is loaded in one transaction: interrupted, it leaves nothing. Raises DatabaseInUse where there are
    users or partners that are not the demo's: its known passwords do not come among real people.
    """
    with transaction(SYSTEM) as session:
        if not session.scalar(select(exists().where(User.email == ADMIN))):
            _refuse_used(session)
            load_company(session, as_of or clock.now(), KNOWN)
            installation(session).steps_open = False  # it is all there
        row = installation(session)
        row.demo_since = row.demo_since or clock.real_now()
    return log_ins(KNOWN)


def log_ins(passwords: Passwords) -> list[DemoLogin]:
    """Who can log in, and is worth trying."""
    partners = {row["code"]: row for row in _rows("partners")}
    staff = [DemoLogin(f"Staff, {role}", email, passwords.staff) for role, (email, _) in STAFF.items()]
    shown = [partners[code] for code in SHOWN_PARTNERS]
    owners = [DemoLogin(f"{row['name']}, owner", row["email"], passwords.partners) for row in shown]
    name = partners[CART_OWNER]["name"]
    others = [DemoLogin(f"{name}, {role}", email, passwords.partners) for email, (role, *_) in COLLEAGUES.items()]
    return [*staff, *owners, *others]


def _refuse_used(session: Session) -> None:
    if session.scalar(select(exists().select_from(User))) or session.scalar(select(exists().select_from(Partner))):
        raise DatabaseInUse


def load_company(session: Session, as_of: datetime, passwords: Passwords) -> None:
    """Write all of it into an empty database, in a transaction of the system."""
    start = history_start(as_of)
    staff = _staff(session, passwords.staff)
    with acting(session, staff["admin"]):
        change_company(session, **COMPANY)
        for kind in ("products", "partners", "prices"):
            files.apply(session, kind, _file(kind).read_bytes(), f"{kind}.csv", start)
    with acting(session, staff["accounting"]):
        accounts.bring_over(session, start)
    products = {sku: product for sku, product in session.execute(select(Product.sku, Product.id))}
    hashed = hash_password(passwords.partners)
    cast = Cast(_buyers(session, hashed), staff, products)
    items, clients = _items(), _clients()
    replay(session, plan_orders(items, list(clients.values()), as_of), cast)
    stories.tell(session, cast, as_of)
    accounts.keep_accounts(session, cast, as_of)
    efactura.answer(session, as_of)
    terms.agree(session, start, as_of)
    pictures.hang(session)
    news.tell(session, cast, as_of)
    with acting(session, cast.buyers[CART_OWNER]):
        set_quantities(session, cast.by_id(plan_cart(items, clients[CART_OWNER])))
    with acting(session, _colleagues(session, cast.buyers[CART_OWNER], hashed)["buyer"]):
        set_quantities(session, cast.by_id(plan_question(items, clients[CART_OWNER])))
        ask_approval(session, view_cart(session, as_of - ASKED).token, as_of - ASKED, Details(QUESTION))
    _settle(session, start, as_of)


def _staff(session: Session, password: str) -> dict[str, Principal]:
    """One of each role. All have one password, and so one hash: making it takes long."""
    hashed = hash_password(password)
    return {
        role: _user(session, email=email, name=name, kind="staff", role=role, password_hash=hashed)
        for role, (email, name) in STAFF.items()
    }


def _buyers(session: Session, hashed: str) -> dict[str, Principal]:
    """The owner of each partner, with the partner's address."""
    common: dict[str, Any] = {"kind": "partner", "role": "owner", "password_hash": hashed}
    return {
        row.code: _user(session, email=row.email, name=PROFILES[row.code].buyer, partner_id=row.id, **common)
        for row in session.scalars(select(Partner).order_by(Partner.code)).all()
    }


def _colleagues(session: Session, owner: Principal, hashed: str) -> dict[str, Principal]:
    """The owner's colleagues, by role."""
    common: dict[str, Any] = {"kind": "partner", "partner_id": owner.partner_id, "password_hash": hashed}
    return {
        role: _user(session, email=email, name=name, role=role, spending_limit=limit, **common)
        for email, (role, name, limit) in COLLEAGUES.items()
    }


def _user(session: Session, **values: Any) -> Principal:
    user = User(**values)
    session.add(user)
    session.flush()
    return _principal(user)


def _principal(user: User) -> Principal:
    kind: Kind = "partner" if user.partner_id else "staff"
    return Principal(kind, user.id, user.partner_id, user.name, user.email, role=user.role)


def _settle(session: Session, start: datetime, as_of: datetime) -> None:
    """Everybody has been here since the start, and the mails of the past are not sent any more."""
    session.execute(text("update partner set created_at = :start"), {"start": start})
    session.execute(text("update app_user set created_at = :start"), {"start": start})
    session.execute(_TOLD, {"recent": as_of - STILL_TOLD})
    for event_id, at in session.execute(_STILL_TO_TELL).all():
        handle(session, event_id, at)


def _items() -> list[Item]:
    return [
        Item(row["sku"], row["category"], Decimal(row["pack"]), Decimal(row["list_price"]), Decimal(row["stock"]))
        for row in _rows("products")
    ]


def _clients() -> dict[str, Client]:
    agreed: dict[str, set[str]] = {}
    for row in _rows("prices"):
        agreed.setdefault(row["partner"], set()).add(row["sku"])
    return {
        row["code"]: Client(row["code"], int(row["payment_days"]), frozenset(agreed.get(row["code"], ())))
        for row in _rows("partners")
    }


def _rows(kind: str) -> list[dict[str, str]]:
    with _file(kind).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _file(kind: str) -> Path:
    return Path(__file__).with_name(f"{kind}.csv")


_TOLD = text("""
    update outbox set dispatched_at = event.at, handled_at = case when event.at < :recent then event.at end
    from event where event.id = outbox.event_id
""")
_STILL_TO_TELL = text("""
    select event.id, event.at from event join outbox on outbox.event_id = event.id
    where handled_at is null order by event.id
""")
