"""The first steps: what is done is what is there, and nothing else says so."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from core import clock
from core.auth.account import use_link
from core.auth.links import address_of_link
from core.auth.users import create_user, invite
from core.company import change_company
from core.config import settings
from core.db import transaction
from core.errors import NotAllowed
from core.notifications.trying import send_to_me
from core.onboarding.steps import Step, are_open, bring_back, put_away, steps
from core.principal import SYSTEM, Principal, visitor
from tests.core.orders.steps import order, scalar
from tests.factories import make_buyer, make_partner, make_product, make_staff
from workers import jobs

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin(database: str) -> Principal:
    return make_staff()


def found(admin: Principal) -> dict[str, Step]:
    with transaction(admin) as session:
        return {step.name: step for step in steps(session, clock.real_now())}


def done(admin: Principal) -> set[str]:
    return {name for name, step in found(admin).items() if step.done}


def test_an_empty_portal_has_done_nothing(admin: Principal) -> None:
    assert done(admin) == set()
    assert found(admin)["company"].missing == ("name", "cui", "address", "city", "county", "iban", "order_emails")


def test_the_company_is_complete_with_all_that_documents_and_order_mails_need(admin: Principal) -> None:
    about = {"name": "Firma SRL", "cui": "990045171", "address": "Str. Lungă 1", "city": "Iași", "county": "IS",
             "iban": "RO97EXMP0000990045170001"}  # fmt: skip
    with transaction(admin) as session:
        change_company(session, **about)
    assert found(admin)["company"].missing == ("order_emails",)
    with transaction(admin) as session:
        change_company(session, order_emails=["comenzi@firma.example"])
    assert done(admin) == {"company"}


def test_products_prices_and_stock_count_what_is_on_sale(admin: Principal) -> None:
    make_product(list_price=Decimal(0))
    make_product(active=False, stock=3)
    assert done(admin) == {"products"}
    assert found(admin)["prices"].counts == {"products": 1, "unpriced": 1}
    make_product(stock=5)
    with transaction(SYSTEM) as session:
        session.execute(text("update product set list_price = 1"))
    assert done(admin) == {"products", "prices", "stock"}
    assert found(admin)["stock"].counts == {"products": 2, "stocked": 1}


def test_an_invitation_counts_as_done_once_the_person_has_a_password(admin: Principal) -> None:
    make_partner(status="proposed")
    assert "partner" not in done(admin)
    partner = make_partner(status="approved")
    assert found(admin)["invitation"].counts["first_partner"] == partner.id
    with transaction(admin, wall=False) as session:
        person = create_user(session, "ana@partner.example", "Ana", "owner", clock.real_now(), partner_id=partner.id)
        link = address_of_link(session, invite(session, person.id, clock.real_now()), clock.real_now())
    assert link
    assert done(admin) == {"partner"}
    assert found(admin)["invitation"].counts == {"invited": 1, "accepted": 0, "first_partner": 0}
    with transaction(visitor("192.0.2.7")) as session:
        use_link(session, link.split("?t=")[1], "three odd words together", clock.real_now())
    assert done(admin) == {"partner", "invitation"}


def test_the_first_order_is_the_last_step(admin: Principal) -> None:
    order(make_buyer(), {make_product(stock=5).id: 2})
    assert "order" in done(admin)
    assert found(admin)["order"].counts == {"orders": 1, "waiting": 1}


def test_a_test_mail_counts_only_for_the_server_that_took_it(admin: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    def try_mail() -> None:
        with transaction(admin) as session:
            send_to_me(session, "order_confirmed", "ro", clock.now())
        jobs.handle_events([scalar("select max(id) from event")])
        with transaction(SYSTEM) as session:
            session.execute(text("update mail set state = 'sent'"))

    monkeypatch.setattr("core.queue.enqueue", lambda *_arguments: True)
    try_mail()
    assert "mails" not in done(admin)
    monkeypatch.setattr(settings(), "smtp_host", "mail.firma.example")
    assert "mails" not in done(admin)
    try_mail()
    assert "mails" in done(admin)
    monkeypatch.setattr(settings(), "smtp_host", "mail.other.example")
    assert "mails" not in done(admin)


def test_they_are_put_away_and_brought_back_and_the_audit_knows(admin: Principal) -> None:
    for act, wanted in ((bring_back, True), (bring_back, True), (put_away, False), (put_away, False)):
        with transaction(admin) as session:
            act(session, clock.now())
            assert are_open(session) is wanted
    assert scalar("select count(*) from event where kind like 'first_steps%'") == 2


def test_only_who_may_change_the_settings_has_first_steps(admin: Principal) -> None:
    for act in (steps, put_away, bring_back):
        with transaction(make_staff(role="sales")) as session, pytest.raises(NotAllowed):
            act(session, clock.now())
