"""The pages as Streamlit's own test runner sees them, with a cookie as a browser would bring it."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from unittest.mock import PropertyMock, patch

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.context import ContextProxy
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from core import clock
from core.auth.models import User
from core.auth.sessions import open_session, principal_of_cookie
from core.config import ROOT
from core.db import transaction
from core.principal import SYSTEM, Principal
from pages.ui.text import LANGUAGE_KEY
from tests.pages.shop import Opener, opener

PAGE_FILES = sorted(
    str(path.relative_to(ROOT))
    for folder in ("partner", "staff", "both")
    for path in (ROOT / "pages" / folder).glob("*.py")
    if path.name != "__init__.py"
)


@pytest.fixture(autouse=True, scope="session")
def _found_and_compiled_once() -> Iterator[None]:
    """Every AppTest looks through all installed packages for components, and every run of one compiles the pages: both
    take longer than a page of ours, and neither changes while the tests run. The web process does them once, too."""
    found, compiled = lru_cache(manifest_scanner.scan_component_manifests), ScriptCache()
    with (
        patch.object(manifest_scanner, "scan_component_manifests", found),
        patch.object(app_test, "ScriptCache", return_value=compiled),
        patch.object(local_script_runner, "ScriptCache", return_value=compiled),
    ):
        yield


@pytest.fixture(autouse=True)
def _english() -> None:
    """AppTest names the options of a widget outside the page's session: in the language most tests here read."""
    st.session_state[LANGUAGE_KEY] = "en"


@pytest.fixture
def cookies() -> Iterator[dict[str, str]]:
    """What the browser sends; AppTest itself knows no cookies."""
    sent: dict[str, str] = {"pre": "the mark of this browser"}
    with (
        patch.object(ContextProxy, "cookies", new_callable=PropertyMock, return_value=sent),
        patch.object(ContextProxy, "ip_address", new_callable=PropertyMock, return_value="192.0.2.7"),
    ):
        yield sent


@pytest.fixture
def sign_in(cookies: dict[str, str]) -> Callable[[User], None]:
    def _sign_in(user: User) -> None:
        with transaction(SYSTEM) as session:
            cookies["sid"] = open_session(session, user.id, clock.now())

    return _sign_in


def who_is_there() -> Principal:
    """Whose session the browser's cookie stands for, asked outside a page."""
    with transaction(SYSTEM) as session:
        principal = principal_of_cookie(session, st.context.cookies["sid"], clock.now())
    assert principal is not None
    return principal


@pytest.fixture
def app(database: str, cookies: dict[str, str]) -> AppTest:
    """The whole app from Home.py, not run yet; every test has its own database, so nothing cached may stay."""
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)


@pytest.fixture
def open_page(database: str, sign_in: Callable[[User], None]) -> Opener:
    st.cache_data.clear()
    return opener(sign_in)


def shown_error(page: AppTest) -> str:
    """The first error on the page as people read it: without the signs that keep Markdown from changing it."""
    return page.error[0].value.replace("\\", "")


def open_tab(page: AppTest, key: str, name: str) -> None:
    """Choose a tab among those with this key, by its name; only the one that is open is drawn."""
    page.session_state[key] = name
    page.run()
    assert not page.exception
