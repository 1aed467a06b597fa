"""Every page says in a few sentences how it works, at the same place."""

from collections.abc import Callable
from html import escape

import pytest
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.config import ROOT
from core.i18n import translate
from pages.ui.help import HELP
from pages.ui.menu import PAGES, Entry
from tests.factories import make_partner, make_user

PUBLIC = [entry for entry in PAGES if entry.side == "public"]
TELLS = "How this works"


def test_every_page_of_the_menu_has_its_help_and_nothing_else_has() -> None:
    assert set(HELP) == {entry.url for entry in PAGES} | {"login"}


@pytest.mark.parametrize("url", HELP)
def test_a_help_is_three_to_six_short_sentences(url: str) -> None:
    told = HELP[url]
    assert 3 <= len([told.purpose, *told.steps, *filter(None, [told.last])]) <= 6 + 1
    assert 2 <= len(told.steps) <= 5
    for text in (told.purpose, *told.steps, told.last):
        assert len(text.split()) <= 50, text


def test_nothing_of_it_stands_elsewhere_on_a_page() -> None:
    saying = {path.name for path in (ROOT / "pages").rglob("*.py") if f'_("{TELLS}")' in path.read_text()}
    assert saying == {"help.py"}


@pytest.mark.parametrize("side", ["partner", "staff"])
def test_every_page_that_opens_shows_its_help(app: AppTest, sign_in: Callable[[User], None], side: str) -> None:
    partner = make_partner() if side == "partner" else None
    sign_in(make_user(partner, role="owner" if partner else "admin", language="en"))
    app.run()
    for entry in PAGES:
        if entry.side == "public":
            continue
        page = app.switch_page(entry.file).run()
        assert helps(page) == ([entry.url] if entry.side in (side, "both") else []), entry.file


@pytest.mark.parametrize("entry", PUBLIC, ids=lambda entry: entry.url)
def test_a_page_without_a_log_in_shows_its_help(app: AppTest, cookies: dict[str, str], entry: Entry) -> None:
    assert helps(app.run().switch_page(entry.file).run()) == [entry.url]


def test_the_log_in_shows_its_help(app: AppTest, cookies: dict[str, str]) -> None:
    assert helps(app.run()) == ["login"]


def helps(page: AppTest) -> list[str]:
    """Whose help stands on the page, by what it says the page is for; in whatever language."""
    said = "".join(block.proto.body for block in page.get("html"))
    return [
        url
        for url, told in HELP.items()
        if any(f"<strong>{escape(translate(told.purpose, language))}</strong>" in said for language in ("en", "ro"))
    ]
