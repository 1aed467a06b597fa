"""Promotions: prices that replace dearer ones between two days, for everybody, a group or one partner."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.pricing.conditions import Condition, differences, written
from core.pricing.models import Promotion
from core.search import folded_sql, without_nul, word_clauses

PAGE_SIZE = 50
STATES = ("running", "coming", "past")
LONGEST_NAME = 200


class BadName(Refusal):
    message = N_("A promotion needs a name of {longest} characters at most.")


@dataclass(frozen=True, slots=True)
class Terms:
    """A promotion's name and its local days, both included; for a group's partners, one partner or (neither) all."""

    name: str
    valid_from: date
    valid_until: date
    group_id: int | None = None
    partner_id: int | None = None

    def checked(self) -> "Terms":
        """With a tidy name. Raises BadName, NoDays, or NotFound for two audiences."""
        name = " ".join(without_nul(self.name).split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise BadName(longest=LONGEST_NAME)
        Condition(valid_from=self.valid_from, valid_until=self.valid_until).check()
        if self.group_id and self.partner_id:
            raise NotFound
        return Terms(name, self.valid_from, self.valid_until, self.group_id, self.partner_id)


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """A promotion in the list: `partner_group` and `partner` name whom it is for, `items` counts its prices, `state`
    is one of STATES."""

    id: int
    terms: Terms
    partner_group: str | None
    partner: str | None
    items: int
    state: str


def add_promotion(session: Session, terms: Terms, as_of: datetime) -> int:
    """Plan a promotion, without prices yet; its id. Records 'promotion_added'.

    Raises NotAllowed, BadName, NoDays, or NotFound for an audience that is not there.
    """
    authorize(session, "prices.edit")
    terms = terms.checked()
    _require_audience(session, terms)
    row = Promotion(**asdict(terms))
    session.add(row)
    session.flush()
    told: dict[str, Any] = {name: value for name, value in _told(session, terms).items() if value}
    record(session, "promotion_added", as_of, partner_id=terms.partner_id, **told)
    return row.id


def change_promotion(session: Session, promotion_id: int, terms: Terms, as_of: datetime) -> None:
    """Give a promotion another name, other days or another audience. Placed orders keep their prices.

    Records 'promotion_changed' with what differs, and nothing when nothing does. Raises as add_promotion does.
    """
    row, terms = locked_promotion(session, promotion_id), terms.checked()
    _require_audience(session, terms)
    was = _told(session, terms_of(row))
    changes = differences(was, _told(session, terms))
    if not changes:
        return
    for name, value in asdict(terms).items():
        setattr(row, name, value)
    session.flush()
    told: dict[str, Any] = {"promotion": was["promotion"], "changes": changes}
    record(session, "promotion_changed", as_of, partner_id=row.partner_id, **told)


def copy_promotion(session: Session, promotion_id: int, terms: Terms, as_of: datetime) -> int:
    """A new promotion with the prices of another one; its id. Raises as add_promotion does."""
    source = locked_promotion(session, promotion_id)
    copy = add_promotion(session, terms, as_of)
    session.execute(_COPY_ITEMS, {"source": source.id, "copy": copy})
    return copy


def delete_promotion(session: Session, promotion_id: int, as_of: datetime) -> None:
    """Take a promotion away with its prices. Placed orders keep theirs.

    Records 'promotion_removed'. Raises NotAllowed, NotFound.
    """
    row = locked_promotion(session, promotion_id)
    told: dict[str, Any] = {name: value for name, value in _told(session, terms_of(row)).items() if value}
    items = session.scalar(text("select count(*) from promotion_item where promotion_id = :id"), {"id": row.id})
    session.delete(row)
    session.flush()
    record(session, "promotion_removed", as_of, partner_id=row.partner_id, **told, items=str(items))


def promotion(session: Session, promotion_id: int, on: date) -> PromotionRow:
    """One promotion as it stands on a local day, for staff only. Raises NotAllowed, NotFound."""
    authorize(session, "prices.see")
    found = session.execute(text(f"{_ROWS} where promotion.id = :id"), {"id": promotion_id, "on": on})
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound
    return _row(row)


def promotion_page(
    session: Session, on: date, *, search: str = "", state: str | None = None, page: int = 1
) -> tuple[list[PromotionRow], int]:
    """A page of PAGE_SIZE promotions as they stand on a local day, the latest first, and how many match in all.

    `search`: words in the name or in whom it is for. `state`: one of STATES, None for all. For staff only.
    """
    authorize(session, "prices.see")
    clauses, params = word_clauses(_SEARCHED, search)
    params |= {"on": on, "state": state}
    where = " and ".join(["(cast(:state as text) is null or state = :state)", *clauses])
    total = session.scalar(text(f"select count(*) from ({_ROWS}) row where {where}"), params) or 0
    order = "array_position(array['running', 'coming', 'past'], state), valid_from desc, id desc"
    rows = session.execute(
        text(f"select * from ({_ROWS}) row where {where} order by {order} limit :limit offset :offset"),
        params | {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE},
    )
    return [_row(row) for row in rows.mappings()], total


def terms_of(row: Promotion) -> Terms:
    """What a promotion's row holds."""
    return Terms(row.name, row.valid_from, row.valid_until, row.group_id, row.partner_id)


def locked_promotion(session: Session, promotion_id: int) -> Promotion:
    """The promotion, locked, for staff who may change prices. Raises NotAllowed, NotFound."""
    authorize(session, "prices.edit")
    row = session.get(Promotion, promotion_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def _row(row: Mapping[Any, Any]) -> PromotionRow:
    terms = Terms(*(row[name] for name in ("name", "valid_from", "valid_until", "group_id", "partner_id")))
    return PromotionRow(row["id"], terms, row["partner_group"], row["partner"], row["items"], row["state"])


def _require_audience(session: Session, terms: Terms) -> None:
    if not session.scalar(_AUDIENCE, {"group": terms.group_id, "partner": terms.partner_id}):
        raise NotFound


def _told(session: Session, terms: Terms) -> dict[str, str]:
    """The terms as an event keeps them: names instead of ids."""
    names = session.execute(_NAMES, {"group": terms.group_id, "partner": terms.partner_id}).one()
    days = {"valid_from": written(terms.valid_from), "valid_until": written(terms.valid_until)}
    return {"promotion": terms.name} | days | {"group": names.partner_group or "", "partner": names.partner or ""}


_AUDIENCE = text("""
    select (cast(:group as int) is null or exists (select from partner_group where id = :group))
           and (cast(:partner as int) is null or exists (select from partner where id = :partner))
""")
_NAMES = text("""
    select (select name from partner_group where id = :group) as partner_group,
           (select code || ' · ' || name from partner where id = :partner) as partner
""")
_COPY_ITEMS = text("""
    insert into promotion_item (promotion_id, product_id, from_quantity, net, percent)
    select :copy, product_id, from_quantity, net, percent from promotion_item where promotion_id = :source
""")
_ROWS = """
    select promotion.id, promotion.name, valid_from, valid_until, promotion.group_id, promotion.partner_id,
           partner_group.name as partner_group, partner.code || ' · ' || partner.name as partner,
           (select count(*) from promotion_item where promotion_id = promotion.id) as items,
           case when valid_from > :on then 'coming' when valid_until < :on then 'past' else 'running' end as state
    from promotion
    left join partner_group on partner_group.id = promotion.group_id
    left join partner on partner.id = promotion.partner_id
"""
_SEARCHED = folded_sql("concat_ws(' ', name, partner_group, partner)")
