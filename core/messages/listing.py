"""Messages as the staff see them: a list with how far each has come, and one of them as it was written."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.auth.sessions import ENTERING
from core.errors import NotFound
from core.messages.drafts import Draft
from core.messages.models import Message, MessageAudience, MessagePicture
from core.messages.seeing import FOR_PARTNER, TODAY
from core.permissions import authorize
from core.search import folded_sql, word_clauses

PAGE_SIZE = 50
STATES = ("shown", "planned", "over", "withdrawn")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """`state` is one of STATES; `names` are those of its groups or partners. Of the `people` whom it is for now (who
    may sign in), so many have read and confirmed it."""

    id: int
    title: str
    level: str
    audience: str
    names: str
    valid_from: date
    valid_until: date | None
    announced_at: datetime | None
    state: str
    people: int
    read: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it was written, with its row in the list."""

    draft: Draft
    picture: bool
    row: MessageRow


@dataclass(frozen=True, slots=True)
class Targets:
    """What can be chosen for a message, by id: groups, partners that are not closed, promotions that are not over."""

    groups: dict[int, str]
    partners: dict[int, str]
    promotions: dict[int, str]


def messages_page(session: Session, as_of: datetime, search: str = "", page: int = 1) -> tuple[list[MessageRow], int]:
    """A page of messages, the newest first, and how many there are with these words in the title. Raises NotAllowed."""
    authorize(session, "messages.post")
    clauses, words = word_clauses(folded_sql("message.title"), search)
    where = " and ".join(["true", *clauses])
    total: int = session.execute(text(f"select count(*) from message where {where}"), words).scalar_one()
    about = words | {"as_of": as_of, "size": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
    rows = session.execute(text(f"{_ROWS} where {where} order by message.id desc limit :size offset :skip"), about)
    return [MessageRow(**row) for row in rows.mappings()], total


def written(session: Session, message_id: int, as_of: datetime) -> Written:
    """One message as it was written. Raises NotAllowed, NotFound."""
    authorize(session, "messages.post")
    row = session.execute(text(f"{_ROWS} where message.id = :message"), {"message": message_id, "as_of": as_of})
    found, message = row.mappings().one_or_none(), session.get(Message, message_id)
    if found is None or message is None:
        raise NotFound
    audience = session.scalars(select(MessageAudience).filter_by(message_id=message_id)).all()
    draft = Draft(
        message.title, message.body, message.level, message.audience,
        frozenset(one.group_id or one.partner_id or 0 for one in audience), message.valid_from, message.valid_until,
        message.product_id, message.promotion_id, message.by_mail,
    )  # fmt: skip
    picture = session.scalar(select(MessagePicture.message_id).filter_by(message_id=message_id)) is not None
    return Written(draft, picture, MessageRow(**found))


def targets(session: Session, as_of: datetime) -> Targets:
    """What there is to choose from. Raises NotAllowed."""
    authorize(session, "messages.post")
    groups, partners, promotions = (
        {row.id: row.name for row in session.execute(text(statement), {"as_of": as_of})}
        for statement in (_GROUPS, _PARTNERS, _PROMOTIONS)
    )
    return Targets(groups, partners, promotions)


def product_of_sku(session: Session, sku: str) -> int | None:
    """The product with this SKU in any case; None where there is none. Raises NotAllowed."""
    authorize(session, "messages.post")
    found = text("select id from product where lower(sku) = lower(:sku) order by id limit 1")
    return session.execute(found, {"sku": sku.strip().replace("\0", "")}).scalar()


def sku_of(session: Session, product_id: int) -> str:
    """Raises NotAllowed."""
    authorize(session, "messages.post")
    found: str = session.execute(text("select sku from product where id = :id"), {"id": product_id}).scalar_one()
    return found


_REACHED = f"""
    select count(*) as people, count(read.user_id) as read, count(read.confirmed_at) as confirmed
    from app_user join partner on partner.id = app_user.partner_id
    left join message_read read on read.message_id = message.id and read.user_id = app_user.id
    where read.user_id is not null or (app_user.active and partner.status in {ENTERING} and {FOR_PARTNER})
"""
_ROWS = f"""
    select message.id, message.title, message.level, message.audience, coalesce(names.names, '') as names,
           message.valid_from, message.valid_until, message.announced_at, reached.people, reached.read,
           reached.confirmed,
           case when message.withdrawn_at is not null then 'withdrawn'
                when message.valid_until < {TODAY} then 'over'
                when message.announced_at is null then 'planned' else 'shown' end as state
    from message cross join company
    cross join lateral ({_REACHED}) reached
    left join lateral (
        select string_agg(coalesce(partner_group.name, partner.name), ', '
                          order by coalesce(partner_group.name, partner.name)) as names
        from message_audience chosen left join partner_group on partner_group.id = chosen.group_id
        left join partner on partner.id = chosen.partner_id where chosen.message_id = message.id
    ) names on true
"""
_GROUPS = "select id, name from partner_group order by lower(name), id"
_PARTNERS = (
    "select id, name || ' (' || code || ')' as name from partner where status <> 'closed' order by lower(name), id"
)
_PROMOTIONS = f"""
    select promotion.id, promotion.name from promotion cross join company where valid_until >= {TODAY}
    order by lower(promotion.name), promotion.id
"""
