"""What Streamlit's own widgets say, and what becomes of it. tests/journeys/test_streamlit_words.py looks at it."""

from pathlib import Path

import streamlit

from pages.ui.streamlit_words import MEANT, SAID, words

COUNTED = {"{} results", "1 result"}
"""Put together at run time, of a number, the noun and its ending."""


def test_streamlit_still_says_every_word_that_is_changed() -> None:
    """Fails after an upgrade that says it otherwise: look for the new words in the widget's file."""
    scripts = (Path(streamlit.__file__).parent / "static" / "static" / "js").glob("*.js")
    said = "\n".join(path.read_text() for path in scripts)
    parts = {part.strip() for text in {*SAID, *MEANT} - COUNTED for part in text.split("{}")}
    assert sorted(part for part in parts if part not in said) == []


def test_what_stands_there_in_either_language_becomes_the_readers() -> None:
    romanian, english = dict(words("ro")), dict(words("en"))
    assert romanian["Sort ascending"] == "Sortează crescător"
    assert english["Sortează crescător"] == "Sort ascending"
    assert "Sort ascending" not in english


def test_a_word_that_means_something_else_in_the_portal_is_not_taken_for_it() -> None:
    assert dict(words("ro"))["Close"] == "Închide fereastra"  # and not the partner


def test_a_gap_stays_a_gap() -> None:
    assert [pair for pair in words("ro") if pair[0].count("{}") != pair[1].count("{}")] == []
