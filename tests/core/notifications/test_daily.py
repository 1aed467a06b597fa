"""One mail a day instead of many, and no mails of a kind at all."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from core.auth import account
from core.auth.models import User
from core.db import transaction
from core.errors import NotFound
from core.notifications.choices import CHOICES
from core.notifications.digests import gather_due
from core.notifications.rules import Recipient, who_want_it
from core.notifications.unsubscribing import address_to_unsubscribe, unsubscribe
from core.principal import SYSTEM
from tests import factories
from tests.core.notifications import steps
from tests.core.orders import steps as orders
from tests.core.orders.steps import NOON
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

MORNING = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)  # half past seven in Bucharest
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ana():
    steps.open_company()
    user = factories.make_user(factories.make_partner(), language="en")
    choose(user, daily=["order_confirmed", "order_claimed"])
    return user


def choose(user, muted=(), daily=()):
    with transaction(factories.principal_of(user), wall=False) as session:
        account.choose_mails(session, muted, daily, NOON)


def gather(as_of):
    with transaction(SYSTEM) as session:
        return gather_due(session, as_of)


def order(user):
    order_id = steps.order(factories.principal_of(user))
    steps.handle_all()
    return order_id


def test_what_is_wanted_once_a_day_waits_for_the_morning_and_comes_as_one(ana, mail_server):
    first, second = order(ana), order(ana)
    orders.claim(factories.make_staff(), first)
    steps.handle_all()
    steps.send_due()
    assert mail_server.recipients() == ["comenzi@electro.example"] * 2
    assert gather(MORNING - MINUTE) == 0
    assert gather(MORNING) == 1
    steps.handle_all(MORNING)
    steps.send_due(MORNING)
    (mail,) = [each for each in mail_server.received if each["To"] == ana.email]
    assert mail["Subject"] == "What happened since yesterday (3)"
    text = mail.get_body(("plain",)).get_content()
    assert text.index(f"your order {first}:") < text.index(f"your order {second}:") < text.index("is taken over")
    assert f"/orders?order={second}" in text
    assert steps.states() == {"sent": 3, "gathered": 3}


def test_the_same_morning_gathers_once_and_two_workers_at_once_gather_each_mail_once(ana):
    order(ana)
    assert sorted(at_once([lambda: gather(MORNING)] * 2)) == [0, 1]
    assert gather(MORNING + MINUTE) == 0
    steps.handle_all(MORNING)
    assert len(steps.mails(template="daily_mail")) == 1


def test_what_happens_after_the_morning_waits_for_the_next(ana):
    order_id = steps.order(factories.principal_of(ana), as_of=MORNING + MINUTE)
    steps.handle_all(MORNING + MINUTE)
    assert order_id
    assert gather(MORNING + timedelta(hours=3)) == 0
    assert gather(MORNING + timedelta(days=1)) == 1


def test_who_may_not_enter_any_more_gets_no_daily_mail(ana):
    order(ana)
    with transaction(SYSTEM) as session:
        session.get_one(User, ana.id).active = False
    gather(MORNING)
    steps.handle_all(MORNING)
    assert steps.mails(template="daily_mail") == []


def test_what_must_come_at_once_does_whatever_was_chosen(ana):
    choose(ana, daily=["user_password_changed", "reminder_sent"])
    steps.happens("user_password_changed", user=ana.id, first=False)
    assert steps.only_mail(recipient=ana.email).state == "queued"


def link_in(mail):
    query = parse_qs(urlsplit(mail["List-Unsubscribe"].strip("<>")).query)
    return int(query["user"][0]), query["mail"][0], query["seal"][0]


def test_a_mail_that_one_can_do_without_carries_a_way_out_that_works_without_a_log_in(ana, mail_server):
    choose(ana)
    order(ana)
    steps.send_due()
    (mail,) = [each for each in mail_server.received if each["To"] == ana.email]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip("<>") in mail.get_body(("plain",)).get_content()
    user, template, seal = link_in(mail)
    for _ in range(2):
        with transaction(SYSTEM) as session:
            unsubscribe(session, user, template, seal, NOON)
    with transaction(SYSTEM) as session:
        assert session.get_one(User, ana.id).muted == ["order_confirmed"]
    order(ana)
    assert len(steps.mails(recipient=ana.email)) == 1


def test_the_distributors_own_mails_and_those_about_access_have_no_way_out(ana, mail_server):
    order(ana)
    steps.happens("user_password_changed", user=ana.id, first=False)
    steps.send_due()
    assert [each["List-Unsubscribe"] for each in mail_server.received] == [None, None]


@pytest.mark.parametrize("spoil", [lambda u, m, s: (u + 1, m, s), lambda u, m, s: (u, "invoice_issued", s),
                                   lambda u, m, s: (u, m, s[:-1] + "é"), lambda u, m, s: (u, m, "")])  # fmt: skip
def test_a_way_out_that_was_never_mailed_opens_nothing(ana, spoil):
    address = address_to_unsubscribe(ana.id, "order_confirmed")
    found = spoil(ana.id, "order_confirmed", parse_qs(urlsplit(address).query)["seal"][0])
    with transaction(SYSTEM) as session, pytest.raises(NotFound):
        unsubscribe(session, *found, NOON)


def test_proformas_and_stornos_obey_the_switch_of_invoices(ana):
    choose(ana, muted=["invoice_issued"])
    told = [Recipient(ana.email, "en", kind) for kind in ("proforma_issued", "storno_issued", "reminder_sent")]
    with transaction(SYSTEM) as session:
        assert [each.template for each in who_want_it(session, told)] == ["reminder_sent"]
    assert address_to_unsubscribe(ana.id, "storno_issued") == address_to_unsubscribe(ana.id, "invoice_issued")


def test_a_way_out_exists_for_every_choice_and_for_nothing_else():
    assert all(address_to_unsubscribe(1, template) for template in CHOICES)
    assert address_to_unsubscribe(1, "user_invited") == address_to_unsubscribe(None, "order_confirmed") == ""
