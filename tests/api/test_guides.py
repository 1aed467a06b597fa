"""The guides' pictures over HTTP: for whoever is logged in, and nothing but pictures."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from core.auth.models import User
from core.guides import reading
from tests.factories import make_partner, make_user

ADDRESS = "/guide-pictures/ro/first-order-cart.webp"


@pytest.fixture
def _one_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ro" / "pictures").mkdir(parents=True)
    Image.new("RGB", (300, 200)).save(tmp_path / "ro" / "pictures" / "first-order-cart.webp")
    monkeypatch.setattr(reading, "FOLDER", tmp_path)


@pytest.mark.usefixtures("_one_picture")
@pytest.mark.parametrize("partner", [True, False])
def test_who_is_logged_in_gets_it(
    client: TestClient, database: str, sign_in: Callable[[User], None], partner: bool
) -> None:
    sign_in(make_user(make_partner() if partner else None))
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["cache-control"] == "private, max-age=3600"


@pytest.mark.usefixtures("_one_picture")
def test_nobody_else_does(client: TestClient, database: str) -> None:
    assert client.get(ADDRESS).status_code == 401


@pytest.mark.usefixtures("_one_picture")
@pytest.mark.parametrize("path", ["ro/nothing", "de/first-order-cart", "ro/a.b"])
def test_what_is_no_picture_is_not_found(
    client: TestClient, database: str, sign_in: Callable[[User], None], path: str
) -> None:
    sign_in(make_user())
    assert client.get(f"/guide-pictures/{path}.webp").status_code == 404
