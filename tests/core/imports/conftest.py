"""A watched folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import config


@pytest.fixture
def watched(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the installation watches while the test runs."""
    place = tmp_path / "watched"
    place.mkdir()
    monkeypatch.setenv("IMPORT_FOLDER", str(place))
    config.settings.cache_clear()
    yield place
    monkeypatch.delenv("IMPORT_FOLDER", raising=False)
    config.settings.cache_clear()


@pytest.fixture
def no_folder(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is watched after all."""
    monkeypatch.setenv("IMPORT_FOLDER", "")
    config.settings.cache_clear()
