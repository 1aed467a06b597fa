"""Who hears of new orders beside the general addresses: whoever looks after a brand."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.notifications.addresses import is_usable, listed
from core.notifications.models import OrderAddress
from core.permissions import authorize
from core.search import without_nul


class NoAddress(Refusal):
    message = N_(
        "{brand}: “{typed}” is not an e-mail address. Write addresses as name@company.ro, with a comma between."
    )


class UnknownBrand(Refusal):
    message = N_("No product has the brand “{brand}”. Choose one of the list.")


def addresses_for_order(session: Session, order_id: int) -> Sequence[str]:
    """The addresses for the brands of the goods of an order."""
    return session.execute(_OF_ORDER, {"order": order_id}).scalars().all()


def order_addresses(session: Session) -> dict[str, list[str]]:
    """Brand → its addresses. Raises NotAllowed."""
    authorize(session, "settings.edit")
    return {row.brand: row.emails for row in session.scalars(select(OrderAddress).order_by(OrderAddress.brand))}


def brands(session: Session) -> Sequence[str]:
    """The brands of all products. Raises NotAllowed."""
    authorize(session, "settings.edit")
    return session.execute(_BRANDS).scalars().all()


def change_order_addresses(session: Session, typed: Mapping[str, str], as_of: datetime) -> int:
    """Set who hears of orders with goods of these brands: a text with addresses each, an empty one for nobody.

    Returns how many brands changed, and records `settings_changed`. Raises NotAllowed, NoAddress, UnknownBrand;
    nothing is changed then.
    """
    before = order_addresses(session)
    known = {*brands(session), *before}
    wanted = {brand.strip(): _parsed(brand, text) for brand, text in typed.items()}
    if unknown := sorted(wanted.keys() - known):
        raise UnknownBrand(brand=unknown[0])
    changed = {brand: emails for brand, emails in wanted.items() if emails != before.get(brand, [])}
    for brand, emails in changed.items():
        _keep(session, brand, emails)
    if changed:
        told = {brand: [", ".join(before.get(brand, [])), ", ".join(emails)] for brand, emails in changed.items()}
        record(session, "settings_changed", as_of, changes=told)
    return len(changed)


def _parsed(brand: str, typed: str) -> list[str]:
    """Addresses in lower case, each once, as they were typed."""
    found = listed(without_nul(typed))
    for part in without_nul(typed).replace(";", " ").replace(",", " ").split():
        if not is_usable(part):
            raise NoAddress(brand=brand, typed=part)
    return list(dict.fromkeys(found))


def _keep(session: Session, brand: str, emails: list[str]) -> None:
    if not emails:
        session.execute(delete(OrderAddress).where(OrderAddress.brand == brand))
        return
    row = insert(OrderAddress).values(brand=brand, emails=emails)
    session.execute(row.on_conflict_do_update(index_elements=["brand"], set_={"emails": emails}))


_OF_ORDER = text("""
    select distinct unnest(emails) from order_address
    where brand in (select brand from product join order_line on product_id = product.id where order_id = :order)
    order by 1
""")
_BRANDS = text("select distinct brand from product where brand <> '' order by brand")
