"""Nobody sees a page that is not theirs: every page, every role, and who is not signed in."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.auth.viewing import start_ordering, start_viewing
from core.company import change_company
from core.config import ROOT
from core.db import transaction
from core.permissions import AGENT, PARTNER_ROLES, PERMISSIONS, ROLES, VIEWER
from core.principal import SYSTEM, Principal
from pages.ui.menu import PAGES, Entry, opens, start_page
from tests.factories import make_partner, make_user
from tests.pages.conftest import PAGE_FILES, who_is_there

NO_ACCESS = "You have no access to this page"
PRIVATE = [entry for entry in PAGES if entry.side != "public"]
PUBLIC = [entry for entry in PAGES if entry.side == "public"]
STEPPING_IN = {VIEWER: start_viewing, AGENT: start_ordering}
SOURCES = sorted((ROOT / "pages").rglob("*.py"))


def headings(page: AppTest) -> list[str]:
    return [heading.value for heading in [*page.title, *page.header, *page.subheader]]


def is_for(entry: Entry, role: str) -> bool:
    """Whether the page is to open, read off the table of permissions alone."""
    side = "partner" if role in (*PARTNER_ROLES, VIEWER, AGENT) else "staff"
    return entry.side in ("both", side) and any(role in PERMISSIONS[action] for action in entry.actions)


def sign_in_as(role: str, sign_in: Callable[[User], None]) -> Principal:
    """Somebody of this role, signed in; as they are found at the next click."""
    partner = make_partner()
    if role in PARTNER_ROLES:
        sign_in(make_user(partner, role=role, language="en"))
    else:
        sign_in(make_user(role="admin" if role in STEPPING_IN else role, language="en"))
    if role in STEPPING_IN:
        me = who_is_there()
        with transaction(me) as session:
            STEPPING_IN[role](session, partner.id, "to see what they see", clock.now())
    return who_is_there()


def assert_shows_nothing(page: AppTest, principal: Principal, file: str) -> None:
    """Nothing of the page but the way to one's own pages, and what stands around every page."""
    around = {"log_out", "end_view"} if principal.in_place else {"log_out"}
    assert headings(page) == [NO_ACCESS], file
    assert {button.key for button in page.button} == around, file
    for kind in ("dataframe", "metric", "table", "text_input", "number_input", "selectbox", "checkbox", "expander"):
        assert not page.get(kind), (file, kind)


@pytest.mark.parametrize("role", ROLES)
def test_a_page_opens_for_whom_the_table_names_and_shows_nothing_to_others(
    app: AppTest, sign_in: Callable[[User], None], role: str
) -> None:
    principal = sign_in_as(role, sign_in)
    assert principal.role == role
    app.run()
    opened = set()
    for entry in PRIVATE:
        page = app.switch_page(entry.file).run()
        assert not page.exception, entry.file
        if NO_ACCESS in headings(page):
            assert_shows_nothing(page, principal, entry.file)
        else:
            assert headings(page), entry.file
            opened.add(entry.file)
    assert opened == {entry.file for entry in PRIVATE if is_for(entry, role)}
    assert opened == {entry.file for entry in PRIVATE if opens(entry, principal)}


def test_who_has_to_set_up_a_second_factor_finds_only_the_own_account(
    app: AppTest, sign_in: Callable[[User], None]
) -> None:
    with transaction(SYSTEM) as session:
        change_company(session, two_factor_roles=["admin"])
    principal = sign_in_as("admin", sign_in)
    app.run()
    for entry in PRIVATE:
        page = app.switch_page(entry.file).run()
        assert not page.exception, entry.file
        assert (NO_ACCESS not in headings(page)) is (entry.url == "account"), entry.file
    assert start_page(principal).url == "account"


def test_who_is_not_signed_in_sees_the_login_and_nothing_else(app: AppTest) -> None:
    app.run()
    for entry in PRIVATE:
        page = app.switch_page(entry.file).run()
        assert headings(page) == ["Rampa", "Autentificare"], entry.file
        assert [box.label for box in page.text_input] == ["E-mail", "Parolă"], entry.file
        assert not page.dataframe, entry.file
        assert not page.sidebar.children, entry.file


@pytest.mark.parametrize("entry", PUBLIC, ids=lambda entry: entry.url)
def test_a_public_page_opens_for_everybody(
    app: AppTest, sign_in: Callable[[User], None], cookies: dict[str, str], entry: Entry
) -> None:
    page = app.run().switch_page(entry.file).run()
    assert not page.exception
    assert "Autentificare" not in headings(page)
    assert not page.sidebar.children
    sign_in(make_user(language="en"))
    page = page.run()
    assert not page.exception
    assert NO_ACCESS not in headings(page)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_starts_on_a_page_that_opens(
    database: str, cookies: dict[str, str], sign_in: Callable[[User], None], role: str
) -> None:
    principal = sign_in_as(role, sign_in)
    assert is_for(start_page(principal), role)


def test_a_session_that_ends_while_a_page_is_open_shows_the_login(
    app: AppTest, sign_in: Callable[[User], None], cookies: dict[str, str]
) -> None:
    sign_in(make_user(language="en"))
    page = app.run().switch_page("pages/staff/settings.py").run()
    assert headings(page)[0] != "Rampa"
    cookies.pop("sid")
    assert headings(page.run())[0] == "Rampa"


# What the pages say in their source.


def calls_of_require(tree: ast.AST) -> list[tuple[str, ...]]:
    """The arguments, where all of them are written out."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "require"]
    return [
        tuple(argument.value for argument in call.args if isinstance(argument, ast.Constant))
        for call in calls
        if all(isinstance(argument, ast.Constant) for argument in call.args)
    ]


def test_the_menu_knows_every_page_and_every_page_is_there() -> None:
    files = {
        str(path.relative_to(ROOT)) for path in SOURCES if path.parent.name in ("partner", "staff", "both", "public")
    }
    assert {entry.file for entry in PAGES} == {file for file in files if not file.endswith("__init__.py")}
    assert {entry.file for entry in PRIVATE} == set(PAGE_FILES)
    assert len({entry.url for entry in PAGES}) == len(PAGES)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.url)
def test_a_page_stands_in_the_folder_of_its_side(entry: Entry) -> None:
    assert Path(entry.file).parent.name == entry.side
    assert bool(entry.actions) == (entry.side != "public")


@pytest.mark.parametrize("entry", PRIVATE, ids=lambda entry: entry.url)
def test_a_page_asks_for_what_its_place_in_the_menu_says(entry: Entry) -> None:
    assert (entry.side, *entry.actions) in calls_of_require(ast.parse((ROOT / entry.file).read_text()))


def test_what_pages_ask_for_is_in_the_table() -> None:
    asked = {
        action
        for path in SOURCES
        for _, *actions in calls_of_require(ast.parse(path.read_text()))
        for action in actions
    }
    assert asked <= PERMISSIONS.keys()


def runs_by_itself() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Fragments, and what is shown in dialogs: a click there runs it without Home.py and the rest of its page."""
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        inside = set(shown_in_dialogs(tree))
        assert bool(inside) == ("st.dialog" in path.read_text()), path
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (is_fragment(node) or node.name in inside):
                yield f"{path.relative_to(ROOT)}:{node.name}", node


def is_fragment(function: ast.FunctionDef) -> bool:
    return any("fragment" in ast.unparse(decorator) for decorator in function.decorator_list)


def shown_in_dialogs(tree: ast.AST) -> Iterator[str]:
    """The names of functions that st.dialog(...) is called with, at once or through a variable."""
    made = {
        ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and makes_dialog(node.value)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (makes_dialog(node.func) or ast.unparse(node.func) in made):
            yield ast.unparse(node.args[0])


def makes_dialog(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "st.dialog"


def test_what_runs_by_itself_asks_again_who_is_there() -> None:
    found = dict(runs_by_itself())
    assert found
    for name, function in found.items():
        body = function.body[1:] if ast.get_docstring(function) else function.body
        assert "require(" in ast.unparse(body[0]), f"{name} must start with require()"
