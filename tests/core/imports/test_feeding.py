"""Files that come by themselves, from being due to being loaded, refused, put away and told of."""

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core import clock
from core.catalog.models import Product
from core.db import transaction
from core.imports import feeding, feeds, runs, sources
from core.imports.addresses import NotPublic
from core.imports.feeding import fetch_next, settle
from core.imports.feeds import Feed
from core.imports.fetching import LIMIT, Asked, Fetched, NoAnswer, fetch
from core.principal import SYSTEM
from core.sealing import seal
from tests.core.imports.feed_steps import NOON, URL, a_feed, audit, brings, one, work
from tests.core.imports.web import reply, serving
from tests.factories import make_product, make_staff
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


@pytest.fixture
def product() -> Product:
    return make_product(stock=1, sku="A1")


def file(stock: int, sku: str = "A1") -> str:
    return f"sku,stock\n{sku},{stock}\n"


def on_hand(product: Product) -> int:
    with transaction(SYSTEM) as session:
        query = text("select on_hand from stock where product_id = :id")
        return int(session.execute(query, {"id": product.id}).scalar_one())


def feed() -> Feed:
    with transaction(SYSTEM) as session:
        (found,) = feeds.feeds(session)
    return found


def names(place: Path) -> list[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


def test_a_source_is_fetched_when_it_is_due_and_its_file_loaded(product: Product) -> None:
    a_feed(url=URL)
    assert work(NOON) == 0
    assert work(NOON + HOUR - timedelta(seconds=1)) == 0
    assert work(NOON + HOUR, brings(file(5))) > 0
    assert on_hand(product) == 5
    assert feed().next_at == NOON + 2 * HOUR
    assert feed().result("en") == "stoc.csv was loaded: 0 new, 1 changed, 0 unchanged."
    assert one("select state, user_id, settled from import_run") == ("done", None, True)
    assert work(NOON + HOUR) == 0


def test_it_comes_over_the_web_with_its_password_and_the_marks_of_the_last_one(product: Product) -> None:
    """All of it, with a real server; only where the name leads is the test's."""
    a_feed(url="http://furnizor.example/stoc.csv?key=k")
    with serving() as web:
        web.answer = lambda handler: reply(handler, file(5).encode(), ETag='"v1"')
        work(NOON + HOUR, lambda asked: fetch(asked, web.ways))
        assert on_hand(product) == 5
        web.answer = lambda handler: reply(handler, b"", 304)
        work(NOON + 2 * HOUR, lambda asked: fetch(asked, web.ways))
        assert [each.headers["If-None-Match"] for each in web.asked] == [None, '"v1"']
    assert one("select count(*) from import_run") == (1,)
    assert feed().said_at == NOON + HOUR


def test_what_is_asked_for_is_what_was_entered(product: Product) -> None:
    a_feed(url=URL, login="ana", password="parola")
    asked: list[Asked] = []
    work(NOON + HOUR, lambda each: asked.append(each) or Fetched("stoc.csv", file(5).encode(), '"1"', "Mon"))
    work(NOON + 2 * HOUR, lambda each: asked.append(each))
    assert asked == [Asked(URL, "ana", "parola"), Asked(URL, "ana", "parola", '"1"', "Mon")]


def test_a_password_of_another_installation_is_told_and_not_sent() -> None:
    a_feed(url=URL, login="ana", password="parola")
    with transaction(SYSTEM) as session:
        session.execute(text("update import_source set password = :other"), {"other": seal("another purpose", "x")})
    work(NOON + HOUR)
    assert feed().result("en").startswith("The password that is kept cannot be read any more.")


def test_with_the_names_that_its_columns_have_there(product: Product) -> None:
    with transaction(SYSTEM) as session:
        sources.remember(session, "stock", "Furnizor", {"sku": "Ref", "stock": "Rest"}, ["Ref", "Rest", "X"])
        sources.remember(session, "stock", "Altul", {"sku": "Ref", "stock": "X"}, ["Ref", "Rest", "X"])
    a_feed(url=URL, name="Furnizor")
    work(NOON + HOUR, brings("Ref,Rest,X\nA1,7,9\n"))
    assert on_hand(product) == 7


def test_one_whose_columns_are_like_anothers_stays_itself(product: Product) -> None:
    with transaction(SYSTEM) as session:
        sources.remember(session, "stock", "Altul", {"sku": "Ref", "stock": "Rest"}, ["Ref", "Rest"])
    mine = a_feed(url=URL)
    work(NOON + HOUR, brings("Ref,Rest\nA1,7\n"))
    assert on_hand(product) == 7
    assert one("select source_id from import_run") == (mine,)


def test_an_unchanged_file_is_not_loaded_again(product: Product) -> None:
    a_feed(url=URL)
    work(NOON + HOUR, brings(file(5)))
    with transaction(SYSTEM) as session:
        session.execute(text("update stock set on_hand = 4"))  # sold meanwhile
    work(NOON + 2 * HOUR, brings(file(5)))
    assert on_hand(product) == 4
    assert one("select count(*) from import_run") == (1,)
    assert feed().result("en") == "stoc.csv is the file that was loaded last: nothing to do."
    with transaction(SYSTEM) as session:  # not after its run is forgotten either
        session.execute(text("delete from import_run"))
    work(NOON + 3 * HOUR, brings(file(5)))
    assert one("select count(*) from import_run") == (0,)
    work(NOON + 4 * HOUR, brings(file(6)))
    assert on_hand(product) == 6


def test_one_that_was_undone_is_not_loaded_again(product: Product) -> None:
    a_feed(url=URL)
    work(NOON + HOUR, brings(file(5)))
    (run,) = one("select id from import_run")
    with transaction(make_staff()) as session:
        runs.undo(session, run)
    assert runs.work_next(NOON + HOUR, run)
    assert on_hand(product) == 1
    work(NOON + 2 * HOUR, brings(file(5)))
    assert on_hand(product) == 1


def test_a_file_with_faults_changes_nothing_and_is_told_once(product: Product) -> None:
    source = a_feed(url=URL, name="Furnizor")
    bad = "sku,stock\nA1,5\n" + "".join(f"B{n},1\n" for n in range(7))
    work(NOON + HOUR, brings(bad, etag='"bad"'))
    assert on_hand(product) == 1
    assert feed().result("en") == "stoc.csv was not loaded: 7 errors in it."
    (event,) = audit("import_failed")
    (run,) = one("select id from import_run")
    assert (event.data["source"], event.data["file"], event.data["run"]) == ("Furnizor", "stoc.csv", run)
    assert (event.data["errors"], len(event.data["faults"])) == (7, feeding.MOST_TOLD)
    assert event.data["faults"][0][:2] == [3, "sku"]
    assert (event.data["action"], event.user_id) == ("stock.count", None)
    asked: list[Asked] = []
    for hour in (2, 3):  # it is fetched and looked at again, in the same run
        work(NOON + hour * HOUR, lambda each: asked.append(each) or Fetched("stoc.csv", bad.encode(), '"bad"', ""))
    assert [each.etag for each in asked] == ["", ""]
    assert one("select count(*), max(state) from import_run") == (1, "looked")
    assert len(audit("import_failed")) == 1
    assert feed().failures == 3
    assert feed().run_id == run
    work(NOON + 4 * HOUR, brings(bad.replace("B0,1", "A1,6")))  # another file
    assert len(audit("import_failed")) == 2
    assert one("select id from import_source") == (source,)


def test_what_was_wrong_with_it_may_be_right_another_day(product: Product) -> None:
    a_feed(url=URL)
    work(NOON + HOUR, brings(file(5, "NEW")))
    assert feed().failures == 1
    added = make_product(sku="NEW")
    work(NOON + 2 * HOUR, brings(file(5, "NEW")))
    assert on_hand(added) == 5
    assert feed().failures == 0
    assert one("select count(*) from import_run") == (1,)


def test_other_faults_of_the_same_file_are_told(product: Product) -> None:
    make_product(sku="A2")
    a_feed(url=URL)
    data = brings("sku,stock\nA1,5\nB1,1\nB2,1\n")
    work(NOON + HOUR, data)
    make_product(sku="B1")
    work(NOON + 2 * HOUR, data)
    assert [event.data["errors"] for event in audit("import_failed")] == [2, 1]


def test_who_does_not_answer_is_told_of_after_three_times_and_once() -> None:
    def silent(asked: Asked) -> Fetched | None:
        raise NoAnswer(host="furnizor.example")

    a_feed(url=URL)
    for hour in range(1, 7):
        work(NOON + hour * HOUR, silent)
        assert len(audit("import_failed")) == (1 if hour >= 3 else 0)
    assert feed().result("en").startswith("furnizor.example does not answer.")
    (event,) = audit("import_failed")
    assert (event.data["file"], event.data["run"]) == ("", None)
    assert feed().failures == 6
    work(NOON + 7 * HOUR, brings(file(5, "NEW")))
    assert feed().said_at == NOON + 7 * HOUR


def test_of_a_daily_one_at_the_first_time() -> None:
    def private(asked: Asked) -> Fetched | None:
        raise NotPublic(host="furnizor.example")

    a_feed(url=URL, every="day", at_hour=13)
    work(NOON + HOUR, private)
    assert len(audit("import_failed")) == 1


def test_files_of_the_folder_are_loaded_oldest_first_and_put_away(product: Product, watched: Path) -> None:
    a_feed(pattern="stoc*.csv", every="quarter")
    for number, age in ((5, 300), (6, 200), (7, 100)):
        place = watched / f"stoc{number}.csv"
        place.write_text(file(number))
        then = clock.real_now().timestamp() - age
        os.utime(place, (then, then))
    work(NOON + HOUR)
    assert on_hand(product) == 7
    assert one("select array_agg(file_name order by id) from import_run") == (["stoc5.csv", "stoc6.csv", "stoc7.csv"],)
    assert names(watched) == [f"done/2026-11-23_130000-stoc{n}.csv" for n in (5, 6, 7)]
    assert feed().next_at == NOON + HOUR + timedelta(minutes=15)


def test_a_refused_file_lies_beside_the_reason(product: Product, watched: Path) -> None:
    a_feed(pattern="*.csv")
    (watched / "stoc.csv").write_text("sku,stock\nA1,mult\nB9,1\n")
    work(NOON + HOUR)
    assert names(watched) == ["refused/2026-11-23_130000-stoc.csv", "refused/2026-11-23_130000-stoc.csv.txt"]
    lines = (watched / "refused/2026-11-23_130000-stoc.csv.txt").read_text("utf-8").splitlines()
    assert lines[0] == "stoc.csv nu a fost încărcat: conține 2 erori."
    assert [line.split(":")[0] for line in lines[2:]] == ["Linie 2, stock", "Linie 3, sku"]
    assert "mult" in lines[2]
    (watched / "stoc.csv").write_text("sku,stock\nA1,mult\nB9,1\n")  # put there once more as it is
    work(NOON + 2 * HOUR)
    assert len(names(watched)) == 4
    assert len(audit("import_failed")) == 1


def test_a_file_that_is_too_large_is_put_away_unread(product: Product, watched: Path) -> None:
    a_feed(pattern="*.csv")
    with (watched / "stoc.csv").open("wb") as large:
        large.truncate(LIMIT + 1)
    work(NOON + HOUR)
    assert len(names(watched)) == 2
    assert one("select count(*) from import_run") == (0,)
    (event,) = audit("import_failed")
    assert event.data["file"] == "stoc.csv"
    assert "20 MB" in feed().result("ro")


def test_the_same_file_put_there_again_is_put_away_without_loading(product: Product, watched: Path) -> None:
    a_feed(pattern="*.csv")
    for hour in (1, 2):
        (watched / "stoc.csv").write_text(file(5))
        work(NOON + hour * HOUR)
    assert [name.split("/")[0] for name in names(watched)] == ["done", "done"]
    assert one("select count(*) from import_run") == (1,)


def test_a_newer_file_that_came_meanwhile_is_not_put_away_with_the_old_one(product: Product, watched: Path) -> None:
    a_feed(pattern="*.csv")
    (watched / "stoc.csv").write_text(file(5))
    now = clock.real_now() + timedelta(minutes=1)
    assert fetch_next(NOON + HOUR, now)
    (watched / "stoc.csv").write_text(file(6))
    assert settle(NOON + HOUR)
    assert on_hand(product) == 5
    assert names(watched) == ["stoc.csv"]
    work(NOON + HOUR)
    assert on_hand(product) == 6


def test_a_folder_that_cannot_be_written_to_does_not_go_round_in_circles(product: Product, watched: Path) -> None:
    a_feed(pattern="*.csv")
    (watched / "stoc.csv").write_text(file(5))
    (watched / "done").write_text("a file where a folder should be")
    work(NOON + HOUR)
    assert on_hand(product) == 5
    assert "cannot be moved" in feed().result("en")
    work(NOON + 2 * HOUR)
    assert "cannot be moved" in feed().result("en")
    assert one("select count(*) from import_run") == (1,)
    (watched / "stoc.csv").write_text(file(5, "B9"))
    (watched / "refused").write_text("here too")
    work(NOON + 3 * HOUR)
    assert feed().failures == 3
    assert [event.data["errors"] for event in audit("import_failed")] == [1, 1]  # the faults, and that it stays there


def test_a_folder_that_is_gone_when_a_file_is_to_be_put_away_is_told(product: Product, watched: Path) -> None:
    a_feed(pattern="*.csv")
    (watched / "stoc.csv").write_text(file(5))
    assert fetch_next(NOON + HOUR, clock.real_now() + timedelta(minutes=1))
    watched.rename(watched.parent / "elsewhere")
    assert settle(NOON + HOUR)
    assert on_hand(product) == 5
    assert feed().result("en").startswith("The watched folder cannot be opened.")


def test_who_dies_between_the_steps_leaves_it_to_the_next_one(product: Product) -> None:
    a_feed(url=URL)
    assert fetch_next(NOON + HOUR, clock.real_now(), brings(file(5)))
    with transaction(SYSTEM) as session:  # a worker took it and was killed
        session.execute(text("update import_run set state = 'looking', until = :until"), {"until": NOON + 2 * HOUR})
    assert not settle(NOON + HOUR)
    assert not fetch_next(NOON + 2 * HOUR - timedelta(minutes=1), clock.real_now(), brings(file(6)))
    assert settle(NOON + 2 * HOUR)
    assert on_hand(product) == 5


def test_one_that_is_removed_meanwhile_is_left_alone(product: Product) -> None:
    source = a_feed(url=URL)

    def while_fetching(asked: Asked) -> Fetched | None:
        with transaction(SYSTEM) as session:
            feeds.remove(session, source, NOON)
        return Fetched("stoc.csv", file(5).encode(), "", "")

    work(NOON + HOUR, while_fetching)
    assert one("select count(*) from import_run") == (0,)
    other = a_feed(url=URL)
    fetch_next(NOON + 2 * HOUR, clock.real_now(), brings(file(5)))
    with transaction(SYSTEM) as session:
        feeds.remove(session, other, NOON)
    work(NOON + 2 * HOUR)
    assert one("select settled, source_id from import_run") == (True, None)


def race(fetch: Callable[[Asked], Fetched | None]) -> list[object]:
    return at_once([lambda: fetch_next(NOON + HOUR, clock.real_now(), fetch)] * 8)


def test_two_workers_at_once_take_each_source_once(product: Product) -> None:
    for number in range(5):
        a_feed(url=f"https://furnizor.example/{number}")
    asked: list[str] = []
    assert sorted(map(str, race(lambda each: asked.append(each.url)))) == ["False"] * 3 + ["True"] * 5
    assert sorted(asked) == [f"https://furnizor.example/{number}" for number in range(5)]


def test_without_the_lock_they_take_the_same_one(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lock is for: all have read the same source before one of them sets its next time."""
    for number in range(5):
        a_feed(url=f"https://furnizor.example/{number}")
    unlocked = str(feeding._DUE).replace("for update of source skip locked", "")
    assert unlocked != str(feeding._DUE)
    met = threading.Barrier(8)
    real = feeding.next_time

    def next_time(*given):
        met.wait(timeout=30)
        return real(*given)

    monkeypatch.setattr(feeding, "_DUE", text(unlocked))
    monkeypatch.setattr(feeding, "next_time", next_time)
    asked: list[str] = []
    race(lambda each: asked.append(each.url))
    assert len(asked) == 8
    assert len(set(asked)) == 1


def test_two_that_settle_at_once_tell_once(product: Product, watched: Path) -> None:
    a_feed(pattern="*.csv")
    (watched / "stoc.csv").write_text(file(5, "B9"))
    assert fetch_next(NOON + HOUR, clock.real_now() + timedelta(minutes=1))
    assert runs.work_next(NOON + HOUR)  # it was looked at, and all find it so
    assert at_once([lambda: settle(NOON + HOUR)] * 8).count(True) == 1
    assert len(audit("import_failed")) == 1
    assert len(names(watched)) == 2
    assert feed().failures == 1


def test_more_sources_than_runs_may_be_open_at_once_are_all_served(product: Product) -> None:
    many = runs.MOST_OPEN + 3
    for number in range(many):
        a_feed(url=f"https://furnizor.example/{number}")
    work(NOON + HOUR, lambda asked: Fetched("stoc.csv", file(int(asked.url.rpartition("/")[2])).encode(), "", ""))
    assert one("select count(*) from import_run where state = 'done'") == (many,)
    assert audit("import_failed") == []
