"""Somebody's text within Markdown; what a browser makes of it is in tests/journeys/test_plain_text.py."""

import re

import pytest

from pages.ui.frame import plain


def read_back(written: str) -> str:
    return re.sub(r"\\(.)", r"\1", written.replace(":small[]", ""))


@pytest.mark.parametrize(
    "name", ["Țeavă cupru Ø15 × 1 mm", "Depozitul Țării SRL", "Cot 90° / 1/2\" x 3/4'", "Ana, Ion; \u201edoi\u201d"]
)
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert plain(name) == name


@pytest.mark.parametrize("name", ["Cablu 3x1.5 (rola)", "A & B = C", "Ora 12:30", "50% - 70%", "a @ b", "REF:X1"])
def test_other_names_are_only_escaped(name: str) -> None:
    assert ":small[]" not in plain(name)
    assert read_back(plain(name)) == name


@pytest.mark.parametrize(
    "text", ["https://evil.example", "www.x.ro", "a@b.c", ":material/delete:", ":streamlit:", "A -> B"]
)
def test_no_piece_of_an_address_or_a_name_of_an_icon_stays_whole_but_every_letter_is_there(text: str) -> None:
    assert text not in re.sub(r"\\(.)", r"\1", plain(text))
    assert read_back(plain(text)) == text


def test_a_name_of_a_sign_is_not_the_sign() -> None:
    assert plain("&lt;") == "\\&lt;"


def test_lines_become_one_line() -> None:
    assert plain("a\n===\r\n\r\n  b") == "a \\=\\=\\= b"
