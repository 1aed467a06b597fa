"""Asking for access, and the answer."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.auth.asking import approve_request, ask_access, count_look_up
from core.auth.throttling import TooManyTries
from core.auth.users import EmailTaken
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.partners.codes import CodeTaken
from core.partners.data import BadCui, BadEmail, NameMissing, Terms, TextTooLong
from core.partners.history import KINDS, history
from core.partners.onboarding import (
    MOST_PROPOSALS,
    ContactMissing,
    NoSuchStep,
    ReasonMissing,
    TooManyRequests,
    move,
    refuse,
)
from core.partners.requests import asked_again, open_requests, request
from core.principal import SYSTEM, Principal, visitor
from tests.core.partners.steps import CUI, NOW, OTHER_CUI, ask, company, events, one, proposal
from tests.factories import make_buyer, make_partner, make_staff, make_user
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

TERMS = Terms("C-1", Decimal(5), 45)


def answer_yes(partner_id: int, who: Principal = SYSTEM, invited: str = "ana@exemplu.example") -> None:
    with transaction(who) as session:
        approve_request(session, partner_id, company(city="Brașov"), TERMS, NOW, invited=invited)


def count_of(table: str) -> int:
    return one(f"select count(*) from {table}")[0]


def test_who_asks_becomes_a_proposed_partner_and_the_distributor_is_told() -> None:
    ask("Vindem țevi", phone="0700 000 001", city="Iași")
    assert one("select code, name, cui, status, contact_name, email, phone, city from partner") == (
        f"NOU-{CUI}", "Exemplu SRL", CUI, "proposed", "Ana Pop", "ana@exemplu.example", "0700 000 001", "Iași",
    )  # fmt: skip
    (data,) = events("partner_proposed")
    assert (data["note"], data["contact"], data["language"]) == ("Vindem țevi", "Ana Pop", "ro")
    assert one("select user_id, address from event") == (None, "192.0.2.7")
    assert count_of("outbox") == 1


@pytest.mark.parametrize("status", ["proposed", "approved", "active", "on_hold"])
def test_who_asks_for_a_partner_that_is_there_learns_nothing_of_it_and_changes_nothing(status: str) -> None:
    partner = make_partner(cui=CUI, status=status, email="old@exemplu.example")
    assert ask(email="new@exemplu.example") is None
    assert one("select count(*), max(email) from partner") == (1, "old@exemplu.example")
    assert count_of("outbox") == 0
    (data,) = events("partner_proposed_again")
    assert data["email"] == "new@exemplu.example"
    assert one("select partner_id from event") == (partner.id,)


def test_a_company_that_was_refused_may_ask_again() -> None:
    first = proposal()
    with transaction(SYSTEM) as session:
        refuse(session, first, "Nu livrăm acolo", NOW)
    second = proposal()
    assert one("select code, status from partner where id = :id", id=second) == (f"NOU-{CUI}-2", "proposed")
    with transaction(SYSTEM) as session:
        (alike,) = request(session, second).lookalikes
    assert (alike.id, alike.status, alike.same_cui) == (first, "closed", True)


def test_of_eight_requests_for_one_company_at_the_same_moment_one_makes_a_partner() -> None:
    met = at_once([lambda n=n: ask(address=f"192.0.2.{n}") for n in range(1, 9)])
    assert count_of("partner") == 1
    assert len(events("partner_proposed")) == 1
    refused = [outcome for outcome in met if isinstance(outcome, TooManyTries)]
    assert len(events("partner_proposed_again")) == 7 - len(refused)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"cui": "18547291"}, BadCui), ({"name": ""}, NameMissing), ({"email": ""}, ContactMissing),
        ({"email": "ana"}, BadEmail), ({"contact_name": " "}, ContactMissing), ({"note": "x" * 1001}, TextTooLong),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_and_does_not_count_as_a_try(values, refusal) -> None:
    for _ in range(6):
        with pytest.raises(refusal):
            ask(**values)
    assert count_of("partner") == count_of("throttle") == 0


def cui_of(serial: int) -> str:
    """A CUI with a right check digit."""
    from stdnum.ro import cui

    return f"{serial}{cui.calc_check_digit(str(serial))}"


def test_after_a_few_requests_from_one_address_others_wait_and_another_address_does_not() -> None:
    for serial in range(1000, 1005):
        ask(cui=cui_of(serial))
    with pytest.raises(TooManyTries):
        ask(cui=cui_of(1005))
    ask(cui=cui_of(1005), address="198.51.100.1")
    ask(cui=cui_of(1006), as_of=NOW + timedelta(minutes=30))
    assert count_of("partner") == 7


@pytest.mark.parametrize("known", [True, False])
def test_whether_a_company_is_a_client_does_not_show_in_when_asking_is_slowed_down(known: bool) -> None:
    if known:
        make_partner(cui=CUI)
    for n in (1, 2, 3):
        ask(address=f"192.0.2.{n}")
    with pytest.raises(TooManyTries):
        ask(address="192.0.2.4")


def test_a_flood_ends_at_the_most_open_requests_for_clients_and_strangers_alike() -> None:
    make_partner(cui=CUI)
    with transaction(SYSTEM) as session:
        flood = "insert into partner (code, name, status) select n, n, 'proposed' from generate_series(1, :most) n"
        session.execute(text(flood), {"most": MOST_PROPOSALS})
    for cui in (CUI, OTHER_CUI):
        with pytest.raises(TooManyRequests):
            ask(cui=cui)


def test_looking_companies_up_is_slowed_down_for_one_address() -> None:
    def look(address: str) -> None:
        with transaction(visitor(address)) as session:
            count_look_up(session, NOW)

    for _ in range(31):
        look("192.0.2.7")
    with pytest.raises(TooManyTries):
        look("192.0.2.7")
    look("192.0.2.8")


def test_a_partner_cannot_ask_with_its_own_database_role() -> None:
    buyer = make_buyer()
    with pytest.raises(NotAllowed), transaction(buyer, wall=False) as session:
        ask_access(session, company(), "", NOW)


def test_an_approved_request_gets_its_terms_and_its_owner_an_invitation() -> None:
    partner_id, staff = proposal(), make_staff(role="sales")
    answer_yes(partner_id, staff)
    assert one("select code, city, discount, payment_days, status from partner") == (
        "C-1", "Brașov", Decimal(5), 45, "approved",
    )  # fmt: skip
    assert one("select email, name, role, password_hash from app_user where partner_id = :id", id=partner_id) == (
        "ana@exemplu.example", "Ana Pop", "owner", "",
    )  # fmt: skip
    assert one("select purpose from access_link") == ("invite",)
    assert len(events("user_invited")) == 1
    assert events("partner_status_changed") == [{"old": "proposed", "new": "approved", "reason": ""}]


def test_without_an_invitation_nobody_can_log_in_yet() -> None:
    answer_yes(proposal(), invited="")
    assert one("select status from partner") == ("approved",)
    assert count_of("app_user") == 0


def test_an_address_that_somebody_logs_in_with_is_refused_and_nothing_is_approved() -> None:
    make_user(email="ana@exemplu.example")
    partner_id = proposal()
    with pytest.raises(EmailTaken):
        answer_yes(partner_id)
    assert one("select status, code, city from partner") == ("proposed", f"NOU-{CUI}", "")


def test_a_code_of_another_partner_is_refused() -> None:
    make_partner(code="C-1")
    partner_id = proposal()
    with pytest.raises(CodeTaken):
        answer_yes(partner_id)


def test_of_two_who_approve_at_once_one_does_and_there_is_one_owner() -> None:
    partner_id, staff = proposal(), [make_staff(role="sales"), make_staff()]
    met = at_once([lambda who=who: answer_yes(partner_id, who) for who in staff])
    assert sum(isinstance(outcome, NoSuchStep) for outcome in met) == 1
    assert one("select count(*) from app_user where partner_id is not null") == (1,)
    assert len(events("user_invited")) == len(events("partner_status_changed")) == 1


def test_who_is_refused_hears_why() -> None:
    partner_id = proposal()
    with pytest.raises(ReasonMissing), transaction(SYSTEM) as session:
        refuse(session, partner_id, "", NOW)
    with transaction(SYSTEM) as session:
        refuse(session, partner_id, "Nu livrăm acolo", NOW)
    assert one("select status from partner") == ("closed",)
    assert events("partner_refused") == [{"email": "ana@exemplu.example", "reason": "Nu livrăm acolo"}]
    assert count_of("outbox") == 2


@pytest.mark.parametrize("status", ["approved", "active", "on_hold", "closed"])
def test_what_was_answered_is_not_answered_again(status: str) -> None:
    partner = make_partner(status=status)
    with pytest.raises(NoSuchStep):
        answer_yes(partner.id)
    with pytest.raises(NoSuchStep), transaction(SYSTEM) as session:
        refuse(session, partner.id, "x", NOW)


@pytest.mark.parametrize("role", ["accounting", "analyst"])
def test_who_only_looks_answers_nothing(role: str) -> None:
    partner_id, staff = proposal(), make_staff(role=role)
    with pytest.raises(NotAllowed):
        answer_yes(partner_id, staff)
    with pytest.raises(NotAllowed), transaction(staff) as session:
        refuse(session, partner_id, "x", NOW)
    with transaction(staff) as session:
        assert len(open_requests(session)) == 1


def test_staff_see_who_asked_who_asked_again_and_whom_the_company_resembles() -> None:
    make_user(make_partner(code="C-2", name="Vecina SRL"), email="ana@exemplu.example")
    make_partner(code="C-3", email="Ana@exemplu.example")
    make_partner(code="C-4", cui="", email="")
    partner_id = proposal(note="Vindem țevi")
    ask(contact_name="Ion Rus", note="Și eu", as_of=NOW + timedelta(hours=1))
    with transaction(SYSTEM) as session:
        (row,) = open_requests(session)
        found = request(session, partner_id)
        assert asked_again(session, NOW) == []
    assert (row.partner_id, row.contact, row.note, row.at) == (partner_id, "Ana Pop", "Vindem țevi", NOW)
    assert [(again.contact, again.note, again.address) for again in found.again] == [("Ion Rus", "Și eu", "192.0.2.7")]
    assert [(alike.code, alike.same_cui, alike.same_email, alike.user) for alike in found.lookalikes] == [
        ("C-2", False, False, True), ("C-3", False, True, False),
    ]  # fmt: skip
    answer_yes(partner_id, invited="")
    with transaction(SYSTEM) as session:
        assert asked_again(session, NOW) == []


def test_who_asks_for_a_partner_that_is_there_is_shown_to_staff_for_a_while() -> None:
    partner = make_partner(cui=CUI, code="C-2")
    ask("Nu am cont")
    with transaction(make_staff(role="analyst")) as session:
        (again,) = asked_again(session, NOW - timedelta(days=1))
        assert (again.partner_id, again.code, again.note) == (partner.id, "C-2", "Nu am cont")
        assert asked_again(session, NOW + timedelta(days=1)) == []
        with pytest.raises(NotFound):
            request(session, partner.id)


@pytest.mark.parametrize("who", ["warehouse", "owner"])
def test_who_does_not_see_partners_sees_no_requests_and_no_history(who: str) -> None:
    partner_id = proposal()
    principal = make_buyer() if who == "owner" else make_staff(role=who)
    for look in (lambda s: open_requests(s), lambda s: request(s, partner_id), lambda s: history(s, partner_id)):
        with pytest.raises(NotAllowed), transaction(principal) as session:
            look(session)


def test_the_history_tells_everything_of_one_partner_the_newest_first() -> None:
    partner_id, staff = proposal(), make_staff(role="sales", name="Vlad Pârvu")
    ask(cui=OTHER_CUI)
    answer_yes(partner_id, staff)
    with transaction(staff) as session:
        move(session, partner_id, "active", "", NOW)
        move(session, partner_id, "on_hold", "Restanțe", NOW)
        told = history(session, partner_id)
    assert [happened.kind for happened in told] == [
        "partner_status_changed", "partner_status_changed", "user_invited", "user_created", "partner_status_changed",
        "partner_changed", "partner_proposed",
    ]  # fmt: skip
    assert (told[0].who, told[0].data["reason"]) == ("Vlad Pârvu", "Restanțe")
    assert (told[3].subject, told[6].who, told[6].address) == ("ana@exemplu.example", "", "192.0.2.7")
    assert {happened.kind for happened in told} <= set(KINDS)
