"""The watched folder, on a real file system: what is taken, what is left, and where it goes."""

import os
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from core import clock, config
from core.imports import folder
from core.imports.fetching import LIMIT
from core.imports.folder import (
    QUIET,
    BadPattern,
    CannotMove,
    CannotRead,
    FolderGone,
    NoFolder,
    checked,
    next_file,
    put_away,
)

pytestmark = pytest.mark.usefixtures("database")
STAMP = "2026-11-23_120000"


def later() -> datetime:
    """When nothing that is there now is still being written."""
    return clock.real_now() + timedelta(seconds=QUIET + 1)


def put(place: Path, name: str, data: bytes = b"sku,stock\n", age: int = 0) -> bytes:
    (place / name).write_bytes(data)
    then = clock.real_now().timestamp() - age
    os.utime(place / name, (then, then))
    return sha256(data).digest()


def names(place: Path) -> list[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file() or path.is_symlink())


def test_the_oldest_file_whose_name_fits_is_taken(watched: Path) -> None:
    put(watched, "stoc2.csv", b"two", age=50)
    put(watched, "STOC1.CSV", b"one", age=100)
    put(watched, "preturi.csv", b"no", age=200)
    put(watched, ".stoc0.csv", b"no", age=300)
    found = next_file("stoc*.csv", later())
    assert found is not None
    assert (found.name, found.data) == ("STOC1.CSV", b"one")


def test_without_a_file_there_is_nothing_and_without_a_folder_a_sentence(
    watched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert next_file("*.csv", later()) is None
    watched.rmdir()
    with pytest.raises(FolderGone):
        next_file("*.csv", later())
    monkeypatch.setenv("IMPORT_FOLDER", "")
    config.settings.cache_clear()
    with pytest.raises(NoFolder, match="IMPORT_FOLDER"):
        next_file("*.csv", later())


def test_a_file_that_was_touched_just_now_is_left_whatever_time_it_says_itself(watched: Path) -> None:
    put(watched, "stoc.csv", age=86_400)  # as `cp -p` and most programs for uploads set it
    assert next_file("*.csv", clock.real_now()) is None
    assert next_file("*.csv", clock.real_now() + timedelta(seconds=QUIET - 2)) is None
    assert next_file("*.csv", later()) is not None


def test_a_file_that_grows_while_it_is_read_is_left(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(watched, "stoc.csv")
    real = os.fstat
    seen: list[int] = []

    def fstat(file: int) -> os.stat_result:
        seen.append(file)
        if len(seen) == 2:
            with (watched / "stoc.csv").open("ab") as more:
                more.write(b"A1,5\n")
        return real(file)

    monkeypatch.setattr(folder.os, "fstat", fstat)
    assert next_file("*.csv", later()) is None


def test_only_plain_files_that_lie_in_it_are_taken(watched: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(b"of somebody else")
    (watched / "link.csv").symlink_to(secret)
    (watched / "hard.csv").hardlink_to(secret)
    (watched / "gone.csv").symlink_to(tmp_path / "nothing")
    (watched / "folder.csv").mkdir()
    (watched / "folder.csv" / "in.csv").write_bytes(b"deeper")
    os.mkfifo(watched / "pipe.csv")
    assert next_file("*", later()) is None


def test_a_link_that_takes_a_files_place_in_the_last_moment_is_not_followed(
    watched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.csv"
    digest = put(tmp_path, "secret.csv", b"of somebody else")
    (watched / "stoc.csv").symlink_to(secret)
    monkeypatch.setattr(folder, "_fitting", lambda *_: ["stoc.csv"])
    with pytest.raises(CannotRead):
        next_file("*.csv", later())
    with pytest.raises(CannotMove):
        put_away("stoc.csv", digest, "done", STAMP)
    assert secret.exists()


@pytest.mark.parametrize(
    "pattern", ["", " ", "../*.csv", "/etc/passwd", "done/*.csv", "a\\b.csv", ".*", "..", "a\nb", "a" * 101]
)
def test_a_pattern_is_a_name_and_no_path(pattern: str) -> None:
    with pytest.raises(BadPattern):
        checked(pattern)


def test_what_is_put_away_lies_in_a_folder_within_with_the_reason_beside_it(watched: Path) -> None:
    good, bad = put(watched, "good.csv"), put(watched, "bad.csv", b"x")
    put_away("good.csv", good, "done", STAMP)
    put_away("bad.csv", bad, "refused", STAMP, ["bad.csv nu a fost încărcat", "Linie 3: preț"])
    assert names(watched) == [
        f"done/{STAMP}-good.csv", f"refused/{STAMP}-bad.csv", f"refused/{STAMP}-bad.csv.txt",
    ]  # fmt: skip
    assert (watched / f"refused/{STAMP}-bad.csv.txt").read_text(
        "utf-8"
    ) == "bad.csv nu a fost încărcat\nLinie 3: preț\n"
    assert next_file("*", later()) is None  # what lies there does not come again


def test_another_file_of_the_same_name_stays(watched: Path) -> None:
    put_away("stoc.csv", put(watched, "stoc.csv", b"old"), "done", STAMP)
    old = sha256(b"old").digest()
    put(watched, "stoc.csv", b"new")
    put_away("stoc.csv", old, "done", STAMP)
    put_away("never.csv", old, "done", STAMP)
    assert names(watched) == [f"done/{STAMP}-stoc.csv", "stoc.csv"]


def test_a_link_in_place_of_the_folder_within_is_refused(watched: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (watched / "done").symlink_to(tmp_path / "elsewhere")
    digest = put(watched, "stoc.csv")
    with pytest.raises(CannotMove):
        put_away("stoc.csv", digest, "done", STAMP)
    assert names(tmp_path / "elsewhere") == []
    assert (watched / "stoc.csv").exists()


def test_a_file_that_is_too_large_is_not_read(watched: Path) -> None:
    with (watched / "stoc.csv").open("wb") as file:
        file.truncate(LIMIT + 1)
    found = next_file("*.csv", later())
    assert found is not None
    assert found.data is None
    put_away("stoc.csv", None, "refused", STAMP, ["too large"])
    assert names(watched) == [f"refused/{STAMP}-stoc.csv", f"refused/{STAMP}-stoc.csv.txt"]


@pytest.mark.parametrize("name", [b"st\xffoc.csv", b"stoc\n.csv", b"s" * 201 + b".csv"])
def test_a_name_that_cannot_be_read_is_told(watched: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(watched) + b"/" + name)).write_bytes(b"sku")
    with pytest.raises(CannotRead):
        next_file("*.csv", later())
    put(watched, "stoc.csv")  # and keeps no other waiting
    found = next_file("*.csv", later())
    assert found is not None
    assert found.name == "stoc.csv"
