"""Who stands on a document: the distributor and the partner, copied as they are on the day."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.company import Company, company
from core.errors import NotFound, Refusal
from core.i18n import N_
from core.orders.limits import lock_partner
from core.partners.models import Partner


class CompanyIncomplete(Refusal):
    message = N_(
        "An invoice needs your company's name and tax number (CUI). Fill them in under Settings, then issue it again."
    )


class PartnerIncomplete(Refusal):
    message = N_("{partner} has no tax number (CUI). Add it on the partner's page, then issue the document again.")


def seller(session: Session) -> Company:
    """The distributor, if enough is known of it. Raises CompanyIncomplete."""
    found = company(session)
    if not (found.name.strip() and found.cui.strip()):
        raise CompanyIncomplete
    return found


def lock(session: Session, partner_id: int) -> None:
    """Nobody else changes the partner's ledger until the transaction ends; after its order's lock, before a series'.

    Who issues at month's end waits longer than who shops: many take turns for one series.
    """
    session.execute(_PATIENCE)
    lock_partner(session, partner_id)


def lock_many(session: Session, partner_ids: Sequence[int]) -> None:
    """The same for many partners, in the order of their ids."""
    session.execute(_PATIENCE)
    session.execute(_LOCK_MANY, {"partners": list(partner_ids)})


def buyer(session: Session, partner_id: int) -> Partner:
    """The partner, its ledger locked.

    Raises NotFound, PartnerIncomplete.
    """
    lock(session, partner_id)
    found = session.get(Partner, partner_id, populate_existing=True)
    if found is None:
        raise NotFound
    if not found.cui.strip():
        raise PartnerIncomplete(partner=found.name)
    return found


def copied(row: Company | Partner) -> dict[str, Any]:
    """What a document says of a party. The tax number goes without the RO that only VAT payers print."""
    fields = ("name", "reg_com", "address", "city", "county", "phone", "email")
    number = "".join(row.cui.split()).upper().removeprefix("RO")
    known = {name: getattr(row, name) for name in fields} | {"cui": number, "vat_payer": row.vat_payer}
    if isinstance(row, Company):
        own = {
            "country": "RO", "share_capital": str(row.share_capital), "iban": row.iban, "bank": row.bank,
            "more_accounts": row.more_accounts, "worksite": row.worksite,
        }  # fmt: skip
    else:
        own = {"country": row.country, "share_capital": "", "iban": "", "bank": ""}
    return known | own


_PATIENCE = text("set local lock_timeout = '20s'")
_LOCK_MANY = text("""
    select from partner where id = any(cast(:partners as int[])) order by id for no key update
""")
