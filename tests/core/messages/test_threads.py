"""Conversations: one in general and one per order, seen by its two sides only, and nothing in them ever changes."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.catalog.attachments import FileEmpty, FileTooLarge, KindNotTaken, NotWhatItSays
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.messages.conversations import threads_page, unread_about
from core.messages.files import NewFile, thread_file
from core.messages.threads import LONGEST, About, NothingWritten, TooLong, TooManyAtOnce
from core.orders.purging import purge_due
from core.permissions import AGENT, VIEWER
from core.principal import SYSTEM, Principal
from tests.core.messages import steps
from tests.core.messages.steps import NOON
from tests.core.notifications.steps import handle_all, only_mail, open_company
from tests.core.orders import steps as orders
from tests.factories import make_buyer, make_product, make_staff
from tests.threads import at_once

PDF = NewFile("fișă.pdf", b"%PDF-1.7 data")
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def staff(database: str) -> Principal:
    open_company()
    return make_staff(role="warehouse", name="Radu")


@pytest.fixture
def buyer(database: str) -> Principal:
    return make_buyer()


def general(buyer: Principal) -> About:
    return About(buyer.partner_id or 0)


def mailed_to() -> list[str]:
    handle_all()
    return [row[0] for row in steps.rows(
        "select recipient from mail join event on event.id = event_id where kind = 'thread_written' order by mail.id"
    )]  # fmt: skip


def test_both_sides_write_in_one_conversation_with_files(staff: Principal, buyer: Principal) -> None:
    steps.write(buyer, general(buyer), " Is it  open?\n", PDF)
    steps.write(staff, general(buyer), "", NewFile("list.csv", "preț;1".encode()))
    for who in (staff, buyer):
        found = steps.conversation(who, general(buyer))
        assert [(one.author, one.by_staff, one.body) for one in found.entries] == [
            (buyer.name, False, "Is it  open?"), ("Radu", True, ""),
        ]  # fmt: skip
        files = [file for one in found.entries for file in one.files]
        assert [(file.name, file.size) for file in files] == [("fișă.pdf", 13), ("list.csv", 7)]
        with transaction(who) as session:
            kept = thread_file(session, files[0].id)
        assert kept
        assert (kept.content, kept.media_type) == (PDF.content, "application/pdf")


def test_an_order_has_a_conversation_of_its_own(staff: Principal, buyer: Principal) -> None:
    order = orders.order(buyer, {make_product(stock=1).id: 1})
    about = About(buyer.partner_id or 0, order)
    steps.write(buyer, about, "When?")
    steps.write(staff, about, "Tomorrow.")
    steps.write(buyer, general(buyer), "Hello")
    with transaction(staff) as session:
        rows, total = threads_page(session)
        assert [row.order_id for row in threads_page(session, str(order))[0]] == [order]
        assert threads_page(session, "nobody of this name") == ([], 0)
    assert total == 2
    assert {(row.order_id, row.last_body, row.unanswered) for row in rows} == {
        (order, "Tomorrow.", False), (None, "Hello", True),
    }  # fmt: skip


def test_of_several_who_begin_at_once_all_write_in_the_same_one(staff: Principal, buyer: Principal) -> None:
    answers = at_once([lambda who=who: steps.write(who, general(buyer)) for who in (staff, buyer) * 3])
    assert all(isinstance(answer, int) for answer in answers), answers
    assert steps.rows("select count(*), count(distinct thread_id) from thread_entry") == [(6, 1)]
    assert steps.rows("""
        select last_entry_id = (select max(id) from thread_entry), last_by_staff = by_staff
        from thread join thread_entry on thread_entry.id = last_entry_id
    """) == [(True, True)]


def test_another_partner_neither_sees_nor_writes_nor_gets_a_file(staff: Principal, buyer: Principal) -> None:
    stranger = make_buyer()
    order = orders.order(buyer, {make_product(stock=1).id: 1})
    steps.write(buyer, general(buyer), "Secret", PDF)
    about_order = About(buyer.partner_id or 0, order)
    steps.write(buyer, about_order, "Secret")
    for about in (general(buyer), about_order, About(stranger.partner_id or 0, order), About(999)):
        for step in (steps.conversation, steps.write):
            with pytest.raises(NotFound):
                step(stranger, about)
    with pytest.raises(NotFound):
        steps.write(staff, About(stranger.partner_id or 0, order))
    [(file,)] = steps.rows("select id from thread_file")
    with transaction(stranger) as session:
        assert thread_file(session, file) is None
        assert threads_page(session) == ([], 0)
        assert unread_about(session, general(buyer)) == 0


def test_what_is_new_is_counted_until_it_is_seen(staff: Principal, buyer: Principal) -> None:
    colleague = steps.colleague_of(buyer)
    steps.write(staff, general(buyer), "One")
    steps.write(staff, general(buyer), "Two")
    for who in (buyer, colleague):
        assert steps.waiting(who).threads == 1
        assert steps.conversation(who, general(buyer)).unread == 2
    steps.write(buyer, general(buyer), "Answer")  # who answers has seen it
    assert steps.waiting(buyer).threads == 0
    assert steps.waiting(colleague).threads == 1


def test_to_staff_it_is_new_until_they_see_it_or_a_colleague_answers(staff: Principal, buyer: Principal) -> None:
    other = make_staff(role="sales")
    steps.write(buyer, general(buyer), "Help")
    assert [steps.waiting(who).threads for who in (staff, other)] == [1, 1]
    steps.write(staff, general(buyer), "Done")
    assert [steps.waiting(who).threads for who in (staff, other)] == [0, 0]


def test_staff_who_look_as_a_partner_read_and_cannot_write(staff: Principal, buyer: Principal) -> None:
    steps.write(staff, general(buyer), "Hello")
    viewer = Principal("partner", staff.user_id, buyer.partner_id, role=VIEWER)
    assert len(steps.conversation(viewer, general(buyer)).entries) == 1
    for role in (VIEWER, AGENT):
        with pytest.raises(NotAllowed):
            steps.write(Principal("partner", staff.user_id, buyer.partner_id, role=role), general(buyer))


@pytest.mark.parametrize(("body", "files", "refusal"), [
    (" \n", [], NothingWritten), ("x" * (LONGEST + 1), [], TooLong), ("x", [PDF] * 6, TooManyAtOnce),
    ("x", [NewFile("a.exe", b"MZ")], KindNotTaken), ("x", [NewFile("a.html", b"<b>")], KindNotTaken),
    ("x", [NewFile("a.svg", b"<svg>")], KindNotTaken), ("x", [NewFile("a.zip", b"PK\3\4")], KindNotTaken),
    ("x", [NewFile("a.pdf", b"<script>")], NotWhatItSays), ("x", [NewFile("a.txt", b"")], FileEmpty),
    ("x", [NewFile("a.txt", b"x" * (10 * 1024 * 1024 + 1))], FileTooLarge),
])  # fmt: skip
def test_what_cannot_be_sent_is_refused_and_nothing_is_kept(
    buyer: Principal, body: str, files: list[NewFile], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        steps.write(buyer, general(buyer), body, *files)
    assert steps.rows("select count(*) from thread") == [(0,)]


@pytest.mark.parametrize("table", ["thread", "thread_entry", "thread_file"])
def test_nothing_that_was_written_ever_changes(buyer: Principal, table: str) -> None:
    steps.write(buyer, general(buyer), "Yes", PDF)
    for change in (f"update {table} set partner_id = partner_id", f"delete from {table}", f"truncate {table} cascade"):
        with pytest.raises(DBAPIError, match="append-only"), transaction(SYSTEM) as session:
            session.execute(text(change))


def test_the_distributor_hears_first_and_then_who_of_its_staff_wrote_last(staff: Principal, buyer: Principal) -> None:
    steps.write(buyer, general(buyer), "Is <b>anybody</b> there?")
    assert mailed_to() == ["comenzi@electro.example"]
    mail = only_mail(recipient="comenzi@electro.example")
    assert "Is &lt;b&gt;anybody&lt;/b&gt; there?" in mail.body_html
    assert f"/staff-messages?partner={buyer.partner_id}" in mail.body_text
    steps.write(staff, general(buyer), "I am")
    steps.write(buyer, general(buyer), "Good")
    assert mailed_to()[1:] == [buyer.email, staff.email]


def test_of_a_partner_those_hear_who_wrote_else_who_ordered_else_the_owners(staff: Principal, buyer: Principal) -> None:
    colleague = steps.colleague_of(buyer, role="buyer")
    order = orders.order(colleague, {make_product(stock=1).id: 1})
    about = About(buyer.partner_id or 0, order)
    steps.write(staff, general(buyer), "To the owner")
    steps.write(staff, about, "To who ordered")
    steps.write(buyer, about, "The owner answers")
    steps.write(staff, about, "To who wrote")
    assert mailed_to() == [buyer.email, colleague.email, staff.email, buyer.email]


def test_a_lapsed_order_with_a_conversation_is_never_removed(staff: Principal, buyer: Principal) -> None:
    order = orders.order(buyer, {make_product(stock=1).id: 1})
    steps.write(buyer, About(buyer.partner_id or 0, order), "Please keep it")
    later = NOON + timedelta(days=400)
    with transaction(SYSTEM) as session:
        session.execute(text("update orders set status = 'lapsed', ended_at = :noon"), {"noon": NOON})
        session.execute(text("update company set purge_days = 30"))
        session.execute(text("update outbox set handled_at = now()"))
        assert purge_due(session, later) == 0
