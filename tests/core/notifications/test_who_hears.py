"""Who hears of what: brands with addresses of their own, goods that run low, payments, browsers, failed jobs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.auth.browsers import REMEMBERED, forget_old, recognise
from core.auth.models import KnownBrowser, User
from core.auth.sessions import open_session
from core.db import transaction
from core.errors import NotAllowed
from core.failures import note_failure
from core.notifications.order_addresses import NoAddress, UnknownBrand, change_order_addresses, order_addresses
from core.notifications.trying import send_to_me
from core.principal import SYSTEM, visitor
from core.stock import running_low
from tests import factories
from tests.core.notifications import steps
from tests.core.orders import steps as orders
from tests.core.orders.steps import NOON
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def admin():
    steps.open_company()
    return factories.make_staff(role="admin")


def set_addresses(who, **typed):
    with transaction(who) as session:
        return change_order_addresses(session, typed, NOON)


def order_of(*brands):
    products = [factories.make_product(stock=9, brand=brand) for brand in brands]
    orders.order(factories.make_buyer(), {product.id: 1 for product in products})
    steps.handle_all()


def test_an_order_is_told_to_whoever_looks_after_a_brand_of_its_goods_and_to_nobody_twice(admin):
    order_of("Schneider", "Hager")
    assert len(steps.mails(template="order_received")) == 1
    typed = {"Schneider": "Ana@electro.example; ion@electro.example", "Hager": "ion@electro.example"}
    assert set_addresses(admin, **typed) == 2
    order_of("Schneider", "Hager")
    order_of("Hager")
    order_of("Alta")
    told = sorted(mail.recipient for mail in steps.mails(template="order_received"))
    assert told == ["ana@electro.example", *["comenzi@electro.example"] * 4, *["ion@electro.example"] * 2]


def test_an_emptied_field_ends_it_and_what_is_no_address_is_refused_whole(admin):
    order_of("Schneider", "Hager")
    set_addresses(admin, Schneider="ana@electro.example")
    with pytest.raises(NoAddress, match="ana@"):
        set_addresses(admin, Schneider="", Hager="ana@")
    with pytest.raises(UnknownBrand):
        set_addresses(admin, Nobody="ana@electro.example")
    with transaction(admin) as session:
        assert order_addresses(session) == {"Schneider": ["ana@electro.example"]}
    assert set_addresses(admin, Schneider=" ") == 1
    with transaction(admin) as session:
        assert order_addresses(session) == {}


def test_only_an_administrator_says_who_hears_of_orders():
    with pytest.raises(NotAllowed):
        set_addresses(factories.make_staff(role="sales"))


def low():
    with transaction(SYSTEM) as session:
        return running_low.tell(session, NOON)


def count(product, stock):
    with transaction(SYSTEM) as session:
        session.execute(text("update stock set on_hand = :stock where product_id = :id"),
                        {"stock": stock, "id": product.id})  # fmt: skip


def test_goods_that_run_low_are_told_of_once_and_again_only_after_there_was_enough(admin):
    product = factories.make_product(stock=10, low_stock=Decimal(5), name="Cable", sku="C-1")
    factories.make_product(stock=0, name="Nobody asked")
    assert low() == 0
    orders.order(factories.make_buyer(), {product.id: 6})
    assert [low(), low()] == [1, 0]
    steps.handle_all()
    mail = steps.only_mail(template="stock_low")
    assert mail.recipient == "comenzi@electro.example"
    assert "Cable (C-1): 4 din minimum 5 buc" in mail.body_text
    count(product, 11)
    assert low() == 0
    count(product, 7)
    assert low() == 1


def test_two_workers_at_once_tell_of_the_same_goods_once(admin):
    for _ in range(20):
        factories.make_product(stock=1, low_stock=Decimal(5))
    assert sorted(at_once([low] * 3)) == [0, 0, 20]


def sign_in(user, token, agent="Mozilla/5.0 (Windows NT 10.0) Firefox/145.0", as_of=NOON):
    with transaction(visitor("203.0.113.9")) as session:
        value = recognise(session, user.id, token, agent, as_of)
        open_session(session, user.id, as_of, agent)
    steps.handle_all(as_of)
    return value


def test_a_log_in_from_a_browser_that_is_not_known_is_told_and_the_first_of_all_is_not(admin):
    ana = factories.make_user(factories.make_partner(), language="en", name="Ana")
    known = sign_in(ana, "")
    assert sign_in(ana, known) == known
    assert steps.mails(recipient=ana.email) == []
    sign_in(ana, "")
    mail = steps.only_mail(recipient=ana.email)
    assert "Firefox, Windows" in mail.body_text
    assert "203.0.113.9" in mail.body_text


def test_a_browser_that_two_people_share_is_known_for_each_of_them(admin):
    ana, ion = (factories.make_user(factories.make_partner()) for _ in range(2))
    shared = sign_in(ana, "")
    assert sign_in(ion, shared) == shared
    assert sign_in(ion, sign_in(ion, shared)) == sign_in(ana, shared) == shared
    assert steps.mails(template="new_sign_in") == []


def test_a_browser_is_forgotten_after_a_year_and_more(admin):
    ana = factories.make_user(factories.make_partner())
    known = sign_in(ana, "")
    with transaction(SYSTEM) as session:
        forget_old(session, NOON + REMEMBERED)
        assert session.query(KnownBrowser).count() == 1
        forget_old(session, NOON + REMEMBERED + HOUR)
        assert session.query(KnownBrowser).count() == 0
    sign_in(ana, known, as_of=NOON + REMEMBERED + HOUR)
    assert len(steps.mails(template="new_sign_in")) == 1


def fail(job, as_of=NOON):
    with transaction(SYSTEM) as session:
        return note_failure(session, job, "ValueError: no\nsuch thing", "4F2A9C", as_of)


def test_administrators_hear_of_a_failed_job_at_most_once_an_hour_each(admin):
    factories.make_staff(role="sales")
    assert [fail("relay"), fail("relay", NOON + HOUR / 2), fail("tidy"), fail("relay", NOON + HOUR)] == [
        True, False, True, True
    ]  # fmt: skip
    steps.handle_all()
    mails = steps.mails(template="job_failed")
    assert [mail.recipient for mail in mails] == [admin.email] * 3
    assert "ValueError: no such thing" in mails[0].body_text
    assert "4F2A9C" in mails[0].body_text


def test_a_mail_that_staff_try_reaches_them_and_says_something_invented(admin, mail_server):
    with transaction(admin) as session:
        assert send_to_me(session, "invoice_issued", "en", NOON) == admin.email
    steps.handle_all()
    steps.send_due()
    (mail,) = mail_server.received
    assert mail["To"] == admin.email
    assert "FCT 00012" in mail["Subject"]


def test_a_refused_address_is_marked_on_its_user_until_a_mail_arrives(admin, mail_server):
    ana = factories.make_user(factories.make_partner())

    def mark():
        with transaction(SYSTEM) as session:
            user = session.get_one(User, ana.id)
            return user.bounced_at, user.bounce

    def try_once(answer):
        mail_server.to_recipient[ana.email] = answer
        steps.happens("user_password_changed", user=ana.id, first=False)
        steps.send_due()
        return mark()

    assert try_once("451 4.2.2 mailbox full") == (None, "")
    steps.change_mails(state="failed")
    assert try_once("550 5.7.1 we do not like you") == (None, "")
    assert try_once("550 5.1.1 no such user") == (NOON, "550 5.1.1 no such user")
    assert try_once("250 OK") == (None, "")


FAULTS = [[3, "stock", "“{value}” is not a number. Write it like 1234.50 or 1234,50.", {"value": "<b>mult</b>"}],
          [None, "", "The file is larger than {limit} MB. Split it.", {"limit": "20"}]]  # fmt: skip


def test_who_may_load_the_file_hears_of_one_that_came_by_itself_and_has_faults(admin):
    warehouse = factories.make_staff(role="warehouse", language="en")
    factories.make_staff(role="sales")
    factories.make_staff(role="warehouse", active=False)
    steps.happens("import_failed", imported="stock", source="Furnizor", file="stoc.csv", run=27, errors=9,
                  faults=FAULTS, action="stock.count")  # fmt: skip
    mails = {mail.recipient: mail for mail in steps.mails(template="import_failed")}
    assert mails.keys() == {admin.email, warehouse.email}
    ours, theirs = mails[admin.email], mails[warehouse.email]
    assert theirs.subject == "Not loaded: stoc.csv from Furnizor"
    for words in (
        "line 3, stock: “<b>mult</b>” is not a number",
        "larger than 20 MB",
        "Errors in it: 9",
        "/staff-imports?run=27",
    ):
        assert words in theirs.body_text
    assert "<b>mult" not in theirs.body_html
    assert "linia 3, stock: „<b>mult</b>” nu este" in ours.body_text


def test_that_no_file_can_be_had_is_told_with_the_reason(admin):
    reason = "{host} does not answer. If it stays so, ask whoever runs that server whether it is up."
    steps.happens("import_failed", imported="stock", source="Furnizor", file="", run=None, errors=1,
                  faults=[[None, "", reason, {"host": "furnizor.example"}]], action="stock.count")  # fmt: skip
    mail = steps.only_mail(template="import_failed")
    assert mail.subject == "Nu se poate prelua fișierul de la Furnizor"
    assert "furnizor.example nu răspunde" in mail.body_text
    assert "run=" not in mail.body_text


REASON = "[BR-RO-110]-Subdiviziunea tarii Cumparatorului (BT-54) trebuie sa fie codificata <b>"


def test_who_may_send_to_anaf_hears_of_a_refused_invoice_in_plain_words_and_in_anafs(admin):
    accounting = factories.make_staff(role="accounting", language="en")
    factories.make_staff(role="warehouse")
    steps.happens("anaf_refused", number="FCT 00012", reason=REASON)
    mails = {mail.recipient: mail for mail in steps.mails(template="anaf_refused")}
    assert mails.keys() == {admin.email, accounting.email}
    theirs = mails[accounting.email]
    assert theirs.subject == "ANAF refused invoice FCT 00012"
    assert "The county is missing" in theirs.body_text
    assert "The partner's page" in theirs.body_text
    assert REASON in theirs.body_text
    assert "<b>" not in theirs.body_html
    assert "Județul lipsește" in mails[admin.email].body_text


@pytest.mark.parametrize(("stage", "subject"), [(1, "Soon late"), (2, "Last day"), (3, "Late at ANAF")])
def test_of_late_invoices_they_hear_which_and_until_when(admin, stage, subject):
    late = {"id": 3, "number": "FCT 00012", "partner": "Ana & Co", "due_on": "2026-12-02", "state": "unknown"}
    accounting = factories.make_staff(role="accounting", language="en")
    steps.happens("anaf_late", stage=stage, count=30, documents=[late], numbers=["FCT 00012"])
    mails = {mail.recipient: mail for mail in steps.mails(template="anaf_late")}
    mail = mails[accounting.email]
    assert mail.subject.startswith(subject)
    assert "FCT 00012, Ana & Co: Unclear: it is looked for at ANAF, 2 Dec 2026" in mail.body_text
    assert "…" in mail.body_text
    assert "/staff-invoices?document=3" in mail.body_html


def test_of_a_lost_connection_those_hear_who_can_connect(admin):
    factories.make_staff(role="accounting")
    steps.happens("anaf_lost", error="invalid_grant")
    mail = steps.only_mail(template="anaf_lost")
    assert mail.recipient == admin.email
    assert "invalid_grant" in mail.body_text
