"""What the tests of messages do again and again, in the words of the product."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from core.auth.models import User
from core.catalog.normalising import Picture
from core.db import transaction
from core.messages import conversations, posting, queries, reading, receipts, threads
from core.messages.drafts import Draft
from core.messages.files import NewFile
from core.messages.threads import About
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.orders.steps import NOON
from tests.factories import make_user, principal_of

DAY = timedelta(days=1)


def post(staff: Principal, as_of: datetime = NOON, picture: Picture | None = None, **draft: Any) -> int:
    """Post a message, plain and to everyone unless told otherwise; its id."""
    with transaction(staff) as session:
        return posting.post(session, Draft(**{"title": "Stocktaking", "body": "Closed on *Friday*."} | draft), picture,
                            as_of)  # fmt: skip


def shown(who: Principal, as_of: datetime = NOON) -> list[str]:
    """The titles of what somebody is shown."""
    with transaction(who) as session:
        return [view.title for view in queries.my_messages(session, as_of)]


def waiting(who: Principal, as_of: datetime = NOON) -> queries.Waiting:
    with transaction(who) as session:
        return queries.waiting(session, as_of)


def read(who: Principal, message_id: int, as_of: datetime = NOON) -> bool:
    with transaction(who) as session:
        return reading.mark_read(session, message_id, as_of)


def confirm(who: Principal, message_id: int, as_of: datetime = NOON) -> bool:
    with transaction(who) as session:
        return reading.confirm(session, message_id, as_of)


def receipts_of(staff: Principal, message_id: int) -> dict[int, receipts.Receipt]:
    """By the person's id."""
    with transaction(staff) as session:
        return {one.user_id: one for one in receipts.receipts(session, message_id)}


def remind(staff: Principal, message_id: int, as_of: datetime = NOON) -> int:
    with transaction(staff) as session:
        return receipts.remind(session, message_id, as_of)


def announce(as_of: datetime) -> int:
    with transaction(SYSTEM) as session:
        return posting.announce_due(session, as_of)


def write(
    who: Principal, about: About, body: str = "Hello", *files: NewFile, as_of: datetime = NOON
) -> int:  # fmt: skip
    with transaction(who) as session:
        return threads.write(session, about, body, files, as_of)


def conversation(who: Principal, about: About) -> conversations.Conversation:
    with transaction(who) as session:
        return conversations.conversation(session, about)


def colleague_of(principal: Principal, **values: Any) -> Principal:
    """Another person of the partner."""
    with transaction(SYSTEM) as session:
        partner = session.get_one(Partner, principal.partner_id)
    user: User = make_user(partner, **values)
    return principal_of(user)


def rows(statement: str) -> list[Any]:
    with transaction(SYSTEM) as session:
        return [tuple(row) for row in session.execute(text(statement))]
