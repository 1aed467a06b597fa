"""What a discount is, and the list of all of them."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.i18n import N_
from core.permissions import authorize
from core.pricing.conditions import ALWAYS, Condition, check_percent
from core.pricing.models import Discount
from core.search import folded_sql, word_clauses

PAGE_SIZE = 50
OWNERS = ("everybody", "list", "partner")
STATES = ("holds", "coming", "past")
"""How a rule stands on a day; without days it holds."""


class OnEverything(Refusal):
    message = N_("A partner's own discount on everything stands among its terms. Change it there.")


@dataclass(frozen=True, slots=True)
class Terms:
    """A discount in percent off the list price. `partner_id` or `price_list_id` is whose it is; neither: everybody's.

    At most one of `product_id`, `brand` and `category_id` (with all below it) is what for; none: for everything.
    """

    percent: Decimal
    condition: Condition = ALWAYS
    partner_id: int | None = None
    price_list_id: int | None = None
    product_id: int | None = None
    brand: str | None = None
    category_id: int | None = None

    def check(self) -> None:
        """Raises BadPercent, BadFromQuantity, NoDays, OnEverything, or NotFound for two owners or two targets."""
        check_percent(self.percent)
        self.condition.check()
        targets = [target for target in (self.product_id, self.brand, self.category_id) if target is not None]
        if len(targets) > 1 or self.brand == "" or (self.partner_id and self.price_list_id):
            raise NotFound
        if self.partner_id and not targets:
            raise OnEverything

    def columns(self) -> dict[str, Any]:
        """The columns of the table by name."""
        return {name: value for name, value in asdict(self).items() if name != "condition"} | asdict(self.condition)


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """A discount in the list, with names of what it is for; `state` is one of STATES."""

    id: int
    terms: Terms
    partner: str | None
    price_list: str | None
    sku: str | None
    product: str | None
    category: str | None
    state: str


def discount(session: Session, discount_id: int, on: date) -> DiscountRow:
    """One discount as it stands on a local day, for staff only. Raises NotAllowed, NotFound."""
    authorize(session, "prices.see")
    found = session.execute(text(f"{_ROWS} where discount.id = :id"), {"id": discount_id, "on": on}).one_or_none()
    if found is None:
        raise NotFound
    return _row(found._mapping)


def discount_page(
    session: Session,
    on: date,
    *,
    search: str = "",
    owner: str | None = None,
    state: str | None = None,
    partner_id: int | None = None,
    price_list_id: int | None = None,
    page: int = 1,
) -> tuple[list[DiscountRow], int]:
    """A page of PAGE_SIZE discounts as they stand on a local day, and how many match in all; for staff only.

    `search`: words in the name or code of whose it is, and of what for. `owner`: one of OWNERS; `state`: one of
    STATES; None for all. `partner_id`, `price_list_id`: only this partner's, only this list's.
    """
    authorize(session, "prices.see")
    clauses, params = word_clauses(_SEARCHED, search)
    params |= {"on": on, "owner": owner, "state": state, "partner": partner_id, "list": price_list_id}
    where = " and ".join([_FILTER, *clauses])
    total = session.scalar(text(f"select count(*) from ({_ROWS}) row where {where}"), params) or 0
    rows = session.execute(
        text(f"select * from ({_ROWS}) row where {where} order by {_ORDER} limit :limit offset :offset"),
        params | {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE},
    )
    return [_row(row) for row in rows.mappings()], total


def names_of(session: Session, discount_id: int) -> dict[str, str]:
    """Whose a discount is and what for, as an event keeps it; of a partner's own not the partner."""
    found = session.execute(text(f"{_ROWS} where discount.id = :id"), {"id": discount_id, "on": date.min}).one()
    names = {"price_list": found.price_list, "sku": found.sku, "brand": found.brand, "category": found.category}
    return {name: value for name, value in names.items() if value}


def terms_of(row: Discount | Any) -> Terms:
    """The terms in a row with the columns of the table."""
    names = ("percent", "partner_id", "price_list_id", "product_id", "brand", "category_id")
    condition = Condition(row.from_quantity, row.valid_from, row.valid_until)
    return Terms(condition=condition, **{name: getattr(row, name) for name in names})


def _row(row: Any) -> DiscountRow:
    values = dict(row)
    own = {name: values.pop(name) for name in ("partner", "price_list", "sku", "product", "category", "state")}
    identity = values.pop("id")
    condition = Condition(*(values.pop(name) for name in ("from_quantity", "valid_from", "valid_until")))
    values = {name: value for name, value in values.items() if name in Terms.__slots__}
    return DiscountRow(identity, Terms(condition=condition, **values), **own)


_ROWS = """
    select discount.id, percent, from_quantity, discount.valid_from, discount.valid_until, discount.partner_id,
           discount.price_list_id, discount.product_id, discount.brand, discount.category_id,
           partner.code || ' · ' || partner.name as partner, price_list.name as price_list, product.sku,
           product.name as product, category.path as category,
           case when discount.valid_from > :on then 'coming' when discount.valid_until < :on then 'past'
                else 'holds' end as state
    from discount
    left join partner on partner.id = discount.partner_id
    left join price_list on price_list.id = discount.price_list_id
    left join product on product.id = discount.product_id
    left join category on category.id = discount.category_id
"""
_SEARCHED = folded_sql("concat_ws(' ', partner, price_list, sku, product, brand, category)")
_FILTER = """
    (cast(:owner as text) is null or :owner = case when partner_id is not null then 'partner'
        when price_list_id is not null then 'list' else 'everybody' end)
    and (cast(:state as text) is null or state = :state)
    and (cast(:partner as int) is null or partner_id = :partner)
    and (cast(:list as int) is null or price_list_id = :list)
"""
_ORDER = "partner nulls first, price_list nulls first, category, brand, sku, from_quantity, valid_from nulls first, id"
