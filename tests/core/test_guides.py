"""The guides: both languages have the same ones with the same steps, pictures and links, and each is short."""

import re

import pytest

from core.guides.reading import FOLDER, GUIDES, guide, picture_path, text_of
from core.i18n import LANGUAGES
from pages.ui.help import HELP
from pages.ui.menu import PAGES

PICTURE = re.compile(r"!\[([^]]*)\]\(([^)]*)\)")
LINK = re.compile(r"(?<!!)\[[^]]*\]\(([^)]*)\)")
LONGEST = 450
LARGEST = 150_000


def headings(text: str) -> list[tuple[str, str]]:
    """The level of each heading, and its number if it is a step's."""
    return re.findall(r"^(#+) (\d?)", text, re.MULTILINE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guide_is_there_and_no_other(language: str) -> None:
    assert {path.stem for path in (FOLDER / language).glob("*.md")} == set(GUIDES)


@pytest.mark.parametrize("name", GUIDES)
def test_both_languages_have_the_same_steps_pictures_and_links(name: str) -> None:
    romanian, english = text_of(name, "ro"), text_of(name, "en")
    assert headings(romanian) == headings(english)
    assert [name for _, name in PICTURE.findall(romanian)] == [name for _, name in PICTURE.findall(english)]
    assert LINK.findall(romanian) == LINK.findall(english)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_has_five_to_nine_steps_then_three_questions(name: str, language: str) -> None:
    text = text_of(name, language)
    levels = headings(text)
    steps = [number for level, number in levels if level == "##" and number]
    assert levels[0] == ("#", "")
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert 5 <= len(steps) <= 9
    assert levels[len(steps) + 1 :] == [("##", ""), *[("###", "")] * 3]
    assert len(text.split()) <= LONGEST
    assert len(PICTURE.findall(text)) >= 4


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", GUIDES)
def test_a_link_leads_to_a_page_that_is_there_and_that_its_reader_may_open(name: str, language: str) -> None:
    sides = {entry.url: entry.side for entry in PAGES}
    for address in LINK.findall(text_of(name, language)):
        url, _, asked = address.removeprefix("/").partition("?guide=")
        assert sides[url] in (GUIDES[name], "both"), address
        assert not asked or GUIDES[asked] == GUIDES[name], address


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_says_what_is_seen_and_is_named_after_its_guide(language: str) -> None:
    for name in GUIDES:
        for words, picture in PICTURE.findall(text_of(name, language)):
            assert len(words) > 10
            assert picture.startswith(f"{name}-")


def test_romanian_letters_have_the_comma_below() -> None:
    assert not [name for name in GUIDES if re.search("[şţŞŢ]", text_of(name, "ro"))]


def test_a_guide_is_read_from_its_file() -> None:
    told = guide("first-order", "en")
    assert (told.side, told.title) == ("partner", "Your first order")
    assert told.about.startswith("From looking for a product")
    assert "<h2>1. Find the product</h2>" in told.html
    assert '<a href="/catalog">' in told.html


def test_a_help_names_a_guide_of_its_side() -> None:
    for entry in PAGES:
        if name := HELP[entry.url].guide:
            assert GUIDES[name] == entry.side, entry.url


@pytest.mark.parametrize("name", ["../ro/first-order", "..", "first-order-cart.webp", "A", "", "nothing-of-this-name"])
def test_a_made_up_name_is_no_picture(name: str) -> None:
    assert picture_path(name, "ro") is None
    assert picture_path("first-order-cart", name) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_there_small_enough_and_none_is_left_over(language: str) -> None:
    named = {picture for name in GUIDES for _, picture in PICTURE.findall(text_of(name, language))}
    assert {path.stem for path in (FOLDER / language / "pictures").iterdir()} == named
    for picture in named:
        path = picture_path(picture, language)
        assert path is not None
        assert path.stat().st_size <= LARGEST, picture
        assert f'/{language}/{picture}.webp" alt="' in "".join(guide(name, language).html for name in GUIDES)
