"""A partner's own codes: learned when an unknown one was corrected once, looked at, and forgotten."""

import re
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.errors import Refusal
from core.i18n import N_
from core.orders.filling import UnknownProduct
from core.permissions import authorize
from core.quick.deciding import Wish
from core.quick.tokens import LONGEST_CODE, key

MOST_CODES = 20_000
_MEASURE = re.compile("[0-9]+([.,x×*/][0-9]+)+")


class NoCode(Refusal):
    message = N_("“{code}” cannot be remembered as a code: at most {longest} characters, with a letter or a digit.")


class TooManyCodes(Refusal):
    message = N_("Your company has {most} codes of its own already. Forget some first.")


@dataclass(frozen=True, slots=True)
class OwnCode:
    """A code of the partner and the product that it stands for; `offered`: it is still sold to the partner."""

    code: str
    product_id: int
    sku: str
    name: str
    offered: bool


def code_to_learn(wish: Wish) -> str:
    """What of an unknown line is its code: the cell, or the word with a digit that it begins with, or all its words."""
    first, *rest = wish.code.split() or [""]
    code_like = len(first) >= 4 and any(sign.isdigit() for sign in first) and not _MEASURE.match(first)
    return first if rest and not wish.line.cells and code_like else wish.code


def learn(session: Session, code: str, product_id: int) -> OwnCode:
    """From now on `code` (any letter case, with or without diacritics) stands for the product (id) for all of the
    signed-in partner's people; what it stood for before is forgotten. Raises NoCode, TooManyCodes, UnknownProduct."""
    me = authorize(session, "orders.place")
    folded = key(code)
    if not folded:
        raise NoCode(code=code[:LONGEST_CODE], longest=LONGEST_CODE)
    if count_codes(session) >= MOST_CODES:
        raise TooManyCodes(most=MOST_CODES)
    learned = {"partner": me.partner_id, "code": folded, "product": product_id}
    row = session.execute(_LEARN, learned).one_or_none()
    if row is None:
        raise UnknownProduct
    return OwnCode(folded, product_id, row.sku, row.name, True)


def forget(session: Session, code: str) -> None:
    """A code (as `own_codes` gives it) stands for nothing of the partner's own any more."""
    me = authorize(session, "orders.place")
    session.execute(_FORGET, {"partner": me.partner_id, "code": code})


def count_codes(session: Session) -> int:
    """How many codes the signed-in partner's people have taught."""
    me = authorize(session, "orders.place")
    return int(session.execute(_COUNT, {"partner": me.partner_id}).scalar_one())


def own_codes(session: Session) -> list[OwnCode]:
    """All codes that the signed-in partner's people have taught, by code; what is not offered stays unnamed."""
    me = authorize(session, "orders.place")
    return [OwnCode(*row) for row in session.execute(_CODES, {"partner": me.partner_id})]


_COUNT = text("select count(*) from partner_code where partner_id = :partner")
_LEARN = text(f"""
    with taught as (
        select product.id, product.sku, product.name from product join partner on partner.id = :partner
        where product.id = :product and {OFFERED}
    ), kept as (
        insert into partner_code (partner_id, code, product_id) select :partner, :code, id from taught
        on conflict (partner_id, code) do update set product_id = excluded.product_id
    )
    select sku, name from taught
""")
_FORGET = text("delete from partner_code where partner_id = :partner and code = :code")
_CODES = text(f"""
    select partner_code.code, product.id, case when {OFFERED} then product.sku else '' end,
           case when {OFFERED} then product.name else '' end, {OFFERED}
    from partner_code join product on product.id = partner_code.product_id
    join partner on partner.id = partner_code.partner_id
    where partner_code.partner_id = :partner order by partner_code.code
""")
