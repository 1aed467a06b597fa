"""Pictures and files over HTTP: for whom, how often, and never as a page of this site."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.catalog.attachments import add_file
from core.catalog.models import Product
from core.catalog.normalising import normalised
from core.catalog.pictures import add_picture
from core.db import transaction
from core.principal import SYSTEM
from tests.core.catalog.files import opened, picture
from tests.core.orders.steps import scalar
from tests.factories import make_partner, make_product, make_user

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SignIn = Callable[[User], None]


def put_picture(product: Product) -> str:
    """The address of a new picture, without its size."""
    with transaction(SYSTEM) as session:
        return f"/images/{add_picture(session, product.id, normalised(picture(500, 400)), 'a.png', clock.now())}"


def put_file(product: Product, name: str = "fișă tehnică.pdf", content: bytes = b"%PDF-1.7") -> str:
    with transaction(SYSTEM) as session:
        add_file(session, product.id, name, content, clock.now())
    return f"/files/{scalar('select max(id) from product_file')}"


@pytest.fixture
def image(database: str) -> str:
    return put_picture(make_product())


@pytest.fixture
def file(database: str) -> str:
    return put_file(make_product())


def test_a_partner_gets_both_sizes_and_its_browser_keeps_them(client: TestClient, image: str, sign_in: SignIn) -> None:
    sign_in(make_user(make_partner()))
    for size, side in (("small", 128), ("large", 500)):
        answer = client.get(f"{image}/{size}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["cache-control"] == "private, max-age=604800, immutable"
        assert answer.headers["vary"] == "cookie"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert opened(answer.content).width == side
        again = client.get(f"{image}/{size}", headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == answer.headers["cache-control"]


def test_the_mark_of_one_size_or_picture_is_not_that_of_another(
    client: TestClient, image: str, sign_in: SignIn
) -> None:
    sign_in(make_user(make_partner()))
    small = client.get(f"{image}/small").headers["etag"]
    assert client.get(f"{image}/large", headers={"if-none-match": small}).status_code == 200
    other = put_picture(make_product())
    assert client.get(f"{other}/small", headers={"if-none-match": small}).status_code == 200


@pytest.mark.parametrize("hidden", [{"active": False}, {"restricted": True}])
def test_what_is_not_offered_is_answered_as_what_is_not_there(
    client: TestClient, database: str, sign_in: SignIn, hidden: dict[str, bool]
) -> None:
    product = make_product(**hidden)
    image, file = put_picture(product), put_file(product)
    sign_in(make_user(make_partner()))
    for address, absent in ((f"{image}/small", "/images/999999/small"), (file, "/files/999999")):
        ours, none = client.get(address), client.get(absent)
        assert ours.status_code == none.status_code == 404
        assert ours.content == none.content
        assert dict(ours.headers) == dict(none.headers)
        assert ours.headers["cache-control"] == "private, no-store"
    known = {"if-none-match": f'"{image.split("/")[2]}-small"'}
    assert client.get(f"{image}/small", headers=known).status_code == 404
    sign_in(make_user(role="warehouse"))
    assert client.get(f"{image}/small").status_code == client.get(file).status_code == 200


@pytest.mark.parametrize("address", [
    "/images/x/small", "/images/0/small", "/images/-1/small", "/images/99999999999999/small", "/images/1/huge",
    "/files/x", "/files/99999999999999",
])  # fmt: skip
def test_what_is_no_address_of_anything_is_not_found(client: TestClient, address: str, sign_in: SignIn) -> None:
    sign_in(make_user())
    assert client.get(address).status_code == 404


def test_who_is_not_signed_in_gets_nothing(client: TestClient, image: str, file: str) -> None:
    for address in (f"{image}/small", file):
        assert client.get(address).status_code == 401
        led = client.get(address, headers=BROWSER)
        assert (led.status_code, led.headers["location"]) == (303, "/?next=" + address.replace("/", "%2F"))


def test_a_partners_accountant_who_has_no_catalogue_gets_nothing(
    client: TestClient, image: str, file: str, sign_in: SignIn
) -> None:
    sign_in(make_user(make_partner(), role="accountant"))
    assert client.get(f"{image}/small").status_code == client.get(file).status_code == 403


def test_a_file_is_saved_under_its_name_and_never_opened_as_a_page(
    client: TestClient, file: str, sign_in: SignIn
) -> None:
    sign_in(make_user(make_partner()))
    answer = client.get(file)
    assert answer.content == b"%PDF-1.7"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''fi%C8%99%C4%83%20tehnic%C4%83.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_text_with_markup_in_it_stays_a_text_to_be_saved(client: TestClient, database: str, sign_in: SignIn) -> None:
    address = put_file(make_product(), 'x";\r\nset-cookie: a=b.txt', b"<script>alert(1)</script>")
    sign_in(make_user(make_partner()))
    answer = client.get(address)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "a=b" not in str(answer.headers.get("set-cookie"))
