"""What happened to a partner: its status, terms, own prices and people, with who did it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.permissions import authorize

KINDS = (
    "partner_proposed", "partner_proposed_again", "partner_refused", "partner_created", "partner_status_changed",
    "partner_changed", "own_price_set", "own_price_removed", "discount_added", "discount_changed", "discount_removed",
    "limit_pass_granted", "limit_pass_withdrawn", "partner_viewed", "partner_view_ended", "user_created",
    "user_invited", "invitation_revoked", "user_password_changed", "user_blocked", "user_unblocked",
    "user_role_changed", "second_factor_removed", "user_email_changed", "user_erased",
)  # fmt: skip
"""The events that are told; orders, documents and log-ins have places of their own."""

MOST = 500


@dataclass(frozen=True, slots=True)
class Happened:
    """An event (core.events) about the partner, at an instant in UTC.

    `who` is the name of who did it, empty where it was the system or nobody signed in (then `address`, the IP, may be
    known). `subject` is the e-mail address of the user that it was done to, `sku` the product.
    """

    at: datetime
    kind: str
    who: str
    address: str
    subject: str
    sku: str
    data: dict[str, Any]


def history(session: Session, partner_id: int) -> list[Happened]:
    """The last MOST events of KINDS about a partner, the newest first. Raises NotAllowed."""
    authorize(session, "partners.see")
    params = {"partner": partner_id, "kinds": list(KINDS), "most": MOST}
    return [Happened(**row) for row in session.execute(_HISTORY, params).mappings()]


# Users and products belong to domains above and beside this one; the staff page wants them in one query.
_HISTORY = text("""
    select e.at, e.kind, coalesce(who.name, '') as who, e.address, e.data,
           coalesce(subject.email, e.data ->> 'email', '') as subject,
           coalesce(product.sku, e.data ->> 'sku', '') as sku
    from event e
    left join app_user who on who.id = e.user_id
    left join app_user subject on subject.id = (e.data ->> 'user')::int
    left join product on product.id = (e.data ->> 'product')::int
    where e.partner_id = :partner and e.kind = any(:kinds)
    order by e.id desc limit :most
""")
