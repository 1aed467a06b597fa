"""A page opened by a program over its WebSocket, without the browser that would ask for a log-in first."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from core import clock
from core.auth.models import LoginSession, User
from core.auth.sessions import end_sessions, open_session
from core.db import transaction
from core.partners.models import Partner
from core.principal import SYSTEM
from pages.ui.menu import PAGES
from tests.attacks.conftest import Say
from tests.factories import make_partner, make_product, make_user

NAME, CUI, SKU = "Zmeurache", "14399840", "ZX-9001"
SECRETS = (NAME, CUI, SKU)
PRIVATE = [entry.url for entry in PAGES if entry.side != "public"]


@pytest.fixture
def partner(database: str) -> Partner:
    make_product(stock=5, sku=SKU, name=f"{NAME} pneumatic")
    return make_partner(name=f"{NAME} SRL", cui=CUI, code="ZMEU")


def told(said: str) -> list[str]:
    return [secret for secret in SECRETS if secret in said]


def test_without_a_session_no_page_tells_anything(partner: Partner, page_says: Say) -> None:
    for page in PRIVATE:
        said = page_says(page, "order=1&document=1&partner=1&product=1")
        assert not told(said), page
        assert "data_frame" not in said, page


def test_with_one_the_same_page_does(
    partner: Partner, page_says: Say, client: TestClient, sign_in: Callable[[User], None]
) -> None:
    """The control: the test above looks at pages that have something to tell."""
    sign_in(make_user(language="en"))
    assert told(page_says("staff-partners"))
    sign_in(make_user(partner, language="en"))
    assert told(page_says("catalog"))


@pytest.mark.parametrize("cookie", ["", "x", "0" * 43, "' or 1=1 --"])
def test_a_made_up_cookie_opens_nothing(partner: Partner, page_says: Say, client: TestClient, cookie: str) -> None:
    assert not told(page_says("staff-partners", cookie=f"sid={cookie}"))


def test_a_session_that_was_ended_elsewhere_tells_nothing_more(
    partner: Partner, page_says: Say, client: TestClient
) -> None:
    user = make_user(language="en")
    with transaction(SYSTEM) as session:
        client.cookies.set("sid", open_session(session, user.id, clock.now()))
    assert told(page_says("staff-partners"))
    with transaction(SYSTEM) as session:
        end_sessions(session, user.id, clock.now())
    assert not told(page_says("staff-partners"))


@pytest.mark.parametrize("role", ["warehouse", "analyst"])
def test_a_role_that_was_taken_away_opens_nothing_more(
    partner: Partner, page_says: Say, sign_in: Callable[[User], None], role: str
) -> None:
    user = make_user(language="en")
    sign_in(user)
    with transaction(SYSTEM) as session:
        session.execute(update(User).where(User.id == user.id).values(role=role))
    said = page_says("staff-users")
    assert user.email not in said
    assert "You have no access to this page" in said


def test_a_partner_that_was_closed_is_out_at_the_next_click(
    partner: Partner, page_says: Say, sign_in: Callable[[User], None]
) -> None:
    sign_in(make_user(partner, language="en"))
    assert told(page_says("catalog"))
    with transaction(SYSTEM) as session:
        session.execute(update(Partner).values(status="closed"))
    assert not told(page_says("catalog"))


def test_nobody_takes_over_a_page_by_its_number(
    partner: Partner, page_says: Say, client: TestClient, sign_in: Callable[[User], None]
) -> None:
    """Streamlit lets a page that lost its line take its state up again; what it shows is still asked of the cookie."""
    sign_in(make_user(language="en"))
    said = page_says("staff-partners")
    number = said.split('session_id: "')[1].split('"')[0]
    client.cookies.clear()
    taken_over = page_says("staff-partners", **{"sec-websocket-protocol": f"streamlit, x, {number}"})
    assert not told(taken_over)
    with transaction(SYSTEM) as session:
        assert session.query(LoginSession).count() == 1
