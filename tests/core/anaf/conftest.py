"""An ANAF that the portal takes for the real one."""

from collections.abc import Iterator

import pytest

from core import config
from core.anaf import client
from tests.anaf_fake import Anaf, serving


@pytest.fixture
def anaf(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anaf]:
    monkeypatch.setattr(client, "SECONDS", 3)
    monkeypatch.setattr(client, "TOKEN_SECONDS", 3)
    with serving() as running:
        monkeypatch.setenv("ANAF_API_URL", running.url)
        monkeypatch.setenv("ANAF_LOGIN_URL", running.login_url)
        config.settings.cache_clear()
        yield running
    config.settings.cache_clear()
