"""What a start makes by itself, and what it tells who started it."""

from pathlib import Path

import pytest

from workers.environment import own_secret
from workers.starting import announce


def test_the_first_start_makes_a_secret_for_its_owner_alone_and_keeps_it(tmp_path: Path) -> None:
    made = own_secret(tmp_path / "new")
    assert len(made) >= 32
    assert own_secret(tmp_path / "new") == made
    assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert own_secret(tmp_path / "other") != made


def test_a_secret_that_was_given_once_is_missed_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").touch()
    assert own_secret(tmp_path) == ""
    assert not (tmp_path / "secret-key").exists()


def test_the_terminal_shows_the_link_of_the_first_administrator_only_while_there_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    announce(8501, tmp_path, [], "http://localhost:8501/set-up?t=abc")
    assert "http://localhost:8501/set-up?t=abc" in capsys.readouterr().out
    announce(8501, tmp_path, [])
    assert "set-up" not in capsys.readouterr().out
