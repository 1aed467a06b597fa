"""Mailed links: they open one thing, once, and not for long, and nothing that is kept can make one."""

import hmac
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from core.auth import account, links, users
from core.auth.links import LinkIsOver, Purpose, address_of_link, make_link, open_link
from core.auth.models import AccessLink, User
from core.auth.passwords import PasswordTooShort
from core.auth.signing_in import check_password
from core.auth.throttling import TooManyTries
from core.config import settings
from core.db import transaction
from core.partners.models import Partner
from core.principal import SYSTEM, visitor
from tests.core.auth.conftest import NOW, PASSWORD, events, everything_kept, read
from tests.factories import make_user
from tests.threads import at_once

NEW = "three odd words together"


def mailed(user: User, purpose: Purpose = "invite", as_of: datetime = NOW) -> str:
    """The token in the link of a mail that leaves at once."""
    with transaction(SYSTEM) as session:
        new_email = "new@partner.example" if purpose == "email" else ""
        return token_of(address_of_link(session, make_link(session, user.id, purpose, as_of, new_email), as_of))


def token_of(address: str | None) -> str:
    assert address
    return address.split("?t=")[1]


def opens(token: str, *purposes: Purpose, as_of: datetime = NOW) -> bool:
    try:
        with transaction(visitor("192.0.2.7")) as session:
            open_link(session, token, as_of, *(purposes or ("invite", "reset")))
    except LinkIsOver:
        return False
    return True


def use(token: str, password: str = NEW, as_of: datetime = NOW) -> str:
    with transaction(visitor("192.0.2.7")) as session:
        return account.use_link(session, token, password, as_of).email


def logs_in(user: User, password: str) -> bool:
    with transaction(SYSTEM) as session:
        return check_password(session, user.email, password) is not None


@pytest.mark.parametrize(
    ("purpose", "path"), [("invite", "/set-password"), ("reset", "/set-password"), ("email", "/confirm-email")]
)
def test_a_link_leads_to_its_page_and_says_whose_it_is(buyer: User, purpose: Purpose, path: str) -> None:
    with transaction(SYSTEM) as session:
        link_id = make_link(session, buyer.id, purpose, NOW, "new@partner.example" if purpose == "email" else "")
        address = address_of_link(session, link_id, NOW)
        opened = open_link(session, token_of(address), NOW, purpose)
    assert address
    assert address.startswith(f"{settings().public_url}{path}?t=")
    assert (opened.user_id, opened.email, opened.name, opened.purpose) == (buyer.id, buyer.email, buyer.name, purpose)


def test_opening_a_link_uses_nothing_up_and_setting_the_password_does(buyer: User) -> None:
    token = mailed(buyer)
    assert [opens(token) for _ in range(3)] == [True] * 3
    assert use(token) == buyer.email
    assert not opens(token)
    with pytest.raises(LinkIsOver):
        use(token, "a second odd attempt here")
    assert logs_in(buyer, NEW)


def test_a_password_that_is_refused_leaves_the_link_as_it_is(buyer: User) -> None:
    token = mailed(buyer)
    with pytest.raises(PasswordTooShort):
        use(token, "short")
    assert opens(token)
    assert logs_in(buyer, PASSWORD)


def test_of_eight_who_use_a_link_at_the_same_moment_one_sets_the_password(buyer: User) -> None:
    token = mailed(buyer)
    words = [f"number {n} of the odd passwords" for n in range(8)]
    outcomes = at_once([partial(use, token, password) for password in words])
    assert outcomes.count(buyer.email) == 1
    assert sum(isinstance(outcome, LinkIsOver) for outcome in outcomes) == 7
    winner = words[outcomes.index(buyer.email)]
    assert [password for password in words if logs_in(buyer, password)] == [winner]


def test_using_a_link_and_sending_a_new_one_at_once_never_deadlocks(buyer: User) -> None:
    def send_another() -> None:
        with transaction(SYSTEM) as session:
            users.invite(session, buyer.id, NOW)

    for _ in range(5):
        outcomes = at_once([partial(use, mailed(buyer)), send_another, send_another])
        assert {type(outcome) for outcome in outcomes} <= {str, type(None), LinkIsOver, TooManyTries}


def test_a_new_link_ends_the_one_before(buyer: User) -> None:
    old, new = mailed(buyer), mailed(buyer)
    assert not opens(old)
    assert opens(new)


@pytest.mark.parametrize(
    ("purpose", "life"),
    [("invite", timedelta(days=7)), ("reset", timedelta(minutes=30)), ("email", timedelta(hours=24))],
)
def test_a_link_ends_by_itself(buyer: User, purpose: Purpose, life: timedelta) -> None:
    token = mailed(buyer, purpose)
    assert opens(token, purpose, as_of=NOW + life - timedelta(seconds=1))
    assert not opens(token, purpose, as_of=NOW + life)


def test_a_link_opens_nothing_but_what_it_is_for(buyer: User) -> None:
    tokens = {purpose: mailed(buyer, purpose) for purpose in links.LIVES}
    found = {(made, asked) for made in tokens for asked in links.LIVES if opens(tokens[made], asked)}
    assert found == {(purpose, purpose) for purpose in links.LIVES}
    with pytest.raises(LinkIsOver):
        use(tokens["email"])
    with transaction(SYSTEM) as session, pytest.raises(LinkIsOver):
        account.confirm_email(session, tokens["reset"], NOW)


def test_a_link_that_was_changed_opens_nothing(buyer: User) -> None:
    token, other = mailed(buyer), mailed(make_user())
    changed = [f"{token[:n]}{'0' if token[n] != '0' else '1'}{token[n + 1 :]}" for n in (0, 31, 32, len(token) - 1)]
    tampered = [*changed, token[:32], token[:-1], f"{token}0", other[:32] + token[32:], token[:32] + other[32:]]
    assert [opens(guess) for guess in tampered] == [False] * len(tampered)
    assert opens(token)


@pytest.mark.parametrize("token", ["", "x", "\x00", "ș" * 96, "0" * 96, "{" * 40, "-" * 96])
def test_nonsense_opens_nothing(database: str, token: str) -> None:
    assert not opens(token)


def block(user: User) -> None:
    with transaction(SYSTEM) as session:
        users.set_active(session, user.id, False, NOW)


def block_and_let_in_again(user: User) -> None:
    block(user)
    with transaction(SYSTEM) as session:
        users.set_active(session, user.id, True, NOW)


def close_partner(user: User) -> None:
    with transaction(SYSTEM) as session:
        session.get_one(Partner, user.partner_id).status = "closed"


def withdraw(user: User) -> None:
    with transaction(SYSTEM) as session:
        users.revoke_invitation(session, user.id, NOW)


def give_a_password(user: User) -> None:
    with transaction(SYSTEM) as session:
        users.set_password(session, user.id, NEW, NOW)


@pytest.mark.parametrize("change", [block, block_and_let_in_again, close_partner, withdraw, give_a_password])
def test_a_link_ends_with_what_it_was_for(buyer: User, change: Callable[[User], None]) -> None:
    token = mailed(buyer)
    change(buyer)
    assert not opens(token)


def test_a_new_password_also_ends_a_link_to_another_address(buyer: User) -> None:
    """Who got in with a stolen password may have asked for it, and would come back through the forgotten password."""
    token = mailed(buyer, "email")
    give_a_password(buyer)
    assert not opens(token, "email")


def test_an_approved_partners_first_person_can_open_the_invitation(buyer: User) -> None:
    with transaction(SYSTEM) as session:
        session.get_one(Partner, buyer.partner_id).status = "approved"
    assert opens(mailed(buyer))


def test_nothing_that_is_kept_opens_a_link(buyer: User) -> None:
    with transaction(SYSTEM) as session:
        users.invite(session, buyer.id, NOW)
        account.ask_reset(session, buyer.email, NOW)
    with transaction(SYSTEM) as session:
        rows = session.scalars(select(AccessLink)).all()
        tokens = [token_of(address_of_link(session, row.id, NOW)) for row in rows]
    kept = everything_kept()
    assert len(rows) == 2
    for row, token in zip(rows, tokens, strict=True):
        assert str(row.id) in kept
        assert token[32:] not in kept
        assert not opens(row.id.hex)
        forged = hmac.new(b"", b"access-link:" + row.id.bytes, "sha256").hexdigest()
        assert not opens(row.id.hex + forged)


def test_another_secret_key_ends_all_links(buyer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = mailed(buyer)
    monkeypatch.setenv("SECRET_KEY", "another secret of the installation, long enough")
    settings.cache_clear()
    assert not opens(token)


def test_a_mail_that_leaves_late_carries_no_dead_link(buyer: User) -> None:
    with transaction(SYSTEM) as session:
        old = make_link(session, buyer.id, "reset", NOW)
        assert address_of_link(session, old, NOW + timedelta(minutes=30)) is None
        make_link(session, buyer.id, "reset", NOW)
    with transaction(SYSTEM) as session:
        assert address_of_link(session, old, NOW) is None
        assert address_of_link(session, uuid.uuid4(), NOW) is None


def test_links_whose_time_is_over_are_swept(buyer: User) -> None:
    mailed(buyer, "reset")
    mailed(buyer, "invite")
    with transaction(SYSTEM) as session:
        links.forget_old_links(session, NOW + timedelta(hours=1))
        assert session.scalars(select(AccessLink.purpose)).all() == ["invite"]


def test_the_first_password_through_a_link_is_told_apart_from_a_new_one(buyer: User) -> None:
    newcomer = make_user(password_hash="")
    use(mailed(newcomer))
    use(mailed(buyer, "reset"))
    told = [(event.user_id, event.address, event.data) for event in events("user_password_changed")]
    assert told == [
        (newcomer.id, "192.0.2.7", {"user": newcomer.id, "first": True}),
        (buyer.id, "192.0.2.7", {"user": buyer.id, "first": False}),
    ]
    assert read(newcomer).password_hash.startswith("$2b$")
