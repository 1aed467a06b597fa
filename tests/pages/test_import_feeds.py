"""The section of the import page about files that come by themselves."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.imports.fetching import NoAnswer
from tests.core.imports import conftest as folders
from tests.core.imports.feed_steps import NOON, URL, a_feed, brings, one, work
from tests.factories import make_product, make_user
from tests.pages.shop import words

watched = folders.watched
HEADING = "Comes by itself"
SECRET = "parola-furnizorului"


@pytest.fixture
def enter(app: AppTest, sign_in: Callable[[User], None]) -> Callable[..., AppTest]:
    """Opens the import page as somebody of a role."""

    def _enter(role: str = "admin") -> AppTest:
        sign_in(make_user(role=role, language="en"))
        page = app.run().switch_page("pages/staff/imports.py").run()
        assert not page.exception
        return page

    return _enter


def headings(page: AppTest) -> list[str]:
    return [heading.value for heading in page.subheader]


def keys(page: AppTest) -> list[str]:
    return [button.key for button in page.button if str(button.key).startswith(("feed-", "do-feed"))]


def widget(page: AppTest, kind: str, label: str, at: int = 0):
    return [found for found in page.get(kind) if found.label == label][at]


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def save(page: AppTest, about: str) -> AppTest:
    return press(page, next(key for key in keys(page) if key.startswith(about) and key.endswith("-save")))


def fill(page: AppTest, **typed: str) -> AppTest:
    labels = {"name": "From whom", "url": "Address", "login": "User name (empty: none)", "password": "Password",
              "pattern": "Names of the files"}  # fmt: skip
    for name, value in typed.items():
        widget(page, "text_input", labels[name]).set_value(value)
    return page


def test_an_administrator_enters_an_address_and_the_password_is_never_seen_again(enter) -> None:
    page = fill(enter(), name="Furnizor", url=URL + "?key=CHEIE", login="ana", password=SECRET)
    widget(page, "selectbox", "What is in the files").set_value("stock")
    widget(page, "selectbox", "How often").set_value("day")
    save(page, "feed-new")
    assert one("select kind, name, url, login, every, at_hour, active from import_source") == (
        "stock", "Furnizor", URL + "?key=CHEIE", "ana", "day", 6, True,
    )  # fmt: skip
    shown = words(page).replace(":small[]", "")
    assert "**Furnizor** · Stock count" in shown
    assert URL in shown
    assert "every day at 06:00" in shown
    assert "CHEIE" not in shown
    assert SECRET not in str(page)
    assert [field.value for field in page.text_input if field.label == "Password"] == ["", ""]
    assert widget(page, "text_input", "From whom", -1).value == ""


def test_what_cannot_be_is_told_and_what_was_typed_stays(enter) -> None:
    page = save(fill(enter(), name="Furnizor", url="file:///etc/passwd"), "feed-new")
    assert page.error[0].value.startswith("Enter an address that begins with")
    assert widget(page, "text_input", "Address").value == "file:///etc/passwd"
    assert one("select count(*) from import_source") == (0,)


def test_a_pattern_is_entered_where_a_folder_is_watched(enter, watched: Path) -> None:
    page = enter()
    widget(page, "button_group", "Where the files come from").set_value("folder").run()
    save(fill(page, name="Contabilitate", pattern="stoc*.csv"), "feed-new")
    assert one("select name, pattern, url from import_source") == ("Contabilitate", "stoc*.csv", "")
    assert "stoc*.csv" in words(page)


def test_one_is_changed_fetched_at_once_stopped_and_removed(enter) -> None:
    source = a_feed(name="Furnizor", kind="products", url=URL, login="ana", password=SECRET)
    (sealed,) = one("select password from import_source")
    page = enter()
    widget(page, "selectbox", "How often").set_value("quarter")
    save(page, f"feed-{source}-")
    assert one("select every, password from import_source") == ("quarter", sealed)
    assert SECRET not in str(page)
    (planned,) = one("select next_at from import_source")
    press(page, f"feed-look-{source}")
    assert one("select next_at < :planned from import_source", planned=planned) == (True,)
    press(page, f"feed-stop-{source}")
    assert one("select active from import_source") == (False,)
    assert "Stopped" in words(page)
    assert f"feed-look-{source}" not in keys(page)
    press(page, f"do-feed-{source}")
    assert one("select count(*) from import_source") == (0,)


def test_what_came_of_each_is_told_with_the_way_to_its_run(enter) -> None:
    make_product(sku="A1")
    a_feed(name="Bun", url=URL)
    a_feed(name="Defect", url=URL)

    def mixed(asked):
        if one("select count(*) from import_run") == (0,):
            return brings("sku,stock\nA1,5\nB1,1\n")(asked)
        raise NoAnswer(host="furnizor.example")

    work(NOON.replace(hour=11), mixed)
    (run,) = one("select id from import_run")
    shown = words(enter())
    assert "stoc.csv was not loaded: 1 error in it." in shown
    assert f"/staff-imports?run={run}" in shown
    assert "furnizor.example does not answer" in shown
    assert shown.count("Needs you") == 2


@pytest.mark.parametrize(
    ("role", "kind", "other"), [("sales", "products", "stock"), ("warehouse", "stock", "products")]
)
def test_others_see_the_sources_of_their_kinds_and_change_nothing(enter, role: str, kind: str, other: str) -> None:
    mine = a_feed(name="Al meu", kind=kind, url=URL, login="ana", password=SECRET)
    a_feed(name="Al altora", kind=other, url=URL)
    page = enter(role)
    assert HEADING in headings(page)
    assert "Al meu" in words(page)
    assert "Al altora" not in words(page)
    assert keys(page) == [f"feed-look-{mine}"]
    assert not page.text_input
    press(page, f"feed-look-{mine}")


@pytest.mark.parametrize("role", ["sales", "warehouse"])
def test_who_can_do_nothing_about_it_sees_no_empty_section(enter, role: str) -> None:
    assert HEADING not in headings(enter(role))
