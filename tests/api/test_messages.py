"""Pictures of messages and files of conversations over HTTP: for whom, and never as a page of this site."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.catalog.normalising import normalised
from core.messages.files import NewFile
from core.messages.threads import About
from core.partners.models import Partner
from tests.core.catalog.files import opened, picture
from tests.core.messages import steps
from tests.core.orders.steps import scalar
from tests.factories import make_partner, make_staff, make_user, principal_of

SignIn = Callable[[User], None]


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner()


@pytest.fixture
def image(partner: Partner) -> str:
    """The address of the picture of a message to this partner alone."""
    message = steps.post(make_staff(), clock.now(), normalised(picture(500, 400)), audience="partners",
                         chosen=frozenset({partner.id}))  # fmt: skip
    return f"/messages/{message}/picture"


def send(partner: Partner, name: str, content: bytes) -> str:
    """The address of a file that somebody of the partner has sent."""
    steps.write(principal_of(make_user(partner)), About(partner.id), "Look", NewFile(name, content))
    return f"/conversations/files/{scalar('select max(id) from thread_file')}"


def test_the_picture_of_a_message_is_for_those_it_is_for_and_for_staff(
    client: TestClient, partner: Partner, image: str, sign_in: SignIn
) -> None:
    for user in (make_user(partner), make_user(partner, role="accountant"), make_user(role="sales")):
        sign_in(user)
        answer = client.get(image)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["vary"] == "cookie"
        assert opened(answer.content).width == 500


def test_what_is_for_others_is_answered_as_what_is_not_there(
    client: TestClient, partner: Partner, image: str, sign_in: SignIn
) -> None:
    file = send(partner, "a.pdf", b"%PDF-1.7")
    sign_in(make_user(make_partner()))
    for address, absent in ((image, "/messages/999999/picture"), (file, "/conversations/files/999999")):
        theirs, none = client.get(address), client.get(absent)
        assert theirs.status_code == none.status_code == 404
        assert theirs.content == none.content
        assert dict(theirs.headers) == dict(none.headers)
    sign_in(make_user(role="analyst"))
    assert client.get(image).status_code == client.get(file).status_code == 403


@pytest.mark.parametrize("address", [
    "/messages/x/picture", "/messages/0/picture", "/messages/99999999999999/picture", "/conversations/files/x",
    "/conversations/files/-1",
])  # fmt: skip
def test_what_is_no_address_of_anything_is_not_found(client: TestClient, address: str, sign_in: SignIn) -> None:
    sign_in(make_user())
    assert client.get(address).status_code == 404


def test_who_is_not_signed_in_is_led_to_the_log_in(client: TestClient, image: str, partner: Partner) -> None:
    for address in (image, send(partner, "a.pdf", b"%PDF-1.7")):
        assert client.get(address).status_code == 401
        led = client.get(address, headers={"accept": "text/html"})
        assert (led.status_code, led.headers["location"]) == (303, "/?next=" + address.replace("/", "%2F"))


def test_a_file_is_saved_under_its_name_and_a_picture_is_shown(
    client: TestClient, partner: Partner, sign_in: SignIn
) -> None:
    files = {"ofertă.pdf": (b"%PDF-1.7", "attachment"), "a.txt": (b"<script>alert(1)</script>", "attachment"),
             "poză.png": (picture(9, 9), "inline")}  # fmt: skip
    addresses = {name: send(partner, name, content) for name, (content, _) in files.items()}
    for user in (make_user(partner), make_user(role="warehouse")):
        sign_in(user)
        for name, (content, shown) in files.items():
            answer = client.get(addresses[name])
            assert answer.content == content
            assert answer.headers["content-disposition"].startswith(f"{shown}; filename*=utf-8''")
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "private, no-store"
