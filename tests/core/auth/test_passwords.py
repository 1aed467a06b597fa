import unicodedata

import pytest

from core.auth.passwords import (
    LONGEST,
    PasswordTooEasy,
    PasswordTooLong,
    PasswordTooShort,
    generate_password,
    hash_password,
    matches,
)
from tests.core.auth.conftest import REAL_COST, REAL_NOBODY


def test_the_right_password_matches_and_another_does_not() -> None:
    kept = hash_password("un secret bun")
    assert matches("un secret bun", kept)
    assert not matches("un secret rău", kept)


def test_characters_after_the_72nd_count() -> None:
    long = "cal baterie capsă corect " * 7
    kept = hash_password(long + "1")
    assert matches(long + "1", kept)
    assert not matches(long + "2", kept)


def test_a_password_that_takes_long_to_read_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, marks = hash_password("a right password"), "a" + "\u0301" * 100_000 + "\u0327" * 100_000
    read: list[str] = []
    normalize = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", lambda form, text: read.append(text) or normalize(form, text))
    assert not matches(marks, kept)
    with pytest.raises(PasswordTooLong):
        hash_password(marks)
    assert max(map(len, read), default=0) <= LONGEST


def test_diacritics_match_however_the_keyboard_composes_them() -> None:
    assert matches("parola mea s\u0326i a ta", hash_password("parola mea \u0219i a ta"))


@pytest.mark.parametrize("kept", [None, "", "-", "plain text"])
def test_nothing_matches_where_there_is_no_hash(kept: str | None) -> None:
    assert not matches(kept or "", kept)


def test_what_is_compared_for_nobody_costs_as_much_as_a_real_password() -> None:
    assert REAL_COST >= 12
    assert REAL_NOBODY.startswith(f"$2b${REAL_COST}$".encode())


def test_short_passwords_are_refused() -> None:
    with pytest.raises(PasswordTooShort):
        hash_password(" 123456789 ")


@pytest.mark.parametrize(
    "easy", ["1234567890", "password123", "qwertyuiop", "aaaaaaaaaaaa", "AnaIonescu", "ana.ionescu@partner.ro"]
)
def test_what_is_guessed_first_is_refused(easy: str) -> None:
    with pytest.raises(PasswordTooEasy):
        hash_password(easy, ["ana.ionescu@partner.ro", "Ana Ionescu"])


def test_generated_passwords_are_long_and_never_the_same() -> None:
    made = {generate_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 17 for password in made)
