"""The first steps of an installation: what is there already and what is missing, always asked of the data itself."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.company import Company, company
from core.events import record
from core.installation import installation
from core.notifications.mail_server import mail_server
from core.permissions import authorize

COMPANY_FIELDS = ("name", "cui", "address", "city", "county", "iban", "order_emails")
"""What of the company an invoice and an order cannot do without."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps. `counts` says what is there now, `missing` which of COMPANY_FIELDS are not."""

    name: str
    done: bool
    counts: dict[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def steps(session: Session, as_of: datetime) -> list[Step]:
    """All of them, in the order in which they are best done. `as_of` is the real instant. Raises NotAllowed."""
    authorize(session, "settings.edit")
    there = session.execute(_COUNTS, {"as_of": as_of, "server": mail_server(session).host}).mappings().one()
    missing = missing_of(company(session))

    def step(name: str, done: bool, *counts: str) -> Step:
        return Step(name, done, {count: there[count] for count in counts})

    return [
        Step("company", not missing, missing=missing),
        step("products", there["products"] > 0, "products", "hidden"),
        step("prices", there["products"] > 0 == there["unpriced"], "products", "unpriced"),
        step("stock", there["stocked"] > 0, "products", "stocked"),
        step("mails", there["tried"] > 0, "tried"),
        step("partner", there["partners"] > 0, "partners", "asking"),
        step("invitation", there["accepted"] > 0, "invited", "accepted", "first_partner"),
        step("order", there["orders"] > 0, "orders", "waiting"),
    ]


def missing_of(row: Company) -> tuple[str, ...]:
    """The names of COMPANY_FIELDS that are empty."""
    return tuple(name for name in COMPANY_FIELDS if not getattr(row, name))


def are_open(session: Session) -> bool:
    """Do the first steps stand in the administrator's menu?"""
    return installation(session).steps_open


def put_away(session: Session, as_of: datetime) -> None:
    """The first steps leave the menu; they can be brought back. Raises NotAllowed."""
    if _set_open(session, False):
        record(session, "first_steps_put_away", as_of)


def bring_back(session: Session, as_of: datetime) -> None:
    """The first steps stand in the menu again. Raises NotAllowed."""
    if _set_open(session, True):
        record(session, "first_steps_brought_back", as_of)


def _set_open(session: Session, wanted: bool) -> bool:
    """Was it otherwise before?"""
    authorize(session, "settings.edit")
    row = installation(session, lock=True)
    changed = row.steps_open != wanted
    row.steps_open = wanted
    session.flush()
    return changed


# A test mail counts for the server that is set now: files, or another server, say nothing of this one.
_COUNTS = text("""
    select (select count(*) from product where active) as products,
           (select count(*) from product where not active) as hidden,
           (select count(*) from product where active and list_price = 0) as unpriced,
           (select count(*) from product where active
              and exists (select from stock where product_id = product.id and on_hand > 0)) as stocked,
           (select count(*) from partner where status in ('approved', 'active', 'on_hold')) as partners,
           (select count(*) from partner where status = 'proposed') as asking,
           (select count(*) from app_user where partner_id is not null and password_hash = '' and exists (
              select from access_link where user_id = app_user.id and purpose = 'invite' and expires_at > :as_of)
           ) as invited,
           (select count(*) from app_user where partner_id is not null and password_hash <> '') as accepted,
           (select coalesce(min(id), 0) from partner where status in ('approved', 'active', 'on_hold')
              and not exists (select from app_user where partner_id = partner.id)) as first_partner,
           (select count(*) from orders) as orders,
           (select count(*) from orders where status = 'placed') as waiting,
           (select count(*) from event join mail on mail.event_id = event.id
              where kind = 'mail_tried' and state = 'sent' and :server <> '' and data ->> 'server' = :server) as tried
""")
