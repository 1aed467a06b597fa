"""Terms and conditions: each text is accepted by each person once, before anything else."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.auth.models import User
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.principal import SYSTEM, Principal
from core.terms.accepting import ToAccept, accept, to_accept
from core.terms.publishing import NoRomanian, NothingChanged, accepting, publish, terms_in_force
from tests.core.orders.steps import scalar
from tests.factories import make_partner, make_staff, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def put(romanian: str, english: str = "", who: Principal | None = None) -> int:
    with transaction(who or make_staff(role="admin")) as session:
        return publish(session, romanian, english, NOW)


def asked(user: User) -> ToAccept | None:
    who = principal_of(user)
    with transaction(who) as session:
        return to_accept(session, who)


def say_yes(user: User, terms_id: int) -> bool:
    with transaction(principal_of(user)) as session:
        return accept(session, terms_id, NOW + timedelta(hours=1))


def test_everybody_of_a_partner_accepts_a_text_for_themselves_and_a_new_one_again() -> None:
    partner = make_partner()
    owner, buyer = make_user(partner), make_user(partner, role="buyer", language="en")
    assert asked(owner) is None
    first = put("Întâi", "First")
    assert [found.body for found in (asked(owner), asked(buyer)) if found] == ["Întâi", "First"]
    assert say_yes(owner, first)
    assert asked(owner) is None
    assert asked(buyer)
    second = put("A doua oară")
    assert [found.body for found in (asked(owner), asked(buyer)) if found] == ["A doua oară"] * 2
    with pytest.raises(NotFound):
        say_yes(buyer, first)
    assert say_yes(buyer, second)
    assert not say_yes(buyer, second)
    assert scalar("select count(*) from event where kind = 'terms_accepted'") == 2


def test_an_empty_text_asks_for_nothing_any_more() -> None:
    owner = make_user(make_partner())
    put("Text")
    put("")
    assert asked(owner) is None
    with transaction(SYSTEM) as session:
        assert terms_in_force(session) is None


def test_staff_are_asked_nothing_and_cannot_accept_for_a_partner() -> None:
    terms, staff = put("Text"), make_staff(role="admin")
    with transaction(staff) as session:
        assert to_accept(session, staff) is None
        with pytest.raises(NotAllowed):
            accept(session, terms, NOW)


def test_staff_see_how_many_of_each_partner_have_accepted() -> None:
    done, open_one = make_partner(name="Alfa SRL"), make_partner(name="Beta SRL")
    first, _second, _third = make_user(done), make_user(open_one), make_user(open_one, role="buyer")
    terms = put("Text")
    say_yes(first, terms)
    with transaction(make_staff(role="admin")) as session:
        found = [(row.partner, row.accepted, row.people) for row in accepting(session)]
    assert found == [("Beta SRL", 0, 2), ("Alfa SRL", 1, 1)]


def test_the_same_text_again_and_english_alone_are_refused() -> None:
    put("Text", "Text")
    with pytest.raises(NothingChanged):
        put(" Text\n", "Text")
    with pytest.raises(NoRomanian):
        put("", "Text")


def test_only_who_may_edit_settings_publishes_and_looks_who_has_accepted() -> None:
    sales = make_staff(role="sales")
    with pytest.raises(NotAllowed):
        put("Text", who=sales)
    with transaction(sales) as session, pytest.raises(NotAllowed):
        accepting(session)


def test_who_clicks_twice_at_once_has_accepted_once() -> None:
    owner, terms, start = make_user(make_partner()), put("Text"), Barrier(4)
    answers: list[bool] = []

    def click() -> None:
        start.wait()
        answers.append(say_yes(owner, terms))

    threads = [Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, False, True]


def test_a_published_text_and_an_acceptance_stay_as_they_are() -> None:
    owner, terms = make_user(make_partner()), put("Text")
    say_yes(owner, terms)
    for change in ("update terms set romanian = 'Other'", "delete from terms_acceptance"):
        with pytest.raises(DBAPIError), transaction(SYSTEM) as session:
            session.execute(text(change))
