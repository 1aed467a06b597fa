"""Groups of partners, their price lists, and which list and group a partner has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.partners.editing import locked_partner
from core.partners.models import PartnerGroup
from core.permissions import authorize
from core.search import without_nul

LONGEST_NAME = 100


class BadGroupName(Refusal):
    message = N_("A group needs a name of {longest} characters at most.")


class GroupExists(Refusal):
    message = N_("There is a group “{name}” already. Give this one another name.")


class GroupInUse(Refusal):
    message = N_(
        "The group is in use: partners {partners}, promotions {promotions}, products {products}. Only an empty one can "
        "be deleted."
    )


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with its price list and how many partners are in it."""

    id: int
    name: str
    price_list_id: int | None
    price_list: str | None
    partners: int


@dataclass(frozen=True, slots=True)
class Member:
    """A partner, and the group that it is in."""

    id: int
    code: str
    name: str
    group_id: int | None
    partner_group: str | None


def groups(session: Session) -> list[GroupRow]:
    """All groups by name; for staff only."""
    authorize(session, "prices.see")
    return [GroupRow(**row) for row in session.execute(_GROUPS).mappings()]


def partners_by_group(session: Session, also: str | None = None) -> list[Member]:
    """All partners that are not closed, and the one with the code `also` in any case, by name, with their groups; for
    staff only."""
    authorize(session, "prices.see")
    return [Member(**row) for row in session.execute(_MEMBERS, {"also": also}).mappings()]


def price_list_names(session: Session) -> dict[int, str]:
    """Price lists by id, in the order of their names; for staff only."""
    authorize(session, "prices.see")
    return {row.id: row.name for row in session.execute(text("select id, name from price_list order by name"))}


def add_group(session: Session, name: str, price_list_id: int | None, as_of: datetime) -> int:
    """Make a group; its id. Records 'group_added'.

    Raises NotAllowed, BadGroupName, GroupExists, or NotFound for a list that is not there.
    """
    authorize(session, "prices.edit")
    _lock(session)
    name = _free_name(session, name, None)
    group = PartnerGroup(name=name, price_list_id=price_list_id)
    told = _list_name(session, price_list_id)
    session.add(group)
    session.flush()
    record(session, "group_added", as_of, group=name, price_list=told)
    return group.id


def change_group(session: Session, group_id: int, name: str, price_list_id: int | None, as_of: datetime) -> None:
    """Give a group another name or price list (None: none). Placed orders keep their prices.

    Records 'group_changed' with what differs, and nothing when nothing does. Raises as add_group does.
    """
    group = _locked(session, group_id)
    name = _free_name(session, name, group_id)
    old = {"name": group.name, "price_list": _list_name(session, group.price_list_id)}
    new = {"name": name, "price_list": _list_name(session, price_list_id)}
    changes = {field: [old[field], new[field]] for field in new if old[field] != new[field]}
    group.name, group.price_list_id = name, price_list_id
    session.flush()
    if changes:
        record(session, "group_changed", as_of, group=old["name"], changes=changes)


def delete_group(session: Session, group_id: int, as_of: datetime) -> None:
    """Take a group away that nothing uses. Records 'group_removed'. Raises NotAllowed, NotFound, GroupInUse."""
    group = _locked(session, group_id)
    used = session.execute(_USED, {"group": group_id}).mappings().one()
    if any(used.values()):
        raise GroupInUse(**used)
    session.delete(group)
    session.flush()
    record(session, "group_removed", as_of, group=group.name)


def put_in_group(session: Session, partner_ids: Sequence[int], group_id: int | None, as_of: datetime) -> int:
    """Put these partners in a group (None: in none); tells how many were not in it before.

    Records 'partner_changed' for each of those. Raises NotAllowed, NotFound.
    """
    authorize(session, "prices.edit")
    session.execute(text("lock table partner in row exclusive mode"))
    found = session.execute(_LOCK_PARTNERS, {"ids": list(partner_ids)}).all()
    if len(found) != len(set(partner_ids)):
        raise NotFound
    target = _group_name(session, group_id)
    moved = [row for row in found if row.group_id != group_id]
    session.execute(_PUT, {"group": group_id, "ids": [row.id for row in moved]})
    for row in moved:
        record(session, "partner_changed", as_of, partner_id=row.id, changes={"group": [row.name or "", target]})
    return len(moved)


def assign_prices(
    session: Session,
    partner_id: int,
    price_list_id: int | None,
    group_id: int | None,
    prices_hidden: bool,
    as_of: datetime,
) -> None:
    """Give a partner a price list and a group (None: none), and say whether it sees prices.

    Records 'partner_changed' with what differs, and nothing when nothing does. Raises NotAllowed, NotFound.
    """
    partner = locked_partner(session, partner_id, "prices.edit")
    old = _terms(session, partner.price_list_id, partner.group_id, partner.prices_hidden)
    new = _terms(session, price_list_id, group_id, prices_hidden)
    partner.price_list_id, partner.group_id, partner.prices_hidden = price_list_id, group_id, prices_hidden
    changes = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    session.flush()
    if changes:
        record(session, "partner_changed", as_of, partner_id=partner.id, changes=changes)


def _terms(session: Session, price_list_id: int | None, group_id: int | None, hidden: bool) -> dict[str, str]:
    names = _list_name(session, price_list_id), _group_name(session, group_id)
    return {"price_list": names[0], "group": names[1], "prices_hidden": str(hidden)}


def _locked(session: Session, group_id: int) -> PartnerGroup:
    authorize(session, "prices.edit")
    _lock(session)
    found = session.get(PartnerGroup, group_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _lock(session: Session) -> None:
    """Only one at a time changes groups."""
    session.execute(text("lock table partner_group in share row exclusive mode"))


def _free_name(session: Session, typed: str, own_id: int | None) -> str:
    name = " ".join(without_nul(typed).split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadGroupName(longest=LONGEST_NAME)
    if session.scalar(_TAKEN, {"name": name, "own": own_id}):
        raise GroupExists(name=name)
    return name


def _list_name(session: Session, price_list_id: int | None) -> str:
    return _name(session, "price_list", price_list_id)


def _group_name(session: Session, group_id: int | None) -> str:
    return _name(session, "partner_group", group_id)


def _name(session: Session, table: str, row_id: int | None) -> str:
    if row_id is None:
        return ""
    found: Any = session.scalar(text(f"select name from {table} where id = :id"), {"id": row_id})
    if found is None:
        raise NotFound
    return str(found)


_GROUPS = text("""
    select partner_group.id, partner_group.name, price_list_id, price_list.name as price_list,
           (select count(*) from partner where partner.group_id = partner_group.id) as partners
    from partner_group left join price_list on price_list.id = price_list_id
    order by lower(partner_group.name), partner_group.id
""")
_MEMBERS = text("""
    select partner.id, partner.code, partner.name, partner.group_id, partner_group.name as partner_group
    from partner left join partner_group on partner_group.id = partner.group_id
    where partner.status <> 'closed' or partner.code = :also order by lower(partner.name), partner.id
""")
_TAKEN = text("select exists (select from partner_group where name = :name and id is distinct from cast(:own as int))")
_USED = text("""
    select (select count(*) from partner where group_id = :group) as partners,
           (select count(*) from promotion where group_id = :group) as promotions,
           (select count(*) from product_audience where group_id = :group) as products
""")
_LOCK_PARTNERS = text("""
    select partner.id, partner.group_id, partner_group.name
    from partner left join partner_group on partner_group.id = partner.group_id
    where partner.id = any(:ids) order by partner.id for no key update of partner
""")
_PUT = text("update partner set group_id = :group where id = any(:ids)")
