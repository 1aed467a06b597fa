"""The real ASGI app, Streamlit's runtime included, and browsers that are signed in."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.auth.sessions import open_session
from core.config import settings
from core.db import transaction
from core.principal import SYSTEM


@pytest.fixture
def client(running: TestClient, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser that has no cookie yet, and may ask for as much as it likes."""
    for rate in ("request_rate", "file_rate", "made_anew_rate"):
        monkeypatch.setattr(settings(), rate, 0)
    running.cookies.clear()
    yield running
    running.cookies.clear()


@pytest.fixture
def sign_in(client: TestClient) -> Callable[[User], None]:
    """Give the browser a session of this user."""

    def _sign_in(user: User) -> None:
        with transaction(SYSTEM) as session:
            client.cookies.set("sid", open_session(session, user.id, clock.now()))

    return _sign_in
