"""No more mails of a kind, over HTTP and without a log-in."""

from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from core.auth.models import User
from core.db import transaction
from core.notifications.unsubscribing import address_to_unsubscribe
from core.principal import SYSTEM
from tests.factories import make_partner, make_user


@pytest.fixture
def user(database: str) -> User:
    return make_user(make_partner(), language="ro")


def address(user: User, template: str = "order_confirmed") -> str:
    parts = urlsplit(address_to_unsubscribe(user.id, template))
    return f"{parts.path}?{parts.query}"


def muted(user: User) -> list[str]:
    with transaction(SYSTEM) as session:
        return session.get_one(User, user.id).muted


def test_opening_the_address_only_asks_and_the_button_does_it(client: TestClient, user: User) -> None:
    page = client.get(address(user))
    assert page.status_code == 200
    assert "Nu mai doriți e-mailuri de tipul „Comanda mea a fost primită”?" in page.text
    assert muted(user) == []
    done = client.post(address(user))
    assert "Nu mai primiți e-mailuri" in done.text
    assert muted(user) == ["order_confirmed"]
    assert client.post(address(user)).status_code == 200


def test_a_mail_program_does_it_with_one_post(client: TestClient, user: User) -> None:
    answer = client.post(address(user, "order_claimed"), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert muted(user) == ["order_claimed"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?user=1",
        "?user=1&mail=order_confirmed&seal=x",
        "?user=99999999999&mail=x&seal=",
        "?user=-1&mail=order_confirmed&seal=a",
        "?user=1&mail=%00&seal=%00",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_was_never_mailed_is_not_there(client: TestClient, user: User, method: str, query: str) -> None:
    assert client.request(method, f"/unsubscribe{query}").status_code == 404
    assert muted(user) == []
