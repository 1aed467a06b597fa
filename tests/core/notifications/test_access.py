"""The mails about access: who gets them, in which language, and a link that is nowhere but in what leaves."""

import email
import re
from datetime import timedelta
from email.policy import default

import pytest
from sqlalchemy import text, update

from core import config
from core.auth import account, signing_in, users
from core.auth.links import LIVES, LinkIsOver, open_link
from core.auth.models import User
from core.auth.passwords import hash_password
from core.db import transaction
from core.events import NOTIFYING
from core.notifications.rules import RULES
from core.partners.models import Partner
from core.principal import SYSTEM, visitor
from tests import factories
from tests.core.notifications import steps
from tests.core.orders.steps import NOON

PASSWORD = "a right password"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NEW_ADDRESS = "ana.nou@instal.example"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="session")
def password_hash():
    return hash_password(PASSWORD)


@pytest.fixture
def partner(database):
    steps.open_company()
    return factories.make_partner(name="Instal Pro SRL", email="office@instal.example")


@pytest.fixture
def ana(partner, password_hash):
    """The owner of the partner, who reads English."""
    return factories.make_user(
        partner, name="Ana <b>Pop</b>", email="ana@instal.example", language="en", password_hash=password_hash
    )


def ask_reset(user):
    with transaction(visitor("203.0.113.9")) as session:
        account.ask_reset(session, user.email, NOON)


def ask_email_change(user):
    with transaction(factories.principal_of(user), wall=False) as session:
        account.ask_email_change(session, PASSWORD, NEW_ADDRESS, NOON)


ASKING = {"invite": steps.invite, "reset": ask_reset, "email": ask_email_change}
"""What makes a link of each purpose."""


def told():
    """Subject of the last mail to each recipient."""
    return {mail.recipient: mail.subject for mail in steps.mails()}


def bodies(message):
    return [message.get_body((kind,)).get_content() for kind in ("plain", "html")]


def tokens(message):
    """What follows ?t= in both bodies, each once."""
    return {token for body in bodies(message) for token in re.findall(r"\?t=(\w+)", body)}


def opened(token, purpose, as_of=NOON):
    with transaction(SYSTEM) as session:
        return open_link(session, token, as_of, purpose)


def everything_kept():
    """All mails, events and outbox rows, as one text."""
    with transaction(SYSTEM) as session:
        return "".join(
            session.scalar(text(f"select coalesce(string_agg(t::text, ''), '') from {table} t"))
            for table in ("mail", "event", "outbox")
        )


def test_every_kind_that_notifies_has_a_rule_and_there_is_no_other():
    assert set(RULES) == NOTIFYING


@pytest.mark.parametrize("purpose", ASKING)
def test_the_link_works_and_is_kept_nowhere(ana, mail_server, purpose):
    ASKING[purpose](ana)
    steps.handle_all()
    steps.send_due()
    message = mail_server.received[0]
    assert message["To"] == (NEW_ADDRESS if purpose == "email" else ana.email)
    assert message["Content-Language"] == "en"
    (token,) = tokens(message)
    assert opened(token, purpose).user_id == ana.id
    plain, html = bodies(message)
    assert any(line.endswith(f"?t={token}") for line in plain.splitlines())
    assert f'<a href="{config.settings().public_url}/' in html
    assert f'?t={token}" style=' in html
    assert "link:" not in plain + html
    assert token not in everything_kept()
    assert token[32:] not in everything_kept()


def test_without_a_mail_server_the_link_is_in_a_file_for_its_owner_only(ana):
    steps.invite(ana)
    steps.handle_all()
    assert steps.send_due() == ["sent"]
    (path,) = (config.settings().data_dir / "mail").iterdir()
    (token,) = tokens(email.message_from_bytes(path.read_bytes(), policy=default))
    assert opened(token, "invite").email == ana.email
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("purpose", ASKING)
def test_a_mail_whose_link_is_over_fails_and_the_next_one_leaves(ana, mail_server, purpose):
    ASKING[purpose](ana)
    steps.happens("second_factor_removed", ana.partner_id, user=factories.make_user().id)
    late = NOON + LIVES[purpose]
    assert steps.send_due(late) == ["sent"] * (2 if purpose == "email" else 1)
    (failed,) = steps.mails(state="failed")
    assert failed.error == "The link in this mail is no longer valid."
    assert failed.recipient not in mail_server.recipients()


def test_sending_it_again_fails_in_the_same_way(ana, mail_server):
    steps.invite(ana)
    steps.handle_all()
    late = NOON + LIVES["invite"]
    steps.send_due(late)
    steps.send_again(factories.make_staff(), steps.only_mail().id, late)
    assert steps.only_mail().state == "queued"
    assert steps.send_due(late) == []
    assert (steps.only_mail().state, mail_server.received) == ("failed", [])


def test_of_two_invitations_only_the_newer_leaves(ana, mail_server):
    steps.invite(ana)
    steps.invite(ana)
    steps.handle_all()
    assert steps.send_due() == ["sent"]
    assert [mail.state for mail in steps.mails()] == ["failed", "sent"]


def test_a_mail_that_had_to_wait_leaves_with_a_link_that_works(ana, mail_server):
    mail_server.to_recipient[ana.email] = "451 come back"
    steps.invite(ana)
    steps.handle_all()
    assert steps.send_due() == ["queued"]
    assert "?t=" not in everything_kept()
    del mail_server.to_recipient[ana.email]
    assert steps.send_due(NOON + MINUTE) == ["sent"]
    (token,) = tokens(mail_server.received[0])
    assert opened(token, "invite", NOON + MINUTE).user_id == ana.id


def test_no_name_becomes_the_link(mail_server):
    steps.open_company()
    name = "link:00000000-0000-0000-0000-000000000000 {{ link }} %(link)s"
    steps.invite(factories.make_user(name=name, language="en"))
    steps.handle_all()
    steps.send_due()
    assert all(name in body for body in bodies(mail_server.received[0]))


def test_an_invitation_says_whose_portal_it_is_and_how_to_log_in(ana):
    steps.invite(ana)
    steps.handle_all()
    mail = steps.only_mail()
    for body in (mail.body_text, mail.body_html):
        for words in ("Electro Distribuție SA", "Instal Pro SRL", ana.email, "Monday, 30 Nov 2026, 12:00"):
            assert words in body
    assert "Ana &lt;b&gt;Pop&lt;/b&gt;" in mail.body_html
    assert "Set your password</a>" in mail.body_html


def test_an_invitation_is_in_the_language_of_who_is_invited():
    for language in ("ro", "en"):
        steps.invite(factories.make_user(language=language))
    steps.handle_all()
    assert [mail.language for mail in steps.mails()] == ["ro", "en"]
    assert "luni, 30.11.2026, 12:00" in steps.mails()[0].body_text


def test_the_old_address_is_told_of_a_change_without_getting_its_link(ana, mail_server):
    ask_email_change(ana)
    steps.handle_all()
    steps.send_due()
    notice = next(message for message in mail_server.received if message["To"] == ana.email)
    assert tokens(notice) == set()
    for body in bodies(notice):
        assert NEW_ADDRESS in body
        assert "/forgot-password" in body
    assert steps.only_mail(recipient=ana.email).link_id is None


def test_a_changed_address_is_told_to_the_old_one(ana, mail_server):
    ask_email_change(ana)
    steps.handle_all()
    steps.send_due()
    (token,) = next(tokens(message) for message in mail_server.received if message["To"] == NEW_ADDRESS)
    with transaction(visitor("203.0.113.9")) as session:
        account.confirm_email(session, token, NOON)
    steps.handle_all()
    mail = steps.mails(recipient="ana@instal.example")[-1]
    assert mail.subject == "Your e-mail address was changed"
    assert NEW_ADDRESS in mail.body_text


def test_a_first_password_is_no_change_and_a_second_one_is(ana):
    steps.happens("user_password_changed", ana.partner_id, user=ana.id, first=True)
    assert told() == {}
    with transaction(factories.principal_of(ana), wall=False) as session:
        account.change_password(session, PASSWORD, "correct horse battery staple", NOON)
    steps.handle_all()
    assert told() == {ana.email: "Your password was changed"}
    assert "/forgot-password" in steps.only_mail().body_html


def test_wrong_passwords_are_told_with_the_place_they_came_from(ana):
    for n in range(signing_in.NOTICE_AFTER + 2):
        with transaction(visitor("203.0.113.9")) as session:
            signing_in.count_attempt(session, ana.email, NOON + n * 2 * timedelta(hours=1))
    steps.handle_all()
    mail = steps.only_mail(recipient=ana.email)
    for words in ("5 times", "203.0.113.9", "Monday, 23 Nov 2026, 22:00"):
        assert words in mail.body_text


def test_who_loses_the_second_factor_is_told(ana):
    with transaction(SYSTEM) as session:
        session.get_one(User, ana.id).totp_secret = "kept"
    with transaction(factories.make_staff(), wall=False) as session:
        users.remove_second_factor(session, ana.id, NOON)
    steps.handle_all()
    assert told() == {ana.email: "Your log-in no longer asks for a code"}


def ask_approval(buyer, **data):
    usual = {"user": buyer.id, "gross": "12345.60", "note": "for <Monday>"}
    steps.happens("approval_asked", buyer.partner_id, **usual | data)


@pytest.fixture
def mihai(partner):
    """A buyer, Ana's colleague."""
    return factories.make_user(partner, name="Mihai Stan", role="buyer", language="en")


def test_an_approval_is_asked_of_every_owner_who_is_there(partner, ana, mihai):
    second = factories.make_user(partner, language="ro")
    factories.make_user(partner, active=False)
    factories.make_user(partner, role="accountant")
    factories.make_user(factories.make_partner())
    ask_approval(mihai)
    assert {mail.recipient: mail.language for mail in steps.mails()} == {ana.email: "en", second.email: "ro"}
    mail = steps.only_mail(recipient=ana.email)
    assert mail.subject == "Mihai Stan asks you to approve an order of 12,345.60 RON"
    assert "for &lt;Monday&gt;" in mail.body_html
    assert "/orders" in mail.body_text


def test_a_refused_approval_is_told_to_the_buyer_with_the_reason(ana, mihai):
    steps.happens("approval_refused", ana.partner_id, user=mihai.id, reason="too <much>")
    assert told() == {mihai.email: "Your order was not approved"}
    assert "too <much>" in steps.only_mail().body_text
    assert "too &lt;much&gt;" in steps.only_mail().body_html


def test_who_asks_for_access_is_told_to_the_distributor():
    steps.open_company(order_emails=["vanzari@electro.example"])
    partner = factories.make_partner(name="Nou SRL", status="proposed", contact_name="Ion Nou", phone="0722 000 000")
    steps.happens("partner_proposed", partner.id, note="we fit pipes")
    mail = steps.only_mail()
    assert (mail.recipient, mail.language) == ("vanzari@electro.example", "ro")
    for body in (mail.body_text, mail.body_html):
        for words in ("Nou SRL", "10000008", "Ion Nou", "0722 000 000", "we fit pipes", "/staff-partners"):
            assert words in body


def test_a_refused_request_is_told_to_the_address_that_asked_and_to_no_other():
    steps.open_company()
    partner = factories.make_partner(status="closed")
    steps.happens("partner_refused", partner.id, email="Ion@Nou.example", reason="no <company>")
    mail = steps.only_mail()
    assert (mail.recipient, mail.language) == ("ion@nou.example", "ro")
    assert "no <company>" in mail.body_text
    steps.happens("partner_refused", partner.id, email="a@x.example;b@y.example", reason="")
    assert steps.send_due() == ["sent", "failed"]


TO_A_USER = {
    "user_invited": {"link": "0a0b0c0d-0000-4000-8000-000000000000"},
    "password_reset_asked": {"link": "0a0b0c0d-0000-4000-8000-000000000000"},
    "user_password_changed": {"first": False},
    "login_failures": {"tries": 5},
    "email_change_asked": {"link": "0a0b0c0d-0000-4000-8000-000000000000", "email": NEW_ADDRESS},
    "user_email_changed": {"old": "old@instal.example", "new": NEW_ADDRESS},
    "second_factor_removed": {},
    "approval_asked": {"gross": "1.00", "note": ""},
    "approval_refused": {"reason": ""},
}


def everything_happens_to(user):
    for kind, data in TO_A_USER.items():
        steps.happens(kind, user.partner_id, user=user.id, **data)


@pytest.mark.parametrize("out", ["update app_user set active = false", "update partner set status = 'closed'"])
def test_nothing_goes_through_who_may_not_enter(ana, out):
    with transaction(SYSTEM) as session:
        session.execute(text(out))
    everything_happens_to(ana)
    assert told() == {}


def test_each_event_is_told_once_however_often_it_is_handled(ana):
    everything_happens_to(ana)
    assert len(steps.mails()) == len(TO_A_USER) + 1  # a change of the address goes to both
    with transaction(SYSTEM) as session:
        session.execute(text("update outbox set handled_at = null"))
    steps.handle_all()
    assert len(steps.mails()) == len(TO_A_USER) + 1


def test_a_link_of_somebody_who_is_blocked_before_the_mail_leaves_stays_here(ana, mail_server):
    steps.invite(ana)
    steps.handle_all()
    with transaction(factories.make_staff(), wall=False) as session:
        users.set_active(session, ana.id, False, NOON)
    assert steps.send_due() == []
    assert steps.only_mail().state == "failed"


def test_a_used_link_is_over(ana, mail_server):
    steps.invite(ana)
    steps.handle_all()
    steps.send_due()
    (token,) = tokens(mail_server.received[0])
    with transaction(visitor("203.0.113.9")) as session:
        account.use_link(session, token, "correct horse battery staple", NOON)
    with pytest.raises(LinkIsOver):
        opened(token, "invite")


def mute(user, *templates):
    with transaction(factories.principal_of(user), wall=False) as session:
        account.choose_mails(session, templates, [], NOON)


def test_who_switched_a_mail_off_does_not_get_it(partner, ana, mihai):
    second = factories.make_user(partner)
    mute(ana, "approval_asked")
    ask_approval(mihai)
    assert set(told()) == {second.email}


def test_the_mails_about_the_own_access_cannot_be_switched_off(ana):
    mute(ana, "user_invited", "second_factor_removed")
    steps.invite(ana)
    steps.handle_all()
    steps.happens("second_factor_removed", ana.partner_id, user=ana.id)
    assert len(steps.mails(recipient=ana.email)) == 2


def test_a_partners_address_that_is_also_a_users_follows_what_the_user_chose(ana, mihai):
    """But somebody who has left does not silence the firm."""
    with transaction(SYSTEM) as session:
        session.get_one(Partner, ana.partner_id).email = ana.email
    mute(ana, "order_confirmed")
    leave(mihai)
    order_by(mihai)
    assert set(told()) == {"comenzi@electro.example"}
    leave(ana)
    order_by(mihai)
    assert set(told()) == {"comenzi@electro.example", ana.email}


def leave(user):
    with transaction(SYSTEM) as session:
        session.execute(update(User).where(User.id == user.id).values(active=False))


def order_by(user):
    """An order that the user placed before leaving."""
    steps.order(factories.principal_of(user))
    steps.handle_all()
