"""A partner's own codes: learned when an unknown one was corrected once, looked at, and forgotten."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.errors import Refusal
from core.i18n import N_
from core.orders.filling import UnknownProduct
from core.permissions import authorize
from core.quick.checking import check
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
    """A code of the partner and the product that it stands for; `offered`: it is still sold to the partner. `before`:
    the product that it stood for until it was learned just now."""

    code: str
    product_id: int
    sku: str
    name: str
    offered: bool
    before: int | None = None


def code_to_learn(wish: Wish) -> str:
    """What of an unknown line is its code: the cell, or the word with a digit that it begins with, or all its words."""
    first, *rest = wish.code.split() or [""]
    return first if rest and not wish.line.cells and _like_a_code(first) else wish.code


def _like_a_code(word: str) -> bool:
    return len(word) >= 4 and word.isprintable() and any(map(str.isdigit, word)) and not _MEASURE.match(word)


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
    return OwnCode(folded, product_id, row.sku, row.name, True, row.before)


def learn_retyped(session: Session, wish: Wish, line: str, as_of: datetime) -> OwnCode | None:
    """The line of an unknown code was typed anew with one that is clear: from now on the old code stands for the same.

    None where there is nothing to learn. Only of what looks like a code: `TOTAL` above another sum is no product.
    Raises TooManyCodes.
    """
    code = code_to_learn(wish)
    if wish.meaning != "unknown" or " " in code or not _like_a_code(code):
        return None
    answers = check(session, line, as_of).answers
    goods = answers[0].goods if len(answers) == 1 else None
    return learn(session, code, goods.product_id) if goods else None


def unlearn(session: Session, learned: OwnCode) -> None:
    """As if it had never been learned; if the code was taught otherwise since, that stays."""
    me = authorize(session, "orders.place")
    about = {"partner": me.partner_id, "code": learned.code, "product": learned.product_id, "before": learned.before}
    session.execute(_FORGET_LEARNED if learned.before is None else _LEARNED_BEFORE, about)


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
    select sku, name, (select product_id from partner_code where partner_id = :partner and code = :code) as before
    from taught
""")
_FORGET_LEARNED = text(
    "delete from partner_code where partner_id = :partner and code = :code and product_id = :product"
)
_LEARNED_BEFORE = text("""
    update partner_code set product_id = :before
    where partner_id = :partner and code = :code and product_id = :product
""")
_FORGET = text("delete from partner_code where partner_id = :partner and code = :code")
_CODES = text(f"""
    select partner_code.code, product.id, case when {OFFERED} then product.sku else '' end,
           case when {OFFERED} then product.name else '' end, {OFFERED}
    from partner_code join product on product.id = partner_code.product_id
    join partner on partner.id = partner_code.partner_id
    where partner_code.partner_id = :partner order by partner_code.code
""")
