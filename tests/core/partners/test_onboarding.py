from decimal import Decimal

import pytest

from core.auth.links import make_link
from core.auth.models import AccessLink, LoginTicket, User
from core.auth.sessions import issue_ticket, open_session, principal_of_cookie
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.imports.files import apply
from core.partners.codes import CodeTaken, CuiTaken
from core.partners.data import BadCui, BadEmail, BadTerms, CuiMissing, NameMissing, PartnerData, Terms, TextTooLong
from core.partners.editing import change_partner
from core.partners.models import Partner
from core.partners.onboarding import (
    STATUSES,
    TRANSITIONS,
    NoSuchStep,
    ReasonMissing,
    create_partner,
    move,
    needs_reason,
)
from core.principal import SYSTEM, Principal
from tests.core.partners.steps import CUI, NOW, OTHER_CUI, company, events, one, proposal
from tests.factories import make_buyer, make_partner, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def create(data: PartnerData, terms: Terms | None = None, who: Principal = SYSTEM) -> Partner:
    with transaction(who) as session:
        return create_partner(session, data, terms or Terms(), NOW)


def change(partner_id: int, who: Principal = SYSTEM, code: str = "C-1", **values: object) -> None:
    with transaction(who) as session:
        change_partner(session, partner_id, company(**values), Terms(code), NOW)


def status_of(partner_id: int) -> str:
    return one("select status from partner where id = :id", id=partner_id)[0]


@pytest.mark.parametrize("new", STATUSES)
@pytest.mark.parametrize("old", STATUSES)
def test_a_partner_goes_along_the_table_of_steps_and_nowhere_else(old: str, new: str) -> None:
    partner, staff = make_partner(status=old), make_staff(role="sales")
    if new in TRANSITIONS[old]:
        with transaction(staff) as session:
            move(session, partner.id, new, " a good  reason ", NOW)
        assert status_of(partner.id) == new
        assert events("partner_status_changed") == [{"old": old, "new": new, "reason": "a good reason"}]
        assert one("select user_id from event where kind = 'partner_status_changed'") == (staff.user_id,)
    else:
        with pytest.raises(NoSuchStep), transaction(staff) as session:
            move(session, partner.id, new, "a good reason", NOW)
        assert status_of(partner.id) == old
        assert events("partner_status_changed") == []


def test_closing_a_partner_ends_its_sessions_tickets_and_links_for_good_even_if_it_is_reopened() -> None:
    buyer, staff = make_buyer(), make_staff()
    with transaction(SYSTEM) as session:
        cookie = open_session(session, buyer.user_id, NOW)
        issue_ticket(session, session.get_one(User, buyer.user_id), "a browser", "/", NOW)
        make_link(session, buyer.user_id, "reset", NOW)
    for status in ("closed", "approved"):
        with transaction(staff) as session:
            move(session, buyer.partner_id, status, "a reason", NOW)
    with transaction(SYSTEM) as session:
        assert principal_of_cookie(session, cookie, NOW) is None
        assert session.query(LoginTicket).count() == session.query(AccessLink).count() == 0


@pytest.mark.parametrize(("old", "new"), [(old, new) for old in STATUSES for new in TRANSITIONS[old]])
def test_who_holds_closes_or_reopens_says_why(old: str, new: str) -> None:
    partner = make_partner(status=old)
    if needs_reason(old, new):
        with pytest.raises(ReasonMissing), transaction(SYSTEM) as session:
            move(session, partner.id, new, " \n ", NOW)
        assert status_of(partner.id) == old
    else:
        with transaction(SYSTEM) as session:
            move(session, partner.id, new, "", NOW)
        assert status_of(partner.id) == new
    assert needs_reason(old, new) == (new in ("on_hold", "closed") or old == "closed")


@pytest.mark.parametrize("role", ["warehouse", "accounting", "analyst"])
def test_others_than_admin_and_sales_change_no_status_and_enter_nobody(role: str) -> None:
    partner, staff = make_partner(), make_staff(role=role)
    with pytest.raises(NotAllowed), transaction(staff) as session:
        move(session, partner.id, "closed", "why not", NOW)
    with pytest.raises(NotAllowed):
        create(company(), who=staff)
    with pytest.raises(NotAllowed):
        change(partner.id, who=staff)


def test_a_partner_does_not_move_itself() -> None:
    buyer = make_buyer(status="on_hold")
    with pytest.raises(NotAllowed), transaction(buyer) as session:
        move(session, buyer.partner_id or 0, "active", "", NOW)


def test_an_unknown_partner_and_an_unknown_status_are_refused() -> None:
    partner = make_partner()
    with pytest.raises(NotFound), transaction(SYSTEM) as session:
        move(session, partner.id + 1, "closed", "x", NOW)
    with pytest.raises(NoSuchStep), transaction(SYSTEM) as session:
        move(session, partner.id, "sleeping", "x", NOW)


def test_of_two_who_close_and_hold_at_once_one_is_told_that_the_other_was_faster_or_both_steps_happen() -> None:
    partner = make_partner()

    def step(status: str) -> None:
        with transaction(SYSTEM) as session:
            move(session, partner.id, status, "why", NOW)

    met = at_once([lambda: step("closed"), lambda: step("closed"), lambda: step("on_hold")])
    changes = [(data["old"], data["new"]) for data in events("partner_status_changed")]
    assert status_of(partner.id) == "closed"
    assert changes in ([("active", "closed")], [("active", "on_hold"), ("on_hold", "closed")])
    assert sum(isinstance(outcome, NoSuchStep) for outcome in met) == 3 - len(changes)


def test_staff_enter_a_partner_that_is_approved_at_once() -> None:
    staff = make_staff(role="sales")
    data = company(cui=" RO 185 472 90 ", email=" ANA@Exemplu.example ", name=" Ţeavă  şi Şurub\tSRL ")
    partner = create(data, Terms("", Decimal("7.5"), 45), staff)
    assert one("select code, name, cui, email, status, discount, payment_days from partner") == (
        CUI, "Țeavă și Șurub SRL", CUI, "ana@exemplu.example", "approved", Decimal("7.5"), 45,
    )  # fmt: skip
    assert one("select kind, partner_id, user_id from event") == ("partner_created", partner.id, staff.user_id)


def test_a_code_that_is_taken_is_made_unique_when_it_is_generated_and_refused_when_it_was_chosen() -> None:
    make_partner(code=CUI, cui="", name="Vechi SRL")
    make_partner(code=f"{CUI}-2", cui="")
    assert create(company()).code == f"{CUI}-3"
    with pytest.raises(CodeTaken) as refused:
        create(company(cui=OTHER_CUI), Terms(CUI))
    assert "Vechi SRL" in str(refused.value)
    assert create(company(cui=OTHER_CUI), Terms("C-7")).code == "C-7"


def test_a_cui_that_a_partner_has_is_refused_with_the_name_of_that_partner() -> None:
    create(company(name="Prima SRL"), Terms("C-1"))
    with pytest.raises(CuiTaken) as refused:
        create(company(cui=f"RO{CUI}", name="A doua SRL"))
    assert "Prima SRL" in str(refused.value)
    assert "C-1" in str(refused.value)


def test_of_eight_who_enter_the_same_company_at_once_one_succeeds() -> None:
    outcomes = at_once([lambda: create(company())] * 8)
    assert sum(isinstance(outcome, Partner) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, CuiTaken) for outcome in outcomes) == 7


def test_generated_codes_of_eight_companies_without_a_cui_entered_at_once_all_differ() -> None:
    outcomes = at_once([lambda: create(company(cui="", country="DE"))] * 8)
    assert {outcome.code for outcome in outcomes} == {"DE", *(f"DE-{n}" for n in range(2, 9))}


def test_a_foreign_company_may_be_without_a_cui_or_have_a_number_of_another_kind() -> None:
    assert create(company(cui="", country="MD")).cui == ""
    assert create(company(cui="DE 811-907.980", country="DE")).code == "DE811907980"


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"cui": ""}, CuiMissing), ({"cui": "18547291"}, BadCui), ({"cui": "o vorbă"}, BadCui),
        ({"name": " "}, NameMissing), ({"cui": "\0"}, CuiMissing), ({"email": "ana@exemplu"}, BadEmail),
        ({"email": "a@b.example, c@d.example"}, BadEmail),
        ({"name": "x" * 201}, TextTooLong),
        ({"city": "x" * 65}, TextTooLong), ({"email": "a" * 250 + "@b.ro"}, TextTooLong),
    ],
)  # fmt: skip
def test_what_cannot_be_a_company_is_refused(values: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        create(company(**values))
    assert one("select count(*) from partner") == (0,)


@pytest.mark.parametrize(
    "terms",
    [Terms("", Decimal(101)), Terms("", Decimal(-1)), Terms("", Decimal("5.001")), Terms("", Decimal(0), -1)],
)
def test_impossible_terms_are_refused(terms: Terms) -> None:
    with pytest.raises(BadTerms):
        create(company(), terms)


def test_a_change_records_what_differs_and_only_that() -> None:
    known = {"name": "Exemplu SRL", "cui": CUI, "email": "ana@exemplu.example", "address": "", "city": "", "county": ""}
    partner = make_partner(code="C-1", status="on_hold", **known)
    change(partner.id, city="Brașov")
    change(partner.id, city="Brașov")
    assert events("partner_changed") == [{"changes": {"city": ["", "Brașov"], "contact_name": ["", "Ana Pop"]}}]
    assert status_of(partner.id) == "on_hold"


def test_a_changed_code_or_cui_may_not_be_anothers() -> None:
    make_partner(code="C-9", cui=OTHER_CUI)
    partner = make_partner(code="C-1", cui=CUI)
    with pytest.raises(CuiTaken):
        change(partner.id, cui=OTHER_CUI)
    with pytest.raises(CodeTaken):
        change(partner.id, code="C-9")
    change(partner.id, code="C-2")
    assert one("select code from partner where id = :id", id=partner.id) == ("C-2",)


@pytest.mark.parametrize("kept", ["", "123", CUI])
def test_a_cui_that_came_with_a_file_may_stay_as_it_is_while_the_rest_is_changed(kept: str) -> None:
    make_partner(code="C-9", cui=kept)
    partner = make_partner(code="C-1", cui=kept)
    change(partner.id, cui=kept, city="Iași")
    assert one("select city from partner where id = :id", id=partner.id) == ("Iași",)


def test_a_file_of_partners_that_names_a_request_by_its_cui_makes_a_partner_of_its_own() -> None:
    asked = proposal()
    with transaction(SYSTEM) as session:
        apply(session, "partners", f"code,name,cui\n{CUI},Exemplu,{CUI}\n".encode())
    assert one("select status, email from partner where id = :id", id=asked) == ("proposed", "ana@exemplu.example")
    assert one("select status, email from partner where code = :code", code=CUI) == ("active", "")
