"""The pictures that `./rampa screenshots` takes, and the clock of the demo that it takes them of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from core import clock, config
from core.config import ROOT
from core.guides.reading import GUIDES
from core.i18n import LANGUAGES
from workers.cli import app
from workers.embedded import SetupError
from workers.screenshots import running
from workers.screenshots.guide_shots import GUIDE_SHOTS

INSTANT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    config.demo_instant.cache_clear()
    yield
    config.demo_instant.cache_clear()


def test_every_picture_has_a_name_of_its_own_and_is_asked_for_in_its_language() -> None:
    names = [shot.name for language in LANGUAGES for shot in running.wanted(language, None)]
    assert len(names) == len(set(names)) + len(GUIDE_SHOTS)
    assert {shot.name for shot in running.wanted("en", "partner-catalog")} == {"partner-catalog-en"}
    assert [shot.name for shot in running.wanted("ro", "first-order-cart")] == ["first-order-cart"]


def test_a_guide_has_exactly_the_pictures_that_are_taken_for_it() -> None:
    for language in LANGUAGES:
        folder = ROOT / "core" / "guides" / language / "pictures"
        assert {path.stem for path in folder.iterdir()} == {shot.name for shot in GUIDE_SHOTS}
    assert {shot.name.rpartition("-")[0] for shot in GUIDE_SHOTS} == set(GUIDES)


def test_a_picture_of_no_such_name_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "demo", lambda: pytest.fail("started"))
    answer = CliRunner().invoke(app, ["screenshots", "--only", "no-such-picture"])
    assert (answer.exit_code, answer.stdout) == (1, "Pictures made: 0\n")


def test_the_demos_clock_stands_as_good_as_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "true")
    monkeypatch.setenv("DEMO_INSTANT", INSTANT.isoformat())
    first, second = clock.now(), clock.now()
    assert INSTANT <= first <= second < INSTANT + timedelta(minutes=1)


def test_no_other_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "false")
    monkeypatch.setenv("DEMO_INSTANT", INSTANT.isoformat())
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("at", ["yesterday", "2026-11-24T10:30:00"])
def test_an_instant_without_its_offset_is_refused(at: str) -> None:
    answer = CliRunner().invoke(app, ["demo", "--at", at])
    assert isinstance(answer.exception, SetupError)
    assert "offset" in str(answer.exception)
