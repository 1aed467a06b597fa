"""The second wall around messages and conversations: what a partner's transaction may touch, whatever a query asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.catalog.normalising import normalised
from core.db import transaction
from core.messages import posting
from core.messages.files import NewFile
from core.messages.threads import About
from core.principal import Principal
from tests.core.catalog.files import picture
from tests.core.messages import steps
from tests.core.messages.steps import DAY, NOON
from tests.factories import make_buyer, make_group, make_staff

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("message", "message_audience", "message_picture", "message_read", "thread", "thread_entry", "thread_file",
          "thread_seen")  # fmt: skip


@pytest.fixture
def two(database: str) -> list[Principal]:
    """Two partners; each has a message of its own, read and confirmed, and a conversation with a file."""
    staff = make_staff(role="sales")
    buyers = [make_buyer(group_id=make_group().id) for _ in range(2)]
    for buyer in buyers:
        chosen = frozenset({buyer.partner_id})
        message = steps.post(staff, NOON, normalised(picture(9, 9)), level="confirm", audience="partners",
                             chosen=chosen)  # fmt: skip
        steps.confirm(buyer, message)
        steps.write(buyer, About(buyer.partner_id or 0), "Secret", NewFile("a.txt", b"secret"))
        withdrawn = steps.post(staff, title="Withdrawn", audience="partners", chosen=chosen)
        with transaction(staff) as session:
            posting.withdraw(session, withdrawn, NOON)
        steps.post(staff, title="Later", audience="partners", chosen=chosen, valid_from=(NOON + DAY).date())
    return buyers


def test_a_bare_select_shows_only_what_is_for_oneself(two: list[Principal]) -> None:
    for buyer in two:
        with transaction(buyer) as session:
            seen = {name: session.execute(text(f"select count(*) from {name}")).scalar_one() for name in TABLES}
            titles = session.scalars(text("select title from message")).all()
        # What is withdrawn or planned is for nobody; that one was to be told of it may be known.
        assert seen == dict.fromkeys(TABLES, 1) | {"message_audience": 3}
        assert titles == ["Stocktaking"]


def test_what_is_for_another_group_is_not_there(two: list[Principal]) -> None:
    staff = make_staff(role="sales")
    inside = make_buyer(group_id=(group := make_group()).id)
    steps.post(staff, NOON, normalised(picture(9, 9)), audience="groups", chosen=frozenset({group.id}))
    for who, count in ((inside, 1), (two[0], 0)):
        with transaction(who) as session:
            asked = f"select count(*) from {{}} where message_id = {steps.rows('select max(id) from message')[0][0]}"
            counts = [session.execute(text(asked.format(name))).scalar_one() for name in
                      ("message_audience", "message_picture")]  # fmt: skip
        assert counts == [count, count]


@pytest.mark.parametrize("statement", [
    "insert into thread (partner_id) values (:other)",
    'insert into thread_entry (thread_id, partner_id, at, "by", by_staff, author)'
    ' select thread_id, :other, at, :me, false, author from thread_entry',
    'insert into thread_entry (thread_id, partner_id, at, "by", by_staff, author)'
    " select thread_id, partner_id, at, :me, true, 'The distributor' from thread_entry",
    'insert into thread_entry (thread_id, partner_id, at, "by", by_staff, author)'
    " select thread_id, partner_id, at, :stranger, false, author from thread_entry",
    "insert into thread_file (entry_id, partner_id, name, media_type, size, content)"
    " values (1, :other, 'a', 'b', 1, 'x')",
    "insert into message_read (message_id, user_id, partner_id, read_at) values (:theirs, :me, :mine, now())",
    "insert into message_read (message_id, user_id, partner_id, read_at)"
    " select id, :stranger, :mine, now() from message",
    "insert into thread_seen (thread_id, user_id, entry_id) select thread_id, :stranger, id from thread_entry",
])  # fmt: skip
def test_nothing_is_written_in_anothers_name(two: list[Principal], statement: str) -> None:
    one, other = two
    theirs = steps.rows(f"select message_id from message_read where partner_id = {other.partner_id}")[0][0]
    about = {"me": one.user_id, "mine": one.partner_id, "stranger": other.user_id, "other": other.partner_id,
             "theirs": theirs}  # fmt: skip
    with pytest.raises(DBAPIError, match="row-level security"), transaction(one) as session:
        session.execute(text(statement), about)


@pytest.mark.parametrize("statement", [
    "insert into message (title, body, level, audience, valid_from, created_at)"
    " values ('a', 'b', 'plain', 'everyone', now(), now())",
    "update message set title = 'x'", "delete from message", "delete from message_read",
    "update message_read set read_at = now()", "select * from message_reminder", "delete from thread_entry",
    "update thread_entry set body = ''", "delete from thread_seen", "insert into message_audience default values",
])  # fmt: skip
def test_what_is_the_distributors_is_refused(two: list[Principal], statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), transaction(two[0]) as session:
        session.execute(text(statement))
