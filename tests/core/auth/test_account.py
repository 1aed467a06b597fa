"""What people change about themselves, and the way back in."""

from datetime import timedelta
from functools import partial

import pytest

from core.auth import account, second_factor
from core.auth.account import NothingNew, WrongPassword
from core.auth.links import LinkIsOver, address_of_link, make_link
from core.auth.models import AccessLink, User
from core.auth.passwords import PasswordTooEasy, PasswordTooShort
from core.auth.signing_in import check_password
from core.auth.throttling import TooManyTries
from core.auth.users import EmailInvalid, EmailTaken, NameMissing
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.events import Event
from core.principal import SYSTEM, Principal, visitor
from tests.core.auth.conftest import NOW, PASSWORD, events, read, told_of
from tests.core.auth.test_links import block, close_partner, opens, token_of
from tests.core.auth.test_second_factor import set_up
from tests.core.auth.test_sessions import enter, who
from tests.core.auth.test_tickets import redeem, ticket_for
from tests.factories import make_partner, make_user, principal_of
from tests.threads import at_once

NEW = "three odd words together"
OFFICE = "192.0.2.7"


def own(user: User) -> Principal:
    return principal_of(user)


def asked_links(kind: str) -> list[AccessLink]:
    with transaction(SYSTEM) as session:
        found = [session.get(AccessLink, event.data["link"]) for event in events(kind)]
        return [link for link in found if link]


def token_mailed(event: Event) -> str:
    """What the mail about this event carries."""
    with transaction(SYSTEM) as session:
        return token_of(address_of_link(session, event.data["link"], event.at))


def change_password(user: User, present: str, new: str = NEW, seconds: int = 0) -> None:
    """As the account page does it."""
    as_of = NOW + timedelta(seconds=seconds)
    with transaction(own(user), wall=False) as session:
        account.count_password_attempt(session, as_of)
    with transaction(own(user), wall=False) as session:
        account.change_password(session, present, new, as_of)


def ask_email_change(user: User, new_email: str, password: str = PASSWORD) -> str:
    """The token of the link that is mailed to the new address."""
    with transaction(own(user), wall=False) as session:
        account.ask_email_change(session, password, new_email, NOW)
    return token_mailed(events("email_change_asked")[-1])


def confirm(token: str) -> str:
    with transaction(visitor(OFFICE)) as session:
        return account.confirm_email(session, token, NOW).new_email


def ask_reset(email: str, address: str = OFFICE, minutes: int = 0) -> None:
    with transaction(visitor(address)) as session:
        account.ask_reset(session, email, NOW + timedelta(minutes=minutes))


def logs_in(email: str, password: str) -> bool:
    with transaction(SYSTEM) as session:
        return check_password(session, email, password) is not None


def test_a_new_password_needs_the_present_one_and_ends_every_session(buyer: User) -> None:
    cookies, ticket = [enter(buyer), enter(buyer)], ticket_for(buyer)
    change_password(buyer, PASSWORD)
    assert [who(cookie) for cookie in cookies] == [None, None]
    assert redeem(ticket) is None
    assert logs_in(buyer.email, NEW)
    assert not logs_in(buyer.email, PASSWORD)
    (event,) = events("user_password_changed")
    assert (event.user_id, event.partner_id, event.data) == (
        buyer.id,
        buyer.partner_id,
        {"user": buyer.id, "first": False},
    )
    assert told_of("user_password_changed") == 1


def test_a_wrong_present_password_is_counted_and_guessing_gets_slow(buyer: User) -> None:
    for _ in range(3):
        with pytest.raises(WrongPassword):
            change_password(buyer, "wrong")
    with pytest.raises(TooManyTries):
        change_password(buyer, PASSWORD)
    change_password(buyer, PASSWORD, seconds=15)


def test_the_right_present_password_ends_the_count(buyer: User) -> None:
    for new in (NEW, "another three odd words"):
        for _ in range(2):
            with pytest.raises(WrongPassword):
                change_password(buyer, "wrong", new)
        change_password(buyer, PASSWORD if new == NEW else NEW, new)


def test_twenty_guesses_at_the_same_moment_get_three_compared(buyer: User) -> None:
    outcomes = at_once([partial(change_password, buyer, f"guess {n}") for n in range(20)])
    assert sum(isinstance(outcome, WrongPassword) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, TooManyTries) for outcome in outcomes) == 17


@pytest.mark.parametrize(("bad", "refusal"), [("short", PasswordTooShort), ("password1234", PasswordTooEasy)])
def test_a_bad_new_password_changes_nothing(buyer: User, bad: str, refusal: type[Exception]) -> None:
    cookie = enter(buyer)
    with pytest.raises(refusal):
        change_password(buyer, PASSWORD, bad)
    assert who(cookie) is not None
    assert logs_in(buyer.email, PASSWORD)


def test_the_address_changes_when_the_link_in_the_new_mailbox_is_opened(buyer: User) -> None:
    token = ask_email_change(buyer, " Nou@Partner.Example ")
    assert read(buyer).email == buyer.email
    assert told_of("email_change_asked") == 1
    assert confirm(token) == "nou@partner.example"
    assert read(buyer).email == "nou@partner.example"
    assert logs_in("nou@partner.example", PASSWORD)
    assert not logs_in(buyer.email, PASSWORD)
    with pytest.raises(LinkIsOver):
        confirm(token)
    (event,) = events("user_email_changed")
    assert (event.user_id, event.address) == (buyer.id, OFFICE)
    assert event.data == {"user": buyer.id, "old": buyer.email, "new": "nou@partner.example"}
    assert told_of("user_email_changed") == 1


def test_with_the_old_address_end_the_links_that_were_mailed_to_it(buyer: User) -> None:
    ask_reset(buyer.email)
    reset = token_mailed(events("password_reset_asked")[0])
    confirm(ask_email_change(buyer, "new@partner.example"))
    assert not opens(reset)


def test_a_second_wish_for_an_address_ends_the_first(buyer: User) -> None:
    first = ask_email_change(buyer, "one@partner.example")
    second = ask_email_change(buyer, "two@partner.example")
    with pytest.raises(LinkIsOver):
        confirm(first)
    assert confirm(second) == "two@partner.example"


def test_only_who_can_read_the_mailbox_learns_that_an_address_is_taken(buyer: User) -> None:
    taken = make_user().email
    token = ask_email_change(buyer, taken)
    with pytest.raises(EmailTaken):
        confirm(token)
    assert read(buyer).email == buyer.email
    assert events("user_email_changed") == []


def test_of_two_who_confirm_the_same_address_at_once_one_gets_it(buyer: User) -> None:
    tokens = [ask_email_change(user, "same@partner.example") for user in (buyer, make_user_like(buyer))]
    outcomes = at_once([partial(confirm, token) for token in tokens])
    assert sorted(str(outcome)[:5] for outcome in outcomes) == ["There", "same@"]


def make_user_like(user: User) -> User:
    return make_user(make_partner(), password_hash=user.password_hash)


def test_another_address_needs_the_password_and_must_be_a_new_address(buyer: User) -> None:
    with pytest.raises(WrongPassword):
        ask_email_change(buyer, "new@partner.example", "wrong")
    for bad in ("", "ana", "a@b.example, c@d.example", "Ana <ana@b.example>", "x" * 250 + "@b.example"):
        with pytest.raises(EmailInvalid):
            ask_email_change(buyer, bad)
    with pytest.raises(NothingNew):
        ask_email_change(buyer, buyer.email.upper())
    assert asked_links("email_change_asked") == []


def test_a_stolen_browser_cannot_be_used_to_write_to_strangers(buyer: User) -> None:
    for n in range(3):
        ask_email_change(buyer, f"stranger{n}@elsewhere.example")
    with pytest.raises(TooManyTries):
        ask_email_change(buyer, "stranger3@elsewhere.example")


def test_asking_for_a_reset_never_tells_whether_somebody_is_there(buyer: User) -> None:
    blocked, closed = make_user_like(buyer), make_user_like(buyer)
    block(blocked)
    close_partner(closed)
    for n, email in enumerate((buyer.email, blocked.email, closed.email, "nobody@nowhere.example", "", "x\x00y")):
        assert ask_reset(email, f"192.0.2.{n}") is None  # type: ignore[func-returns-value]
    (event,) = events("password_reset_asked")
    assert event.data["user"] == buyer.id
    assert told_of("password_reset_asked") == 1


def test_a_reset_opens_with_the_mailed_link_for_half_an_hour(buyer: User) -> None:
    ask_reset(f" {buyer.email.upper()} ")
    token = token_mailed(events("password_reset_asked")[0])
    assert opens(token, as_of=NOW + timedelta(minutes=29))
    cookie = enter(buyer)
    with transaction(visitor(OFFICE)) as session:
        account.use_link(session, token, NEW, NOW)
    assert who(cookie) is None
    assert logs_in(buyer.email, NEW)


def test_a_reset_leaves_the_second_factor_in_force(buyer: User) -> None:
    set_up(buyer)
    ask_reset(buyer.email)
    with transaction(visitor(OFFICE)) as session:
        account.use_link(session, token_mailed(events("password_reset_asked")[0]), NEW, NOW)
    assert redeem(ticket_for(read(buyer))) is None


def test_an_address_gets_few_mails_and_who_asks_for_more_is_not_told(buyer: User) -> None:
    for n in range(8):
        ask_reset(buyer.email, f"192.0.2.{n}")
    assert len(events("password_reset_asked")) == 4
    ask_reset(buyer.email, "192.0.2.100", minutes=10)
    assert len(events("password_reset_asked")) == 5


def test_an_invitation_in_the_old_mailbox_opens_nothing_after_the_address_changed(buyer: User) -> None:
    with transaction(SYSTEM) as session:
        make_link(session, buyer.id, "invite", NOW)
        link = make_link(session, buyer.id, "email", NOW, "new@partner.example")
        token = (address_of_link(session, link, NOW) or "").partition("?t=")[2]
    with transaction(SYSTEM) as session:
        account.confirm_email(session, token, NOW)
    with transaction(SYSTEM) as session:
        assert session.query(AccessLink).count() == 0


def test_one_ip_address_cannot_have_the_whole_company_mailed(buyer: User) -> None:
    for n in range(5):
        ask_reset(f"user{n}@nowhere.example")
    with pytest.raises(TooManyTries):
        ask_reset(buyer.email)
    assert events("password_reset_asked") == []
    ask_reset(buyer.email, "192.0.2.8")
    assert len(events("password_reset_asked")) == 1


def test_people_choose_their_own_language(buyer: User) -> None:
    with transaction(own(buyer), wall=False) as session:
        account.set_language(session, "en")
        with pytest.raises(NotFound):
            account.set_language(session, "xx")
    assert read(buyer).language == "en"


def test_people_change_their_own_name(buyer: User) -> None:
    with transaction(own(buyer), wall=False) as session:
        account.set_name(session, " Ana\x00 Ionescu ", NOW)
        with pytest.raises(NameMissing):
            account.set_name(session, " \x00 ", NOW)
    with transaction(own(read(buyer)), wall=False) as session:
        account.set_name(session, "Ana Ionescu", NOW)
    assert read(buyer).name == "Ana Ionescu"
    assert [event.data["old"] for event in events("user_renamed")] == [buyer.name]


def test_people_say_which_mails_they_do_not_want(buyer: User) -> None:
    for wanted in (["order_placed", "invoice_issued", "order_placed"], ["invoice_issued", "order_placed"], []):
        with transaction(own(buyer), wall=False) as session:
            account.choose_mails(session, wanted, [], NOW)
    assert [event.data["muted"] for event in events("user_mails_chosen")] == [["invoice_issued", "order_placed"], []]
    assert read(buyer).muted == []


def test_everything_about_oneself_touches_nobody_else(buyer: User) -> None:
    colleague = make_user(make_partner(), name="Colleague", password_hash=buyer.password_hash)
    before = vars(read(colleague)) | {"_sa_instance_state": None}
    change_password(buyer, PASSWORD)
    with transaction(own(buyer), wall=False) as session:
        account.set_name(session, "Ana", NOW)
        account.set_language(session, "en")
        account.choose_mails(session, ["order_placed"], [], NOW)
        secret = second_factor.new_setup(session, "").secret
        second_factor.turn_on(session, secret, second_factor.pyotp.TOTP(secret).at(NOW), NOW)
    assert vars(read(colleague)) | {"_sa_instance_state": None} == before


def test_a_viewer_has_no_account_at_the_partner(staff: User) -> None:
    viewer = Principal("partner", staff.id, make_partner().id, role="viewer")
    with transaction(viewer, wall=False) as session:
        for forbidden in (
            lambda: account.count_password_attempt(session, NOW),
            lambda: account.require_password(session, PASSWORD),
            lambda: account.set_language(session, "en"),
            lambda: account.set_name(session, "Ana", NOW),
            lambda: account.choose_mails(session, [], [], NOW),
        ):
            with pytest.raises(NotAllowed):
                forbidden()
