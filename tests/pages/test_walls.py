"""Nobody sees a page that is not theirs: every page file and every kind of visitor."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.config import ROOT
from tests.factories import make_partner, make_user
from tests.pages.conftest import PAGE_FILES

NO_ACCESS = "You have no access to this page"


def open_page(app: AppTest, file: str) -> AppTest:
    """The page through the router, as a browser with this address would get it."""
    return app.run().switch_page(file).run()


def kind_of(file: str) -> str:
    return Path(file).parent.name


@pytest.fixture(params=["partner", "staff"])
def visitor(request: pytest.FixtureRequest, database: str) -> User:
    return make_user(make_partner() if request.param == "partner" else None, language="en")


@pytest.mark.parametrize("file", PAGE_FILES)
def test_a_page_opens_for_its_own_kind_and_only_for_it(
    app: AppTest, visitor: User, sign_in: Callable[[User], None], file: str
) -> None:
    sign_in(visitor)
    page = open_page(app, file)
    assert not page.exception
    if kind_of(file) == visitor.kind:
        assert NO_ACCESS not in [heading.value for heading in page.subheader]
    else:
        assert [heading.value for heading in [*page.title, *page.header, *page.subheader]] == [NO_ACCESS]
        assert not page.dataframe
        assert not page.metric
        assert [button.key for button in page.button] == ["log_out"]


@pytest.mark.parametrize("file", PAGE_FILES)
def test_who_is_not_signed_in_sees_the_login_and_nothing_else(app: AppTest, file: str) -> None:
    page = open_page(app, file)
    assert [heading.value for heading in [*page.title, *page.header, *page.subheader]] == ["Rampa", "Autentificare"]
    assert not page.dataframe
    assert not page.sidebar.children


def functions_of(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


def is_fragment(function: ast.FunctionDef) -> bool:
    return any("fragment" in ast.unparse(decorator) for decorator in function.decorator_list)


@pytest.mark.parametrize("file", PAGE_FILES)
def test_every_fragment_asks_again_who_is_there(file: str) -> None:
    """A fragment runs by itself, without Home.py and without the rest of its page."""
    for fragment in filter(is_fragment, functions_of(ROOT / file)):
        body = fragment.body[1:] if ast.get_docstring(fragment) else fragment.body
        assert f"require('{kind_of(file)}')" in ast.unparse(body[0]), f"{fragment.name} must start with require()"
